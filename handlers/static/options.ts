// The options of `StaticFileHandler`, each with its default.

import type { SimpleHTTPRequestHandlerOptions } from "../simple.ts";
import type { LogFormat } from "./access/access_log.ts";
import type { Types } from "./representation/content_type.ts";
import type { CorsOptions } from "./response/cors.ts";
import type { HiddenPolicy } from "./lookup/hidden.ts";
import type { SymlinkPolicy } from "./lookup/served_folder.ts";

/** Options of `StaticFileHandler`. */
export interface StaticFileOptions extends SimpleHTTPRequestHandlerOptions {
  /**
   * The path at which the folder is found: with "/app", `/app/a.txt` is its `a.txt`.
   *
   * @default {"/"}
   */
  readonly base?: string;
  /**
   * More folders by the paths at which they are found, such as `{ "/docs": "manual" }`.
   *
   * @default {{}}
   */
  readonly mounts?: Readonly<Record<string, string | URL>>;
  /**
   * Whether a folder without an index page is listed; else it is 404.
   *
   * @default {true}
   */
  readonly listing?: boolean;
  /**
   * The page that answers every navigation to what is not there, for single-page
   * applications; `true` is "index.html".
   *
   * @default {false}
   */
  readonly spa?: boolean | string;
  /**
   * Whether `/about` is `about.html`, and `/about.html` leads there.
   *
   * @default {false}
   */
  readonly cleanUrls?: boolean;
  /**
   * Whether `404.html` and `50x.html` in the folder are the pages of such errors.
   *
   * @default {true}
   */
  readonly errorPages?: boolean;
  /**
   * Whether names that begin with a dot are served; `.well-known` always is.
   *
   * @default {"deny"}
   */
  readonly dotFiles?: HiddenPolicy;
  /**
   * Which symbolic links are followed: those that stay inside the folder, all, or none.
   *
   * @default {"inside"}
   */
  readonly symlinks?: SymlinkPolicy;
  /**
   * Whether text is compressed on the way, with br, zstd or gzip.
   *
   * @default {true}
   */
  readonly compress?: boolean;
  /**
   * The smallest file that is compressed on the way, in bytes.
   *
   * @default {1024}
   */
  readonly compressMinSize?: number;
  /**
   * Whether `a.js.br`, `a.js.zst` and `a.js.gz` are sent for `a.js`, where they are not older.
   *
   * @default {true}
   */
  readonly precompressed?: boolean;
  /**
   * What the entity tag of a file of more than 256 KiB is made of: its size and time, or
   * its content, which is read before its first response. That of a smaller file is
   * always made of its content.
   *
   * @default {"stat"}
   */
  readonly etag?: "stat" | "content";
  /**
   * Media types by the end of a name, such as `{ ".mdx": "text/mdx" }`, or by a whole name,
   * such as `{ "apple-app-site-association": "application/json" }`. Files that are coded
   * already and requested by such a name have a coding too, as the builds of game engines:
   * `{ ".wasm.br": { coding: "br" } }`.
   *
   * @default {{}}
   */
  readonly types?: Types;
  /**
   * Whether pages of other origins may read: all, or as told.
   *
   * @default {false}
   */
  readonly cors?: boolean | CorsOptions;
  /**
   * Whether pages are isolated from other origins, as SharedArrayBuffer and threads need.
   *
   * @default {false}
   */
  readonly isolation?: boolean | "require-corp" | "credentialless";
  /**
   * Whether browsers are told to be careful: no framing by others, no Referer to them.
   *
   * @default {false}
   */
  readonly security?: boolean;
  /**
   * What is said of caching, as rules such as "assets/**=immutable" or "*.html=no-cache"; the first that fits counts.
   *
   * @default {[]}
   */
  readonly cache?: readonly string[];
  /**
   * The users who may see the files, a line "user:password" each; the password may be hashed.
   *
   * @default {no users: everybody may}
   */
  readonly users?: string;
  /**
   * What the users are asked for.
   *
   * @default {"Restricted"}
   */
  readonly realm?: string;
  /**
   * The names that the server answers for, besides addresses and localhost.
   *
   * @default {all}
   */
  readonly hosts?: readonly string[];
  /**
   * The proxies whose X-Forwarded-For is believed, as addresses or networks; `unix:` is
   * one that connects through a Unix socket.
   *
   * @default {[]}
   */
  readonly trustProxy?: readonly string[];
  /**
   * How requests are logged: "python" is CPython's line, when the answer begins; the
   * others are written when it has ended.
   *
   * @default {"python"}
   */
  readonly log?: LogFormat | "python" | "none";
}

/** No options: one object, as what options come to is remembered for each. */
export const DEFAULTS: StaticFileOptions = Object.freeze({});
