// The lines that the command prints when it listens. Pure.

import type { Address } from "../connection/connection.ts";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { describeRules } from "../handlers/static/proxy/entrance.ts";

/** The parts of a network interface that decide whether its address is printed. */
export type Interface = Pick<
  Deno.NetworkInterfaceInfo,
  "name" | "family" | "address"
>;

/** Interfaces that no other device can reach: those of containers, virtual machines and VPNs. */
const VIRTUAL = /^(?:docker|br-[0-9a-f]|veth|virbr|utun)/;

/** Loopback and link-local addresses. */
const LOCAL = /^(?:127\.|169\.254\.|::1$|fe80:)/i;

const HOSTS = { netlify: "Netlify", cloudflare: "Cloudflare" } as const;

/** Where a server listens. A Unix socket has no URLs. */
export interface Urls {
  /** Their scheme. */
  readonly scheme: "http" | "https";
  /** The URL of the address itself, as in CPython's line. */
  readonly bound?: string;
  /** The URLs to open in a browser, the best one for this machine first. */
  readonly all: readonly string[];
  /** Those that other devices can reach. */
  readonly network: readonly string[];
}

/**
 * Returns the path of a site's URL.
 *
 * @param site The options of the site.
 * @returns The secret path, which `base` follows; "/" without a secret.
 */
export function sitePath(
  { secret, base = "/" }: StaticFileOptions,
): string {
  if (secret === undefined) return "/";
  const names = base.split("/").filter((name) => name !== "");
  return `/${[secret, ...names.map(encodeURIComponent)].join("/")}/`;
}

/**
 * Returns the URLs of a server.
 *
 * @param address The server's address.
 * @param secure Whether the server uses HTTPS.
 * @param interfaces This machine's network interfaces.
 * @param path The path of the site.
 * @returns The URLs.
 */
export function urlsOf(
  address: Address | string,
  secure: boolean,
  interfaces: readonly Interface[],
  path: string = "/",
): Urls {
  const scheme = secure ? "https" : "http";
  if (typeof address === "string") return { scheme, all: [], network: [] };
  const [host, port] = address;
  const url = (name: string) =>
    `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}${path}`;
  const bound = url(host);
  if (host !== "::" && host !== "0.0.0.0") {
    const network = interfaces.some(({ address }) => address === host)
      ? lanAddresses(interfaces).filter((address) => address === host)
      : [];
    return { scheme, bound, all: [bound], network: network.map(url) };
  }
  const network = lanAddresses(interfaces, host === "::").map(url);
  return { scheme, bound, all: [url("localhost"), ...network], network };
}

/**
 * Lists the addresses in local networks.
 *
 * @param interfaces This machine's network interfaces.
 * @param dualStack Whether to list those of IPv6 too.
 * @returns The addresses, IPv4 first.
 */
export function lanAddresses(
  interfaces: readonly Interface[],
  dualStack = true,
): string[] {
  const found = interfaces.filter(({ name, family, address }) =>
    !VIRTUAL.test(name) && !LOCAL.test(address) &&
    (dualStack || family === "IPv4")
  );
  return [
    ...found.filter(({ family }) => family === "IPv4"),
    ...found.filter(({ family }) => family !== "IPv4"),
  ].map(({ address }) => address);
}

/**
 * Returns CPython's line, and for all interfaces the URLs to open in a browser.
 *
 * @param address The server's address.
 * @param urls Its URLs.
 * @param terminal Whether a terminal shows them, where they become links (OSC 8).
 * @returns The lines.
 */
export function startLines(
  address: Address | string,
  { scheme, bound, all }: Urls,
  terminal = false,
): string[] {
  const start = `Serving ${scheme.toUpperCase()} on`;
  if (typeof address === "string" || bound === undefined) {
    return [`${start} an inherited Unix socket ...`];
  }
  const [host, port] = address;
  const line = `${start} ${host} port ${port} (${bound}) ...`;
  if (all.includes(bound)) return [line];
  return [line, ...all.map((url) => `  ${terminal ? link(url) : url}`)];
}

function link(url: string): string {
  return `\x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\`;
}

/**
 * Returns the first line of `--json`.
 *
 * @param address The server's address.
 * @param urls Its URLs.
 * @param pid The ID of this process.
 * @returns The line.
 */
export function listeningRecord(
  address: Address | string,
  { all }: Urls,
  pid: number,
): string {
  const port = typeof address === "string" ? null : address[1];
  return JSON.stringify({ event: "listening", urls: all, port, pid });
}

/**
 * Lists the features that are on.
 *
 * @param site The options of the site.
 * @param cgi Whether scripts are run.
 * @param others More features.
 * @returns One line; `undefined` if all are off.
 */
export function activeLine(
  site: StaticFileOptions,
  cgi: boolean,
  others: readonly string[] = [],
): string | undefined {
  const { spa, allow = [], cache = [], cdnCache = [], hosts = [] } = site;
  const { redirects = [], headers = [] } = site;
  const features = [
    cgi && "CGI scripts",
    spa && `SPA (${spa === true ? "index.html" : spa})`,
    ...describeRules(site.proxy ?? []).map((rule) => `proxy ${rule}`),
    site.live && "live reload",
    site.cleanUrls && "clean URLs",
    site.rules && `rules of ${HOSTS[site.rules]}`,
    redirects.some(({ status = 302 }) => status >= 300 && status < 400) &&
    "redirects",
    redirects.some(({ status = 302 }) => status < 300 || status >= 400) &&
    "rewrites",
    headers.length > 0 && "header rules",
    site.listing === false && "no listing",
    site.archive && "archives",
    !cgi && site.compress !== false && "compression",
    cache.length > 0 &&
    (cache[0] === "**=no-cache" ? "no-cache" : "cache rules"),
    cdnCache.length > 0 && "CDN cache rules",
    site.cors && corsText(site.cors),
    site.isolation && "COOP and COEP",
    site.security && "security headers",
    hosts.length > 0 && `only ${hosts.join(", ")}`,
    allow.length > 0 && `only ${allow.join(", ")}`,
    site.secret && "secret path",
    site.file === undefined && site.dotFiles === "allow" && "dotfiles",
    site.file === undefined && site.symlinks === "follow" && "all symlinks",
    site.health && "health page",
    site.metrics && "metrics",
    ...others,
  ].filter((text) => typeof text === "string");
  return features.length === 0 ? undefined : `  Active: ${features.join(", ")}`;
}

function corsText(cors: NonNullable<StaticFileOptions["cors"]>): string {
  const origins = cors === true || cors === false ? "*" : cors.origins ?? "*";
  if (origins === "*") return "CORS (any origin)";
  return `CORS (${
    origins.length === 1 ? origins[0] : `${origins.length} origins`
  })`;
}
