// That options are what they should be, also where no compiler has looked at them: an
// option that is misspelled may be the one that was to protect something.

import { repr } from "../../text/repr.ts";
import type { StaticFileOptions } from "./options.ts";
import type { CodedType } from "./representation/content_type.ts";
import type { CorsOptions } from "./response/cors.ts";
import { faultOfField } from "./response/extra_fields.ts";
import { isHidden } from "./lookup/hidden.ts";

/** Tells what is wrong with a value; `undefined` where nothing is. */
type Check = (value: unknown) => string | undefined;

/** A check for each option; the compiler sees to it that none is missing. */
type Checks<Options> = Readonly<Record<keyof Required<Options>, Check>>;

const isText: Check = (value) =>
  typeof value === "string" ? undefined : "it is no text";

const isSwitch: Check = (value) =>
  typeof value === "boolean" ? undefined : "it is neither true nor false";

const isNumber: Check = (value) =>
  typeof value === "number" ? undefined : "it is no number";

const isFolder: Check = (value) =>
  typeof value === "string" || value instanceof URL
    ? undefined
    : "it is neither a path nor a URL";

const isList: Check = (value) =>
  Array.isArray(value) && value.every((item) => typeof item === "string")
    ? undefined
    : "it is no list of texts";

const CORS: Checks<CorsOptions> = {
  origins: (value) => value === "*" ? undefined : isList(value),
  credentials: isSwitch,
  methods: isList,
  headers: isList,
  exposed: isList,
  maxAge: isNumber,
};

const CODED_TYPE: Checks<CodedType> = { type: isText, coding: isText };

const CHECKS: Checks<StaticFileOptions> = {
  directory: isFolder,
  extra_response_headers: checkFields,
  default_content_type: isText,
  base: isText,
  mounts: (value) => checkRecord(value, isFolder),
  listing: isSwitch,
  spa: checkPage,
  cleanUrls: isSwitch,
  errorPages: isSwitch,
  dotFiles: oneOf("deny", "allow"),
  symlinks: oneOf("inside", "follow", "deny"),
  compress: isSwitch,
  compressMinSize: isNumber,
  precompressed: isSwitch,
  etag: oneOf("stat", "content"),
  types: (value) => checkRecord(value, checkType),
  cors: (value) =>
    typeof value === "boolean" ? undefined : checkNames(value, CORS),
  isolation: oneOf(true, false, "require-corp", "credentialless"),
  security: isSwitch,
  cache: isList,
  users: isText,
  realm: isText,
  hosts: isList,
  trustProxy: isList,
  log: oneOf("python", "common", "combined", "json", "none"),
};

/**
 * Checks the names of options, and that their values are of the right kind. What a text
 * says is for the policies to check.
 *
 * @param options The options.
 * @throws {TypeError} Where one is unknown or of another kind, or a realm has no users.
 */
export function checkOptions(options: StaticFileOptions): void {
  const fault = checkNames(options, CHECKS);
  if (fault !== undefined) {
    throw new TypeError(`Cannot serve with these options: ${fault}`);
  }
  const { spa, dotFiles = "deny" } = options;
  if (typeof spa === "string" && isHidden(spa.split("/"), dotFiles)) {
    throw new TypeError(
      `Cannot serve with these options: spa: ${repr(spa)} is hidden`,
    );
  }
  if (options.realm !== undefined && options.users === undefined) {
    throw new TypeError(
      "Cannot serve with these options: realm needs users who are asked",
    );
  }
}

function checkNames(
  options: unknown,
  checks: Readonly<Record<string, Check>>,
): string | undefined {
  if (typeof options !== "object" || options === null) {
    return `${repr(String(options))} is no object`;
  }
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(checks, name)) {
      return `there is none named ${repr(name)}`;
    }
    const fault = value === undefined ? undefined : checks[name]!(value);
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return undefined;
}

function checkRecord(value: unknown, check: Check): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return "it is no object";
  }
  for (const [name, item] of Object.entries(value)) {
    const fault = check(item);
    if (fault !== undefined) return `${repr(name)}: ${fault}`;
  }
  return undefined;
}

function checkType(value: unknown): string | undefined {
  if (typeof value !== "object") return isText(value);
  const fault = checkNames(value, CODED_TYPE);
  if (fault !== undefined) return fault;
  const { coding } = value as Partial<CodedType>;
  return coding === undefined ? '"coding" is missing' : undefined;
}

function checkFields(value: unknown): string | undefined {
  if (!Array.isArray(value)) return "it is no list";
  for (const field of value) {
    const isPair = isList(field) === undefined && field.length === 2;
    const fault = isPair
      ? faultOfField(field[0], field[1])
      : "it is no list of pairs of texts";
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** A page that could never be sent is a mistake. */
function checkPage(value: unknown): string | undefined {
  if (typeof value === "boolean") return undefined;
  if (typeof value !== "string") return "it is neither a switch nor a path";
  const names = value.split("/").filter((name) => name !== "");
  return names.length === 0 || names.includes("..") || names.includes(".")
    ? `${repr(value)} is no path of a page in the folder`
    : undefined;
}

function oneOf(...choices: readonly (string | boolean)[]): Check {
  return (value) =>
    choices.some((choice) => choice === value)
      ? undefined
      : `it is none of ${
        choices.map((choice) => JSON.stringify(choice)).join(", ")
      }`;
}
