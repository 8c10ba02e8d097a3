// The options of `StaticFileHandler` among the command's arguments.

import type { Types } from "../handlers/static/representation/content_type.ts";
import type { CorsOptions } from "../handlers/static/response/cors.ts";
import { faultOfField } from "../handlers/static/response/extra_fields.ts";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { TOKEN } from "../parser/syntax.ts";
import { repr } from "../text/repr.ts";
import { UsageError } from "./usage_error.ts";

/** The values of the options that were given, by their long names. */
export interface OptionValues {
  /**
   * The value of an option.
   *
   * @param name The long name.
   * @returns The text, `undefined` where it was not given.
   */
  text(name: string): string | undefined;
  /**
   * The values of an option that may be repeated.
   *
   * @param name The long name.
   * @returns The texts in order; none where it was not given.
   */
  texts(name: string): readonly string[];
  /**
   * Whether a switch was given.
   *
   * @param name The long name.
   * @returns `true` where it was.
   */
  has(name: string): boolean;
}

/** The arguments that say more of CORS. */
const CORS_DETAILS = [
  "cors-method",
  "cors-header",
  "cors-expose",
  "cors-max-age",
] as const;

/** The arguments without which `--cgi` goes: it serves files as CPython does. */
export const SITE_OPTIONS: readonly string[] = Object.freeze([
  "base",
  "mount",
  "no-listing",
  "spa",
  "spa-page",
  "clean-urls",
  "no-error-pages",
  "dot-files",
  "symlinks",
  "type",
  "cache",
  "no-cache",
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
  "trust-proxy",
  "log-format",
]);

/**
 * Reads the options of the site.
 *
 * @param values What was given.
 * @returns The options that differ from the defaults.
 * @throws {SyntaxError} Where they are malformed, or contradict each other.
 */
export function siteOptions(values: OptionValues): StaticFileOptions {
  const { text, texts, has } = values;
  refuseBoth(values, "cache", "no-cache");
  refuseBoth(values, "cors", "cors-origin");
  refuseWithout(values, "cors-credentials", "cors-origin");
  for (const name of CORS_DETAILS) {
    refuseWithout(values, name, "cors", "cors-origin");
  }
  refuseWithout(values, "credentialless", "coop-coep");
  refuseBoth(values, "users", "users-env");
  refuseWithout(values, "realm", "users", "users-env");
  refuseBoth(values, "spa", "spa-page");
  refuseBoth(values, "no-compress", "compress-min-size");
  refuseBoth(values, "quiet", "log-format");
  refuseBoth(values, "quiet", "log-file");
  return withoutAbsent({
    directory: text("directory"),
    extra_response_headers: list(texts("header").map(parseHeader)),
    default_content_type: text("content-type"),
    base: text("base"),
    mounts: pairs(texts("mount"), "mount", "PATH=DIRECTORY"),
    listing: has("no-listing") ? false : undefined,
    spa: text("spa-page") ?? (has("spa") || undefined),
    cleanUrls: has("clean-urls") || undefined,
    errorPages: has("no-error-pages") ? false : undefined,
    dotFiles: has("dot-files") ? "allow" : undefined,
    symlinks: oneOf(values, "symlinks", ["inside", "follow", "deny"] as const),
    types: types(texts("type")),
    cache: has("no-cache") ? ["**=no-cache"] : list(texts("cache")),
    compress: has("no-compress") ? false : undefined,
    compressMinSize: whole(values, "compress-min-size", "bytes"),
    precompressed: has("no-precompressed") ? false : undefined,
    etag: oneOf(values, "etag", ["stat", "content"] as const),
    cors: corsOptions(values),
    isolation: has("credentialless")
      ? "credentialless"
      : has("coop-coep") || undefined,
    security: has("security") || undefined,
    realm: text("realm"),
    hosts: list(texts("host")),
    trustProxy: list(texts("trust-proxy")),
    log: has("quiet") ? "none" : oneOf(
      values,
      "log-format",
      ["python", "common", "combined", "json"] as const,
    ),
  });
}

/**
 * Reads a header field.
 *
 * @param text The text, such as "Name: value".
 * @returns Name and value.
 * @throws {SyntaxError} Where it is none, or can't be sent.
 */
export function parseHeader(
  text: string,
): readonly [name: string, value: string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0)).trim();
  const value = text.slice(colon + 1).trim();
  if (!TOKEN.test(name)) {
    throw new UsageError(
      `argument -H/--header: ${repr(text)} is not of the form 'Name: value'`,
    );
  }
  const fault = faultOfField(name, value);
  if (fault !== undefined) {
    throw new UsageError(`argument -H/--header: ${fault}`);
  }
  return [name, value];
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

/** Reads types, each with a coding after a comma for names of files that are coded already. */
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
    `argument --${name}: ${repr(value)} is none of ${choices.join(", ")}`,
  );
}

function whole(
  { text }: OptionValues,
  name: string,
  unit: string,
): number | undefined {
  const value = text(name);
  if (value === undefined) return undefined;
  if (/^[0-9]{1,15}$/.test(value)) return Number(value);
  throw new UsageError(
    `argument --${name}: ${repr(value)} is not a number of ${unit}`,
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
      ? `is not of the form ${form}`
      : read.has(text.slice(0, mark))
      ? "says it a second time"
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

function refuseBoth(values: OptionValues, a: string, b: string): void {
  if (isGiven(values, a) && isGiven(values, b)) {
    throw new UsageError(`argument --${b}: it does not go with --${a}`);
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
    `argument --${name}: it needs --${others.join(" or --")}`,
  );
}

/**
 * Whether an option was given in any form.
 *
 * @param values What was given.
 * @param name The long name.
 * @returns `true` where it was.
 */
export function isGiven(values: OptionValues, name: string): boolean {
  return values.has(name) || values.texts(name).length > 0;
}

/** The same without what is not there, so that the defaults hold. */
function withoutAbsent<Options>(
  options: { readonly [Name in keyof Options]: Options[Name] | undefined },
): Options {
  const given = Object.entries(options).filter(([, value]) =>
    value !== undefined
  );
  return Object.fromEntries(given) as Options;
}
