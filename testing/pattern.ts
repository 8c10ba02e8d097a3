// Which requests an expectation or a fault is for. Pure.

import type { RecordedRequest } from "./recorded_request.ts";

/** The most characters of a value in a message. */
const MAX_SHOWN = 120;

/** Matches text: equal to a string, matched by a regular expression, or accepted by a function. */
export type TextMatcher = string | RegExp | ((text: string) => boolean);

/** Matches fields or parameters by name: each text as given, `null` if it must be absent. Others are ignored. */
export type NamedMatchers = Readonly<Record<string, TextMatcher | null>>;

/** Matches a request by its parts. Parts that are left out match anything. */
export interface RequestPattern {
  /** The method. */
  readonly method?: TextMatcher;
  /** The path, percent-encoded as it was sent, without the query. */
  readonly path?: TextMatcher;
  /** The whole query without "?", or parameters by name. */
  readonly query?: TextMatcher | NamedMatchers;
  /** Header fields by name, in any case. Repeated fields are joined with ", ". */
  readonly headers?: NamedMatchers;
  /** The body: its text, or its bytes. */
  readonly body?: TextMatcher | Uint8Array;
  /** The body as JSON: an equal value, or a function that accepts the value. */
  readonly json?: unknown;
}

/** Matches a request: by its parts, or by a function. */
export type RequestMatcher =
  | RequestPattern
  | ((request: RecordedRequest) => boolean);

/**
 * Checks a matcher that a test wrote.
 *
 * @param matcher The matcher.
 * @throws {TypeError} If it can match nothing by mistake.
 */
export function checkMatcher(matcher: RequestMatcher): void {
  if (typeof matcher === "function") return;
  const { path } = matcher;
  if (typeof path !== "string") return;
  if (path.includes("?")) {
    throw new TypeError(
      `Cannot match the path ${shown(path)}: put the part after "?" in "query"`,
    );
  }
  if (!path.startsWith("/") && path !== "*" && !path.includes(":")) {
    throw new TypeError(
      `Cannot match the path ${shown(path)}: it must start with "/"`,
    );
  }
}

/**
 * Compares a request with a matcher.
 *
 * @param matcher The matcher.
 * @param request The request.
 * @returns Why it doesn't match, by part; empty if it does.
 */
export function mismatches(
  matcher: RequestMatcher,
  request: RecordedRequest,
): string[] {
  if (typeof matcher === "function") {
    return accepts(() => matcher(request), "the function");
  }
  const { method, path, query, headers, body } = matcher;
  const faults: string[] = [];
  const compare = (name: string, wanted: TextMatcher, text: string | null) => {
    faults.push(...compareText(name, wanted, text));
  };
  if (method !== undefined) compare("method", method, request.method);
  if (path !== undefined) compare("path", path, request.path);
  if (isText(query)) compare("query", query, request.search);
  else if (query !== undefined) {
    const { query: sent } = request;
    const values = (name: string) => sent.has(name) ? sent.getAll(name) : null;
    faults.push(...compareNamed("query", query, values));
  }
  if (headers !== undefined) {
    const values = (name: string) => request.headers.get_all(name);
    faults.push(...compareNamed("header", headers, values));
  }
  if (isText(body)) compare("body", body, request.text());
  else if (body !== undefined && !sameBytes(body, request.body)) {
    faults.push(`body: ${request.body.length} other bytes were sent`);
  }
  if ("json" in matcher) faults.push(...compareJson(matcher.json, request));
  return faults;
}

/**
 * Describes a matcher in one line.
 *
 * @param matcher The matcher.
 * @returns The description, such as `GET /a, header accept: /json/`.
 */
export function describe(matcher: RequestMatcher): string {
  if (typeof matcher === "function") return "a request that a function accepts";
  const { method, path, query, headers, body } = matcher;
  const parts = [
    `${method === undefined ? "any method" : plain(method)} ${
      path === undefined ? "any path" : plain(path)
    }`,
  ];
  if (isText(query)) parts.push(`query ${wantedText(query)}`);
  else if (query !== undefined) parts.push(...describeNamed("query", query));
  if (headers !== undefined) parts.push(...describeNamed("header", headers));
  if (isText(body)) parts.push(`body ${wantedText(body)}`);
  else if (body !== undefined) parts.push(`body of ${body.length} bytes`);
  if ("json" in matcher) {
    const { json } = matcher;
    const value = typeof json === "function" ? "a function" : jsonText(json);
    parts.push(`JSON ${value}`);
  }
  return parts.join(", ");
}

/**
 * Quotes and shortens text for a message.
 *
 * @param text The text.
 * @returns The text in double quotes, with escapes.
 */
export function shown(text: string): string {
  const short = text.length <= MAX_SHOWN
    ? text
    : text.slice(0, MAX_SHOWN) + "...";
  return JSON.stringify(short);
}

function compareText(
  name: string,
  wanted: TextMatcher,
  text: string | null,
): string[] {
  if (text === null) return [`${name}: absent, not ${wantedText(wanted)}`];
  if (typeof wanted === "function") {
    return accepts(() => wanted(text), `${name} ${shown(text)}: the function`);
  }
  const equal = typeof wanted === "string"
    ? text === wanted
    // Unlike `test()`, it ignores where an expression with the flag "g" matched last.
    : text.search(wanted) >= 0;
  return equal ? [] : [`${name}: ${shown(text)}, not ${wantedText(wanted)}`];
}

function compareNamed(
  kind: string,
  wanted: NamedMatchers,
  valuesOf: (name: string) => string[] | null,
): string[] {
  return Object.entries(wanted).flatMap(([name, matcher]) => {
    const text = valuesOf(name)?.join(", ") ?? null;
    if (matcher !== null) return compareText(`${kind} ${name}`, matcher, text);
    return text === null ? [] : [`${kind} ${name}: ${shown(text)}, not absent`];
  });
}

function compareJson(wanted: unknown, request: RecordedRequest): string[] {
  let value: unknown;
  try {
    value = request.json();
  } catch (error) {
    return [`json: the body is not JSON: ${(error as Error).message}`];
  }
  if (typeof wanted === "function") {
    return accepts(
      () => wanted(value),
      `json ${jsonText(value)}: the function`,
    );
  }
  return sameJson(value, wanted)
    ? []
    : [`json: ${jsonText(value)}, not ${jsonText(wanted)}`];
}

/** Calls a test's function. One that throws doesn't accept, as with an assertion in it. */
function accepts(call: () => unknown, what: string): string[] {
  try {
    return call() ? [] : [`${what} doesn't accept it`];
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return [`${what} threw ${shown(reason)}`];
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

/** Whether two values have the same JSON, whatever the order of their properties. */
function sameJson(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object" || !a || !b) {
    return a === b;
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a, b].map((value) =>
    // JSON has no `undefined`.
    Object.entries(value).filter(([, inner]) => inner !== undefined)
  );
  const others = new Map(right);
  return left!.length === right!.length &&
    left!.every(([key, value]) =>
      others.has(key) && sameJson(value, others.get(key))
    );
}

function isText(
  matcher: TextMatcher | NamedMatchers | Uint8Array | undefined,
): matcher is TextMatcher {
  return typeof matcher === "string" || typeof matcher === "function" ||
    matcher instanceof RegExp;
}

function describeNamed(kind: string, wanted: NamedMatchers): string[] {
  return Object.entries(wanted).map(([name, matcher]) =>
    `${kind} ${name} ${matcher === null ? "absent" : wantedText(matcher)}`
  );
}

function plain(matcher: TextMatcher): string {
  return typeof matcher === "string" ? matcher : wantedText(matcher);
}

function wantedText(matcher: TextMatcher): string {
  if (typeof matcher === "string") return shown(matcher);
  return typeof matcher === "function" ? "a function's choice" : `${matcher}`;
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= MAX_SHOWN ? text : text.slice(0, MAX_SHOWN) + "...";
}
