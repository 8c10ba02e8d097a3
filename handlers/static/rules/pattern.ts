// The patterns of rules, and their matcher. It takes time linear in the path, unlike regular
// expressions: for each part of the pattern it marks, from the end, where the rest matches,
// and then takes the longest match of each part in turn, as the hosts do. Pure.

import { unquote } from "../../../text/quote.ts";
import type { Dialect } from "./interfaces.ts";

/** A part of a pattern. */
type Part =
  /** This text. */
  | { readonly kind: "text"; readonly text: string }
  /** At least one character, but none of `stops`. */
  | { readonly kind: "name"; readonly name: string; readonly stops: string }
  /** Any text. */
  | { readonly kind: "splat" }
  /** Nothing, or any text that begins with a slash. */
  | { readonly kind: "rest" };

/** The values of the placeholders by name, decoded. */
export type Values = ReadonlyMap<string, string>;

/** A path to match. */
export interface MatchedPath {
  /** The decoded path, with its last slash. */
  readonly exact: string;
  /** The same without that slash; empty for the root. */
  readonly bare: string;
  /** `bare` in lower case, for patterns that ignore case. */
  readonly folded: string;
}

/**
 * The longest path that patterns with placeholders match, in characters. No file has such a
 * path: Linux opens at most 4,096 bytes.
 */
const MAX_PATH = 8_192;

/** How many placeholders a pattern may have: each costs a pass over the path. */
const MAX_PLACEHOLDERS = 20;

const NO_VALUES: Values = new Map();
const CLOUDFLARE_PART = /\*|:([A-Za-z]\w*)/g;
const DOT = /^(?:\.|%2e)$/i;
const DOTS = /^(?:\.|%2e){2}$/i;

/** Which path a pattern is compared with. */
type Compared = keyof MatchedPath;

/** A compiled pattern. */
export class Pattern {
  /** The path that it matches, if it is only one. */
  readonly only: string | undefined;
  /** The text that each matching path begins with. */
  readonly prefix: string;
  /** Which form of the path it is compared with. */
  readonly compared: Compared;
  /** The names of its placeholders. */
  readonly names: ReadonlySet<string>;
  /** Whether it matches `prefix` and everything below it. */
  readonly covers: boolean;
  /** Whether that includes names that only begin with the prefix's last one. */
  readonly coversText: boolean;
  /** Equal for patterns that match the same. */
  readonly text: string;
  readonly #parts: readonly Part[];
  readonly #suffix: string;

  /**
   * Creates a pattern.
   *
   * @param parts Its parts.
   * @param compared Which form of the path it is compared with.
   */
  constructor(parts: readonly Part[], compared: Compared) {
    this.#parts = parts;
    this.compared = compared;
    const [first, second] = parts;
    const last = parts.at(-1);
    this.prefix = first?.kind === "text" ? first.text : "";
    this.#suffix = last?.kind === "text" ? last.text : "";
    this.only = parts.length === 0 || (parts.length === 1 && last === first &&
        first!.kind === "text")
      ? this.prefix
      : undefined;
    this.names = new Set(parts.flatMap(nameOf));
    this.covers = isOpen(last) &&
      (parts.length === 1 || (second === last && first?.kind === "text"));
    this.coversText = this.covers && last?.kind === "splat";
    this.text = parts.map((part) =>
      part.kind === "text" ? JSON.stringify(part.text) : part.kind
    ).join(" ");
  }

  /**
   * A text that matches, with another value for each placeholder.
   *
   * @returns The text, without a slash at its end unless the pattern has one.
   */
  example(): string {
    return this.#parts.map((part, at) =>
      part.kind === "text"
        ? part.text
        : part.kind === "rest"
        ? `/example${at}`
        : `example${at}`
    ).join("");
  }

  /**
   * The first name of the matching paths, if all of them have the same.
   *
   * @returns The name; `undefined` if they differ.
   */
  firstName(): string | undefined {
    const end = this.prefix.indexOf("/", 1);
    if (end > 0) return this.prefix.slice(1, end);
    const whole = this.only !== undefined || this.#parts[1]?.kind === "rest";
    return whole && this.prefix.length > 1 ? this.prefix.slice(1) : undefined;
  }

  /**
   * The last name of the matching paths, if all of them have the same.
   *
   * @returns The name; `undefined` if they differ.
   */
  lastName(): string | undefined {
    const slash = this.#suffix.lastIndexOf("/");
    return slash < 0 ? undefined : this.#suffix.slice(slash + 1);
  }

  /**
   * Matches a path.
   *
   * @param path The path.
   * @returns The values of the placeholders; `undefined` if it doesn't match.
   */
  match(path: MatchedPath): Values | undefined {
    const values = this.matchText(path[this.compared]);
    if (values === undefined || this.compared === "exact") return values;
    const splat = values.get("splat");
    if (!splat) return values;
    // The value has no slash at its start, and at its end if the path has one.
    const ends = isOpen(this.#parts.at(-1)) && path.exact !== path.bare;
    const value = splat.replace(/^\//, "") + (ends ? "/" : "");
    return new Map(values).set("splat", value);
  }

  /**
   * Matches a text.
   *
   * @param text The text.
   * @returns The values of the placeholders; `undefined` if it doesn't match.
   */
  matchText(text: string): Values | undefined {
    const { only, prefix } = this;
    if (only !== undefined) return text === only ? NO_VALUES : undefined;
    if (
      text.length > MAX_PATH || !text.startsWith(prefix) ||
      !text.endsWith(this.#suffix)
    ) return undefined;
    if (this.covers) {
      const value = text.slice(prefix.length);
      const matches = this.#parts.at(-1)!.kind === "splat" || value === "" ||
        value[0] === "/";
      return matches ? new Map([["splat", value]]) : undefined;
    }
    return matchParts(this.#parts, text);
  }
}

function nameOf(part: Part): string[] {
  return part.kind === "name"
    ? [part.name]
    : part.kind === "text"
    ? []
    : ["splat"];
}

/** Whether a part matches across slashes. */
function isOpen(part: Part | undefined): boolean {
  return part?.kind === "splat" || part?.kind === "rest";
}

/** Takes the longest match of each part in turn, so that the rest still matches. */
function matchParts(parts: readonly Part[], text: string): Values | undefined {
  const reach = markMatches(parts, text);
  const width = text.length + 1;
  if (reach[0] === 0) return undefined;
  const values = new Map<string, string>();
  let from = 0;
  parts.forEach((part, at) => {
    let end = from;
    if (part.kind === "text") end += part.text.length;
    else {
      const row = (at + 1) * width;
      end = lastMark(part, text, from);
      while (reach[row + end] === 0) end--;
      const [name] = nameOf(part);
      // The first placeholder of a name has the value.
      if (!values.has(name!)) values.set(name!, text.slice(from, end));
    }
    from = end;
  });
  return values;
}

/** How far a placeholder can reach. */
function lastMark(part: Part, text: string, from: number): number {
  if (part.kind === "splat") return text.length;
  if (part.kind === "rest") return text[from] === "/" ? text.length : from;
  let end = from;
  if (part.kind === "name") {
    while (end < text.length && !part.stops.includes(text[end]!)) end++;
  }
  return end;
}

/** Marks for each part and position whether this part and those after it match from there. */
function markMatches(parts: readonly Part[], text: string): Uint8Array {
  const { length } = text;
  const width = length + 1;
  const reach = new Uint8Array((parts.length + 1) * width);
  reach[parts.length * width + length] = 1;
  for (let at = parts.length - 1; at >= 0; at--) {
    const part = parts[at]!;
    const row = at * width;
    const next = row + width;
    // Whether the next part matches at this position or any later one that is in reach.
    let later = 0;
    for (let from = length; from >= 0; from--) {
      const here = reach[next + from]!;
      if (part.kind === "text") {
        const end = from + part.text.length;
        reach[row + from] = end <= length && reach[next + end] === 1 &&
            text.startsWith(part.text, from)
          ? 1
          : 0;
      } else if (part.kind === "name") {
        const stops = from === length || part.stops.includes(text[from]!);
        reach[row + from] = stops ? 0 : later;
        later = stops ? here : later | here;
      } else {
        later |= here;
        reach[row + from] = part.kind === "splat" || text[from] === "/"
          ? later
          : here;
      }
    }
  }
  return reach;
}

/**
 * Compiles the pattern of a redirect.
 *
 * @param from The pattern.
 * @param dialect The host whose patterns apply.
 * @returns The pattern, or why it can't match.
 */
export function compileFrom(from: string, dialect: Dialect): Pattern | string {
  return dialect === "cloudflare"
    ? compileCloudflare(from)
    : compileNetlify(from);
}

/**
 * Compiles the pattern of a header rule.
 *
 * @param path The pattern.
 * @param dialect The host whose patterns apply.
 * @returns The pattern, or why it can't match.
 */
export function compileFor(path: string, dialect: Dialect): Pattern | string {
  return dialect === "cloudflare"
    ? compileCloudflare(path)
    : compileNetlifyHeaders(path);
}

/**
 * Compiles the host of an absolute pattern of Cloudflare. A placeholder in it ends at a dot.
 *
 * @param host The host, without a port.
 * @returns The pattern, or why it can't match.
 */
export function compileHost(host: string): Pattern | string {
  return checked(cloudflareParts(host.toLowerCase(), "/."), "exact");
}

/** `*` is a segment or the end of one, and `:name` is a whole segment. */
function compileNetlify(from: string): Pattern | string {
  const segments = segmentsOf(from);
  if (typeof segments === "string") return segments;
  const parts: Part[] = [];
  for (const segment of segments) {
    if (segment === "*") {
      parts.push({ kind: "rest" });
      continue;
    }
    parts.push({ kind: "text", text: "/" });
    if (/^:./.test(segment)) {
      parts.push({ kind: "name", name: segment.slice(1), stops: "/" });
    } else if (/^[^*]+\*$/.test(segment)) {
      parts.push({ kind: "text", text: decode(segment.slice(0, -1)) });
      parts.push({ kind: "splat" });
    } else if (segment.includes("*")) {
      return "a * must be a whole segment or the end of one";
    } else parts.push({ kind: "text", text: decode(segment) });
  }
  return checked(parts, "bare");
}

/** Each `*` is any text, and `:name` is a whole segment. Case is ignored. */
function compileNetlifyHeaders(path: string): Pattern | string {
  const segments = segmentsOf(path);
  if (typeof segments === "string") return segments;
  const parts: Part[] = [];
  for (const segment of segments) {
    if (segment === "*") {
      parts.push({ kind: "rest" });
      continue;
    }
    parts.push({ kind: "text", text: "/" });
    if (segment.startsWith(":")) {
      parts.push({ kind: "name", name: segment.slice(1), stops: "/" });
      continue;
    }
    segment.split("*").forEach((text, at) => {
      if (at > 0) parts.push({ kind: "splat" });
      parts.push({ kind: "text", text: decode(text).toLowerCase() });
    });
  }
  return checked(parts, "folded");
}

/** One `*` is any text, and `:name` is a part of a segment. */
function compileCloudflare(text: string): Pattern | string {
  const path = resolveDots(text.replace(/[?#][^]*$/, ""));
  if (path.includes("//")) return "no path has an empty segment";
  const parts = cloudflareParts(path, "/");
  const names = parts.flatMap(nameOf);
  if (new Set(names).size < names.length) {
    return names.filter((name) => name === "splat").length > 1
      ? "only one * is allowed"
      : "a placeholder is repeated";
  }
  return checked(parts, "exact");
}

function cloudflareParts(text: string, stops: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  const addText = (until: number) => {
    parts.push({ kind: "text", text: decode(text.slice(end, until)) });
  };
  for (const { 0: found, 1: name, index } of text.matchAll(CLOUDFLARE_PART)) {
    addText(index);
    parts.push(
      name === undefined ? { kind: "splat" } : { kind: "name", name, stops },
    );
    end = index + found.length;
  }
  addText(text.length);
  return parts;
}

/** The segments of a pattern without a slash at its end, or why it can't match. */
function segmentsOf(path: string): string[] | string {
  if (path.includes("?")) {
    return 'a path has no "?"; write the query as name=value after it';
  }
  if (path.includes("#")) return 'a path has no "#"';
  const segments = path.replace(/\/$/, "").split("/").slice(1);
  if (segments.includes("")) return "no path has an empty segment";
  return segments.some((segment) => DOT.test(segment) || DOTS.test(segment))
    ? 'no path has the segment "." or ".."'
    : segments;
}

/** Resolves "." and "..", as parsing a URL does. */
function resolveDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  segments.forEach((segment, at) => {
    const dots = DOTS.test(segment);
    if (dots) kept.pop();
    if (!dots && !DOT.test(segment)) kept.push(segment);
    else if (at === segments.length - 1) kept.push("");
  });
  return "/" + kept.join("/");
}

/** Joins adjacent texts. */
function checked(parts: readonly Part[], compared: Compared): Pattern | string {
  const joined: Part[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (part.kind !== "text") joined.push(part);
    else if (last?.kind === "text") {
      joined[joined.length - 1] = { kind: "text", text: last.text + part.text };
    } else if (part.text !== "") joined.push(part);
  }
  const count = joined.filter(({ kind }) => kind !== "text").length;
  return count > MAX_PLACEHOLDERS
    ? `it has more than ${MAX_PLACEHOLDERS} placeholders`
    : new Pattern(joined, compared);
}

/** Decodes as the names of a target are decoded. */
function decode(text: string): string {
  return unquote(text, "surrogatepass");
}

/**
 * Prepares a path for matching.
 *
 * @param names The decoded names of the path.
 * @param trailingSlash Whether a slash ends it.
 * @returns The path.
 */
export function matchedPath(
  names: readonly string[],
  trailingSlash: boolean,
): MatchedPath {
  const bare = names.length === 0 ? "" : "/" + names.join("/");
  return new RequestPath(bare, trailingSlash || bare === "");
}

class RequestPath implements MatchedPath {
  readonly exact: string;
  readonly bare: string;
  #folded: string | undefined;

  constructor(bare: string, slash: boolean) {
    this.bare = bare;
    this.exact = slash ? bare + "/" : bare;
  }

  get folded(): string {
    return this.#folded ??= this.bare.toLowerCase();
  }
}
