// Looks up the readable page of a file. Loaded by the first request for one.

import type { Exchange } from "../exchange.ts";
import { type FileAt, formsOf } from "../forms.ts";
import type { Resolved } from "../found.ts";
import { MAX_MARKDOWN, renderMarkdown } from "../markdown/render.ts";
import { chooseCoding } from "../representation/accept.ts";
import { codedOnTheFly, codingsFor } from "../representation/compress_file.ts";
import { tagOfContent } from "../representation/content_tags.ts";
import { openFirst, readUpTo } from "../representation/open_file.ts";
import type { Representation } from "../representation/representation.ts";
import { listField } from "../response/fields.ts";
import { VIEW_CSP } from "./csp.ts";
import { viewPage } from "./page.ts";
import { isMarkdown, textOf } from "../representation/text_file.ts";

/** How much of a file is shown, in bytes. */
const MAX_SHOWN = 512 * 1024;

/**
 * Makes the readable page of a file.
 *
 * @param exchange The request.
 * @param at Where the file is.
 * @returns The page; the file itself if it isn't text.
 * @throws {Error} The file can't be read just now.
 */
export async function viewFile(
  exchange: Exchange,
  at: FileAt,
): Promise<Resolved> {
  const opened = await openFirst(at.folder, at.path);
  exchange.now = Date.now();
  if (opened === undefined) return { kind: "missing", vary: at.vary };
  using file = opened.file;
  const { info } = opened;
  // Virtual files, such as those in /proc, have the size 0.
  const most = info.size === 0 ? MAX_SHOWN : Math.min(info.size, MAX_SHOWN);
  const bytes = await readUpTo(file, most);
  const text = textOf(bytes, at.type);
  if (text === undefined) return formsOf(exchange, at, info);
  const size = Math.max(info.size, bytes.length);
  const { segments } = exchange.target;
  // The file's name is the heading of level 1.
  const html = isMarkdown(at.type) && size <= MAX_MARKDOWN
    ? await renderMarkdown(text, 2, at.path, info)
    : undefined;
  const truncated = size > bytes.length;
  const page = viewPage({ segments, size, text, html, truncated });
  return pageAt(exchange, at, info, new TextEncoder().encode(page));
}

/** The page as a file with an ETag for itself, plain and compressed. */
function pageAt(
  exchange: Exchange,
  { folder, name, path, vary }: FileAt,
  info: Deno.FileInfo,
  content: Uint8Array,
): Resolved {
  const size = content.length;
  const etag = tagOfContent(content);
  const plain: Representation = {
    path,
    info,
    size,
    etag,
    lastModified: null,
    made: "stored",
    content,
  };
  const coded = codedPage(exchange, plain);
  return {
    kind: "file",
    folder,
    name,
    type: "text/html; charset=utf-8",
    plain,
    coded,
    vary: exchange.site.compressMinSize === undefined
      ? vary
      : "Accept-Encoding",
    cacheControl: "no-cache",
    csp: VIEW_CSP,
  };
}

function codedPage(
  { site, headers, now }: Exchange,
  plain: Representation,
): Representation | null {
  const { compressMinSize: least } = site;
  const accept = listField(headers, "Accept-Encoding");
  if (least === undefined || plain.size < least || accept === null) return null;
  const coding = chooseCoding(accept, [...codingsFor(plain, now)]);
  if (coding === "identity") return null;
  // Compressed bytes are kept by path and state: those of the page by its content.
  const { size, etag } = plain;
  const info = { ...plain.info, ino: null, size };
  return codedOnTheFly({ ...plain, path: `view ${etag}`, info }, coding, now);
}
