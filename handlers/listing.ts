// The page of `list_directory()`: CPython's, to the character, from plain data.

import { compareCodePoints } from "../text/compare.ts";
import { escapeHtml } from "../text/escape_html.ts";
import { quote, unquote } from "../text/quote.ts";

/** How many entries of a folder are listed: their names stay in memory for as long as a slow client reads, some 20 MB. */
export const MAX_ENTRIES = 100_000;

/** One entry of a directory. */
export interface ListedEntry {
  /** Its name. */
  readonly name: string;
  /** Whether it is a directory or a link to one. */
  readonly isDirectory: boolean;
  /** Whether it is a symbolic link. */
  readonly isSymlink: boolean;
}

/**
 * Makes the page: names without regard to case in order, directories with "/" behind
 * them, links with "@".
 *
 * @param path The request's target.
 * @param entries The directory's entries, in any order.
 * @returns The HTML text.
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
