// What the options come to: checked and prepared once, for all connections. A policy
// that nobody asked for is `undefined` here, and costs nothing for a request.

import { fromFileUrl, resolve } from "@std/path";
import { checkOptions } from "./check_options.ts";
import { basicChallenge, parseBasicCredentials } from "./policy/basic_auth.ts";
import type { CheckClient } from "./policy/check_queue.ts";
import { compileCacheRules } from "./policy/cache_control.ts";
import { MIN_COMPRESSED_SIZE } from "./policy/compressible.ts";
import { compileTypes } from "./policy/content_type.ts";
import {
  compileCors,
  type CorsDecision,
  type CorsRequest,
} from "./policy/cors.ts";
import { compileTrust } from "./policy/forwarded.ts";
import type { HiddenPolicy } from "./policy/hidden.ts";
import { compileHosts } from "./policy/host_allow.ts";
import {
  compileMounts,
  type MountMatch,
  parsePrefix,
} from "./policy/mounts.ts";
import type { StaticFileOptions } from "./options.ts";
import { NO_SNIFF, securityHeaders } from "./policy/security_headers.ts";
import { ServedFolder } from "./served_folder.ts";
import { compileUsers, parseUsers } from "./policy/users.ts";

/** A header field: its name and its value. */
type Field = readonly [name: string, value: string];

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
  /** Whether compressed files beside a file are sent for it. */
  readonly precompressed: boolean;
  /** The value of Content-Type for a file's path. */
  readonly typeOf: (path: string) => string;
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

const compiled = new WeakMap<StaticFileOptions, Site>();

/**
 * Prepares a site, once for each object of options.
 *
 * @param options The options.
 * @returns The site.
 * @throws {TypeError} Where an option is malformed, or two of them contradict each other.
 * @throws {SyntaxError} Where a cache rule or the users are malformed.
 */
export function compileSite(options: StaticFileOptions): Site {
  const known = compiled.get(options);
  if (known !== undefined) return known;
  const site = compile(options);
  compiled.set(options, site);
  return site;
}

function compile(options: StaticFileOptions): Site {
  checkOptions(options);
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
    typeOf: compileTypes({
      ...(options.types !== undefined && { types: options.types }),
      ...(options.default_content_type !== undefined &&
        { defaultType: options.default_content_type }),
    }),
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
): Pick<Site, "find" | "main" | "single"> {
  const served = (folder: string | URL) =>
    new ServedFolder(
      resolve(typeof folder === "string" ? folder : fromFileUrl(folder)),
      symlinks,
    );
  const main = { prefix: parsePrefix(base), folder: served(directory) };
  const others = Object.entries(mounts).map(([prefix, folder]) => ({
    prefix: parsePrefix(prefix),
    folder: served(folder),
  }));
  return {
    find: compileMounts([main, ...others]),
    main: main.folder,
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
