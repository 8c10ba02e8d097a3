// What the entrance of the proxy and its other files know of each other. Types only.

import type { MaybePromise } from "../../../connection/files.ts";
import type { HTTPMessage } from "../../../parser/headers.ts";
import type { HTTPResponder } from "../../responder.ts";
import type { CorsDecision, CorsRequest } from "../response/cors.ts";
import type { Field } from "../response/fields.ts";

/** A server to which requests are forwarded. */
export interface Upstream {
  /** Its origin, or `unix:` and the path of its socket: for people, and the key of its connections. */
  readonly name: string;
  /** Whether it speaks TLS. */
  readonly secure: boolean;
  /** Its host, without brackets. */
  readonly host: string;
  readonly port: number;
  /** The path of its Unix socket. */
  readonly socket?: string;
  /** The value of Host. */
  readonly authority: string;
}

/** Which requests are forwarded where. */
export interface Route {
  /** The names of the URL path whose requests are forwarded; none for all. */
  readonly prefix: readonly string[];
  /** The path that replaces the prefix, without a slash at its end; `undefined` to keep the prefix. */
  readonly base?: string;
  readonly upstream: Upstream;
}

/** What the proxy needs to know of the site. */
export interface ProxySettings {
  /** The values of the option: `PATH=URL` or `URL`. */
  readonly rules: readonly string[];
  /** How long an upstream may take to respond, in seconds. */
  readonly timeout: number;
  /** Certificates of authorities to trust, besides those that Deno trusts, in PEM. */
  readonly ca?: string | undefined;
  /** Further names that `Host` may have. */
  readonly hosts: readonly string[];
  /** The fields to add to responses of an upstream that have none of the name. */
  readonly fields: readonly Field[];
}

/** A handler whose request is forwarded. */
export interface ProxiedHandler extends HTTPResponder {
  path: string;
  headers: HTTPMessage;
  /** What the client sent the request to. */
  readonly forwarded: {
    readonly scheme: "http" | "https";
    readonly host: string | null;
  };
  admit(): MaybePromise<boolean>;
  remember<T>(work: T): T;
}

/** A request, as far as the proxy reads it. */
export interface ProxiedExchange {
  /** The user whose password was checked. */
  readonly user: string | null;
  /** As in `Exchange`. */
  fields: readonly Field[] | null;
  /** As in `Exchange`. */
  logged: boolean;
  readonly site: {
    readonly cors: ((request: CorsRequest) => CorsDecision) | undefined;
    /** Follows a request back through trusted proxies. */
    readonly follow:
      | ((
        peer: string,
        forwarded: string | null,
      ) => { readonly proxies: number })
      | undefined;
  };
}

/** The part that is loaded by the first request. */
export interface Forwards {
  /**
   * Forwards a request, and sends the response.
   *
   * @param handler The handler.
   * @param exchange The request. It was admitted.
   * @param route Where to.
   * @param target The target to ask for. Default: that of the request.
   */
  forward(
    handler: ProxiedHandler,
    exchange: ProxiedExchange,
    route: Route,
    target?: string,
  ): Promise<void>;
  /** Closes the kept-open connections to all upstreams of this process. */
  close(): void;
}
