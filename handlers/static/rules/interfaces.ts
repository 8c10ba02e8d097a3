// What the entrance of the rules and its other files know of each other. Types only.

import type { LiveFolder } from "../live/interfaces.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import type { RuledFields } from "../response/extra_fields.ts";

/** The host whose rules apply. */
export type Dialect = "netlify" | "cloudflare";

/** A redirect or a rewrite, as in a line of `_redirects`. */
export interface RedirectRule {
  /** The paths that it applies to: a path, with `*` or `:name`. */
  readonly from: string;
  /** The new path or URL, with `:splat` or `:name`. */
  readonly to: string;
  /**
   * 300 to 399 redirects; any other status sends the file at `to` with that status.
   *
   * @default {302}
   */
  readonly status?: number;
  /**
   * Whether the rule applies even if there is a file. With the rules of Cloudflare it always
   * does.
   *
   * @default {false}
   */
  readonly force?: boolean;
  /**
   * The parameters that the query must have; `:name` is any value.
   *
   * @default {none}
   */
  readonly query?: Readonly<Record<string, string>>;
}

/** Header fields for some paths, as in a block of `_headers`. */
export interface HeaderRule {
  /** The paths that it applies to: a path, with `*` or `:name`. */
  readonly for: string;
  /**
   * The fields to send.
   *
   * @default {none}
   */
  readonly set?: Readonly<Record<string, string>>;
  /**
   * The names of fields not to send.
   *
   * @default {[]}
   */
  readonly remove?: readonly string[];
}

/** Whether the proxy of a site has an upstream with a URL's origin. */
export type IsProxied = (url: string) => boolean;

/** What the rules need to know of the site. */
export interface RulesSettings {
  /** The host whose files are read; `undefined` for none. */
  readonly dialect: Dialect | undefined;
  /** The rules among the options. Their paths begin at the root of the server, or below the secret. */
  readonly redirects: readonly RedirectRule[];
  readonly headers: readonly HeaderRule[];
  /** How many names come before the paths of the options' rules: 1 with a secret. */
  readonly above: number;
  /** The folders; the paths of their files' rules begin at `prefix`. */
  readonly folders: readonly LiveFolder[];
  /** Whether the proxy of the site has an upstream with a URL's origin. */
  readonly isProxied: IsProxied;
  /** Writes lines for the person at the terminal. */
  readonly say: (...lines: string[]) => void;
}

/** A request, as far as the rules read it. */
export interface RuledRequest {
  readonly headers: { get(name: string): string | null };
  readonly target: {
    readonly text: string;
    readonly names: readonly string[];
    readonly segments: readonly string[];
    readonly trailingSlash: boolean;
    readonly folder: ServedFolder | undefined;
  };
}

/** What the first matching rule decides. */
export type Decision =
  | {
    readonly kind: "redirect";
    readonly status: number;
    /** The value of Location. */
    readonly location: string;
  }
  | {
    readonly kind: "rewrite";
    readonly status: number;
    /** The target whose file is sent. */
    readonly target: string;
  }
  | {
    readonly kind: "proxy";
    /** The URL whose response is sent; an upstream that the site names has its origin. */
    readonly url: string;
  };

/** What the rules say about a request. */
export interface Ruling {
  /** The decision of the first matching rule; `undefined` for none. */
  readonly decision: Decision | undefined;
  /** Whether it applies even if there is a file. */
  readonly forced: boolean;
  /** The fields of the matching header rules; `undefined` for none. */
  readonly fields: RuledFields | undefined;
}

/** The part that is loaded when it is first needed. */
export interface LoadedRules {
  /**
   * Applies the rules to a request.
   *
   * @param request The request.
   * @returns What they say.
   */
  rule(request: RuledRequest): Ruling;
}
