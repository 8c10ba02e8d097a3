// The HTML of a listing, in pieces that are sent one by one: the head before the folder is
// read, rows as they are ready, and the foot with the totals.

import { escapeHtml } from "../../../text/escape_html.ts";
import { quote } from "../../../text/quote.ts";
import { breadcrumbs, ROOT_NAME } from "./breadcrumbs.ts";
import {
  iconOf,
  isFolder,
  isReachable,
  isViewable,
  type ListingEntry,
  sizeOf,
  thumbnailOf,
} from "./entry.ts";
import { grouped, humanSize } from "./human_size.ts";
import { iconAddress } from "./icons.ts";
import { isoDate } from "./iso_date.ts";
import {
  type ListingLook,
  type ListingSort,
  lookFields,
  lookQuery,
} from "./query.ts";
import { LISTING_SCRIPT } from "./script.ts";
import { LISTING_STYLE } from "./style.ts";
import { visibleText } from "./visible_text.ts";

/** What a listing shows in addition to its entries. */
export interface ListingView extends ListingLook {
  /** The folder's decoded path below the root; empty for the root. */
  readonly segments: readonly string[];
  /** Whether the folder can be downloaded as an archive. Default: `false`. */
  readonly archive?: boolean;
  /** The folder's README, for the foot. */
  readonly readme?: ListingReadme;
  /** The totals, for the foot. */
  readonly totals?: ListingTotals;
  /** The upload area, if files may be uploaded to the folder. */
  readonly upload?: ListingUpload;
}

/** An upload area. */
export interface ListingUpload {
  /** The area, in HTML, before the entries. */
  readonly html: string;
  /** The style of the whole page. */
  readonly style: string;
  /** The script of the whole page. */
  readonly script: string;
}

/** A README, shown below the entries. */
export interface ListingReadme {
  /** The name of its file. */
  readonly name: string;
  /** The text, or its beginning. */
  readonly text: string;
  /** The text as HTML with its style, if it is Markdown. Nothing in it is escaped again. */
  readonly html?: string | undefined;
  /** Whether the file has more text. Default: `false`. */
  readonly truncated?: boolean;
}

/** The totals of a folder's entries. */
export interface ListingTotals {
  /** How many folders there are. */
  readonly folders: number;
  /** How many other entries there are. */
  readonly files: number;
  /** The size of the files, in bytes. */
  readonly bytes: number;
  /** Whether the folder has more entries than are listed. Default: `false`. */
  readonly truncated?: boolean;
}

const COLUMNS: readonly (readonly [sort: ListingSort, label: string])[] = [
  ["name", "Name"],
  ["size", "Size"],
  ["date", "Modified"],
];

/**
 * Begins the page.
 *
 * @param view What the page shows.
 * @returns The HTML before the first entry.
 */
export function listingHead(view: ListingView): string {
  const { segments, upload } = view;
  const path = "/" + segments.map((segment) => segment + "/").join("");
  const name = segments.at(-1) ?? ROOT_NAME;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${shown(path)}</title>
<link rel="icon" href="${iconAddress("folder", "#c77700")}">
<style>${upload?.style ?? LISTING_STYLE}</style>
</head>
<body class="${view.view}">
<header>
${crumbs(view)}<h1>${shown(name)}</h1>
</header>
<main>
<div class="tools">
<div class="filter" hidden><label class="unseen" for="filter">Filter by name</label><input id="filter" type="search" placeholder="Filter by name" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"><kbd aria-hidden="true">/</kbd></div>
${archiveButton(view)}<nav class="views" aria-label="View">${
    viewButton(view, "list", "List")
  }${viewButton(view, "grid", "Grid")}</nav>
</div>
${upload?.html ?? ""}<table>
<caption class="unseen">Folders and files</caption>
<thead><tr>${
    COLUMNS.map((column) => columnHead(view, ...column)).join("")
  }</tr></thead>
<tbody id="entries">
${parentRow(view)}`;
}

/**
 * Formats some entries.
 *
 * @param entries The entries, in order.
 * @param view What the page shows.
 * @returns The HTML.
 */
export function listingRows(
  entries: readonly ListingEntry[],
  view: ListingView,
): string {
  const query = escapeHtml(lookQuery(view));
  const grid = view.view === "grid";
  let rows = "";
  for (const entry of entries) {
    rows += `<tr class="${iconOf(entry)}"><th scope="row">` +
      nameCell(entry, query, grid) + "</th><td>" +
      sizeCell(sizeOf(entry)) + "</td><td>" +
      dateCell(entry.mtimeMs) + "</td></tr>\n";
  }
  return rows;
}

/**
 * Ends the page.
 *
 * @param view What the page shows, now with the totals and the README if they are known.
 * @returns The HTML after the last entry.
 */
export function listingFoot(
  { readme, totals, upload }: ListingView,
): string {
  const empty = totals !== undefined && totals.folders + totals.files === 0;
  return `</tbody>
</table>
${empty ? '<p class="empty">This folder is empty.</p>\n' : ""}${
    readme === undefined ? "" : readmeSection(readme)
  }</main>
<footer><p id="status" role="status">${summary(totals)}</p></footer>
<script>${upload?.script ?? LISTING_SCRIPT}</script>
</body>
</html>
`;
}

/** A name or a path as text content. */
function shown(text: string): string {
  return escapeHtml(visibleText(text), false);
}

function crumbs(view: ListingView): string {
  const above = breadcrumbs(view.segments);
  if (above.length === 0) return "";
  const query = escapeHtml(lookQuery(view));
  const items = above.map(({ name, href }) =>
    `<li><a href="${href}${query}">${shown(name)}</a></li>`
  );
  return `<nav aria-label="Breadcrumb"><ol>${items.join("")}</ol></nav>\n`;
}

/**
 * A button that shows the folder in another look. It is not a link, because crawlers would
 * follow it and fetch each folder in every look.
 */
function lookButton(look: ListingLook, html: string, attributes = ""): string {
  const fields = lookFields(look).map(([name, value]) =>
    `<input type="hidden" name="${name}" value="${value}">`
  );
  return `<form>${fields.join("")}<button${attributes}>${html}</button></form>`;
}

/** Not a link either: a crawler would download each folder once for each folder above it. */
function archiveButton({ archive = false }: ListingView): string {
  if (!archive) return "";
  return '<form><button class="download" name="zip">Download as .zip</button></form>\n';
}

function viewButton(
  look: ListingLook,
  view: ListingLook["view"],
  label: string,
): string {
  const current = look.view === view ? ' aria-current="true"' : "";
  const attributes = ` class="${view}-view"${current}`;
  return lookButton({ ...look, view }, label, attributes);
}

/** A column's head. The button of the current sort column reverses the order. */
function columnHead(
  look: ListingLook,
  sort: ListingSort,
  label: string,
): string {
  const current = look.sort === sort;
  const order = current && look.order === "asc" ? "desc" : "asc";
  const state = !current
    ? ""
    : ` aria-sort="${look.order === "asc" ? "ascending" : "descending"}"`;
  const zone = sort === "date" ? ' <small id="zone">UTC</small>' : "";
  const button = lookButton({ ...look, sort, order }, label + zone);
  return `<th scope="col" data-sort="${sort}"${state}>${button}</th>`;
}

function parentRow(view: ListingView): string {
  if (view.segments.length === 0) return "";
  const href = "../" + escapeHtml(lookQuery(view));
  return `<tr class="up"><th scope="row"><a href="${href}" rel="up">Parent folder</a></th><td></td><td></td></tr>\n`;
}

/** The link contains only the name, as in CPython: simple clients compare its text with its URL. */
function nameCell(entry: ListingEntry, query: string, grid: boolean): string {
  const { name, kind } = entry;
  const folder = isFolder(entry);
  const text = shown(name) + (folder ? "/" : "");
  if (!isReachable(entry)) {
    const reason = name.includes("\ufffd") ? "not UTF-8" : "special";
    return `<span>${text}</span> <small>${reason}</small>`;
  }
  // quote() also encodes colons, so a name can't be taken for a scheme, and the result
  // needs no escaping in an attribute.
  const href = quote(name);
  const link = kind === "file" || kind === "folder"
    ? ""
    : " <small>link</small>";
  const picture = grid ? thumbnail(entry, href) : "";
  const rest = folder ? "/" + query : "";
  // The script opens the readable page instead. Without it, as for crawlers, the link stays
  // that of the file.
  const view = isViewable(entry) ? " data-view" : "";
  return `${picture}<a href="${href}${rest}"${view}>${text}</a>${link}`;
}

/** A thumbnail, which the browser loads when it scrolls into view. The name next to it is its label. */
function thumbnail(entry: ListingEntry, src: string): string {
  const element = thumbnailOf(entry);
  if (element === "img") {
    return `<img src="${src}" alt="" width="160" height="120" loading="lazy" decoding="async">`;
  }
  if (element === "video") {
    // The first frame of many videos is black.
    return `<video src="${src}#t=0.5" width="160" height="120" preload="none" muted playsinline tabindex="-1" aria-hidden="true"></video>`;
  }
  return "";
}

function sizeCell(size: number | undefined): string {
  if (size === undefined) return "";
  const exact = size < 1000 ? "" : ` title="${grouped(size)} bytes"`;
  return `<data value="${size}"${exact}>${humanSize(size)}</data>`;
}

function dateCell(mtimeMs: number | undefined): string {
  const date = isoDate(mtimeMs);
  if (date === undefined) return "";
  // Counted from the end, since years after 9999 have more digits.
  const text = date.slice(0, -14) + " " + date.slice(-13, -8);
  return `<time datetime="${date}">${text}</time>`;
}

function summary(totals: ListingTotals | undefined): string {
  if (totals === undefined) return "";
  const { folders, files, bytes, truncated } = totals;
  const parts: string[] = [];
  if (folders > 0) parts.push(counted(folders, "folder"));
  if (files > 0) parts.push(counted(files, "file"), humanSize(bytes));
  const summary = parts.join(", ") || "No entries";
  return truncated ? `${summary}; the folder has more` : summary;
}

function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function readmeSection(
  { name, text, html, truncated }: ListingReadme,
): string {
  const title = shown(name);
  const rest = truncated
    ? `<p>There is more in <a href="${quote(name)}">${title}</a>.</p>\n`
    : "";
  // HTML parsers drop the first line break in <pre>.
  const content = html === undefined
    ? `<pre dir="auto">\n${escapeHtml(text, false)}</pre>`
    : html;
  return `<section class="readme" aria-labelledby="readme">
<h2 id="readme">${title}</h2>
${content}
${rest}</section>
`;
}
