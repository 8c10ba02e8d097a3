// A listing as a person uses it: by mouse, by keyboard, and without scripts.

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { browserTest, visit } from "./_browser.ts";
import { picture } from "./_media.ts";
import { type Site, site } from "./_site.ts";

const FILES: Readonly<Record<string, string>> = {
  "README.md": "# Read <x>me</x> & see\n",
  "file10.txt": "x".repeat(300),
  "Music/loud/song.mp3": "",
  "Music/": "",
  "file2.txt": "x".repeat(20),
  "archive.zip": "x".repeat(70_000),
  "File1.txt": "x".repeat(300),
  "Ångström.txt": "x",
  "empty.html": "",
  "pictures/cat.svg": picture("orange"),
  "pictures/": "",
  "dog.svg": picture("teal"),
};

const BY_NAME = [
  "Music/",
  "pictures/",
  "Ångström.txt",
  "archive.zip",
  "dog.svg",
  "empty.html",
  "File1.txt",
  "file2.txt",
  "file10.txt",
  "README.md",
];

/** The names in their order, except those that the filter hides. */
function names(page: Page): Promise<string[]> {
  return page.locator("tbody tr:not(.up):not([hidden]) th :is(a, span)")
    .allTextContents();
}

/** The name in the focused entry. */
function focused(page: Page): Promise<string> {
  return page.evaluate(
    "document.activeElement.textContent",
  );
}

/** Waits until another page is open. */
async function opened(page: Page, served: Site, target: string): Promise<void> {
  await page.waitForURL(served.url + target);
}

for (const width of [360, 1280]) {
  for (const scheme of ["light", "dark"] as const) {
    browserTest(
      `listing fits a window of ${width} pixels, ${scheme}`,
      async () => {
        await using served = await site(FILES);
        await using visited = await visit({ width, scheme });
        const { page } = visited;
        for (const target of ["/", "/?view=grid", "/Music/loud/"]) {
          await page.goto(served.url + target);
          assertEquals(
            await page.evaluate("document.documentElement.scrollWidth"),
            width,
          );
          const background = await page.evaluate(
            "getComputedStyle(document.body).backgroundColor",
          );
          const isLight = background === "rgb(255, 255, 255)";
          assertEquals(isLight, scheme === "light", String(background));
        }
        // The minimum target size for touch (WCAG 2.2, 2.5.5); a whole row is its entry's link.
        assertEquals(
          await page.evaluate(
            `[...document.querySelectorAll("a, button, input:not([type=hidden])")]
             .map((element) => element.closest("tbody tr, .views") ?? element)
             .filter((target) => target.getBoundingClientRect().height < 44)
             .map((target) => target.textContent)`,
          ),
          [],
        );
      },
    );
  }
}

browserTest(
  "listing is a table with a heading, landmarks and a README",
  async () => {
    await using served = await site(FILES);
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await page.getByRole("heading", { name: "Home", level: 1 }).waitFor();
    assertEquals(await page.getByRole("table").count(), 1);
    assertEquals(await page.getByRole("columnheader").count(), 3);
    assertEquals(await page.getByRole("rowheader").count(), BY_NAME.length);
    assertEquals(
      await page.getByRole("region", { name: "README.md" })
        .getByRole("heading", { level: 3 }).textContent(),
      "Read <x>me</x> & see",
    );
    assertEquals(
      await page.getByRole("status").textContent(),
      "2 folders, 8 files, 71 kB",
    );
  },
);

browserTest("listing is sorted by clicks like on the server", async () => {
  await using served = await site(FILES);
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  assertEquals(await names(page), BY_NAME);
  const asked = served.seen.length;
  const orders: [query: string, names: string[]][] = [];
  for (const column of ["Name", "Size", "Size", "Modified", "Modified"]) {
    const head = page.getByRole("columnheader", { name: column });
    await head.getByRole("button").click();
    orders.push([new URL(page.url()).search, await names(page)]);
  }
  assertEquals(served.seen.length, asked, "The script sorts by itself");
  assertEquals(orders.map(([query]) => query), [
    "?order=desc",
    "?sort=size",
    "?sort=size&order=desc",
    "?sort=date",
    "?sort=date&order=desc",
  ]);
  for (const [query, sorted] of orders) {
    await page.goto(`${served.url}/${query}`);
    assertEquals(await names(page), sorted, query);
  }
});

browserTest("listing keeps its look in the linked folders", async () => {
  await using served = await site(FILES);
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  await page.getByRole("button", { name: "Size" }).click();
  await page.getByRole("button", { name: "Grid" }).click();
  await opened(page, served, "/?sort=size&view=grid");
  await page.getByRole("link", { name: "Music/" }).click();
  await opened(page, served, "/Music/?sort=size&view=grid");
  await page.getByRole("link", { name: "loud/" }).click();
  await opened(page, served, "/Music/loud/?sort=size&view=grid");
  await page.getByRole("navigation", { name: "Breadcrumb" })
    .getByRole("link", { name: "Music" }).click();
  await opened(page, served, "/Music/?sort=size&view=grid");
  await page.goBack();
  await page.getByRole("link", { name: "Home" }).click();
  await opened(page, served, "/?sort=size&view=grid");
});

browserTest("listing works without scripts", async () => {
  await using served = await site(FILES);
  await using visited = await visit({ scripts: false });
  const { page } = visited;
  await page.goto(served.url);
  assert(await page.locator("#filter").isHidden());
  await page.getByRole("button", { name: "Name" }).click();
  await opened(page, served, "/?order=desc");
  assertEquals(
    await names(page),
    ["pictures/", "Music/", ...BY_NAME.slice(2).reverse()],
  );
  await page.getByRole("button", { name: "Grid" }).click();
  await opened(page, served, "/?order=desc&view=grid");
  await page.getByRole("link", { name: "pictures/" }).click();
  await opened(page, served, "/pictures/?order=desc&view=grid");
  await page.getByRole("link", { name: "cat.svg" }).click();
  await opened(page, served, "/pictures/cat.svg");
});

browserTest("listing is filtered while typing", async () => {
  await using served = await site(FILES);
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  const status = page.getByRole("status");
  await page.keyboard.press("/");
  await page.keyboard.type("TXT file");
  assertEquals(await names(page), ["File1.txt", "file2.txt", "file10.txt"]);
  assertEquals(await status.textContent(), "3 of 10 match");
  await page.getByRole("button", { name: "Name" }).click();
  assertEquals(await names(page), ["file10.txt", "file2.txt", "File1.txt"]);

  await page.getByRole("searchbox", { name: "Filter by name" }).fill("zzz");
  assertEquals(await names(page), []);
  assertEquals(await status.textContent(), "0 of 10 match");
  await page.keyboard.press("Escape");
  assertEquals((await names(page)).length, 10);
  assertEquals(await status.textContent(), "2 folders, 8 files, 71 kB");

  await page.keyboard.type("dog");
  await page.keyboard.press("Enter");
  assertEquals(await focused(page), "dog.svg");
  await page.keyboard.press("Enter");
  await opened(page, served, "/dog.svg");
});

browserTest("listing can be navigated with the keyboard", async () => {
  await using served = await site(FILES);
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  const walk = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
    return await focused(page);
  };
  assertEquals(await walk("ArrowDown"), "Music/");
  assertEquals(await walk("ArrowDown", "ArrowDown"), "Ångström.txt");
  assertEquals(await walk("ArrowUp"), "pictures/");
  assertEquals(await walk("End"), "README.md");
  assertEquals(await walk("ArrowDown"), "README.md");
  assertEquals(await walk("Home"), "Music/");
  await page.keyboard.press("Enter");
  await opened(page, served, "/Music/");
  assertEquals(await walk("ArrowDown"), "Parent folder");
  assertEquals(await walk("ArrowDown"), "loud/");
  await page.keyboard.press("Backspace");
  await opened(page, served, "/");
});

browserTest(
  "listing can be navigated in both directions as a grid",
  async () => {
    await using served = await site(FILES);
    await using visited = await visit({ width: 360 });
    const { page } = visited;
    await page.goto(`${served.url}/?view=grid`);
    const walk = async (key: string) => {
      await page.keyboard.press(key);
      return await focused(page);
    };
    assertEquals(await walk("ArrowDown"), "Music/");
    assertEquals(await walk("ArrowRight"), "pictures/");
    assertEquals(await walk("ArrowDown"), "archive.zip");
    assertEquals(await walk("ArrowLeft"), "Ångström.txt");
    assertEquals(await walk("ArrowUp"), "Music/");
  },
);
