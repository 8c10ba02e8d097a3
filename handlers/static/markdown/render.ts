// Renders Markdown, with limits on the work: marked takes quadratic time for some texts, and
// they would stop all other requests.

import type { Token, TokensList } from "marked";
import { ByteLru } from "../../../cache/byte_lru.ts";
import { cacheBudget } from "../../../cache/shared_budget.ts";
import { isSettled, modifiedAt } from "../../file_stat.ts";
import { stateKey } from "../representation/open_file.ts";
import { toHtml } from "./html.ts";

/** The longest Markdown that is rendered, in bytes. */
export const MAX_MARKDOWN = 128 * 1024;

/** The longest HTML, in characters. */
const MAX_HTML = 2 * 1024 * 1024;

/** The most lines: each takes about the same time, however short it is. */
const MAX_LINES = 10_000;

/** How deep quotes and lists may be nested. Each level is parsed again with each one around it. */
const MAX_DEPTH = 12;

/** The most attempts to find a token. Ordinary Markdown of the largest size needs a third of that. */
const MAX_ATTEMPTS = 250_000;

/**
 * The most characters after each place where a line's token may begin, all together: some are
 * searched to their end. Ordinary Markdown needs a hundredth of that.
 */
const MAX_SEARCHED = 64 * 1024 * 1024;

/**
 * The most work for one paragraph: its length times the number of characters that may begin a
 * token. From each of them, the paragraph may be searched to its end.
 */
const MAX_IN_PARAGRAPH = 2 * 1024 * 1024;

/** The same for a whole text. Ordinary Markdown needs a fifth of that. */
const MAX_IN_PARAGRAPHS = 5 * 1024 * 1024;

/** A line that begins with many markers of lists and quotes. After each, marked searches it to its end. */
const MANY_MARKERS = /^[ \t]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+|>[ \t]*){100}/m;

/** The most characters in which underlined headings are searched for, each time to the next empty line. */
const MAX_IN_HEADINGS = 2 * 1024 * 1024;

/** Characters that may begin or end a token, except those of URLs. */
const SPECIAL: ReadonlySet<number> = new Set(
  Array.from("*_~[]!<>\\`&", (character) => character.charCodeAt(0)),
);

/** How long a text may take if these limits don't suffice, in milliseconds. */
const MAX_TIME = 1_000;

/** The longest word that is searched for a URL, which takes quadratic time. */
const LONG_WORD = /^\S{1024}/;

/** marked calls each of these for every place where such a token may begin. */
const TOKENIZERS = [
  "space",
  "code",
  "fences",
  "heading",
  "hr",
  "blockquote",
  "list",
  "html",
  "def",
  "table",
  "lheading",
  "paragraph",
  "text",
  "tag",
  "link",
  "reflink",
  "emStrong",
  "codespan",
  "br",
  "del",
  "autolink",
  "inlineText",
] as const;

type Parse = (text: string) => TokensList;

/** Rendered texts by their level and the state of their file; `null` for those that can't be rendered. */
const rendered = new ByteLru<string | null>(cacheBudget);

/** The work for the current text. */
const work = {
  ticks: 0,
  attempts: 0,
  searched: 0,
  inParagraphs: 0,
  inHeadings: 0,
  depth: 0,
  until: Infinity,
};

let loading: Promise<Parse> | undefined;

/**
 * Renders Markdown as HTML without scripts and styles, and with little of its raw HTML.
 *
 * @param text The text.
 * @param level The level of `# Heading` on the page.
 * @param path The path of the file.
 * @param info The file's stat result, from before it was read.
 * @returns The HTML; `undefined` if it would take too long, so that only the source can be shown.
 */
export async function renderMarkdown(
  text: string,
  level: number,
  path: string,
  info: Deno.FileInfo,
): Promise<string | undefined> {
  const settled = isSettled(info) && modifiedAt(info) !== null;
  const key = settled ? `${level} ${stateKey(path, info)}` : undefined;
  const lexer = await (loading ??= loadLexer());
  // After the wait: others may have rendered it meanwhile.
  const kept = key === undefined ? undefined : rendered.get(key);
  if (kept !== undefined) return kept ?? undefined;
  const html = render(text, level, lexer);
  // Also if it took too long: it would again at each request, and stop all others meanwhile.
  if (key !== undefined) {
    const size = 2 * (html?.length ?? 0);
    rendered.set(key, html ?? null, size);
  }
  return html;
}

function render(
  text: string,
  level: number,
  lexer: Parse,
): string | undefined {
  const until = performance.now() + MAX_TIME;
  Object.assign(work, {
    ticks: 0,
    attempts: 0,
    searched: 0,
    inParagraphs: 0,
    inHeadings: 0,
    depth: 0,
    until,
  });
  const lines = text.split(/\r\n|\n|\r/, MAX_LINES + 2).length;
  if (lines > MAX_LINES + 1 || MANY_MARKERS.test(text)) return undefined;
  try {
    return toHtml(lexer(text), { level, most: MAX_HTML, tick });
  } catch {
    // Too much work, nested too deeply, or a defect of marked. The source is shown instead.
    return undefined;
  }
}

/** Counts an attempt to find a token. Returns `false`, so that marked makes the attempt. */
function tick(): false {
  // Deep in lists and quotes, an attempt takes longer.
  work.attempts += 1 + (work.depth >> 2);
  // The clock costs more than the rest.
  const late = ++work.ticks % 64 === 0 && performance.now() > work.until;
  if (late || work.attempts > MAX_ATTEMPTS) throw new RangeError("Too much");
  return false;
}

/** Every token of a line is preceded by an attempt to find an escape. */
function tickLine(rest: string): false {
  work.searched += rest.length;
  if (work.searched > MAX_SEARCHED) throw new RangeError("Too much");
  return tick();
}

/** Whether a paragraph, or a part of one, can be parsed in time. If not, it is shown as it is. */
function isAffordable(text: string): boolean {
  const cost = costOf(text);
  if (
    cost > MAX_IN_PARAGRAPH || work.inParagraphs + cost > MAX_IN_PARAGRAPHS
  ) return false;
  work.inParagraphs += cost;
  return true;
}

/** The length of a text times the number of its special characters. */
function costOf(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) {
    if (SPECIAL.has(text.charCodeAt(at))) count++;
  }
  return count * text.length;
}

/** Whether an underlined heading may be searched for. marked does so at each line of a list item. */
function mayBeHeading(rest: string): boolean {
  const end = rest.indexOf("\n\n");
  work.inHeadings += end < 0 ? rest.length : end;
  return work.inHeadings <= MAX_IN_HEADINGS;
}

function nested<T>(parse: () => T): T {
  if (++work.depth > MAX_DEPTH) throw new RangeError("Nested too deeply");
  const result = parse();
  work.depth--;
  return result;
}

async function loadLexer(): Promise<Parse> {
  const { Lexer, Marked, Tokenizer } = await import("marked");
  class Bounded extends Tokenizer {
    override blockquote(text: string) {
      return nested(() => super.blockquote(text));
    }

    override list(text: string) {
      return nested(() => super.list(text));
    }
  }
  const marked = new Marked({ gfm: true });
  marked.setOptions({ tokenizer: new Bounded() });
  // If one returns `false`, that of `Bounded` is used.
  marked.use({
    tokenizer: {
      ...Object.fromEntries(TOKENIZERS.map((name) => [name, tick])),
      escape: tickLine,
      lheading: (text: string) =>
        tick() || mayBeHeading(text) ? false : undefined,
      url: (text: string) => tick() || LONG_WORD.test(text) ? undefined : false,
    },
  });
  class BoundedLexer extends Lexer {
    override inlineTokens(text: string, tokens: Token[] = []): Token[] {
      if (isAffordable(text)) return super.inlineTokens(text, tokens);
      tokens.push({ type: "text", raw: text, text, escaped: false });
      return tokens;
    }
  }
  return (text) => new BoundedLexer(marked.defaults).lex(text);
}
