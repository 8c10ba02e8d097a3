// Finds the rules that may match a path, in their order: those for one path by that path, and
// others by its first or last name, so that thousands of rules cost a request little. Pure.

import type { MatchedPath, Pattern } from "./pattern.ts";

/** A rule, as far as it is needed to find it. */
interface Indexed {
  readonly pattern: Pattern;
}

/** A rule and its position among all. */
interface Entry<Rule> {
  readonly rule: Rule;
  readonly order: number;
}

/** Rules by their paths. All patterns must be compared with the same form of a path. */
export class RuleIndex<Rule extends Indexed> {
  readonly #only = new Map<string, Entry<Rule>[]>();
  readonly #below = new Map<string, Entry<Rule>[]>();
  readonly #ending = new Map<string, Entry<Rule>[]>();
  readonly #anywhere: Entry<Rule>[] = [];
  readonly #texts = new Map<string, Rule[]>();
  #count = 0;
  #compared: keyof MatchedPath = "exact";

  /**
   * Creates an index.
   *
   * @param rules The rules, in order.
   */
  constructor(rules: readonly Rule[] = []) {
    for (const rule of rules) this.add(rule);
  }

  /** How many rules there are. */
  get size(): number {
    return this.#count;
  }

  /**
   * Adds a rule after the others.
   *
   * @param rule The rule.
   */
  add(rule: Rule): void {
    const { only, compared, text } = rule.pattern;
    this.#compared = compared;
    const entry = { rule, order: this.#count++ };
    const first = rule.pattern.firstName();
    const last = rule.pattern.lastName();
    if (only !== undefined) push(this.#only, only, entry);
    else {
      push(this.#texts, text, rule);
      if (first !== undefined) push(this.#below, first, entry);
      else if (last !== undefined) push(this.#ending, last, entry);
      else this.#anywhere.push(entry);
    }
  }

  /**
   * Returns the rules with placeholders that have the same pattern.
   *
   * @param text The pattern's text.
   * @returns The rules.
   */
  same(text: string): readonly Rule[] {
    return this.#texts.get(text) ?? [];
  }

  /**
   * Visits the rules that may match a path, in order.
   *
   * @param path The path.
   * @param visit Called with each rule; returns whether to stop.
   */
  visit(path: MatchedPath, visit: (rule: Rule) => boolean): void {
    if (this.#count === 0) return;
    const text = path[this.#compared];
    const end = text.indexOf("/", 1);
    const lists = [
      this.#only.get(text),
      this.#below.get(text.slice(1, end < 0 ? undefined : end)),
      this.#ending.get(text.slice(text.lastIndexOf("/") + 1)),
      this.#anywhere.length > 0 ? this.#anywhere : undefined,
    ].filter((list) => list !== undefined);
    if (lists.length < 2) lists[0]?.some(({ rule }) => visit(rule));
    else visitAll(lists, visit);
  }
}

/** Visits the rules of several lists in order. */
function visitAll<Rule>(
  lists: readonly (readonly Entry<Rule>[])[],
  visit: (rule: Rule) => boolean,
): void {
  const at = lists.map(() => 0);
  for (;;) {
    let next: Entry<Rule> | undefined;
    let from = -1;
    for (let list = 0; list < lists.length; list++) {
      const entry = lists[list]![at[list]!];
      if (entry && (next === undefined || entry.order < next.order)) {
        next = entry;
        from = list;
      }
    }
    if (next === undefined || visit(next.rule)) return;
    at[from]!++;
  }
}

function push<Item>(lists: Map<string, Item[]>, key: string, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
