// The style, the script and the CSP that permits them.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  LISTING_CSP,
  README_STYLE_HASH,
  SCRIPT_HASH,
  STYLE_HASH,
} from "../../../handlers/static/listing/csp.ts";
import { naturalKey } from "../../../handlers/static/listing/natural_order.ts";
import { LISTING_SCRIPT } from "../../../handlers/static/listing/script.ts";
import { LISTING_STYLE } from "../../../handlers/static/listing/style.ts";
import { README_STYLE } from "../../../handlers/static/markdown/style.ts";

const pure = { permissions: "none" } as const;

async function hash(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return "sha256-" + new Uint8Array(digest).toBase64();
}

Deno.test("STYLE_HASH is the hash of LISTING_STYLE", pure, async () => {
  assertEquals(STYLE_HASH, await hash(LISTING_STYLE));
});

Deno.test("README_STYLE_HASH is the hash of README_STYLE", pure, async () => {
  assertEquals(README_STYLE_HASH, await hash(README_STYLE));
});

Deno.test("SCRIPT_HASH is the hash of LISTING_SCRIPT", pure, async () => {
  assertEquals(SCRIPT_HASH, await hash(LISTING_SCRIPT));
});

Deno.test(
  "LISTING_CSP permits only the page's own style and script",
  pure,
  () => {
    const directives = LISTING_CSP.split("; ");
    assertEquals(directives[0], "default-src 'none'");
    const styles = `'${STYLE_HASH}' '${README_STYLE_HASH}'`;
    assert(directives.includes(`style-src ${styles}`));
    assert(directives.includes(`script-src '${SCRIPT_HASH}'`));
    assert(!/unsafe|\*|http/.test(LISTING_CSP));
  },
);

Deno.test(
  "LISTING_SCRIPT and LISTING_STYLE can't end their elements",
  pure,
  () => {
    // HTML parsers also treat "<!--" in a script specially.
    assert(!/<[/!]/.test(LISTING_SCRIPT));
    assert(!(LISTING_STYLE + README_STYLE).includes("<"));
  },
);

Deno.test("LISTING_SCRIPT has valid syntax", pure, () => {
  // It is compiled, not run.
  new Function(LISTING_SCRIPT);
});

Deno.test("LISTING_SCRIPT makes the same keys as naturalKey()", pure, () => {
  const source = /function naturalKey[\s\S]*?\n}\n/.exec(LISTING_SCRIPT)![0];
  const twin: typeof naturalKey = new Function(source + "return naturalKey")();
  const names = [
    "",
    "a",
    "A10b007",
    "\u00c9t\u00e9",
    "\ufb01 1",
    "000",
    "\u0130",
  ];
  for (const name of names) assertEquals(twin(name), naturalKey(name));
});

/** The colours of a scheme, parsed from the style. */
function colours(dark: boolean): Map<string, string> {
  const [light, other] = LISTING_STYLE.split(
    "@media (prefers-color-scheme: dark)",
  );
  const block = dark ? other!.split("}\n}")[0]! : light!;
  return new Map(
    [...block.matchAll(/--([a-z]+): (#[0-9a-f]{6});/g)]
      .map(([, name, value]) => [name!, value!]),
  );
}

/** "Relative luminance" in WCAG 2.2. */
function luminance(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function contrast(a: string, b: string): number {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light! + 0.05) / (dark! + 0.05);
}

Deno.test("LISTING_STYLE has the contrast of WCAG's level AA", pure, () => {
  assertEquals(contrast("#ffffff", "#000000"), 21);
  const icons = "folder image video audio document code archive muted";
  for (const dark of [false, true]) {
    const scheme = colours(dark);
    const check = (fronts: string, backs: string, least: number) => {
      for (const front of fronts.split(" ")) {
        for (const back of backs.split(" ")) {
          const ratio = contrast(scheme.get(front)!, scheme.get(back)!);
          assert(
            ratio >= least,
            `${front} on ${back}, dark ${dark}: ${ratio.toFixed(2)}`,
          );
        }
      }
    };
    check("text muted link", "page panel hover", 4.5);
    check(icons, "page panel hover", 3);
    check("edge", "page", 3);
  }
});

Deno.test("LISTING_STYLE and LISTING_SCRIPT make no requests", pure, () => {
  const style = LISTING_STYLE.replaceAll(
    /url\("data:image\/svg\+xml,[^"]*"\)/g,
    "",
  );
  assert(!/url\(|@import|src/.test(style));
  assert(!/fetch\(|import\(|XMLHttpRequest|https?:/.test(LISTING_SCRIPT));
});

Deno.test("LISTING_STYLE respects the user's preferences", pure, () => {
  for (
    const wish of [
      "prefers-color-scheme: dark",
      "prefers-reduced-motion",
      "forced-colors: active",
      ":focus-visible",
    ]
  ) {
    assertStringIncludes(LISTING_STYLE, wish);
  }
});
