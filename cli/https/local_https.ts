// `--https`: the certificate, and what the command prints and serves because of it. Loaded only for it.

import { repr } from "../../text/repr.ts";
import { CA_PATH } from "../../server/plain_http.ts";
import type { CommandLine } from "../arguments.ts";
import type { TestOptions } from "../serve.ts";
import type { Urls } from "../start_lines.ts";
import { fingerprint } from "./authority.ts";
import { withCaPage } from "./ca_page.ts";
import { type Certified, certify, isTrusted } from "./keeper.ts";
import { explained, hostName, localAddresses, placeOfUser } from "./machine.ts";

/** Adds the page with the authority's certificate to a class of handlers. */
export type PageAdder = <Base extends Parameters<typeof withCaPage>[0]>(
  Handler: Base,
) => Base;

/** What `--https` changes. */
export interface LocalHttps {
  /** The certificate for `test()`. */
  readonly tls: TestOptions;
  /** The folders with the keys. */
  readonly folders: readonly string[];
  /** What the user should know. */
  readonly warnings: readonly string[];
  /** Adds the page with the authority's certificate. */
  readonly withPage: PageAdder;
  /** The lines to print when the server listens. */
  readonly lines: (urls: Urls) => readonly string[];
  /** Whether the certificate has an address. */
  readonly isUsable: (address: string) => boolean;
}

/**
 * Makes the certificate, unless there is one that fits.
 *
 * @param commandLine The arguments.
 * @returns What to change.
 * @throws {Error} If the certificate can't be made; the message says why.
 */
export async function localHttps(
  { bind, site }: CommandLine,
): Promise<LocalHttps> {
  const place = placeOfUser();
  try {
    const certified = await certify(place, {
      hostName: hostName(),
      bind,
      hosts: [...site.hosts ?? [], ...mountedHosts(site.mounts ?? {})],
      addresses: localAddresses(),
    });
    const { certificate } = certified.authority;
    const [shown, trusted] = await Promise.all([
      fingerprint(certificate),
      isTrusted(place, certified),
    ]);
    return {
      tls: {
        tls_cert: certified.leaf,
        redirect_http: true,
        ca_certificate: certificate,
      },
      folders: [place.folder, place.mkcert].filter((path) =>
        path !== undefined
      ),
      warnings: warningsOf(certified),
      withPage: (Handler) => withCaPage(Handler, certificate),
      lines: (urls) => caLines(urls, shown, trusted),
      isUsable: (address) => certified.names.addresses.includes(address),
    };
  } catch (error) {
    throw explained(error, place.folder);
  }
}

/** The hosts of `--mount HOST/PATH=DIRECTORY`; other keys are paths. */
function mountedHosts(mounts: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(mounts).filter((key) => !key.startsWith("/"))
    .map((key) => key.split("/", 1)[0]!)
    .filter((host) => /\.(?:localhost|local|test|internal)$/i.test(host));
}

function warningsOf({ notes, names }: Certified): string[] {
  if (names.left.length === 0) return [...notes];
  return [
    ...notes,
    `the certificate is not valid for ${
      names.left.map((name) => repr(name)).join(", ")
    }: the local CA only signs exact names and addresses of local networks; use --tls-cert`,
  ];
}

/**
 * Describes the authority. Pure.
 *
 * @param urls The URLs of the server.
 * @param shown The fingerprint.
 * @param trusted Whether this machine trusts the authority.
 * @returns The lines.
 */
export function caLines(
  { network: [url] }: Urls,
  shown: string,
  trusted: boolean,
): string[] {
  const ways = [
    ...trusted ? [] : ["this machine: httpserver --trust"],
    // Without the path of the site: over plain HTTP, its secret would be sent in clear.
    ...url === undefined ? [] : [
      `other devices: ${new URL(CA_PATH, url.replace(/^https/, "http")).href}`,
    ],
  ];
  return [
    `  CA: SHA-256 ${shown}`,
    ...ways.length === 0 ? [] : [`  Trust it on ${ways.join("; on ")}`],
  ];
}
