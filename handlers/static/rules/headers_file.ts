// Parses `_headers`. A line that is wrong or can't apply is reported, and the others work.
// Pure.

import {
  compilePlace,
  faultOfRemoval,
  faultOfSet,
  type Header,
  type HeaderPlace,
  makeHeader,
} from "./header.ts";
import type { Dialect } from "./interfaces.ts";
import type { Fault } from "./redirect.ts";

/** The header rules of a file. */
export interface ParsedHeaders {
  readonly rules: readonly Header[];
  readonly faults: readonly Fault[];
}

/** How many paths a file may have: the limit of Cloudflare. Netlify states none, and each path with a placeholder costs each request a comparison. */
const MAX_RULES: Readonly<Record<Dialect, number>> = {
  cloudflare: 100,
  netlify: 10_000,
};

/** The longest line: that of Cloudflare; Netlify states none, and browsers reject a response whose fields are much longer. */
const MAX_LINE: Readonly<Record<Dialect, number>> = {
  cloudflare: 2_000,
  netlify: 8_192,
};

/** The lines below one path. */
interface Block {
  readonly path: string;
  readonly place: HeaderPlace;
  readonly line: number;
  /** The fields by their lower-case names. */
  readonly set: Map<string, readonly [name: string, value: string]>;
  readonly remove: string[];
  /** Whether a field was skipped. */
  faulty: boolean;
}

/**
 * Parses a file of header rules.
 *
 * @param text The file's text.
 * @param dialect The host whose rules apply.
 * @returns The rules and the faults.
 */
export function parseHeaders(text: string, dialect: Dialect): ParsedHeaders {
  const parser = new Parser(dialect);
  text.split("\n").every((line, at) => parser.add(line.trim(), at + 1));
  return parser.end();
}

class Parser {
  readonly #dialect: Dialect;
  readonly #faults: Fault[] = [];
  #blocks: Block[] = [];
  /** The current block; `null` after a wrong path, `undefined` at the start. */
  #block: Block | null | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Parses a line. Returns `false` if no further line is used. */
  add(text: string, line: number): boolean {
    if (text === "" || text.startsWith("#")) return true;
    const most = MAX_LINE[this.#dialect];
    if (text.length > most) {
      this.#report(line, `the line has more than ${most} characters`);
      return true;
    }
    const isPath = this.#dialect === "netlify"
      ? text.startsWith("/")
      : /^(?:\/|\S+:\/\/)/.test(text);
    if (!isPath) {
      const fault = this.#addField(text);
      if (fault !== undefined) {
        if (this.#block) this.#block.faulty = true;
        this.#report(line, fault);
      }
      return true;
    }
    const limit = MAX_RULES[this.#dialect];
    if (this.#blocks.length === limit) {
      this.#report(
        line,
        `there are more than ${limit} paths; this line and all after it are skipped`,
      );
      return false;
    }
    this.#addPath(text, line);
    return true;
  }

  #addPath(path: string, line: number): void {
    const place = compilePlace(path, this.#dialect);
    this.#block = null;
    if (typeof place === "string") {
      this.#report(line, place);
      return;
    }
    const set: Block["set"] = new Map();
    this.#block = { path, place, line, set, remove: [], faulty: false };
    this.#blocks.push(this.#block);
  }

  /** Adds a field to the current block. Returns what is wrong with it. */
  #addField(text: string): string | undefined {
    const block = this.#block;
    // Below a wrong path, which has been reported.
    if (block === null) return undefined;
    if (block === undefined) {
      return 'a path must come first; it begins with "/"';
    }
    if (!text.includes(":")) {
      const [, name] = /^!\s*(\S[^]*)$/.exec(text) ?? [];
      if (name === undefined) return "a header has the form Name: value";
      const fault = faultOfRemoval(name, this.#dialect);
      if (fault === undefined) block.remove.push(name);
      return fault;
    }
    const colon = text.indexOf(":");
    const name = text.slice(0, colon).trim();
    const given = text.slice(colon + 1).trim();
    if (name === "") return "the name of the header is missing";
    if (given === "") return `the value of ${name} is missing`;
    const value = this.#dialect === "netlify"
      ? given.split(",").map((part) => part.trim()).join(", ")
      : given;
    const fault = faultOfSet(name, value, this.#dialect);
    if (fault !== undefined) return fault;
    const key = name.toLowerCase();
    const known = block.set.get(key);
    block.set.set(key, [
      known?.[0] ?? name,
      known ? `${known[1]}, ${value}` : value,
    ]);
    return undefined;
  }

  /** Ends the file. */
  end(): ParsedHeaders {
    let blocks: Block[] = [];
    for (const block of this.#blocks) {
      if (block.set.size > 0 || block.remove.length > 0) blocks.push(block);
      else if (!block.faulty) {
        this.#report(block.line, "the path has no headers");
      }
    }
    if (this.#dialect === "cloudflare") blocks = this.#withoutRepeated(blocks);
    const rules = blocks.map(({ place, set, remove }) =>
      makeHeader(place, [...set.values()], remove, this.#dialect)
    );
    const faults = this.#faults.toSorted((a, b) => a.line - b.line);
    return { rules, faults };
  }

  /** The last block of a path replaces the first one in its place. */
  #withoutRepeated(blocks: readonly Block[]): Block[] {
    const byPath = new Map<string, Block>();
    for (const block of blocks) {
      const replaced = byPath.get(block.path);
      byPath.set(block.path, block);
      if (replaced !== undefined) {
        this.#report(
          replaced.line,
          `it never applies: line ${block.line} is for the same path, and replaces it`,
        );
      }
    }
    return [...byPath.values()];
  }

  #report(line: number, reason: string): void {
    this.#faults.push({ line, reason });
  }
}
