// Renders the page of `list_directory()`, exactly as CPython does.

import { compareCodePoints } from "../text/compare.ts";
import { escapeHtml } from "../text/escape_html.ts";
import { quote, unquote } from "../text/quote.ts";

/** The most entries that are listed. Their names take some 20 MB of memory until a slow client has read the page. */
export const MAX_ENTRIES = 100_000;

/** One entry of a directory. */
export interface ListedEntry {
  /** The file name. */
  readonly name: string;
  /** Whether it is a directory or a symlink to one. */
  readonly isDirectory: boolean;
  /** Whether it is a symlink. */
  readonly isSymlink: boolean;
}

/**
 * Renders the page. Names are sorted case-insensitively; directories get a trailing "/", symlinks
 * a trailing "@".
 *
 * @param path The request target.
 * @param entries The directory's entries, in any order.
 * @returns The HTML.
 */
export function listingPage(
  path: string,
  entries: readonly ListedEntry[],
): string {
  const shownPath = unquote(
    path.split("#", 1)[0]!.split("?", 1)[0]!,
    "surrogatepass",
  );
  const title = `Directory listing for ${escapeHtml(shownPath, false)}`;
  const sorted = entries
    .map((entry) => ({ entry, key: entry.name.toLowerCase() }))
    .sort((a, b) => compareCodePoints(a.key, b.key));
  return [
    "<!DOCTYPE HTML>",
    '<html lang="en">',
    "<head>",
    '<meta charset="utf-8">',
    '<style type="text/css">\n:root {\ncolor-scheme: light dark;\n}\n</style>',
    `<title>${title}</title>\n</head>`,
    `<body>\n<h1>${title}</h1>`,
    "<hr>\n<ul>",
    ...sorted.map(({ entry }) => listItem(entry)),
    "</ul>\n<hr>\n</body>\n</html>\n",
  ].join("\n");
}

function listItem({ name, isDirectory, isSymlink }: ListedEntry): string {
  const link = isDirectory ? name + "/" : name;
  const shown = isSymlink ? name + "@" : link;
  return `<li><a href="${quote(link)}">${escapeHtml(shown, false)}</a></li>`;
}
