// Checks that HTML made from Markdown has only elements, attributes and URLs that can't harm.

import { assert, assertEquals } from "@std/assert";

const TAG = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z]+="[^"<>]*")*)>/;

/** The elements, and the attributes that each may have. */
const ELEMENTS: Readonly<Record<string, readonly string[]>> = {
  a: ["href", "id", "rel", "title"],
  blockquote: [],
  br: [],
  code: [],
  del: [],
  details: ["open"],
  div: ["class"],
  em: [],
  h1: ["class", "id"],
  h2: ["class", "id"],
  h3: ["class", "id"],
  h4: ["class", "id"],
  h5: ["class", "id"],
  h6: ["class", "id"],
  hr: [],
  img: ["src", "alt", "loading", "title", "width", "height"],
  kbd: [],
  li: ["class"],
  ol: ["start"],
  p: ["class"],
  picture: [],
  pre: [],
  source: ["media", "srcset"],
  strong: [],
  sub: [],
  summary: [],
  sup: [],
  table: [],
  tbody: [],
  td: ["class"],
  th: ["class"],
  thead: [],
  tr: [],
  ul: [],
};

const VOID = new Set(["br", "hr", "img", "source"]);

/** Asserts it, and that every element is closed in order. */
export function assertHarmless(html: string): void {
  const open: string[] = [];
  let rest = html;
  for (let at = rest.indexOf("<"); at >= 0; at = rest.indexOf("<")) {
    assert(!rest.slice(0, at).includes(">"), rest.slice(0, at));
    const [tag, end, name, attributes] = TAG.exec(rest.slice(at)) ?? [];
    assert(tag !== undefined, rest.slice(at, at + 80));
    const allowed = ELEMENTS[name!];
    assert(allowed !== undefined, tag);
    for (const [, key, value] of attributes!.matchAll(/ ([a-z]+)="([^"]*)"/g)) {
      assert(allowed!.includes(key!), tag);
      if (key === "href" || key === "src" || key === "srcset") {
        assertHarmlessUrl(key, value!);
      }
      if (key === "class") assert(/^(?:[a-z0-9]+ ?)+$/.test(value!), tag);
      if (key === "id") assert(value!.startsWith("md-"), tag);
    }
    if (end === "/") assertEquals(open.pop(), name, html);
    else if (!VOID.has(name!)) open.push(name!);
    rest = rest.slice(at + tag!.length);
  }
  assert(!rest.includes(">"), rest);
  assertEquals(open, [], html);
}

/** Browsers decode character references of an attribute before they parse its URL. */
function assertHarmlessUrl(key: string, value: string): void {
  const text = value.replaceAll("&lt;", "<").replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"').replaceAll("&#x27;", "'");
  assert(!/&(?!amp;)/.test(text), value);
  const base = "http://a.test/folder/";
  if (!URL.canParse(text.replaceAll("&amp;", "&"), base)) return;
  const url = new URL(text.replaceAll("&amp;", "&"), base);
  assert(/^(?:https?|mailto):$/.test(url.protocol), value);
  if (key !== "href") assertEquals(url.host, "a.test", value);
}
