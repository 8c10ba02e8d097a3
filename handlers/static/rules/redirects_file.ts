// Parses `_redirects`. A line that is wrong or can't apply is reported, and the others work.
// Pure.

import type { Dialect, IsProxied } from "./interfaces.ts";
import {
  compileRedirect,
  type Fault,
  type Redirect,
  type WrittenRedirect,
} from "./redirect.ts";
import { removeShadowed } from "./shadowed.ts";

/** The rules of a file, in the order in which they are tried. */
export interface ParsedRedirects {
  readonly rules: readonly Redirect[];
  readonly faults: readonly Fault[];
}

/** The limits of Cloudflare. A rule without placeholders after one with them counts as one with them. */
const MAX_STATIC = 2_000;
const MAX_DYNAMIC = 100;

/** The longest line: that of Cloudflare; Netlify states none, and no browser sends longer URLs. */
const MAX_LINE: Readonly<Record<Dialect, number>> = {
  cloudflare: 2_000,
  netlify: 8_192,
};

/** Netlify states no limit. Each rule that begins with a placeholder costs each request a comparison. */
const MAX_RULES = 10_000;

const CONDITION = /^(?:country|language|role|cookie|sign|signed)=/i;
const PLACEHOLDER = /\*|:[A-Za-z]/;

/**
 * Parses a file of redirects.
 *
 * @param text The file's text.
 * @param dialect The host whose rules apply.
 * @param isProxied Whether the site's proxy has an upstream for a URL. Cloudflare has no such rewrites.
 * @returns The rules and the faults.
 */
export function parseRedirects(
  text: string,
  dialect: Dialect,
  isProxied: IsProxied = () => false,
): ParsedRedirects {
  const lines = new Lines(dialect, isProxied);
  text.split("\n").every((line, at) => lines.add(line.trim(), at + 1));
  const rules = dialect === "cloudflare"
    ? [...lines.first, ...lines.rules]
    : lines.rules;
  const { kept, faults } = removeShadowed(rules);
  const all = [...lines.faults, ...faults].toSorted((a, b) => a.line - b.line);
  return { rules: kept, faults: all };
}

/** The lines of a file so far. */
class Lines {
  readonly rules: Redirect[] = [];
  /** The rules of Cloudflare without placeholders, which are tried first. */
  readonly first: Redirect[] = [];
  readonly faults: Fault[] = [];
  readonly #dialect: Dialect;
  readonly #isProxied: IsProxied | undefined;
  #statics = 0;
  #dynamics = 0;

  constructor(dialect: Dialect, isProxied: IsProxied) {
    this.#dialect = dialect;
    this.#isProxied = dialect === "netlify" ? isProxied : undefined;
  }

  /** Parses a line. Returns `false` if no further line is used. */
  add(text: string, line: number): boolean {
    if (text === "" || text.startsWith("#")) return true;
    if (text.length > MAX_LINE[this.#dialect]) {
      return this.#report(
        line,
        `the line has more than ${MAX_LINE[this.#dialect]} characters`,
      );
    }
    const words = text.split(/\s+/);
    if (this.#dialect === "cloudflare") return this.#addCloudflare(words, line);
    if (this.rules.length === MAX_RULES) {
      this.#report(line, `there are more than ${MAX_RULES} rules`);
      return false;
    }
    this.#keep(parseNetlify(words, line), line, this.rules);
    return true;
  }

  #addCloudflare(words: readonly string[], line: number): boolean {
    const [from = ""] = words;
    // Counted even if the rest of the line is wrong, as on the host.
    const counts = words.length > 1 && !/^https:\/\//.test(from);
    const dynamic = this.#dynamics > 0 || PLACEHOLDER.test(from);
    if (counts && dynamic && ++this.#dynamics > MAX_DYNAMIC) {
      this.#report(
        line,
        `there are more than ${MAX_DYNAMIC} rules with placeholders, or after one with them; this line and all after it are skipped`,
      );
      return false;
    }
    if (counts && !dynamic && ++this.#statics > MAX_STATIC) {
      return this.#report(
        line,
        `there are more than ${MAX_STATIC} rules without placeholders`,
      );
    }
    const rules = dynamic ? this.rules : this.first;
    this.#keep(parseCloudflare(words, line), line, rules);
    return true;
  }

  #keep(
    written: WrittenRedirect | string,
    line: number,
    rules: Redirect[],
  ): void {
    const rule = typeof written === "string"
      ? written
      : compileRedirect(written, this.#dialect, this.#isProxied);
    if (typeof rule === "string") {
      this.#report(line, rule);
      return;
    }
    if (rule.note !== undefined) this.#report(line, rule.note);
    rules.push(rule);
  }

  #report(line: number, reason: string): true {
    this.faults.push({ line, reason });
    return true;
  }
}

/** `from [name=value …] [to] [status[!]] [condition …]` */
function parseNetlify(
  words: readonly string[],
  line: number,
): WrittenRedirect | string {
  const comment = words.findIndex((word) => word.startsWith("#"));
  const [from = "", ...rest] = comment < 0 ? words : words.slice(0, comment);
  const isTo = (word: string) => /^(?:\/|https?:\/\/)/.test(word);
  const forward = rest.length > 0 && /^[0-9]/.test(rest[0]!);
  const at = forward ? 0 : rest.findIndex(isTo);
  if (at < 0) {
    return 'the target is missing; it must begin with "/", "http:" or "https:"';
  }
  const query = parseQuery(rest.slice(0, at));
  if (typeof query === "string") return query;
  const [statusText = "301", ...conditions] = rest.slice(forward ? 0 : at + 1);
  const others = [statusText, ...conditions];
  const condition = others.find((word) => CONDITION.test(word));
  if (condition !== undefined) {
    return `the condition ${condition.split("=", 1)[0]} is not supported`;
  }
  const [, digits, mark] = /^([0-9]{3})(!?)$/.exec(statusText) ?? [];
  if (digits === undefined) return faultOfStatusText(statusText);
  // The host ignores a "!" after a space.
  if (conditions[0] === "!") conditions.shift();
  if (conditions.length > 0) return `${conditions[0]} is not a condition`;
  const status = Number(digits);
  const force = mark === "!";
  if (!forward) return { from, to: rest[at]!, status, force, query, line };
  if (!from.endsWith("/*") || status < 200 || status > 299) {
    return "the target is missing; only a rewrite of a path that ends in /* needs none";
  }
  const to = from.slice(0, -1).replace(/^https?:\/\/[^/]*/, "") + ":splat";
  return { from, to, status, force, query, line };
}

function faultOfStatusText(text: string): string {
  return /^[0-9]+!?$/.test(text)
    ? `the status must be from 200 to 599, not ${text}`
    : `the status ${text} is not a number`;
}

function parseQuery(
  words: readonly string[],
): WrittenRedirect["query"] | string {
  const query = words.map((word): readonly [string, string] => {
    const [name = "", value = ""] = word.split("=", 2);
    return [name, value];
  });
  const at = query.findIndex(([name, value]) => name === "" || value === "");
  // The last value of a repeated name counts, as on the host.
  return at < 0
    ? [...new Map(query)]
    : `${words[at]} never matches a query; write name=value or name=:name`;
}

/** `from to [status]` */
function parseCloudflare(
  given: readonly string[],
  line: number,
): WrittenRedirect | string {
  const comment = given.findIndex((word, at) => at > 1 && word.startsWith("#"));
  const words = comment < 0 ? given : given.slice(0, comment);
  if (words.length !== 2 && words.length !== 3) {
    return `a rule has two or three words, not ${words.length}`;
  }
  const [from = "", to = "", statusText = "302"] = words;
  if (!/^(?:\/|https:\/\/[^/])/.test(to)) {
    return 'the target must begin with "/" or "https://"';
  }
  if (!/^[1-9][0-9]*$/.test(statusText)) {
    return `the status ${statusText} is not a number`;
  }
  if (isLoop(from, to)) {
    return "it would be a loop: the host redirects /index and /index.html to the folder";
  }
  const status = Number(statusText);
  return { from, to, status, force: true, query: [], line };
}

function isLoop(from: string, to: string): boolean {
  const path = from.replace(/[?#][^]*$/, "");
  return !/^https:/.test(to) && /\/index(?:\.html)?$/.test(to) &&
    /\/\*?$/.test(path);
}
