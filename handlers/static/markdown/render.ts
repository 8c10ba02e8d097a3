// Renders Markdown, with limits on the work: marked takes quadratic time for some texts, and
// they would stop all other requests.

import type { TokensList } from "marked";
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

type Lexer = (text: string) => TokensList;

/** Rendered texts by their level and the state of their file; `null` for those that can't be rendered. */
const rendered = new ByteLru<string | null>(cacheBudget);

/** The work for the current text. */
const work = { attempts: 0, searched: 0, depth: 0, until: Infinity };

let loading: Promise<Lexer> | undefined;

/**
 * Renders Markdown as HTML without scripts, styles and raw HTML.
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
  // What only took too long may have met a busy moment.
  if (key !== undefined && performance.now() <= work.until) {
    const size = 2 * (html?.length ?? 0);
    rendered.set(key, html ?? null, size);
  }
  return html;
}

function render(
  text: string,
  level: number,
  lexer: Lexer,
): string | undefined {
  const until = performance.now() + MAX_TIME;
  Object.assign(work, { attempts: 0, searched: 0, depth: 0, until });
  if (text.split("\n", MAX_LINES + 2).length > MAX_LINES + 1) return undefined;
  try {
    return toHtml(lexer(text), { level, most: MAX_HTML, tick });
  } catch {
    // Too much work, nested too deeply, or a defect of marked. The source is shown instead.
    return undefined;
  }
}

/** Counts an attempt to find a token. Returns `false`, so that marked makes the attempt. */
function tick(): false {
  // The clock costs more than the rest.
  const late = ++work.attempts % 64 === 0 && performance.now() > work.until;
  if (late || work.attempts > MAX_ATTEMPTS) throw new RangeError("Too much");
  return false;
}

/** Every token of a line is preceded by an attempt to find an escape. */
function tickLine(rest: string): false {
  work.searched += rest.length;
  if (work.searched > MAX_SEARCHED) throw new RangeError("Too much");
  return tick();
}

function nested<T>(parse: () => T): T {
  if (++work.depth > MAX_DEPTH) throw new RangeError("Nested too deeply");
  const result = parse();
  work.depth--;
  return result;
}

async function loadLexer(): Promise<Lexer> {
  const { Marked, Tokenizer } = await import("marked");
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
      url: (text: string) => tick() || LONG_WORD.test(text) ? undefined : false,
    },
  });
  return (text) => marked.lexer(text);
}
