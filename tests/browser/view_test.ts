// Readable pages, the README of a listing and error pages, as a person sees them.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { stopWatching } from "../../handlers/static/live/entrance.ts";
import { browserTest, visit } from "./_browser.ts";
import { picture } from "./_media.ts";
import { site } from "./_site.ts";

const README = `# Welcome

Text with **bold** and a [page](docs/more.md#second).

| Name | Size |
|------|-----:|
| a    |   12 |

![cat](cat.svg)
`;

/** Runs a script or sends a request, if it is not sanitised. */
const ATTACK = `# Attack

<script>document.title = "attacked"</script>
<img src="cat.svg" onload='document.title = "attacked"'>
[link](javascript:document.title="attacked")
<a href='javascript:document.title="attacked"'>raw</a>
![remote](http://evil.test/a.png)
<style>body { display: none }</style>
<details open ontoggle='document.title = "attacked"'><summary>more</summary></div></section></main>
`;

const FILES: Readonly<Record<string, string>> = {
  "README.md": README,
  "cat.svg": picture("teal"),
  "code.ts": "const a = '<b>';\n\n\tlast();\n",
  "docs/more.md": "# First\n\n" + "text\n\n".repeat(200) + "## Second\n",
  "image.png": "\x89PNG",
  "page.html": '<!DOCTYPE html><link rel="icon" href="data:,"><p>page',
};

const COLOURS = {
  light: { text: "rgb(27, 31, 36)", page: "rgb(255, 255, 255)" },
  dark: { text: "rgb(230, 233, 237)", page: "rgb(21, 24, 28)" },
} as const;

/** The colours that an element and the page have. */
function coloursOf(page: Page, selector: string): Promise<unknown> {
  return page.evaluate(`({
    text: getComputedStyle(document.querySelector("${selector}")).color,
    page: getComputedStyle(document.body).backgroundColor,
  })`);
}

function isInSight(page: Page, selector: string): Promise<boolean> {
  return page.evaluate(`(() => {
    const { top, bottom } = document.querySelector("${selector}").getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  })()`);
}

async function assertFits(page: Page, width: number): Promise<void> {
  assertEquals(
    await page.evaluate("document.documentElement.scrollWidth"),
    width,
  );
}

for (const scheme of ["light", "dark"] as const) {
  for (const width of [360, 1280]) {
    browserTest(
      `pages and errors fit a window of ${width} pixels, ${scheme}`,
      async () => {
        await using served = await site({
          ...FILES,
          "long.txt": "x".repeat(3_000),
        });
        await using visited = await visit({ width, scheme });
        const { page } = visited;
        for (const target of ["/README.md?view", "/long.txt?view", "/"]) {
          await page.goto(served.url + target);
          await assertFits(page, width);
          assertEquals(await coloursOf(page, "h1"), COLOURS[scheme], target);
        }
        await page.goto(`${served.url}/missing`);
        const [complaint] = visited.takeComplaints();
        assertMatch(complaint!, /status of 404/);
        await assertFits(page, width);
        assertEquals(await coloursOf(page, "h1"), COLOURS[scheme]);
        assertEquals(await page.title(), "404 File not found");
        await page.getByRole("heading", { name: "404 File not found" })
          .waitFor();
        await page.getByText("Nothing matches the given URI.").waitFor();
        assert(await isInSight(page, "h1"));
        assertEquals(served.seen.at(-1)!.path, "/missing");
      },
    );
  }
}

for (const view of ["list", "grid"] as const) {
  browserTest(`README is rendered below the listing (${view})`, async () => {
    await using served = await site(FILES);
    await using visited = await visit();
    const { page } = visited;
    await page.goto(`${served.url}/?view=${view}`);
    const readme = page.getByRole("region", { name: "README.md" });
    await readme.getByRole("heading", { name: "Welcome", level: 3 }).waitFor();
    assertEquals(await readme.locator("strong").textContent(), "bold");
    // It is below the entries, and its table and picture look like that, not like entries.
    assert(
      await page.evaluate(
        `document.querySelector(".readme").getBoundingClientRect().top >=
        document.querySelector("#entries").getBoundingClientRect().bottom`,
      ),
    );
    const [first, second] = await readme.getByRole("cell").all();
    const [a, b] = [await first!.boundingBox(), await second!.boundingBox()];
    assertEquals(a!.y, b!.y);
    assert(b!.x >= a!.x + a!.width - 1);
    const image = readme.getByRole("img", { name: "cat" });
    await image.scrollIntoViewIfNeeded();
    assertEquals(
      await page.evaluate(
        `getComputedStyle(document.querySelector(".readme img")).position`,
      ),
      "static",
    );
    await page.waitForFunction(
      "document.querySelector('.readme img').naturalWidth > 0",
    );
    await readme.getByRole("link", { name: "page" }).click();
    await page.waitForURL(`${served.url}/docs/more.md?view#md-second`);
    assert(await isInSight(page, "#md-second"));
  });
}

browserTest(
  "a click in the listing opens a readable page, and Raw file the file",
  async () => {
    await using served = await site(FILES);
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await page.getByRole("link", { name: "code.ts", exact: true }).click();
    await page.waitForURL(`${served.url}/code.ts?view`);
    assertEquals(await page.locator(".lines span").allTextContents(), [
      "const a = '<b>';\n",
      "\n",
      "\tlast();\n",
    ]);
    await page.getByText("3 lines, 27 B").waitFor();
    await page.getByRole("link", { name: "Raw file" }).click();
    await page.waitForURL(`${served.url}/code.ts`);
    assertEquals(await page.locator("body").innerText(), FILES["code.ts"]);
    await page.goto(`${served.url}/docs/`);
    await page.getByRole("link", { name: "more.md" }).click();
    await page.getByRole("heading", { name: "First", level: 2 }).waitFor();
    await page.getByRole("link", { name: "docs" }).click();
    await page.waitForURL(`${served.url}/docs/`);
    await page.getByRole("link", { name: "Home" }).click();
    await page.getByRole("link", { name: "page.html" }).click();
    await page.waitForURL(`${served.url}/page.html`);
    assertEquals(await page.locator("p").textContent(), "page");
  },
);

browserTest(
  "a listing without scripts links the files themselves",
  async () => {
    await using served = await site(FILES);
    await using visited = await visit({ scripts: false });
    const { page } = visited;
    await page.goto(served.url);
    await page.getByRole("link", { name: "code.ts", exact: true }).click();
    await page.waitForURL(`${served.url}/code.ts`);
  },
);

browserTest(
  "lines are copied without their numbers, and can be linked",
  async () => {
    const lines = Array.from({ length: 120 }, (_, at) => `line ${at + 1}`);
    await using served = await site({ "a.txt": lines.join("\n") + "\n" });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(`${served.url}/a.txt?view#L100`);
    assert(await isInSight(page, "#L100"));
    const marked = await page.evaluate(
      `getComputedStyle(document.querySelector(".lines :target")).backgroundColor`,
    );
    assertEquals(marked, "rgb(233, 240, 251)");
    const number = page.locator("#L101 a");
    assertEquals(
      await page.evaluate(
        `getComputedStyle(document.querySelector("#L101 a"), "::before").content`,
      ),
      '"101"',
    );
    await number.click();
    await page.waitForURL(`${served.url}/a.txt?view#L101`);
    const copied = await page.evaluate(`(() => {
    const selection = getSelection();
    selection.selectAllChildren(document.querySelector(".lines"));
    return selection.toString();
  })()`);
    assertEquals(String(copied).trimEnd(), lines.join("\n"));
  },
);

browserTest(
  "a README can't run scripts, load from elsewhere or change the page",
  async () => {
    await using served = await site({
      "README.md": ATTACK,
      "cat.svg": picture("teal"),
    });
    await using visited = await visit();
    const { page } = visited;
    const requested: string[] = [];
    page.on("request", (request) => requested.push(request.url()));
    for (const target of ["/", "/README.md?view"]) {
      await page.goto(served.url + target);
      const title = await page.title();
      await page.getByRole("heading", { name: "Attack" }).waitFor();
      const shown = page.locator(".prose");
      assert((await shown.textContent())!.includes("<script>"));
      assertEquals(await shown.locator("script, style, a[href]").count(), 0);
      assertEquals(await shown.locator("[onload], [ontoggle]").count(), 0);
      assertEquals(await shown.locator("img").count(), 1);
      await shown.getByText("more", { exact: true }).click();
      await page.getByText("link", { exact: false }).first().click();
      assertEquals(await page.title(), title);
      assert(await page.locator("h1").isVisible());
    }
    const elsewhere = requested.filter((url) =>
      !url.startsWith(served.url + "/") && !url.startsWith("data:")
    );
    assertEquals(elsewhere, []);
    assertEquals(visited.takeComplaints(), []);
  },
);

browserTest("a listing is reloaded when its README changes", async () => {
  await using served = await site({ "README.md": "# One" }, { live: true });
  using _watching = { [Symbol.dispose]: stopWatching };
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${served.url}/`);
  await page.getByRole("heading", { name: "One" }).waitFor();
  await page.waitForFunction(
    "performance.getEntriesByType('resource').some(({ name }) => name.includes('live.js'))",
  );
  await Deno.writeTextFile(served.in("README.md"), "# Two");
  await page.getByRole("heading", { name: "Two" }).waitFor();
});

browserTest("a readable page is reloaded when its file changes", async () => {
  await using served = await site({ "a.md": "# One" }, { live: true });
  using _watching = { [Symbol.dispose]: stopWatching };
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${served.url}/a.md?view`);
  await page.getByRole("heading", { name: "One" }).waitFor();
  await page.waitForFunction(
    "performance.getEntriesByType('resource').some(({ name }) => name.includes('live.js'))",
  );
  await Deno.writeTextFile(served.in("a.md"), "# Two");
  await page.getByRole("heading", { name: "Two" }).waitFor();
});
