// What the options come to: checked and prepared once, for all connections. A policy
// that nobody asked for is `undefined` here, and costs nothing for a request.

import { fromFileUrl, resolve } from "@std/path";
import { BoundedMap } from "../../cache/bounded_map.ts";
import { checkOptions } from "./check_options.ts";
import { basicChallenge, parseBasicCredentials } from "./access/basic_auth.ts";
import type { CheckClient } from "./access/check_queue.ts";
import { compileCacheRules } from "./response/cache_control.ts";
import { MIN_COMPRESSED_SIZE } from "./representation/compressible.ts";
import { compileCodings, compileTypes } from "./representation/content_type.ts";
import {
  compileCors,
  type CorsDecision,
  type CorsRequest,
} from "./response/cors.ts";
import { compileTrust } from "./access/forwarded.ts";
import type { Field } from "./response/fields.ts";
import type { HiddenPolicy } from "./lookup/hidden.ts";
import { compileHosts } from "./access/host_allow.ts";
import {
  compileMounts,
  type MountMatch,
  parsePrefix,
} from "./lookup/mounts.ts";
import type { StaticFileOptions } from "./options.ts";
import { NO_SNIFF, securityHeaders } from "./response/security_headers.ts";
import { ServedFolder } from "./lookup/served_folder.ts";
import { compileUsers, parseUsers } from "./access/users.ts";

/** Who may see the files. */
export interface Access {
  /** The value of WWW-Authenticate. */
  readonly challenge: string;
  /**
   * Whether a request comes from a user.
   *
   * @param authorization The value of Authorization, `null` where there is none.
   * @param client Whose turn it takes to check a password.
   * @returns The user's name, `undefined` for nobody; or that too many checks wait.
   */
  check(
    authorization: string | null,
    client: CheckClient,
  ): Promise<{ readonly user: string | undefined } | "busy">;
}

/** A site: everything that its options say. */
export interface Site {
  /** The folder that a path leads into, by its names and whether a slash ends it. */
  readonly find: (
    segments: readonly string[],
    trailingSlash: boolean,
  ) => MountMatch<ServedFolder>;
  /** The folder with the error pages. */
  readonly main: ServedFolder;
  /** All folders. */
  readonly folders: readonly ServedFolder[];
  /** Whether `main` is all there is, at the root: the usual site needs no search. */
  readonly single: boolean;
  /** Whether folders without an index page are listed. */
  readonly listing: boolean;
  /** The page for navigations to what is not there. */
  readonly spa: string | undefined;
  /** Whether pages are named without their ".html". */
  readonly cleanUrls: boolean;
  /** Whether the folder's own error pages are sent. */
  readonly errorPages: boolean;
  /** What is done about names that begin with a dot. */
  readonly dotFiles: HiddenPolicy;
  /** The smallest file that is compressed on the way; `undefined` where none is. */
  readonly compressMinSize: number | undefined;
  /** Whether the tag of a large file is of its content, too. */
  readonly contentTags: boolean;
  /** Whether compressed files beside a file are sent for it. */
  readonly precompressed: boolean;
  /** The value of Content-Type for a file's path. */
  readonly typeOf: (path: string) => string;
  /** The content coding that a file's name says it has. */
  readonly codingOf: (path: string) => string | undefined;
  /** Fields of every answer. */
  readonly fields: readonly Field[];
  /** The policy for other origins. */
  readonly cors: ((request: CorsRequest) => CorsDecision) | undefined;
  /** The value of Cache-Control for a path below its folder. */
  readonly cacheControl: ((path: string) => string | undefined) | undefined;
  /** Who may see the files; everybody where it is `undefined`. */
  readonly access: Access | undefined;
  /** Whether the server answers for a host; for all where it is `undefined`. */
  readonly answersFor: ((host: string | null) => boolean) | undefined;
  /** The address behind trusted proxies. */
  readonly clientOf:
    | ((peer: string, forwarded: string | null) => string)
    | undefined;
  /** Whose rules decide what a name is. */
  readonly os: "posix" | "windows";
  /** How requests are logged. */
  readonly log: NonNullable<StaticFileOptions["log"]>;
}

/** How many sites are kept that were compiled for equal options, such as those of a constructor. */
const MAX_SITES = 256;

/** The last site of each object of options: handlers share theirs. */
const compiled = new WeakMap<StaticFileOptions, Compiled>();

/** Sites by what their options say; the one used last comes last. */
const equal = new BoundedMap<Site>(MAX_SITES, Infinity);

interface Compiled {
  readonly site: Site;
  readonly directory: string;
  readonly defaultType: string | undefined;
}

/**
 * Prepares a site, once for all options that say the same.
 *
 * @param options The options.
 * @param directory The folder to serve, if a handler's field says another one.
 * @param defaultType The default media type, likewise.
 * @returns The site.
 * @throws {TypeError} An option is malformed, or two of them contradict each other.
 * @throws {SyntaxError} A cache rule or the users are malformed.
 */
export function compileSite(
  options: StaticFileOptions,
  directory?: string,
  defaultType?: string,
): Site {
  const known = compiled.get(options);
  if (known === undefined) checkOptions(options);
  directory ??= pathOf(options.directory ?? Deno.cwd());
  defaultType ??= options.default_content_type;
  if (known?.directory === directory && known.defaultType === defaultType) {
    return known.site;
  }
  const site = equalSite({
    ...options,
    directory: resolve(directory),
    ...(defaultType !== undefined && { default_content_type: defaultType }),
  });
  compiled.set(options, { site, directory, defaultType });
  return site;
}

/** The site of other options that say the same, or a new one. */
function equalSite(options: StaticFileOptions): Site {
  const { mounts = {} } = options;
  const folders = Object.values(mounts).map((folder) =>
    resolve(pathOf(folder))
  );
  const key = JSON.stringify([options, folders]);
  const site = equal.get(key) ?? compile(options);
  equal.set(key, site);
  return site;
}

/**
 * Makes sure that the folders of a site can be read, as far as that can be known before
 * the first request. A folder that is missing may still come.
 *
 * @param site The site.
 * @throws {Deno.errors.NotCapable} A permission of Deno's is missing.
 * @throws {Deno.errors.PermissionDenied} The operating system denies it.
 */
export function checkReadable(site: Site): void {
  for (const folder of site.folders) folder.checkReadable();
}

function compile(options: StaticFileOptions): Site {
  const { cache = [], hosts, trustProxy = [], spa = false } = options;
  const { isolation = false, security = false, cors = false } = options;
  const { compress = true, compressMinSize = MIN_COMPRESSED_SIZE } = options;
  return {
    ...compileFolders(options),
    listing: options.listing ?? true,
    spa: spa === true ? "index.html" : spa ? plainPath(spa) : undefined,
    cleanUrls: options.cleanUrls ?? false,
    errorPages: options.errorPages ?? true,
    dotFiles: options.dotFiles ?? "deny",
    compressMinSize: compress ? checkedSize(compressMinSize) : undefined,
    precompressed: options.precompressed ?? true,
    contentTags: options.etag === "content",
    typeOf: compileTypes({
      ...(options.types !== undefined && { types: options.types }),
      ...(options.default_content_type !== undefined &&
        { defaultType: options.default_content_type }),
    }),
    codingOf: compileCodings(options.types),
    fields: withoutDoubles([
      NO_SNIFF,
      ...securityHeaders({ preset: security, isolation }),
    ]),
    cors: cors === false ? undefined : compileCors(cors === true ? {} : cors),
    cacheControl: cache.length === 0 ? undefined : compileCacheRules(cache),
    access: compileAccess(options),
    answersFor: hosts === undefined ? undefined : compileHosts(hosts),
    clientOf: trustProxy.length === 0 ? undefined : compileTrust(trustProxy),
    os: Deno.build.os === "windows" ? "windows" : "posix",
    log: options.log ?? "python",
  };
}

function compileFolders(
  { directory = Deno.cwd(), base = "/", mounts = {}, symlinks = "inside" }:
    StaticFileOptions,
): Pick<Site, "find" | "folders" | "main" | "single"> {
  const served = (folder: string | URL) =>
    new ServedFolder(resolve(pathOf(folder)), symlinks);
  const main = { prefix: parsePrefix(base), folder: served(directory) };
  const others = Object.entries(mounts).map(([prefix, folder]) => ({
    prefix: parsePrefix(prefix),
    folder: served(folder),
  }));
  return {
    find: compileMounts([main, ...others]),
    main: main.folder,
    folders: [main, ...others].map(({ folder }) => folder),
    single: main.prefix.length === 0 && others.length === 0,
  };
}

function compileAccess(
  { users, realm }: StaticFileOptions,
): Access | undefined {
  if (users === undefined) return undefined;
  const check = compileUsers(parseUsers(users), () => performance.now());
  return {
    challenge: basicChallenge(realm),
    async check(authorization, client) {
      const credentials = parseBasicCredentials(authorization);
      if (credentials === undefined) return { user: undefined };
      const verdict = await check(credentials, client);
      if (verdict === "busy") return "busy";
      return { user: verdict === "right" ? credentials.user : undefined };
    },
  };
}

function pathOf(folder: string | URL): string {
  return typeof folder === "string" ? folder : fromFileUrl(folder);
}

/** A path without slashes that mean nothing. */
function plainPath(path: string): string {
  return path.split("/").filter((name) => name !== "").join("/");
}

function checkedSize(size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new TypeError(
    `Cannot compress from a size of ${size}: it is no number of bytes`,
  );
}

/** The security preset has one of the fields too that go with every answer. */
function withoutDoubles(fields: readonly Field[]): readonly Field[] {
  return [...new Map(fields.map((field) => [field[0], field])).values()];
}
