// Turns parsed Markdown into HTML. Only this file and raw_html.ts write tags; text is escaped.

import type { MarkedToken, Token, Tokens } from "marked";
import { escapeHtml } from "../../../text/escape_html.ts";
import {
  escapeText,
  hrefTo,
  OpenElements,
  tagAt,
  withoutComments,
} from "./raw_html.ts";
import { ID_PREFIX, imageUrl, linkUrl } from "./url.ts";

/** How Markdown is rendered. */
export interface HtmlOptions {
  /** The level of `# Heading` on the page, from 1 to 6. */
  readonly level: number;
  /** The most characters to make: one long link can be used thousands of times. */
  readonly most: number;
  /** Called for each token; throws to stop. */
  readonly tick: () => void;
}

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
  /** How many links there are around the current text. */
  #links = 0;

  constructor(options: HtmlOptions) {
    this.#options = options;
  }

  blocks(tokens: readonly Token[], loose = true): string {
    const open = new OpenElements(this.#options.level, true);
    let html = "";
    for (const token of tokens as readonly Known[]) {
      html += token.type === "html"
        ? this.#rawBlock(token.text, open)
        : this.#block(token, loose);
    }
    return html + open.closeAll();
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
      default:
        // What else may be in a list item, such as a checkbox.
        return this.#inline([token]);
    }
  }

  #rawBlock(html: string, open: OpenElements): string {
    this.#options.tick();
    const text = withoutComments(html).trim();
    if (text === "") return "";
    const raw = this.#raw(text, open);
    if (raw === undefined) return `<p class="raw">${this.#text(text)}</p>\n`;
    return raw + open.closeLines() + "\n";
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
    const open = new OpenElements(this.#options.level, false);
    const around = this.#links;
    let html = "";
    for (const token of tokens as readonly Known[]) {
      if (token.type === "html") {
        const text = withoutComments(token.text);
        html += this.#raw(text, open) ?? this.#text(text);
      } else {
        this.#links = around + (open.has("a") ? 1 : 0);
        html += this.#span(token);
      }
      this.#links = around;
    }
    return html + open.closeAll();
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

  /** Raw HTML; `undefined` if nothing of it is allowed. The rest of it is shown as text. */
  #raw(html: string, open: OpenElements): string | undefined {
    let result = "";
    let at = 0;
    let known = false;
    for (let next = 0; (next = html.indexOf("<", next)) >= 0;) {
      this.#options.tick();
      const tag = tagAt(html, next);
      const linked = this.#links > 0 || open.has("a");
      const written = tag && open.write(tag, linked);
      if (written === undefined) {
        next++;
        continue;
      }
      known = true;
      this.#spend(written.length);
      result += this.#text(html.slice(at, next), true) + written;
      next = at = tag!.end;
    }
    return known ? result + this.#text(html.slice(at), true) : undefined;
  }

  #link({ href, title, tokens, text, autolink }: Tokens.Link): string {
    this.#links++;
    const content = autolink ? this.#text(text) : this.#inline(tokens);
    this.#links--;
    const url = linkUrl(href, autolink);
    if (url === undefined || this.#links > 0) return content;
    this.#spend(url.length);
    return `<a${hrefTo(url)}${this.#title(title)}>${content}</a>`;
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
    return referring ? escapeText(text) : escapeHtml(text);
  }

  #spend(length: number): void {
    this.#length += length;
    if (this.#length > this.#options.most) {
      throw new RangeError("Rendered Markdown is too long");
    }
  }
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
