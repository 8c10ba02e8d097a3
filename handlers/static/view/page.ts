// The HTML of a readable page: a file's text with line numbers, or rendered Markdown.

import { escapeHtml } from "../../../text/escape_html.ts";
import { quote } from "../../../text/quote.ts";
import { breadcrumbs, ROOT_NAME } from "../listing/breadcrumbs.ts";
import { grouped, humanSize } from "../listing/human_size.ts";
import { iconAddress } from "../listing/icons.ts";
import { visibleText } from "../listing/visible_text.ts";
import { VIEW_STYLE } from "./style.ts";

/** How many lines are shown: each has about 60 bytes of markup. */
export const MAX_LINES = 20_000;

/** What a page shows. */
export interface ViewedFile {
  /** The file's decoded path below the root. */
  readonly segments: readonly string[];
  /** The size of the file, in bytes. */
  readonly size: number;
  /** The text, or its beginning. */
  readonly text: string;
  /** The text as HTML, if it is Markdown. Nothing in it is escaped again. */
  readonly html?: string | undefined;
  /** Whether the file has more text. */
  readonly truncated: boolean;
}

/**
 * Makes the page.
 *
 * @param file What it shows.
 * @returns The HTML.
 */
export function viewPage(file: ViewedFile): string {
  const { segments, size, html, truncated } = file;
  const name = segments.at(-1) ?? "";
  const shown = escapeHtml(visibleText(name), false);
  const href = quote(name);
  const { lines, cut } = linesOf(file);
  const more = truncated || (html === undefined && cut);
  const count = more ? "" : `${counted(lines.length)}, `;
  const content = html === undefined
    ? numbered(lines)
    : `<div class="prose" dir="auto">\n${html}</div>\n`;
  const note = more
    ? `<p class="note">The file is too large to be shown whole. There is more in <a href="${href}">${shown}</a>.</p>\n`
    : "";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${shown}</title>
<link rel="icon" href="${iconAddress("text", "#0b6bcb")}">
<style>${VIEW_STYLE}</style>
</head>
<body>
<header>
${crumbs(segments)}<h1>${shown}</h1>
<p class="facts">${count}${
    humanSize(size)
  } <a class="raw-file" href="${href}">Raw file</a></p>
</header>
<main>
${content}${note}</main>
</body>
</html>
`;
}

/** The folders above the file. Its URL is relative to the last of them. */
function crumbs(segments: readonly string[]): string {
  const folders = segments.slice(0, -1);
  const name = folders.at(-1) ?? ROOT_NAME;
  const items = [...breadcrumbs(folders), { name, href: "./" }].map((crumb) =>
    `<li><a href="${crumb.href}">${
      escapeHtml(visibleText(crumb.name), false)
    }</a></li>`
  );
  return `<nav aria-label="Breadcrumb"><ol>${items.join("")}</ol></nav>\n`;
}

function linesOf(
  { text, truncated }: ViewedFile,
): { lines: string[]; cut: boolean } {
  const lines = text.split(/\r\n|\n|\r/, MAX_LINES + 2);
  // A line break ends the last line. What follows it is only a line if there is something.
  if (lines.at(-1) === "" || (truncated && lines.length > 1)) lines.pop();
  const cut = lines.length > MAX_LINES;
  return { lines: cut ? lines.slice(0, MAX_LINES) : lines, cut };
}

function numbered(lines: readonly string[]): string {
  if (lines.length === 0) return '<p class="note">This file is empty.</p>\n';
  let html = `<pre class="lines digits${String(lines.length).length}">`;
  for (const [index, line] of lines.entries()) {
    const number = index + 1;
    html +=
      `<span id="L${number}"><a href="#L${number}" aria-label="${number}" tabindex="-1"></a>${
        escapeHtml(line, false)
      }\n</span>`;
  }
  return html + "</pre>\n";
}

function counted(lines: number): string {
  return `${grouped(lines)} line${lines === 1 ? "" : "s"}`;
}
