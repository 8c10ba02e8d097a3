// The entries of a listing: names of every kind, and pictures in the grid.

import { assert, assertEquals } from "@std/assert";
import { quote } from "../../text/quote.ts";
import { browserTest, visit } from "./_browser.ts";
import { picture } from "./_media.ts";
import { site } from "./_site.ts";

const ODD_NAMES: readonly string[] = [
  "-rf.txt",
  "100%.txt",
  "100%25.txt",
  "<img src=x onerror=alert(1)>.txt",
  "a&amp;b.txt",
  "a;b=c.txt",
  "a  b .txt",
  "back\\slash.txt",
  "colon:8000.txt",
  "cr\rlf\n.txt",
  "e\u0301.txt",
  "\u202egpj.txt",
  "javascript:alert(1).txt",
  "quotes \"'`.txt",
  "what?#.txt",
  "~+,@!$(){}[]|^.txt",
  "\u00e9.txt",
  "\u540d\u524d \u{1f388}.txt",
];

browserTest("listing links to the right file for any name", async () => {
  const files = ODD_NAMES.map((name, index) => [name, `file ${index}`]);
  await using served = await site(Object.fromEntries(files));
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  assertEquals(await page.locator("tbody tr").count(), ODD_NAMES.length);
  // The browser resolves each link; the page's policy forbids fetching.
  const links = await page.evaluate(
    `[...document.querySelectorAll("tbody a")].map((link) =>
       [link.getAttribute("href"), link.href])`,
  ) as [string, string][];
  const texts = await Promise.all(
    links.map(async ([href, url]) => {
      const file = await fetch(url.replace(/\?view$/, ""));
      return [href, await file.text()];
    }),
  );
  const expected = ODD_NAMES.map((
    name,
    index,
  ) => [quote(name) + "?view", `file ${index}`]);
  assertEquals(texts.sort(), expected.sort());
  for (const index of [0, ODD_NAMES.length - 1]) {
    const href = quote(ODD_NAMES[index]!);
    await page.locator(`a[href="${href}?view"]`).click();
    await page.waitForURL((url) => url.pathname !== "/");
    const text = await page.locator(".lines").textContent();
    assertEquals(text, `file ${index}\n`);
    await page.getByRole("link", { name: "Raw file" }).click();
    await page.waitForURL((url) => url.search === "");
    assertEquals(await page.locator("body").textContent(), `file ${index}`);
    await page.goBack();
    await page.goBack();
  }
});

browserTest("listing shows the invisible characters of names", async () => {
  await using served = await site({ "\u202egpj.txt": "", "a\nb.txt": "" });
  await using visited = await visit();
  await visited.page.goto(served.url);
  assertEquals(await visited.page.locator("tbody a").allTextContents(), [
    "[U+202E]gpj.txt",
    "a\u240ab.txt",
  ]);
});

browserTest(
  "listing isolates names that are written from right to left",
  async () => {
    await using served = await site({
      "\u05e9\u05dc\u05d5\u05dd.txt": "",
      "\u0642\u0627\u0626\u0645\u0629/\u05d0/b.txt": "",
    });
    await using visited = await visit();
    const { page } = visited;
    for (const target of ["/", "/\u0642\u0627\u0626\u0645\u0629/\u05d0/"]) {
      await page.goto(served.url + target);
      assertEquals(
        await page.evaluate(
          `[...document.querySelectorAll("h1, header a, tbody a")]
         .map((element) => getComputedStyle(element).unicodeBidi)
         .filter((value) => value !== "isolate")`,
        ),
        [],
      );
    }
  },
);

/** Waits until a picture is loaded. */
const DECODED = "(image) => image.decode()";

/** Waits for a picture whose loading is deferred: `decode()` may not wait for that. */
const LOADED = `(image) => new Promise((resolve) => {
  const look = () => image.naturalWidth > 0 ? resolve() : setTimeout(look, 20);
  look();
})`;

browserTest(
  "listing loads the pictures of its grid when they become visible",
  async () => {
    const names = Array.from({ length: 120 }, (_, index) => `${index}.svg`);
    await using served = await site(
      Object.fromEntries(names.map((name) => [name, picture("teal")])),
    );
    await using visited = await visit({ width: 360 });
    const { page } = visited;
    const asked = (name: string) =>
      served.seen.some(({ path }) => path === "/" + name);
    const shown = (child: string) =>
      page.locator(`tbody tr:${child} img`).evaluate(LOADED);
    await page.goto(`${served.url}/?view=grid`);
    await shown("first-child");
    assert(asked("0.svg"));
    assert(!asked("119.svg"));

    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("End");
    await shown("last-child");
    assert(asked("119.svg"));
  },
);

const GONE = { state: "detached" } as const;

browserTest("listing shows an icon instead of a broken picture", async () => {
  await using served = await site({
    "broken.png": "no picture",
    "broken.webm": "no video",
    "right.svg": picture("teal"),
  });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${served.url}/?view=grid`);
  await page.locator("tbody img[src='right.svg']").evaluate(DECODED);
  await page.locator("tbody img[src='broken.png']").waitFor(GONE);
  await page.locator("tbody video").waitFor(GONE);
});
