// Turns parsed Markdown into HTML. Only this file writes tags, so text and raw HTML can't:
// both are escaped.

import type { MarkedToken, Token, Tokens } from "marked";
import { escapeHtml } from "../../../text/escape_html.ts";
import { ID_PREFIX, imageUrl, isElsewhere, linkUrl } from "./url.ts";

/** How Markdown is rendered. */
export interface HtmlOptions {
  /** The level of `# Heading` on the page, from 1 to 6. */
  readonly level: number;
  /** The most characters to make: one long link can be used thousands of times. */
  readonly most: number;
  /** Called for each token; throws to stop. */
  readonly tick: () => void;
}

/** Tags of raw HTML that are kept, without their attributes. */
const KEPT = /^<(\/?)(kbd|sub|sup)(?:\s[^<>]*)?>$/i;
const BREAK = /^<br\s*\/?>$/i;

/** Character references. In the result of a split, they have the odd indexes. */
const REFERENCE = /(&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});)/i;

/**
 * Renders tokens.
 *
 * @param tokens The tokens of a whole text.
 * @param options How to render them.
 * @returns The HTML, whose elements are all closed.
 * @throws {RangeError} It is too long, or nested too deeply.
 */
export function toHtml(tokens: readonly Token[], options: HtmlOptions): string {
  return new Writer(options).blocks(tokens);
}

/** The tokens that marked makes, without those of its extensions. */
type Known = MarkedToken;

class Writer {
  readonly #options: HtmlOptions;
  readonly #slugs = new Map<string, number>();
  #length = 0;

  constructor(options: HtmlOptions) {
    this.#options = options;
  }

  blocks(tokens: readonly Token[], loose = true): string {
    let html = "";
    for (const token of tokens) html += this.#block(token as Known, loose);
    return html;
  }

  #block(token: Known, loose: boolean): string {
    this.#options.tick();
    switch (token.type) {
      case "space":
      case "def":
        return "";
      case "heading":
        return this.#heading(token);
      case "paragraph":
        return `<p>${this.#inline(token.tokens)}</p>\n`;
      case "text": {
        const text = this.#inline(token.tokens ?? [token]);
        return loose ? `<p>${text}</p>\n` : text;
      }
      case "code":
        return `<pre><code>${this.#text(token.text)}\n</code></pre>\n`;
      case "hr":
        return "<hr>\n";
      case "blockquote":
        return `<blockquote>\n${this.blocks(token.tokens)}</blockquote>\n`;
      case "list":
        return this.#list(token);
      case "table":
        return this.#table(token);
      case "html": {
        const text = withoutComments(token.text).trim();
        return text === "" ? "" : `<p class="raw">${this.#text(text)}</p>\n`;
      }
      default:
        // What else may be in a list item, such as a checkbox.
        return this.#inline([token]);
    }
  }

  #heading({ depth, tokens }: Tokens.Heading): string {
    const level = Math.min(6, this.#options.level + depth - 1);
    const slug = textOf(tokens).toLowerCase().trim()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "").replace(/\s/g, "-");
    const count = this.#slugs.get(slug) ?? 0;
    this.#slugs.set(slug, count + 1);
    const id = this.#text(ID_PREFIX + slug + (count === 0 ? "" : `-${count}`));
    return `<h${level} class="h${depth}" id="${id}">${
      this.#inline(tokens)
    }</h${level}>\n`;
  }

  #list({ ordered, start, items }: Tokens.List): string {
    const name = ordered ? "ol" : "ul";
    const from = ordered && Number.isSafeInteger(start) && start !== 1
      ? ` start="${start}"`
      : "";
    let html = `<${name}${from}>\n`;
    for (const { task, loose, tokens } of items) {
      html += `<li${task ? ' class="task"' : ""}>${
        this.blocks(tokens, loose)
      }</li>\n`;
    }
    return `${html}</${name}>\n`;
  }

  #table({ header, rows }: Tokens.Table): string {
    const row = (cells: readonly Tokens.TableCell[]) =>
      `<tr>${cells.map((cell) => this.#cell(cell)).join("")}</tr>\n`;
    return `<div class="table"><table>\n<thead>${row(header)}</thead>\n<tbody>${
      rows.map(row).join("")
    }</tbody>\n</table></div>\n`;
  }

  #cell({ header, align, tokens }: Tokens.TableCell): string {
    this.#options.tick();
    this.#spend(20);
    const name = header ? "th" : "td";
    // The page's policy forbids the attribute `style`.
    const side = align === "right" || align === "center"
      ? ` class="${align}"`
      : "";
    return `<${name}${side}>${this.#inline(tokens)}</${name}>`;
  }

  /** Renders a line of text. Raw tags that it leaves open are closed at its end. */
  #inline(tokens: readonly Token[]): string {
    const open: string[] = [];
    let html = "";
    for (const token of tokens as readonly Known[]) {
      html += token.type === "html"
        ? this.#tag(token.text, open)
        : this.#span(token);
    }
    for (const name of open.reverse()) html += `</${name}>`;
    return html;
  }

  #span(token: Known): string {
    this.#options.tick();
    switch (token.type) {
      case "strong":
        return `<strong>${this.#inline(token.tokens)}</strong>`;
      case "em":
        return `<em>${this.#inline(token.tokens)}</em>`;
      case "del":
        return `<del>${this.#inline(token.tokens)}</del>`;
      case "codespan":
        return `<code>${this.#text(token.text)}</code>`;
      case "br":
        return "<br>\n";
      case "checkbox":
        return token.checked ? "\u2611 " : "\u2610 ";
      case "link":
        return this.#link(token);
      case "image":
        return this.#image(token);
      case "text":
        return token.tokens === undefined
          ? this.#text(token.text, true)
          : this.#inline(token.tokens);
      case "escape":
        return this.#text(token.text);
      default:
        return this.#text(token.raw);
    }
  }

  /** One raw tag of a line: `<br>`, a few without meaning for the page, or text. */
  #tag(text: string, open: string[]): string {
    if (text.startsWith("<!--")) return "";
    if (BREAK.test(text)) return "<br>";
    const [, slash, kept] = KEPT.exec(text) ?? [];
    if (kept === undefined) return this.#text(text);
    const name = kept.toLowerCase();
    if (slash === "") {
      open.push(name);
      return `<${name}>`;
    }
    if (open.at(-1) !== name) return this.#text(text);
    open.pop();
    return `</${name}>`;
  }

  #link({ href, title, tokens, text, autolink }: Tokens.Link): string {
    const content = autolink ? this.#text(text) : this.#inline(tokens);
    const url = linkUrl(href, autolink);
    if (url === undefined) return content;
    const elsewhere = /^[a-z]+:/i.test(url) || isElsewhere(url)
      ? ' rel="noopener noreferrer nofollow"'
      : "";
    return `<a href="${this.#text(url)}"${elsewhere}${
      this.#title(title)
    }>${content}</a>`;
  }

  /** An image of another server is only named. */
  #image({ href, title, text }: Tokens.Image): string {
    const url = imageUrl(href);
    const alt = this.#text(text, true);
    return url === undefined
      ? alt
      : `<img src="${this.#text(url)}" alt="${alt}" loading="lazy"${
        this.#title(title)
      }>`;
  }

  #title(title: string | null | undefined): string {
    return title ? ` title="${this.#text(title, true)}"` : "";
  }

  /** Escapes text, also for attributes. Only text of Markdown has character references. */
  #text(text: string, referring = false): string {
    this.#spend(text.length);
    return referring
      ? text.split(REFERENCE).map(escapeUnlessReference).join("")
      : escapeHtml(text);
  }

  #spend(length: number): void {
    this.#length += length;
    if (this.#length > this.#options.most) {
      throw new RangeError("Rendered Markdown is too long");
    }
  }
}

function escapeUnlessReference(text: string, index: number): string {
  return index % 2 === 1 ? text : escapeHtml(text);
}

function textOf(tokens: readonly Token[]): string {
  let text = "";
  for (const token of tokens as readonly Known[]) {
    if ("tokens" in token && token.tokens !== undefined) {
      text += textOf(token.tokens);
    } else if ("text" in token && token.type !== "html") text += token.text;
  }
  return text;
}

/** Removes HTML comments in linear time. */
function withoutComments(html: string): string {
  let text = "";
  for (let at = 0;;) {
    const start = html.indexOf("<!--", at);
    const end = start < 0 ? -1 : html.indexOf("-->", start + 4);
    if (end < 0) return text + html.slice(at);
    text += html.slice(at, start);
    at = end + 3;
  }
}
