// The raw HTML of Markdown that is kept: a few elements, each with a few attributes. Every tag is
// written again from its parts, so nothing of the original gets through. Pure.

import { escapeHtml } from "../../../text/escape_html.ts";
import { ID_PREFIX, imageUrl, isElsewhere, linkUrl } from "./url.ts";

/** Neither values nor names contain `<`, so that a search from each tag ends at the next one. */
const TAG =
  /<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z][a-z-]*(?:\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'=<>`]+))?)*)\s*\/?>/iy;

const ATTRIBUTE =
  /([a-z][a-z-]*)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+)))?/gi;

/** Character references. In the result of a split, they have the odd indexes. */
const REFERENCE = /(&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});)/i;

/** Elements that may have Markdown in them, up to the end of the list item or quote. */
const BLOCKS: ReadonlySet<string> = new Set(["details", "div", "p"]);

/** Elements with text in them, up to the end of the block of raw HTML. */
const LINES: ReadonlySet<string> = new Set(
  ["h1", "h2", "h3", "h4", "h5", "h6", "summary"],
);

/** Elements in a line of text, and how they are written. */
const SPANS: ReadonlyMap<string, string> = new Map([
  ["a", "a"],
  ["b", "strong"],
  ["em", "em"],
  ["i", "em"],
  ["kbd", "kbd"],
  ["picture", "picture"],
  ["strong", "strong"],
  ["sub", "sub"],
  ["sup", "sup"],
]);

const VOIDS: ReadonlySet<string> = new Set(["br", "img", "source"]);

const SIZE = /^\d{1,4}%?$/;
const SCHEME = /^\(prefers-color-scheme:\s*(?:dark|light)\)$/i;
const NAME = /^[\w.-]{1,200}$/;

/** The most elements in each other. */
const MAX_OPEN = 20;

/** A tag, as it is written. */
export interface RawTag {
  /** The name, in lower case. */
  readonly name: string;
  /** Whether it ends the element. */
  readonly ends: boolean;
  /** The attributes by their names in lower case; of two, the first. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Where the text after it begins. */
  readonly end: number;
}

/**
 * Parses a tag.
 *
 * @param html The text.
 * @param at Where the tag begins.
 * @returns The tag; `undefined` if the text is no tag, and is shown as it is.
 */
export function tagAt(html: string, at: number): RawTag | undefined {
  TAG.lastIndex = at;
  const [all, slash, name = "", rest = ""] = TAG.exec(html) ?? [];
  if (all === undefined) return undefined;
  const attributes = new Map<string, string>();
  for (const [, key = "", ...values] of rest.matchAll(ATTRIBUTE)) {
    const lower = key.toLowerCase();
    const value = values.find((text) => text !== undefined) ?? "";
    if (!attributes.has(lower)) attributes.set(lower, value);
  }
  const end = at + all.length;
  return { name: name.toLowerCase(), ends: slash === "/", attributes, end };
}

/** The elements of raw HTML that are open in one place. All are closed at its end. */
export class OpenElements {
  readonly #level: number;
  readonly #blocks: boolean;
  /** The names, and how each is closed. */
  readonly #open: { readonly name: string; readonly end: string }[] = [];

  /**
   * Begins with none.
   *
   * @param level The level of `<h1>` on the page.
   * @param blocks Whether blocks may be opened, not only elements in a line.
   */
  constructor(level: number, blocks: boolean) {
    this.#level = level;
    this.#blocks = blocks;
  }

  /**
   * Whether an element is open.
   *
   * @param name Its name.
   * @returns `true` if it is.
   */
  has(name: string): boolean {
    return this.#open.some((element) => element.name === name);
  }

  /**
   * Writes a tag.
   *
   * @param tag The tag.
   * @param linked Whether it is in a link.
   * @returns The HTML; `undefined` if it is not allowed there, so that its text is shown.
   */
  write(tag: RawTag, linked: boolean): string | undefined {
    const { name } = tag;
    if (tag.ends) return this.#end(name);
    if (VOIDS.has(name)) return this.#writeVoid(tag);
    const isBlock = BLOCKS.has(name);
    const isLine = LINES.has(name);
    if (isBlock || isLine ? !this.#blocks : !SPANS.has(name)) return undefined;
    if (name === "a" && linked) return undefined;
    // A block or a heading ends the elements in a line, as in a browser.
    const before = isBlock || isLine
      ? this.closeLines(isLine && name !== "summary")
      : "";
    if (this.#open.length >= MAX_OPEN) return before || undefined;
    const last = this.#open.at(-1)?.name;
    if (name === "summary" && last !== "details") return before || undefined;
    const [element, attributes] = this.#form(tag);
    this.#open.push({ name, end: `</${element}>` });
    return `${before}<${element}${attributes}>`;
  }

  /**
   * Closes the elements in a line, and headings. Blocks stay open.
   *
   * @param inSummary Whether a summary stays open as well. Default: `false`.
   * @returns The HTML.
   */
  closeLines(inSummary: boolean = false): string {
    let html = "";
    for (let last = this.#open.at(-1); last; last = this.#open.at(-1)) {
      if (BLOCKS.has(last.name)) break;
      if (inSummary && last.name === "summary") break;
      html += last.end;
      this.#open.pop();
    }
    return html;
  }

  /**
   * Closes all elements.
   *
   * @returns The HTML.
   */
  closeAll(): string {
    let html = "";
    while (this.#open.length > 0) html += this.#open.pop()!.end;
    return html;
  }

  #end(name: string): string | undefined {
    if (!this.has(name)) return undefined;
    let html = "";
    for (;;) {
      const element = this.#open.pop()!;
      html += element.end;
      if (element.name === name) return html;
    }
  }

  #writeVoid({ name, attributes }: RawTag): string | undefined {
    if (name === "br") return "<br>";
    if (name === "img") return image(attributes);
    if (this.#open.at(-1)?.name !== "picture") return undefined;
    const url = imageUrl(attributes.get("srcset") ?? "");
    const media = attributes.get("media") ?? "";
    // A list of images has spaces or commas. One of another server is left out.
    return url === undefined || /[\s,]/.test(url) || !SCHEME.test(media)
      ? ""
      : `<source${attribute("media", media)}${attribute("srcset", url)}>`;
  }

  /** The element that is written for a tag, and its attributes. */
  #form({ name, attributes }: RawTag): [element: string, attributes: string] {
    const align = attributes.get("align")?.toLowerCase();
    const side = align === "center" || align === "right" ? align : "";
    if (name === "details") {
      return [name, attributes.has("open") ? ' open=""' : ""];
    }
    if (name === "a") return [name, anchor(attributes)];
    // A paragraph would end at the next block in it.
    if (BLOCKS.has(name)) return ["div", side && attribute("class", side)];
    if (!/^h\d$/.test(name)) return [SPANS.get(name) ?? name, ""];
    const level = Math.min(6, this.#level + Number(name[1]) - 1);
    return [`h${level}`, attribute("class", side ? `${name} ${side}` : name)];
  }
}

/**
 * Escapes text for content and attributes, except its character references.
 *
 * @param text The text.
 * @returns The HTML.
 */
export function escapeText(text: string): string {
  return text.split(REFERENCE)
    .map((part, index) => index % 2 === 1 ? part : escapeHtml(part)).join("");
}

/**
 * Removes HTML comments in linear time.
 *
 * @param html The text.
 * @returns The text without them.
 */
export function withoutComments(html: string): string {
  let text = "";
  for (let at = 0;;) {
    const start = html.indexOf("<!--", at);
    const end = start < 0 ? -1 : html.indexOf("-->", start + 4);
    if (end < 0) return text + html.slice(at);
    text += html.slice(at, start);
    at = end + 3;
  }
}

/**
 * Writes the attributes of a link.
 *
 * @param url The URL, from `linkUrl()`.
 * @returns The HTML, with a space before it.
 */
export function hrefTo(url: string): string {
  const elsewhere = /^[a-z]+:/i.test(url) || isElsewhere(url)
    ? ' rel="noopener noreferrer nofollow"'
    : "";
  return ` href="${escapeHtml(url)}"${elsewhere}`;
}

function anchor(attributes: ReadonlyMap<string, string>): string {
  const url = linkUrl(attributes.get("href") ?? "");
  const name = attributes.get("id") ?? attributes.get("name") ?? "";
  return (NAME.test(name)
    ? attribute("id", ID_PREFIX + name.toLowerCase())
    : "") +
    (url ? hrefTo(url) : "") +
    attribute("title", attributes.get("title"));
}

/** An image of another server is only named. */
function image(attributes: ReadonlyMap<string, string>): string {
  const url = imageUrl(attributes.get("src") ?? "");
  const alt = attributes.get("alt") ?? "";
  if (url === undefined) return escapeText(alt);
  const size = ["width", "height"].map((name) => {
    const value = attributes.get(name) ?? "";
    return SIZE.test(value) ? attribute(name, value) : "";
  });
  return `<img src="${escapeHtml(url)}" alt="${
    escapeText(alt)
  }" loading="lazy"${size.join("")}${
    attribute("title", attributes.get("title"))
  }>`;
}

function attribute(name: string, value: string | undefined): string {
  return value ? ` ${name}="${escapeText(value)}"` : "";
}
