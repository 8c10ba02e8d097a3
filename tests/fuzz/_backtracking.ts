// Counts the steps of a backtracking matcher for a regular expression, to find those
// whose time grows faster than their input without a clock.

import { Random } from "./_random.ts";

type Node =
  | { readonly kind: "set"; readonly has: (character: string) => boolean }
  | { readonly kind: "edge"; readonly at: "^" | "$" | "b" | "B" }
  | { readonly kind: "any of" | "all of"; readonly nodes: readonly Node[] }
  | {
    readonly kind: "look";
    readonly node: Node;
    readonly behind: boolean;
    readonly negated: boolean;
  }
  | Repeat;

interface Repeat {
  readonly kind: "repeat";
  readonly node: Node;
  readonly least: number;
  readonly most: number;
  readonly lazy: boolean;
}

/** A pattern whose steps grow faster than its input. */
export interface SlowPattern {
  /** The repeated part of the input. */
  readonly pump: string;
  /** The input for the smallest count. */
  readonly input: string;
  /** The steps for each count. */
  readonly steps: readonly number[];
}

/** How often the pump is repeated; each count is twice the previous one. */
const COUNTS = [32, 64, 128];

/** Linear growth doubles the steps, and quadratic growth makes them four times as many. */
const LINEAR = 2.6;

/** Enough to see the growth, and a limit for an exponential one. */
const MAX_STEPS = 400_000;

/** Characters among which to look for the members of a set. */
const CHARACTERS = [
  ..."a0 \t-.,;:=/\\\"'()[]{}<>%*+?!#$&@^_`|~AZfx19\r\n\0\x7f\x80\xa0\xff\u0100\u0301\u200b\u202e\ufffd",
  "\ud800",
];

/** Text after the pump: nothing, or something that makes a match fail. */
const ENDS = ["", "\0", "!", "\n", "a", " ", '"', "0x", ",;"];

/**
 * Looks for an input on which a pattern takes more than linear time.
 *
 * @param pattern The regular expression.
 * @returns The input, or `undefined` if none was found.
 */
export function findSlow(pattern: RegExp): SlowPattern | undefined {
  const root = parse(pattern);
  // Characters in the pattern come first: that is where its parts can overlap.
  const characters = CHARACTERS.toSorted((a, b) =>
    Number(pattern.source.includes(b)) - Number(pattern.source.includes(a))
  );
  for (const target of repeatsOf(root)) {
    const random = new Samples(1, characters);
    const pumps = pumpsOf(target.node, random);
    for (const [attempt, pump] of pumps.entries()) {
      const before = attempt % 3 === 0
        ? ""
        : attempt % 3 === 1
        ? "\0"
        : sampleUntil(root, target, random) ?? "";
      for (const end of ENDS) {
        const inputs = COUNTS.map((count) => before + pump.repeat(count) + end);
        const steps = inputs.map((input) => countSteps(pattern, root, input));
        const [, middle = 1, last = 1] = steps;
        if (last > MAX_STEPS || (last > LINEAR * middle && last > 1000)) {
          return { pump, input: inputs[0]!, steps };
        }
      }
    }
  }
  return undefined;
}

/** Chance, and the characters to choose from. */
class Samples extends Random {
  constructor(seed: number, readonly characters: readonly string[]) {
    super(seed);
  }
}

/** Every part that repeats without a small bound. */
function repeatsOf(node: Node): Repeat[] {
  switch (node.kind) {
    case "repeat":
      return [...(node.most > 64 ? [node] : []), ...repeatsOf(node.node)];
    case "look":
      return repeatsOf(node.node);
    case "any of":
    case "all of":
      return node.nodes.flatMap(repeatsOf);
    default:
      return [];
  }
}

/** Texts to repeat, several of each, one for each way to begin the input. */
function pumpsOf(node: Node, random: Samples): string[] {
  const single = node.kind === "all of" && node.nodes.length === 1
    ? node.nodes[0]!
    : node;
  const pumps = single.kind === "set"
    ? random.characters.filter(single.has).slice(0, 8)
    : Array.from({ length: 6 }, () => sample(node, random));
  return [...new Set(pumps)].filter((pump) => pump !== "")
    .flatMap((pump) => [pump, pump, pump]);
}

/** Returns a text that a node matches. */
function sample(node: Node, random: Samples): string {
  switch (node.kind) {
    case "set": {
      const members = random.characters.filter(node.has);
      return members.length === 0 ? "" : random.pick(members.slice(0, 4));
    }
    case "any of":
      return sample(random.pick(node.nodes), random);
    case "all of":
      return node.nodes.map((each) => sample(each, random)).join("");
    case "repeat": {
      const count = Math.max(node.least, Math.min(node.most, random.int(2)));
      return Array.from({ length: count }, () => sample(node.node, random))
        .join("");
    }
    default:
      return "";
  }
}

/** A text that brings a matcher to a repeated part; `undefined` if the node lacks the part. */
function sampleUntil(
  node: Node,
  target: Repeat,
  random: Samples,
): string | undefined {
  if (node === target) return "";
  switch (node.kind) {
    case "look":
    case "repeat":
      return sampleUntil(node.node, target, random);
    case "any of":
      for (const each of node.nodes) {
        const text = sampleUntil(each, target, random);
        if (text !== undefined) return text;
      }
      return undefined;
    case "all of": {
      let before = "";
      for (const each of node.nodes) {
        const text = sampleUntil(each, target, random);
        if (text !== undefined) return before + text;
        before += sample(each, random);
      }
      return undefined;
    }
    default:
      return undefined;
  }
}

class TooManySteps extends Error {}

/** The steps of one `exec()`, or of all matches of a global pattern. */
function countSteps(pattern: RegExp, root: Node, text: string): number {
  const characters = pattern.unicode || pattern.unicodeSets
    ? [...text]
    : text.split("");
  let steps = 0;
  const step = () => {
    if (++steps > MAX_STEPS) throw new TooManySteps();
  };
  const starts = pattern.sticky ? 1 : characters.length + 1;
  try {
    for (let start = 0; start < starts; start++) {
      const end = matchAt(root, characters, start, step);
      if (end === undefined) continue;
      if (!pattern.global) break;
      start = Math.max(start, end - 1);
    }
  } catch (error) {
    if (!(error instanceof TooManySteps)) throw error;
  }
  return steps;
}

type Continue = (at: number) => boolean;

function matchAt(
  root: Node,
  text: readonly string[],
  start: number,
  step: () => void,
): number | undefined {
  let end: number | undefined;
  match(root, text, start, step, (at) => (end = at, true));
  return end;
}

function match(
  node: Node,
  text: readonly string[],
  at: number,
  step: () => void,
  next: Continue,
): boolean {
  step();
  switch (node.kind) {
    case "set":
      return at < text.length && node.has(text[at]!) && next(at + 1);
    case "edge":
      return isEdge(node.at, text, at) && next(at);
    case "any of":
      return node.nodes.some((each) => match(each, text, at, step, next));
    case "all of": {
      const from = (index: number, place: number): boolean =>
        index === node.nodes.length
          ? next(place)
          : match(node.nodes[index]!, text, place, step, (end) =>
            from(index + 1, end));
      return from(0, at);
    }
    case "look": {
      const found = node.behind
        ? isBehind(node.node, text, at, step)
        : match(node.node, text, at, step, () => true);
      return found !== node.negated && next(at);
    }
    case "repeat":
      return repeat(node, text, at, step, next, 0);
  }
}

/** Matches a lookbehind, from the nearest start. */
function isBehind(
  node: Node,
  text: readonly string[],
  at: number,
  step: () => void,
): boolean {
  for (let start = at; start >= 0; start--) {
    if (match(node, text, start, step, (end) => end === at)) return true;
  }
  return false;
}

function repeat(
  node: Repeat,
  text: readonly string[],
  at: number,
  step: () => void,
  next: Continue,
  count: number,
): boolean {
  const more = () =>
    count < node.most &&
    match(node.node, text, at, step, (end) =>
      (end > at || count < node.least) &&
      repeat(node, text, end, step, next, count + 1));
  if (count < node.least) return more();
  return node.lazy ? next(at) || more() : more() || next(at);
}

function isEdge(
  edge: "^" | "$" | "b" | "B",
  text: readonly string[],
  at: number,
): boolean {
  if (edge === "^") return at === 0;
  if (edge === "$") return at === text.length;
  const isWord = (character = "") => /^\w$/.test(character);
  return (isWord(text[at - 1]) !== isWord(text[at])) === (edge === "b");
}

function parse(pattern: RegExp): Node {
  return new PatternParser(pattern).parse();
}

/** Parses the syntax that this project's patterns use. */
class PatternParser {
  readonly #source: string;
  readonly #flags: string;
  readonly #nested: boolean;
  #at = 0;

  constructor(pattern: RegExp) {
    this.#source = pattern.source;
    this.#flags = pattern.flags.replace(/[gyd]/g, "");
    this.#nested = pattern.unicodeSets;
  }

  parse(): Node {
    const root = this.#alternatives();
    if (this.#at < this.#source.length) {
      throw new SyntaxError(`Cannot parse ${this.#source} at ${this.#at}`);
    }
    return root;
  }

  #alternatives(): Node {
    const nodes = [this.#sequence()];
    while (this.#source[this.#at] === "|") {
      this.#at++;
      nodes.push(this.#sequence());
    }
    return nodes.length === 1 ? nodes[0]! : { kind: "any of", nodes };
  }

  #sequence(): Node {
    const nodes: Node[] = [];
    for (
      let next = this.#source[this.#at];
      next !== undefined && next !== "|" && next !== ")";
      next = this.#source[this.#at]
    ) {
      nodes.push(this.#quantified(this.#atom()));
    }
    return { kind: "all of", nodes };
  }

  #atom(): Node {
    const start = this.#at;
    const found = this.#take(
      /\(|[\^$]|\[|\\[bB]|\\(?:x..|u\{[^}]*\}|u....|[pP]\{[^}]*\}|[^])|[^]/uy,
    );
    if (found === "(") return this.#group();
    if (found === "^" || found === "$") return { kind: "edge", at: found };
    if (found === "\\b") return { kind: "edge", at: "b" };
    if (found === "\\B") return { kind: "edge", at: "B" };
    if (found === "[") this.#at = endOfSet(this.#source, start, this.#nested);
    const text = this.#source.slice(start, this.#at);
    const member = new RegExp(`^(?:${text})$`, this.#flags);
    return { kind: "set", has: (character) => member.test(character) };
  }

  /** A group whose opening bracket was consumed. */
  #group(): Node {
    const opening = this.#take(/(?:\?(?:[:=!]|<[=!]|<[^>]*>))?/y);
    const node = this.#alternatives();
    this.#at++;
    const look = /^\?(<?)([=!])$/.exec(opening);
    return look === null ? node : {
      kind: "look",
      node,
      behind: look[1] === "<",
      negated: look[2] === "!",
    };
  }

  #quantified(node: Node): Node {
    const found = /^(?:([*+?])|\{(\d+)(,?)(\d*)\})(\??)/
      .exec(this.#source.slice(this.#at));
    if (found === null) return node;
    this.#at += found[0].length;
    const [, sign, count = "0", comma, last, lazy] = found;
    const least = sign === undefined ? Number(count) : sign === "+" ? 1 : 0;
    let most = Infinity;
    if (sign === "?") most = 1;
    else if (sign === undefined && comma === "") most = least;
    else if (sign === undefined && last !== "") most = Number(last);
    return { kind: "repeat", node, least, most, lazy: lazy === "?" };
  }

  #take(sticky: RegExp): string {
    sticky.lastIndex = this.#at;
    const [text] = sticky.exec(this.#source)!;
    this.#at += text.length;
    return text;
  }
}

/** The position of the bracket that closes a set; sets nest under the flag `v`. */
function endOfSet(source: string, start: number, nested: boolean): number {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if (source[at] === "\\") at++;
    else if (source[at] === "[" && (nested || depth === 0)) depth++;
    else if (source[at] === "]" && --depth === 0) return at + 1;
  }
  throw new SyntaxError(`Cannot parse ${source}: a bracket is not closed`);
}

/**
 * Finds the regular expression literals of a source text.
 *
 * @param code TypeScript.
 * @returns The expressions.
 */
export function literalsOf(code: string): RegExp[] {
  const found: RegExp[] = [];
  // The end of a value; a slash after it is a division.
  let value = false;
  const token =
    /\s+|\/\/.*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|[\w$]+|\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*|[\s\S]/y;
  for (let at = 0; at < code.length;) {
    token.lastIndex = at;
    let text = token.exec(code)![0];
    if (/^\s|^\/\/|^\/\*/.test(text)) {
      at += text.length;
      continue;
    }
    if (text.length > 1 && text.startsWith("/")) {
      if (value) text = "/";
      else {
        const end = text.lastIndexOf("/");
        found.push(new RegExp(text.slice(1, end), text.slice(end + 1)));
      }
    }
    value = /^[\w$)\]"'`}]|^\/./.test(text) &&
      !/^(?:return|typeof|case|in|of|if|else)$/.test(text);
    at += text.length;
  }
  return found;
}
