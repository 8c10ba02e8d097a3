// The entrance of the proxy, the only one of its files that is loaded without it: which requests
// are forwarded, and where. The others are loaded by the first of them. Pure.

import type { MaybePromise } from "../../../connection/files.ts";
import { unquote } from "../../../text/quote.ts";
import { repr } from "../../../text/repr.ts";
import { after } from "../after.ts";
import { parsePrefix } from "../lookup/mounts.ts";
import { splitTarget } from "../lookup/target.ts";
import type {
  Forwards,
  ProxiedExchange,
  ProxiedHandler,
  ProxySettings,
  Route,
  Upstream,
} from "./interfaces.ts";

/** A scheme, a host with an optional port, and an optional path. */
const HTTP =
  /^(https?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?)(?::([0-9]{1,5}))?(\/[^?#\\]*)?$/i;

/** The path of a Unix socket, and an optional URL path after a colon, as in nginx. */
const UNIX = /^unix:([^:\0]+)(?::(\/[^?#\\]*))?$/;

/** Requests about the connection to this server, not about a resource of another. */
const NEVER_FORWARDED: ReadonlySet<string> = new Set(["CONNECT", "TRACE"]);

/** The loaded part, which all sites share. */
let loaded: Forwards | undefined;

/**
 * Closes the kept-open connections to all upstreams at once, instead of some seconds after they
 * were last used.
 */
export function closeUpstreams(): void {
  loaded?.close();
}

/** A value of the option. */
export interface Rule extends Route {
  /** Whether it is for what the site doesn't have. */
  readonly rest: boolean;
}

/**
 * Parses a value of the option.
 *
 * @param text `PATH=URL`, or `URL` for what the site doesn't have.
 * @returns The rule.
 * @throws {TypeError} The value is malformed.
 *
 * @example The path of the URL takes the place of PATH
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const { prefix, base, upstream } = parseRule("/api=http://localhost:3000/v1");
 * assertEquals(prefix, ["api"]);
 * assertEquals(base, "/v1");
 * assertEquals(upstream.name, "http://localhost:3000");
 * ```
 */
export function parseRule(text: string): Rule {
  const rest = !text.startsWith("/");
  const equals = text.indexOf("=");
  const url = rest ? text : text.slice(equals + 1);
  const refuse = (why: string) =>
    new TypeError(`Cannot use the proxy ${repr(text)}: ${why}`);
  if (!rest && equals < 0) {
    throw refuse("it must have the form PATH=URL or URL");
  }
  const parsed = parseHttp(url) ?? parseUnix(url);
  if (parsed === undefined) {
    throw refuse(
      `${
        repr(url)
      } must be a URL such as http://localhost:3000 or unix:/run/app.sock, without user, query and fragment`,
    );
  }
  const { path, upstream } = parsed;
  if (upstream.port < 1 || upstream.port > 65_535) {
    throw refuse("the port must be from 1 to 65535");
  }
  if (path !== undefined && !isPlain(path)) {
    throw refuse(`${repr(path)} must be a plain path`);
  }
  let prefix: string[];
  try {
    prefix = rest ? [] : parsePrefix(text.slice(0, equals));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw refuse(`PATH must be a plain path such as "/api"`);
  }
  return {
    rest,
    prefix,
    upstream,
    ...(path !== undefined && { base: withoutSlashes(path) }),
  };
}

function withoutSlashes(path: string): string {
  let end = path.length;
  while (path[end - 1] === "/") end--;
  return path.slice(0, end);
}

interface ParsedUrl {
  readonly path: string | undefined;
  readonly upstream: Upstream;
}

function parseHttp(url: string): ParsedUrl | undefined {
  const match = HTTP.exec(url);
  if (match === null) return undefined;
  const [, scheme, host, digits, path] = match;
  const secure = scheme!.toLowerCase() === "https";
  const usual = secure ? 443 : 80;
  const port = digits === undefined ? usual : Number(digits);
  const name = host!.toLowerCase();
  const authority = port === usual ? name : `${name}:${port}`;
  const upstream: Upstream = {
    name: `${secure ? "https" : "http"}://${authority}`,
    secure,
    host: name.replace(/^\[|\]$/g, ""),
    port,
    authority,
  };
  return { path, upstream };
}

function parseUnix(url: string): ParsedUrl | undefined {
  const match = UNIX.exec(url);
  if (match === null) return undefined;
  const [, socket = "", path] = match;
  const upstream: Upstream = {
    name: `unix:${socket}`,
    secure: false,
    host: "localhost",
    port: 80,
    socket,
    authority: "localhost",
  };
  return { path, upstream };
}

/** Whether a path is valid in a request line, without dots to resolve. */
function isPlain(path: string): boolean {
  const { segments } = splitTarget(path);
  return /^\/[!-~]*$/.test(path) && "/" + segments.join("/") === path;
}

/** The proxy of a site. */
export class SiteProxy {
  /** Rules for a path, the longest one first. */
  readonly #paths: readonly Rule[];
  readonly #rest: Rule | undefined;
  readonly #settings: ProxySettings;
  #loading: Promise<Forwards> | undefined;

  /**
   * Compiles the rules. Connects and loads nothing yet.
   *
   * @param settings The rules, and what the site does.
   * @throws {TypeError} A rule is malformed, or two are for the same requests.
   */
  constructor(settings: ProxySettings) {
    this.#settings = settings;
    const rules = settings.rules.map(parseRule);
    const keys = rules.map(({ rest, prefix }) => rest || prefix.join("/"));
    const double = keys.findIndex((key, at) => keys.indexOf(key) < at);
    if (double >= 0) {
      throw new TypeError(
        `Cannot use the proxy ${
          repr(settings.rules[double]!)
        }: another one is for the same requests`,
      );
    }
    this.#paths = rules.filter(({ rest }) => !rest)
      .sort((a, b) => b.prefix.length - a.prefix.length);
    this.#rest = rules.find(({ rest }) => rest);
  }

  /** Whether requests for what the site doesn't have are forwarded. */
  get takesRest(): boolean {
    return this.#rest !== undefined;
  }

  /**
   * Whether a request is forwarded before any file is looked up: its path is one of a rule, or only
   * an upstream can have its method.
   *
   * @param handler The request.
   * @returns Whether `respond()` takes it.
   */
  takes(handler: Pick<ProxiedHandler, "command" | "path">): boolean {
    return this.#routeOf(handler) !== undefined;
  }

  /**
   * Forwards a request that `takes()` accepts, or for which a rule has a URL, once the site has
   * admitted it.
   *
   * @param handler The handler.
   * @param exchange The request.
   * @param url The URL of a rule.
   * @returns A promise of the end of the response, which the handler remembers; `undefined` if the
   * request was refused.
   */
  respond(
    handler: ProxiedHandler,
    exchange: ProxiedExchange,
    url?: string,
  ): MaybePromise<void> {
    return handler.remember(after(handler.admit(), (admitted) => {
      if (!admitted) return;
      if (url !== undefined) return this.#rewrite(handler, exchange, url);
      const route = this.#routeOf(handler);
      return route && this.#send(handler, exchange, route);
    }));
  }

  /**
   * Forwards an admitted request for what the site doesn't have, or for which a rule has a URL.
   *
   * @param handler The handler.
   * @param exchange The request.
   * @param url The URL of a rule.
   * @returns A promise of `null`, as of a complete response, at its end.
   */
  respondToRest(
    handler: ProxiedHandler,
    exchange: ProxiedExchange,
    url?: string,
  ): Promise<null> {
    const sent = url === undefined
      ? this.#send(handler, exchange, this.#rest!)
      : this.#rewrite(handler, exchange, url);
    return handler.remember(sent.then(() => null));
  }

  /**
   * Whether the option has an upstream with a URL's origin.
   *
   * @param url The URL.
   * @returns Whether a rule may rewrite to it.
   */
  names(url: string): boolean {
    return this.#upstreamOf(url) !== undefined;
  }

  /**
   * Whether a rule may forward a request before any file is looked up: no file has its method, and
   * the option has no path for it.
   *
   * @param request The request.
   * @returns Whether to ask the rules.
   */
  leavesToRules(
    { command, path }: Pick<ProxiedHandler, "command" | "path">,
  ): boolean {
    return !NEVER_FORWARDED.has(command) && path !== "*" &&
      command !== "GET" && command !== "HEAD" &&
      this.#pathRule(path) === undefined;
  }

  /** Forwards a request to the URL of a rule. Only an upstream of the option is ever contacted. */
  #rewrite(
    handler: ProxiedHandler,
    exchange: ProxiedExchange,
    url: string,
  ): Promise<void> {
    const upstream = this.#upstreamOf(url);
    if (upstream === undefined) {
      throw new TypeError(`No proxy names the origin of ${repr(url)}`);
    }
    return this.#send(handler, exchange, { prefix: [], upstream }, url);
  }

  #upstreamOf(url: string): Upstream | undefined {
    const origin = parseHttp(url.replace(/[?#].*$/s, ""))?.upstream.name;
    const rules = this.#rest ? [this.#rest, ...this.#paths] : this.#paths;
    return rules.find(({ upstream }) => upstream.name === origin)?.upstream;
  }

  #routeOf(
    { command, path }: Pick<ProxiedHandler, "command" | "path">,
  ): Rule | undefined {
    if (NEVER_FORWARDED.has(command) || path === "*") return undefined;
    const rest = command === "GET" || command === "HEAD"
      ? undefined
      : this.#rest;
    return this.#pathRule(path) ?? rest;
  }

  /** The rule for a path. */
  #pathRule(path: string): Rule | undefined {
    if (this.#paths.length === 0) return undefined;
    const { segments } = splitTarget(path);
    return this.#paths.find(({ prefix }) =>
      prefix.length <= segments.length &&
      prefix.every((name, at) => unquote(segments[at]!) === name)
    );
  }

  #send(...args: Parameters<Forwards["forward"]>): Promise<void> {
    this.#loading ??= import("./forward.ts").then(({ Forwarder }) =>
      loaded = new Forwarder(this.#settings)
    );
    return this.#loading.then((forwarder) => forwarder.forward(...args));
  }
}

/**
 * Describes the rules for people.
 *
 * @param rules The values of the option.
 * @returns Such as `/api to http://localhost:3000`, for each.
 */
export function describeRules(rules: readonly string[]): string[] {
  return rules.map((text) => {
    const equals = text.indexOf("=");
    return text.startsWith("/")
      ? `${text.slice(0, equals)} to ${text.slice(equals + 1)}`
      : `the rest to ${text}`;
  });
}
