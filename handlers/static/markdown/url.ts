// The URLs that rendered Markdown may have: links to the web, and anything of this server.

import { isViewable } from "../listing/entry.ts";

const REFERENCES: Readonly<Record<string, string>> = {
  amp: "&",
  apos: "'",
  colon: ":",
  gt: ">",
  lt: "<",
  newline: "\n",
  quot: '"',
  sol: "/",
  tab: "\t",
};

const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]{2,7}));/gi;

/** Browsers ignore these, wherever they are in a URL. */
// deno-lint-ignore no-control-regex
const IGNORED = /[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff]/g;

/** Everything that could be a scheme: a colon before the first slash, query or fragment. */
const SCHEME = /^[^/\\?#]*:/;

const WEB = /^(?:https?|mailto):/i;

/** A path with a last name, perhaps with a fragment, but without a query. */
const FILE = /^((?:[^?#]*[/\\])?([^?#/\\]+))(#.*)?$/s;

const MARKDOWN = /\.(?:md|markdown)$/i;

/** Some lines of a file, as GitHub links them. */
const LINES = /^#(L\d+)(?:-L?\d+)?$/;

/** Begins the IDs of headings, so that they differ from those of the page around them. */
export const ID_PREFIX = "md-";

/**
 * Returns the URL of a link, for an attribute value.
 *
 * @param text The destination, as written in Markdown.
 * @param literal Whether character references stay as they are, as in `<http://a/?b&amp;c>`.
 * @returns The URL, not escaped yet; `undefined` if its scheme is neither http, https nor mailto.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(linkUrl("docs/a.md#b"), "docs/a.md?view#md-b");
 * assertEquals(linkUrl("java&#115;cript:alert(1)"), undefined);
 * ```
 */
export function linkUrl(text: string, literal = false): string | undefined {
  const url = plainUrl(text, literal);
  if (SCHEME.test(url)) return WEB.test(url) ? url : undefined;
  if (url.startsWith("#")) return toHeading(url);
  if (isElsewhere(url)) return url;
  // The same files as in a listing are opened as readable pages.
  const [, path, name = "", fragment = ""] = FILE.exec(url) ?? [];
  if (path === undefined || !isViewable({ name, kind: "file" })) return url;
  return path + "?view" +
    (MARKDOWN.test(name)
      ? toHeading(fragment)
      : fragment.replace(LINES, "#$1"));
}

/** The ID of a heading is in lower case, as on GitHub. */
function toHeading(fragment: string): string {
  if (fragment.length < 2) return fragment;
  const text = fragment.slice(1);
  let heading = text;
  try {
    heading = decodeURIComponent(text);
  } catch {
    // Not encoded.
  }
  return "#" + ID_PREFIX + heading.toLowerCase();
}

/**
 * Returns the URL of an image, for an attribute value.
 *
 * @param text The destination, as written in Markdown.
 * @returns The URL, not escaped yet; `undefined` if it is not on this server, so that nobody
 * learns who reads the page.
 */
export function imageUrl(text: string): string | undefined {
  const url = plainUrl(text, false);
  return url === "" || SCHEME.test(url) || isElsewhere(url) ? undefined : url;
}

/** Whether a relative URL has a host. Browsers accept backslashes. */
export function isElsewhere(url: string): boolean {
  return /^[/\\]{2}/.test(url);
}

function plainUrl(text: string, literal: boolean): string {
  const url = literal ? text : text.replace(REFERENCE, character);
  return url.replace(IGNORED, "").trim();
}

function character(
  all: string,
  hex: string | undefined,
  decimal: string | undefined,
  name: string | undefined,
): string {
  if (name !== undefined) return REFERENCES[name.toLowerCase()] ?? all;
  const code = hex === undefined ? Number(decimal) : parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
}
