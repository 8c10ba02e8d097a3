// The README of a listing. Loaded by the first listing with one in Markdown.

import { renderMarkdown } from "./render.ts";
import { README_STYLE } from "./style.ts";

/**
 * Renders a README below its heading, which has level 2.
 *
 * @param text The text.
 * @param key Identifies the text; `undefined` if it may have changed.
 * @returns The HTML with its style; `undefined` if only the source can be shown.
 */
export async function renderReadme(
  text: string,
  key?: string,
): Promise<string | undefined> {
  const html = await renderMarkdown(text, 3, key);
  return html === undefined
    ? undefined
    : `<style>${README_STYLE}</style>\n<div class="prose" dir="auto">\n${html}</div>`;
}
