// Checks options at run time, for callers without a type checker: a misspelled option may
// be the one that was meant to protect something.

import { TOKEN, UNSENDABLE } from "../../parser/syntax.ts";
import { repr } from "../../text/repr.ts";
import type { StaticFileOptions } from "./options.ts";
import type { CodedType } from "./representation/content_type.ts";
import type { CorsOptions } from "./response/cors.ts";
import { faultOfField } from "./response/extra_fields.ts";
import { isHidden } from "./lookup/hidden.ts";
import type { UploadOptions } from "./upload/options.ts";
import type { HeaderRule, RedirectRule } from "./rules/interfaces.ts";

/** Returns what is wrong with the value of an option; `undefined` if nothing is. */
type Check = (value: unknown, name: string) => string | undefined;

/** A check for each option; the compiler reports missing ones. */
type Checks<Options> = Readonly<Record<keyof Required<Options>, Check>>;

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) &&
    value.every((item) => typeof item === "string");
}

function mustBe(what: string, isRight: (value: unknown) => boolean): Check {
  return (value, name) =>
    isRight(value) ? undefined : `${name} must be ${what}`;
}

const isString = mustBe("a string", (value) => typeof value === "string");
const isBoolean = mustBe("a boolean", (value) => typeof value === "boolean");
const isNumber = mustBe("a number", (value) => typeof value === "number");
const isSize = mustBe(
  "a whole number of bytes",
  (value) => Number.isSafeInteger(value) && (value as number) >= 0,
);
const isStringArray = mustBe("an array of strings", isStrings);
const isPath = mustBe(
  "a path or a URL",
  (value) => typeof value === "string" || value instanceof URL,
);
const isPairs = mustBe(
  "an array of [name, value] pairs of strings",
  (value) =>
    Array.isArray(value) &&
    value.every((field) => isStrings(field) && field.length === 2),
);

const CORS: Checks<CorsOptions> = {
  origins: (value, name) =>
    value === "*" ? undefined : isStringArray(value, name),
  credentials: isBoolean,
  methods: isStringArray,
  headers: isStringArray,
  exposed: isStringArray,
  maxAge: isNumber,
};

const CODED_TYPE: Checks<CodedType> = { type: isString, coding: isString };

const UPLOAD: Checks<UploadOptions> = {
  policy: oneOf("error", "rename", "overwrite"),
  maxSize: isSize,
  maxTotal: isSize,
  keepFree: isSize,
  drop: isBoolean,
};

const REDIRECT: Checks<RedirectRule> = {
  from: mustBe(
    'a path that begins with "/", or a URL',
    (value) => typeof value === "string" && /^(?:\/|https?:\/\/)/.test(value),
  ),
  to: mustBe(
    'a path that begins with one "/", or a URL',
    (value) =>
      typeof value === "string" && /^(?:\/(?![/\\])|https?:\/\/)/i.test(value),
  ),
  status: mustBe(
    "a status code from 200 to 599",
    (value) =>
      Number.isInteger(value) && (value as number) >= 200 &&
      (value as number) < 600,
  ),
  force: isBoolean,
  query: (value, name) => checkRecord(value, name, isString),
};

const HEADER: Checks<HeaderRule> = {
  for: mustBe(
    'a path that begins with "/", or a URL of Cloudflare',
    (value) => typeof value === "string" && /^(?:\/|https:\/\/)/.test(value),
  ),
  set: checkSet,
  remove: (value, name) =>
    isStringArray(value, name) ??
      (value as string[])
        .filter((name) => !TOKEN.test(name))
        .map((name) => `${JSON.stringify(name)} is not a valid header name`)[0],
};

const CHECKS: Checks<StaticFileOptions> = {
  directory: isPath,
  extra_response_headers: checkFields,
  default_content_type: isString,
  file: checkName,
  base: isString,
  mounts: (value, name) => checkRecord(value, name, isPath),
  listing: isBoolean,
  archive: isBoolean,
  spa: checkPage,
  cleanUrls: isBoolean,
  rules: oneOf("netlify", "cloudflare"),
  redirects: (value, name) => checkRules(value, name, REDIRECT, ["from", "to"]),
  headers: (value, name) => checkRules(value, name, HEADER, ["for"]),
  errorPages: isBoolean,
  dotFiles: oneOf("deny", "allow"),
  symlinks: oneOf("inside", "follow", "deny"),
  privateFiles: mustBe(
    "an array of paths and URLs",
    (value) =>
      Array.isArray(value) &&
      value.every((path) => isPath(path, "") === undefined),
  ),
  compress: isBoolean,
  compressMinSize: isNumber,
  precompressed: isBoolean,
  etag: oneOf("stat", "content"),
  cacheSize: isSize,
  types: (value, name) => checkRecord(value, name, checkType),
  cors: (value, name) =>
    typeof value === "boolean" ? undefined : checkNames(
      value,
      CORS,
      `${name} must be a boolean or an object`,
      "cors.",
    ),
  isolation: oneOf(true, false, "require-corp", "credentialless"),
  security: isBoolean,
  cache: isStringArray,
  cdnCache: isStringArray,
  users: isString,
  realm: isString,
  hosts: isStringArray,
  allow: isStringArray,
  secret: mustBe(
    '16 to 128 letters, digits, "-" and "_"',
    (value) => typeof value === "string" && /^[\w-]{16,128}$/.test(value),
  ),
  trustProxy: isStringArray,
  proxy: isStringArray,
  proxyTimeout: mustBe(
    "a number of seconds from 1 to 86400",
    (value) => typeof value === "number" && value >= 1 && value <= 86_400,
  ),
  proxyCa: isString,
  live: isBoolean,
  upload: (value, name) =>
    typeof value === "boolean" ? undefined : checkNames(
      value,
      UPLOAD,
      `${name} must be a boolean or an object`,
      "upload.",
    ),
  health: checkPath,
  metrics: checkPath,
  idleTimeout: mustBe(
    "a number of seconds, at least 1",
    (value) => typeof value === "number" && value >= 1,
  ),
  log: oneOf("python", "common", "combined", "json", "none"),
};

/**
 * Checks the names of options and the types of their values. The content of strings is
 * checked by the code that uses them.
 *
 * @param options The options.
 * @throws {TypeError} An option is unknown or has the wrong type, or `realm` is set without `users`.
 */
export function checkOptions(options: StaticFileOptions): void {
  const fault = checkNames(options, CHECKS, "they must be an object") ??
    checkTogether(options);
  if (fault !== undefined) {
    throw new TypeError(`Cannot serve with these options: ${fault}`);
  }
}

/**
 * Others could upload the page or the compressed file that these send, and the sandbox of
 * `upload` keeps the script of live reload from running.
 */
const NOT_WITH_UPLOAD = [
  "errorPages",
  "file",
  "live",
  "precompressed",
] as const;

function checkTogether(
  options: StaticFileOptions,
): string | undefined {
  const { file, archive, spa, cleanUrls, dotFiles = "deny" } = options;
  const { realm, users, health, metrics } = options;
  const rival = options.upload && NOT_WITH_UPLOAD.find((name) => options[name]);
  if (rival) return `"${rival}" must not be used with "upload"`;
  if (file !== undefined) {
    if (spa || cleanUrls) {
      return `"file" must not be used with "${spa ? "spa" : "cleanUrls"}"`;
    }
    const other = archive ? "archive" : options.rules && "rules";
    if (other) return `"file" must not be used with "${other}"`;
    if (isHidden([file], dotFiles)) {
      return `"file" must not be a hidden file unless "dotFiles" is "allow"`;
    }
  }
  if (typeof spa === "string" && isHidden(spa.split("/"), dotFiles)) {
    return `"spa" must not be a hidden file unless "dotFiles" is "allow"`;
  }
  if (typeof health === "string" && health === metrics) {
    return '"health" and "metrics" must be different paths';
  }
  const ofHeaders =
    options.headers?.findIndex(({ for: path }) => !path.startsWith("/")) ?? -1;
  if (ofHeaders >= 0 && options.rules !== "cloudflare") {
    return `"headers[${ofHeaders}].for" must begin with "/" unless "rules" is "cloudflare"`;
  }
  const ofProxy = faultOfProxy(options);
  if (ofProxy !== undefined) return ofProxy;
  return realm !== undefined && users === undefined
    ? '"realm" must be used with "users"'
    : undefined;
}

function faultOfProxy(
  { proxy = [], proxyCa, proxyTimeout, secret, upload }: StaticFileOptions,
): string | undefined {
  if (proxy.length === 0) {
    if (proxyTimeout !== undefined) {
      return '"proxyTimeout" must be used with "proxy"';
    }
    return proxyCa !== undefined
      ? '"proxyCa" must be used with "proxy"'
      : undefined;
  }
  // The upstream would see the secret, and the links in its pages would lack it.
  if (secret !== undefined) return '"proxy" must not be used with "secret"';
  // Both would take PUT and POST.
  return upload && proxy.some((rule) => !rule.startsWith("/"))
    ? '"upload" must not be used with a "proxy" for everything; give it a path'
    : undefined;
}

function checkNames(
  options: unknown,
  checks: Readonly<Record<string, Check>>,
  notObject: string,
  prefix: string = "",
): string | undefined {
  if (typeof options !== "object" || options === null) {
    return notObject;
  }
  for (const [key, value] of Object.entries(options)) {
    const name = JSON.stringify(prefix + key);
    if (!Object.hasOwn(checks, key)) return `${name} is not a known option`;
    const fault = value === undefined ? undefined : checks[key]!(value, name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function checkRecord(
  value: unknown,
  name: string,
  check: Check,
): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `${name} must be an object`;
  }
  for (const [key, item] of Object.entries(value)) {
    const fault = check(item, `${JSON.stringify(key)} in ${name}`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Checks a list of rules, each an object with these options. */
function checkRules(
  value: unknown,
  name: string,
  checks: Readonly<Record<string, Check>>,
  required: readonly string[],
): string | undefined {
  if (!Array.isArray(value)) return `${name} must be an array of objects`;
  const option = name.slice(1, -1);
  for (const [at, rule] of value.entries()) {
    const prefix = `${option}[${at}]`;
    const fault = checkNames(
      rule,
      checks,
      `"${prefix}" must be an object`,
      `${prefix}.`,
    );
    if (fault !== undefined) return fault;
    const absent = required.find((key) => rule[key] === undefined);
    if (absent !== undefined) return `"${prefix}" must have a "${absent}"`;
  }
  return undefined;
}

function checkType(value: unknown, name: string): string | undefined {
  if (typeof value !== "object") return isString(value, name);
  const fault = checkNames(
    value,
    CODED_TYPE,
    `${name} must be a string or an object`,
  );
  if (fault !== undefined) return fault;
  const { coding } = value as Partial<CodedType>;
  return coding === undefined ? `${name} must have a "coding"` : undefined;
}

function checkFields(value: unknown, name: string): string | undefined {
  const fault = isPairs(value, name);
  if (fault !== undefined) return fault;
  return (value as [string, string][])
    .map(([name, value]) => faultOfField(name, value))
    .find((fault) => fault !== undefined);
}

/** Checks the fields of a header rule, which may have a Content-Type. */
function checkSet(value: unknown, name: string): string | undefined {
  const fault = checkRecord(value, name, isString);
  if (fault !== undefined) return fault;
  return Object.entries(value as Record<string, string>)
    .map(([name, value]) =>
      !/^content-type$/i.test(name)
        ? faultOfField(name, value)
        : UNSENDABLE.test(value)
        ? `the value of ${name} contains a line break or a character outside Latin-1`
        : undefined
    )
    .find((fault) => fault !== undefined);
}

/** Rejects anything but the name of a file. */
function checkName(value: unknown, name: string): string | undefined {
  if (typeof value !== "string") return `${name} must be a string`;
  return /^\.{0,2}$|[/\0]/.test(value)
    ? `${name} must be the name of a file in the directory, not ${repr(value)}`
    : undefined;
}

/** Rejects paths that could never be served. */
function checkPage(value: unknown, name: string): string | undefined {
  if (typeof value === "boolean") return undefined;
  if (typeof value !== "string") return `${name} must be a boolean or a path`;
  const names = value.split("/").filter((name) => name !== "");
  return names.length === 0 || names.includes("..") || names.includes(".")
    ? `${name} must be the path of a file in the directory, not ${repr(value)}`
    : undefined;
}

function checkPath(value: unknown, name: string): string | undefined {
  return typeof value === "boolean" ||
      (typeof value === "string" && /^\/[!-~]+$/.test(value) &&
        !/[?#]/.test(value))
    ? undefined
    : `${name} must be a boolean or a URL path that begins with "/"`;
}

function oneOf(...choices: readonly (string | boolean)[]): Check {
  const list = choices.map((choice) => JSON.stringify(choice)).join(", ");
  return mustBe(
    `one of ${list}`,
    (value) => choices.some((choice) => choice === value),
  );
}
