// The script that is appended to a page, after its last byte: nothing in the page is searched for
// or replaced. Browsers move it into the body. Pure.

import { escapeHtml } from "../../../text/escape_html.ts";

/** What the script needs to know of its page. */
export interface PageFacts {
  /** The URL of the folder with the script. Absolute, since a `<base>` would change a relative one. */
  readonly folder: string;
  /** The secret of this process. */
  readonly key: string;
  /** The number of the last change. */
  readonly generation: number;
  /** The number of the page among those sent. */
  readonly serial: number;
  /** The URL paths of the files that the page shows. */
  readonly shown: readonly string[];
  /** Whether it is the page of a 404. */
  readonly missing: boolean;
}

const HTML = /^text\/html(?:\s*;|\s*$)/i;
const UTF_16 = /charset\s*=\s*"?utf-?16/i;

/** Fields that proxies add. The Host field of their requests may not be the browser's. */
const BY_PROXIES = [
  "Forwarded",
  "Via",
  "X-Forwarded-Host",
  "X-Forwarded-Proto",
];

/**
 * Whether a media type is that of a page to which the script can be appended.
 *
 * @param type The value of Content-Type.
 * @returns `true` for HTML, except in UTF-16. In XHTML, nothing may follow the root element.
 */
export function isTaggable(type: string): boolean {
  return HTML.test(type) && !UTF_16.test(type);
}

/**
 * Whether a file begins with the byte order mark of UTF-16, which overrides Content-Type.
 *
 * @param start The first bytes.
 * @returns Whether it does.
 */
export function isUtf16(start: Uint8Array): boolean {
  const [first, second] = start;
  return (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff);
}

/**
 * Determines the URL of the folder with the script.
 *
 * @param path Its path.
 * @param secure Whether the connection is encrypted.
 * @param headers The fields of the request.
 * @returns An absolute URL, or the path if the browser's host isn't known.
 */
export function folderUrl(
  path: string,
  secure: boolean,
  headers: { get(name: string): string | null },
): string {
  const host = headers.get("Host");
  return host === null || BY_PROXIES.some((name) => headers.get(name) !== null)
    ? path
    : `http${secure ? "s" : ""}://${host}${path}`;
}

/**
 * Makes the element to append.
 *
 * @param page The page.
 * @returns The bytes.
 */
export function makeTag(page: PageFacts): Uint8Array {
  const query = new URLSearchParams({
    k: page.key,
    g: String(page.generation),
    n: String(page.serial),
  });
  for (const name of page.shown) query.append("f", name);
  if (page.missing) query.append("m", "");
  const url = escapeHtml(`${page.folder}live.js?${query}`);
  return new TextEncoder().encode(`<script src="${url}" async></script>`);
}

/**
 * Makes the ETag of a page with the script.
 *
 * @param tag The page's ETag; empty for none.
 * @param page What the script says about the page.
 * @returns A weak ETag, since the number of the page differs each time.
 */
export function taggedEtag(
  tag: string,
  { key, generation }: Pick<PageFacts, "key" | "generation">,
): string {
  if (tag === "") return "";
  const opaque = tag.replace(/^W\//, "").slice(1, -1);
  return `W/"${opaque}-live-${key.slice(0, 8)}-${generation}"`;
}
