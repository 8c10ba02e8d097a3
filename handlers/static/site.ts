// The options, checked and compiled once for all connections. A policy that is not used is
// `undefined`, and costs nothing per request.

import { BoundedMap } from "../../cache/bounded_map.ts";
import { absolutePath, fromFileUrl } from "../../text/file_paths.ts";
import { setCacheSize } from "../../cache/shared_budget.ts";
import { checkOptions } from "./check_options.ts";
import {
  compileCacheRules,
  compileCdnRules,
} from "./response/cache_control.ts";
import { MIN_COMPRESSED_SIZE } from "./representation/compressible.ts";
import { compileCodings, compileTypes } from "./representation/content_type.ts";
import {
  compileCors,
  type CorsDecision,
  type CorsRequest,
} from "./response/cors.ts";
import type { LogFormat } from "./access/access_log.ts";
import { type Chain, compileAllow, compileChain } from "./access/forwarded.ts";
import { Secret } from "./access/secret.ts";
import type { Field } from "./response/fields.ts";
import type { HiddenPolicy } from "./lookup/hidden.ts";
import type { LiveSite } from "./live/entrance.ts";
import type { LiveFolder } from "./live/interfaces.ts";
import { compileHosts } from "./access/host_allow.ts";
import {
  compileMounts,
  type FindMount,
  guardMounts,
  parsePlace,
  parsePrefix,
} from "./lookup/mounts.ts";
import { compileMonitor, type Monitor } from "./monitoring/monitor.ts";
import type { StaticFileOptions } from "./options.ts";
import type { SiteRules } from "./rules/entrance.ts";
import type { SiteProxy } from "./proxy/entrance.ts";
import {
  NO_REFERRER,
  NO_SNIFF,
  securityHeaders,
} from "./response/security_headers.ts";
import { PrivateFiles } from "./lookup/private_files.ts";
import { ServedFolder } from "./lookup/served_folder.ts";
import {
  type Access,
  compileAccess,
  compileLive,
  compileProxy,
  compileRules,
  compileUpload,
} from "./site_parts.ts";
import type { UploadSite } from "./upload/entrance.ts";

/** A site: the compiled options. */
export interface Site {
  /** Identifies the site among all of this process. */
  readonly serial: number;
  /** Finds the folder for a path. */
  readonly find: FindMount<ServedFolder>;
  /** The hosts with separate folders. */
  readonly hosts: readonly string[];
  /** The folder with the error pages. */
  readonly main: ServedFolder;
  /** The only file of `main` that is served; `undefined` for all. */
  readonly file: string | undefined;
  /** All folders. */
  readonly folders: readonly ServedFolder[];
  /** All folders with the names of their URL paths, `main` first. */
  readonly mounted: readonly LiveFolder[];
  /** Whether `main` is the only folder, at the root, so no search is needed. */
  readonly single: boolean;
  /** Whether folders without an index page are listed. */
  readonly listing: boolean;
  /** Whether folders can be downloaded as archives. */
  readonly archive: boolean;
  /** The page for page loads that match no file. */
  readonly spa: string | undefined;
  /** Whether pages are served without `.html`. */
  readonly cleanUrls: boolean;
  /** Whether `404.html` and `50x.html` are sent. */
  readonly errorPages: boolean;
  /** Whether dotfiles are served. */
  readonly dotFiles: HiddenPolicy;
  /** The size of the smallest file that is compressed on the fly; `undefined` for no compression. */
  readonly compressMinSize: number | undefined;
  /** Whether a large file's ETag is a hash of its content. */
  readonly contentTags: boolean;
  /** Whether precompressed files are sent. */
  readonly precompressed: boolean;
  /** The value of Content-Type for a file's path. */
  readonly typeOf: (path: string) => string;
  /** The content coding that a file's name implies. */
  readonly codingOf: (path: string) => string | undefined;
  /** The fields of every response. */
  readonly fields: readonly Field[];
  /** The CORS policy. */
  readonly cors: ((request: CorsRequest) => CorsDecision) | undefined;
  /** The value of Cache-Control for a path below its folder. */
  readonly cacheControl: ((path: string) => string | undefined) | undefined;
  /** The value of CDN-Cache-Control for a path below its folder. */
  readonly cdnCacheControl: ((path: string) => string | undefined) | undefined;
  /** Access control. */
  readonly access: Access | undefined;
  /** Whether a client may come in, by its address. */
  readonly allows: ((client: string) => boolean) | undefined;
  /** The first name of all paths. */
  readonly secret: Secret | undefined;
  /** Whether the server serves a host. */
  readonly servesHost: ((host: string | null) => boolean) | undefined;
  /** Follows a request back through trusted proxies. */
  readonly follow:
    | ((peer: string, forwarded: string | null) => Chain)
    | undefined;
  /** Live reload. */
  readonly live: LiveSite | undefined;
  /** Uploads. */
  readonly upload: UploadSite | undefined;
  /** The site's own rules. */
  readonly rules: SiteRules | undefined;
  /** Forwards requests to other servers. */
  readonly proxy: SiteProxy | undefined;
  /** The operating system whose rules for file names apply. */
  readonly os: "posix" | "windows";
  /** How requests are logged. */
  readonly log: NonNullable<StaticFileOptions["log"]>;
  /** The format of the access log, which is written when a response has ended. */
  readonly accessLog: LogFormat | undefined;
  /** The health and the metrics page. */
  readonly monitor: Monitor | undefined;
  /** Whether requests are timed: they are logged or counted when they end. */
  readonly timed: boolean;
}

/** The `default_content_type` of handlers, so that a site is the same before there is one. */
const DEFAULT_TYPE = "application/octet-stream";

let lastSerial = 0;

/** How many sites are cached by the content of their options, for options that are created anew each time. */
const MAX_SITES = 256;

/** The last site of each options object: handlers share theirs. */
const compiled = new WeakMap<StaticFileOptions, Compiled>();

/** Sites by the content of their options; the most recently used comes last. */
const equal = new BoundedMap<Site>(MAX_SITES, Infinity);

interface Compiled {
  readonly site: Site;
  readonly directory: string;
  readonly defaultType: string;
}

/**
 * Compiles options to a site, once for all options with the same content.
 *
 * @param options The options.
 * @param directory The directory to serve, if a handler's field overrides it.
 * @param defaultType The default media type, if a handler's field overrides it.
 * @returns The site.
 * @throws {TypeError} An option is invalid, or two options contradict each other.
 * @throws {SyntaxError} A cache rule or a line of the users is malformed.
 */
export function compileSite(
  options: StaticFileOptions,
  directory?: string,
  defaultType?: string,
): Site {
  const known = compiled.get(options);
  if (known === undefined) checkOptions(options);
  directory ??= pathOf(options.directory ?? Deno.cwd());
  defaultType ??= options.default_content_type ?? DEFAULT_TYPE;
  if (known?.directory === directory && known.defaultType === defaultType) {
    return known.site;
  }
  const site = equalSite({
    ...options,
    directory: absolute(directory),
    default_content_type: defaultType,
  });
  compiled.set(options, { site, directory, defaultType });
  return site;
}

/** The cached site of options with the same content, or a new one. */
function equalSite(options: StaticFileOptions): Site {
  const { mounts = {}, privateFiles = [] } = options;
  const folders = [...Object.values(mounts), ...privateFiles].map((path) =>
    absolute(pathOf(path))
  );
  const key = JSON.stringify([options, folders]);
  const site = equal.get(key) ?? compile(options);
  equal.set(key, site);
  return site;
}

/**
 * Checks that the folders of a site can be read, as far as possible before the first
 * request. A missing folder is allowed, since it may be created later.
 *
 * @param site The site.
 * @throws {Deno.errors.NotCapable} A Deno permission is missing.
 * @throws {Deno.errors.PermissionDenied} The operating system denies access.
 */
export function checkReadable(site: Site): void {
  for (const folder of site.folders) {
    // For a single file, Deno needs no permission to read its folder.
    if (site.file === undefined || folder !== site.main) folder.checkReadable();
  }
}

function compile(options: StaticFileOptions): Site {
  if (options.cacheSize !== undefined) setCacheSize(options.cacheSize);
  const { cache = [], cdnCache = [], hosts, trustProxy = [], spa = false } =
    options;
  const { isolation = false, security = false, cors = false } = options;
  const { log = "python", health = false, metrics = false } = options;
  const accessLog = log === "python" || log === "none" ? undefined : log;
  const { compress = true, compressMinSize = MIN_COMPRESSED_SIZE } = options;
  const { allow } = options;
  const secret = options.secret === undefined
    ? undefined
    : new Secret(options.secret);
  const folders = compileFolders(options, secret);
  const proxy = compileProxy(options, folders);
  const rules = compileRules(options, folders, proxy, secret);
  return {
    serial: ++lastSerial,
    ...folders,
    live: compileLive(options, folders, secret),
    upload: compileUpload(options, folders, rules),
    rules,
    proxy,
    file: options.file,
    listing: options.listing ?? true,
    archive: options.archive ?? false,
    spa: spa === true ? "index.html" : spa ? plainPath(spa) : undefined,
    cleanUrls: options.cleanUrls ?? false,
    // A single file has no neighbours. Others may upload the page.
    errorPages: options.file === undefined && !options.upload &&
      (options.errorPages ?? true),
    dotFiles: options.dotFiles ?? "deny",
    compressMinSize: compress ? checkedSize(compressMinSize) : undefined,
    // Others may upload the sibling of any file.
    precompressed: !options.upload && (options.precompressed ?? true),
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
      ...secret === undefined ? [] : [NO_REFERRER],
    ]),
    cors: cors === false ? undefined : compileCors(cors === true ? {} : cors),
    cacheControl: options.live
      ? () => "no-cache"
      : cache.length === 0
      ? undefined
      : compileCacheRules(cache),
    cdnCacheControl: options.live || cdnCache.length === 0
      ? undefined
      : compileCdnRules(cdnCache),
    access: compileAccess(options),
    allows: allow === undefined ? undefined : compileAllow(allow),
    secret,
    servesHost: hosts === undefined
      ? undefined
      : compileHosts([...hosts, ...folders.hosts]),
    follow: trustProxy.length === 0 ? undefined : compileChain(trustProxy),
    os: Deno.build.os === "windows" ? "windows" : "posix",
    log,
    accessLog,
    monitor: compileMonitor(health, metrics, secret),
    timed: accessLog !== undefined || metrics !== false,
  };
}

function compileFolders(
  {
    directory = Deno.cwd(),
    base = "/",
    mounts = {},
    symlinks = "inside",
    file,
    privateFiles = [],
  }: StaticFileOptions,
  secret: Secret | undefined,
): Pick<
  Site,
  "find" | "hosts" | "folders" | "main" | "mounted" | "single"
> {
  const hidden = privateFiles.length === 0
    ? undefined
    : new PrivateFiles(privateFiles.map((file) => absolute(pathOf(file))));
  const served = (folder: string | URL) =>
    new ServedFolder(absolute(pathOf(folder)), symlinks, hidden);
  const main = { prefix: parsePrefix(base), folder: served(directory) };
  const others = Object.entries(mounts).map(([place, folder]) => ({
    ...parsePlace(place),
    folder: served(folder),
  }));
  const find = compileMounts([main, ...others]);
  const isRoot = main.prefix.length === 0 && secret === undefined;
  const below = secret === undefined ? [] : [secret.name];
  return {
    find: secret === undefined
      ? find
      : guardMounts(find, (name) => secret.matches(name)),
    hosts: others.flatMap(({ host }) => host ?? []),
    main: main.folder,
    folders: [main, ...others].map(({ folder }) => folder),
    mounted: [{ ...main, flat: file !== undefined }, ...others]
      .map((mount) => ({ ...mount, prefix: [...below, ...mount.prefix] })),
    single: isRoot && others.length === 0,
  };
}

function pathOf(folder: string | URL): string {
  return typeof folder === "string"
    ? folder
    : fromFileUrl(folder, Deno.build.os);
}

function absolute(path: string): string {
  return absolutePath(path, Deno.build.os, Deno.cwd);
}

/** Removes empty segments from a path. */
function plainPath(path: string): string {
  return path.split("/").filter((name) => name !== "").join("/");
}

function checkedSize(size: number): number {
  if (Number.isSafeInteger(size) && size >= 0) return size;
  throw new TypeError(
    `Cannot serve with these options: "compressMinSize" must be a non-negative integer, not ${size}`,
  );
}

/** Removes duplicates: the security preset repeats a field that every response has. */
function withoutDoubles(fields: readonly Field[]): readonly Field[] {
  return [...new Map(fields.map((field) => [field[0], field])).values()];
}
