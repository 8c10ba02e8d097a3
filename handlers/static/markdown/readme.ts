// The README of a listing. Loaded by the first listing with one in Markdown.

import { renderMarkdown } from "./render.ts";
import { README_STYLE } from "./style.ts";

/**
 * Renders a README below its heading, which has level 2.
 *
 * @param text The text.
 * @param path The path of the file.
 * @param info The file's stat result, from before it was read.
 * @returns The HTML with its style; `undefined` if only the source can be shown.
 */
export async function renderReadme(
  text: string,
  path: string,
  info: Deno.FileInfo,
): Promise<string | undefined> {
  const html = await renderMarkdown(text, 3, path, info);
  return html === undefined
    ? undefined
    : `<style>${README_STYLE}</style>\n<div class="prose" dir="auto">\n${html}</div>`;
}
