// The options of `StaticFileHandler` in the command's arguments.

import type { Types } from "../handlers/static/representation/content_type.ts";
import type { CorsOptions } from "../handlers/static/response/cors.ts";
import { faultOfField } from "../handlers/static/response/extra_fields.ts";
import type { RedirectRule } from "../handlers/static/rules/interfaces.ts";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { TOKEN } from "../parser/syntax.ts";
import { repr } from "../text/repr.ts";
import { isGiven, type OptionValues } from "./option_values.ts";
import { UPLOAD_OPTIONS, uploadOption } from "./uploads.ts";
import { UsageError } from "./usage_error.ts";

/** Options that need `--cors` or `--cors-origin`. */
const CORS_DETAILS = [
  "cors-method",
  "cors-header",
  "cors-expose",
  "cors-max-age",
] as const;

/** Options of which only one may be given. */
export const RIVALS: readonly (readonly string[])[] = Object.freeze([
  ["cache", "no-cache"],
  ["cors", "cors-origin"],
  ["users", "users-env"],
  ["spa", "spa-page"],
  ["health", "health-path"],
  ["metrics", "metrics-path"],
  ["no-compress", "compress-min-size"],
  ["quiet", "log-format"],
  ["quiet", "log-file"],
  ["json", "log-format"],
  ["json", "log-file"],
  ["json", "qr"],
  // The sandbox of uploads keeps the script of live reload from running.
  ...UPLOAD_OPTIONS.map((name) => ["live", name]),
]);

/** The units of a size, each 1024 of the one before. */
const UNITS = ["", "k", "m", "g"];

/** Options that can't be combined with `--cgi`, which serves files like CPython. */
export const SITE_OPTIONS: readonly string[] = Object.freeze([
  "base",
  "mount",
  "no-listing",
  "archive",
  "spa",
  "spa-page",
  "proxy",
  "proxy-timeout",
  "proxy-ca",
  "live",
  "clean-urls",
  "rules",
  "redirect",
  "rewrite",
  "no-error-pages",
  "dot-files",
  "symlinks",
  "type",
  "cache",
  "no-cache",
  "cdn-cache",
  "cache-size",
  "no-compress",
  "compress-min-size",
  "no-precompressed",
  "etag",
  "cors",
  "cors-origin",
  "cors-credentials",
  "cors-method",
  "cors-header",
  "cors-expose",
  "cors-max-age",
  "coop-coep",
  "credentialless",
  "security",
  "users",
  "users-env",
  "realm",
  "host",
  "allow",
  "secret",
  "trust-proxy",
  "idle-timeout",
  "health",
  "health-path",
  "metrics",
  "metrics-path",
  "log-format",
  "json",
  ...UPLOAD_OPTIONS,
]);

/**
 * Converts the arguments to the options of the site.
 *
 * @param values The arguments.
 * @returns The options that differ from the defaults.
 * @throws {SyntaxError} If they are invalid, or contradict each other.
 */
export function siteOptions(values: OptionValues): StaticFileOptions {
  const { text, texts, has } = values;
  for (const rivals of RIVALS) refuseSeveral(values, rivals);
  refuseWithout(values, "cors-credentials", "cors-origin");
  for (const name of CORS_DETAILS) {
    refuseWithout(values, name, "cors", "cors-origin");
  }
  refuseWithout(values, "credentialless", "coop-coep");
  refuseWithout(values, "realm", "users", "users-env");
  refuseWithout(values, "proxy-timeout", "proxy");
  refuseWithout(values, "proxy-ca", "proxy");
  return withoutAbsent({
    directory: text("directory"),
    extra_response_headers: list(texts("header").map(parseHeader)),
    default_content_type: text("content-type"),
    base: text("base"),
    mounts: pairs(texts("mount"), "mount", "PATH=DIRECTORY"),
    listing: has("no-listing") ? false : undefined,
    archive: has("archive") || undefined,
    spa: text("spa-page") ?? (has("spa") || undefined),
    proxy: list(texts("proxy")),
    proxyTimeout: whole(values, "proxy-timeout", "seconds"),
    live: has("live") || undefined,
    upload: uploadOption(
      values,
      oneOf(values, "upload-policy", ["error", "rename", "overwrite"] as const),
      (name) => size(values, name),
    ),
    cleanUrls: has("clean-urls") || undefined,
    rules: oneOf(values, "rules", ["netlify", "cloudflare"] as const),
    redirects: list([
      ...texts("redirect").map((text) => parseRule("redirect", text)),
      ...texts("rewrite").map((text) => parseRule("rewrite", text)),
    ]),
    errorPages: has("no-error-pages") ? false : undefined,
    dotFiles: has("dot-files") ? "allow" : undefined,
    symlinks: oneOf(values, "symlinks", ["inside", "follow", "deny"] as const),
    types: types(texts("type")),
    cache: has("no-cache") ? ["**=no-cache"] : list(texts("cache")),
    cdnCache: list(texts("cdn-cache")),
    cacheSize: size(values, "cache-size"),
    compress: has("no-compress") ? false : undefined,
    compressMinSize: size(values, "compress-min-size"),
    precompressed: has("no-precompressed") ? false : undefined,
    etag: oneOf(values, "etag", ["stat", "content"] as const),
    cors: corsOptions(values),
    isolation: has("credentialless")
      ? "credentialless"
      : has("coop-coep") || undefined,
    security: has("security") || undefined,
    realm: text("realm"),
    hosts: list(texts("host")),
    allow: list(texts("allow")),
    trustProxy: list(texts("trust-proxy")),
    health: text("health-path") ?? (has("health") || undefined),
    metrics: text("metrics-path") ?? (has("metrics") || undefined),
    idleTimeout: whole(values, "idle-timeout", "seconds"),
    log: logFormat(values),
  });
}

/**
 * Parses a header field.
 *
 * @param text The text, such as "Name: value".
 * @returns The name and value.
 * @throws {SyntaxError} If it is malformed, or can't be sent.
 */
export function parseHeader(
  text: string,
): readonly [name: string, value: string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (!TOKEN.test(name)) {
    throw new UsageError(
      `argument -H/--header: ${repr(text)} must have the form 'Name: value'`,
    );
  }
  const fault = faultOfField(name, value);
  if (fault !== undefined) {
    throw new UsageError(`argument -H/--header: ${fault}`);
  }
  return [name, value];
}

/** A redirect may have a status. */
const FORMS = {
  redirect: /^(\/[^=\s]*)=((?:\/(?!\/)|https?:\/\/)\S*)(?: (3[0-9]{2})(!)?)?$/,
  rewrite: /^(\/[^=\s]*)=((?:\/(?!\/)|https?:\/\/)\S*)$/,
};

/** Parses a redirect or a rewrite. The handler checks its paths. */
function parseRule(
  option: "redirect" | "rewrite",
  text: string,
): RedirectRule {
  const [, from, to, digits, force] = FORMS[option].exec(text) ?? [];
  if (from === undefined || to === undefined) {
    const shape = option === "redirect" ? "FROM=TO[ STATUS]" : "FROM=TO";
    throw new UsageError(
      `argument --${option}: ${
        repr(text)
      } must have the form ${shape}, with a path for FROM and a path or a URL for TO`,
    );
  }
  return withoutAbsent<RedirectRule>({
    from,
    to,
    status: option === "rewrite" ? 200 : digits ? Number(digits) : undefined,
    force: force === undefined ? undefined : true,
    query: undefined,
  });
}

function logFormat(values: OptionValues): StaticFileOptions["log"] {
  if (values.has("quiet")) return "none";
  if (values.has("json")) return "json";
  const formats = ["python", "common", "combined", "json"] as const;
  return oneOf(values, "log-format", formats);
}

function corsOptions(values: OptionValues): CorsOptions | true | undefined {
  const { texts, has } = values;
  const origins = list(texts("cors-origin"));
  const options = withoutAbsent<CorsOptions>({
    origins,
    credentials: has("cors-credentials") || undefined,
    methods: list(texts("cors-method")),
    headers: list(texts("cors-header")),
    exposed: list(texts("cors-expose")),
    maxAge: whole(values, "cors-max-age", "seconds"),
  });
  if (Object.keys(options).length > 0) return options;
  return has("cors") || undefined;
}

/** Parses types, each with an optional content coding after a comma. */
function types(texts: readonly string[]): Types | undefined {
  const given = pairs(texts, "type", "NAME=TYPE[,CODING]");
  if (given === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      const [, type, coding] = /^([^,]*),([^,]+)$/.exec(value) ?? [];
      if (coding === undefined) return [name, value];
      return [name, type ? { type, coding } : { coding }];
    }),
  );
}

function oneOf<Choice extends string>(
  { text }: OptionValues,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = text(name);
  if (value === undefined) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice !== undefined) return choice;
  throw new UsageError(
    `argument --${name}: ${repr(value)} must be one of ${choices.join(", ")}`,
  );
}

/**
 * Parses the value of an option that is a number.
 *
 * @param values The arguments.
 * @param name The long name.
 * @param unit What it counts.
 * @returns The number, `undefined` if not given.
 * @throws {SyntaxError} If the value is not a whole number.
 */
export function whole(
  { text }: OptionValues,
  name: string,
  unit: string,
): number | undefined {
  const value = text(name);
  if (value === undefined) return undefined;
  if (/^[0-9]{1,15}$/.test(value)) return Number(value);
  throw new UsageError(
    `argument --${name}: ${repr(value)} must be a whole number of ${unit}`,
  );
}

/** Parses a size in bytes, such as 4096, 512k or 64m. */
function size({ text }: OptionValues, name: string): number | undefined {
  const value = text(name);
  if (value === undefined) return undefined;
  const [, digits, unit = ""] = /^([0-9]{1,15})([kmg]?)$/i.exec(value) ?? [];
  const bytes = Number(digits) * 1024 ** UNITS.indexOf(unit.toLowerCase());
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(
    `argument --${name}: ${
      repr(value)
    } must be a whole number of bytes, or of k, m or g, such as 64m`,
  );
}

function pairs(
  texts: readonly string[],
  name: string,
  form: string,
): Record<string, string> | undefined {
  if (texts.length === 0) return undefined;
  const read = new Map<string, string>();
  for (const text of texts) {
    const mark = text.indexOf("=");
    const fault = mark < 1 || mark === text.length - 1
      ? `must have the form ${form}`
      : read.has(text.slice(0, mark))
      ? "repeats a key"
      : undefined;
    if (fault !== undefined) {
      throw new UsageError(`argument --${name}: ${repr(text)} ${fault}`);
    }
    read.set(text.slice(0, mark), text.slice(mark + 1));
  }
  return Object.fromEntries(read);
}

function list<Item>(items: readonly Item[]): readonly Item[] | undefined {
  return items.length === 0 ? undefined : items;
}

function refuseSeveral(values: OptionValues, names: readonly string[]): void {
  const [first, second] = names.filter((name) => isGiven(values, name));
  if (second !== undefined) {
    throw new UsageError(`argument --${second}: not allowed with --${first}`);
  }
}

function refuseWithout(
  values: OptionValues,
  name: string,
  ...others: readonly string[]
): void {
  if (!isGiven(values, name) || others.some((each) => isGiven(values, each))) {
    return;
  }
  throw new UsageError(
    `argument --${name}: requires --${others.join(" or --")}`,
  );
}

/** Removes undefined options, so that the defaults apply. */
function withoutAbsent<Options>(
  options: { readonly [Name in keyof Options]: Options[Name] | undefined },
): Options {
  const given = Object.entries(options).filter(([, value]) =>
    value !== undefined
  );
  return Object.fromEntries(given) as Options;
}
