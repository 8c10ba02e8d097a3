// Renders Markdown, with a limit on time: marked takes quadratic time for some texts, and they
// would stop all other requests.

import type { TokenizerObject, TokensList } from "marked";
import { ByteLru } from "../../../cache/byte_lru.ts";
import { cacheBudget } from "../../../cache/shared_budget.ts";
import { isSettled, modifiedAt } from "../../file_stat.ts";
import { stateKey } from "../representation/open_file.ts";
import { toHtml } from "./html.ts";

/** The longest Markdown that is rendered, in bytes. */
export const MAX_MARKDOWN = 128 * 1024;

/** The longest HTML, in characters. */
const MAX_HTML = 2 * 1024 * 1024;

/** How long a text may take, in milliseconds. An ordinary one of the largest size takes 40. */
const MAX_TIME = 100;

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
  "escape",
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

/** When the current text has taken too long. */
let deadline = Infinity;

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
  if (key !== undefined) {
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
  deadline = performance.now() + MAX_TIME;
  try {
    return toHtml(lexer(text), { level, most: MAX_HTML, tick });
  } catch {
    // Too slow, too long, nested too deeply, or a defect of marked. The source is shown instead.
    return undefined;
  } finally {
    deadline = Infinity;
  }
}

function tick(): false {
  if (performance.now() > deadline) throw new RangeError("Too slow");
  return false;
}

async function loadLexer(): Promise<Lexer> {
  const { Marked } = await import("marked");
  // If one returns `false`, marked's own is used.
  const tokenizer: TokenizerObject = {
    ...Object.fromEntries(TOKENIZERS.map((name) => [name, tick])),
    url: (text: string) => tick() || LONG_WORD.test(text) ? undefined : false,
  };
  const marked = new Marked({ gfm: true });
  marked.use({ tokenizer });
  return (text) => marked.lexer(text);
}
