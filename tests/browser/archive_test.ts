// The button in a listing that downloads the folder.

import { assert, assertEquals } from "@std/assert";
import { encodeLatin1 } from "../../text/latin1.ts";
import { inMemory, readZip } from "../static/archive/_zip.ts";
import { browserTest, visit } from "./_browser.ts";
import { site } from "./_site.ts";

const LARGE = "0123456789abcdef".repeat(100_000);

const FILES = { "photos/é/large.bin": LARGE, "photos/a.txt": "hello" };

for (const width of [360, 1280]) {
  browserTest(
    `the listing's button downloads its folder, ${width} pixels wide`,
    async () => {
      await using served = await site(FILES, { archive: true });
      await using visited = await visit({ width });
      const { page } = visited;
      await page.goto(served.url + "/photos/?sort=size");
      assertEquals(
        await page.evaluate("document.documentElement.scrollWidth"),
        width,
      );
      const button = page.getByRole("button", { name: "Download as .zip" });
      const box = await button.boundingBox();
      assert(box !== null && box.height >= 44, JSON.stringify(box));
      const [download] = await Promise.all([
        page.waitForEvent("download"),
        button.click(),
      ]);
      assertEquals(download.suggestedFilename(), "photos.zip");
      const bytes = await Deno.readFile(await download.path());
      const read = readZip(inMemory(bytes));
      assertEquals(read.map(({ name, size }) => [name, size]), [
        ["photos/", 0],
        ["photos/a.txt", 5],
        ["photos/é/", 0],
        ["photos/é/large.bin", LARGE.length],
      ]);
      const { dataAt } = read.at(-1)!;
      const content = bytes.subarray(dataAt, dataAt + LARGE.length);
      assertEquals(content, encodeLatin1(LARGE));
      await download.delete();
      // The page stays as it was.
      assertEquals(page.url(), served.url + "/photos/?sort=size");
    },
  );
}

browserTest("the listing has no such button without the option", async () => {
  await using served = await site(FILES);
  await using visited = await visit();
  await visited.page.goto(served.url + "/photos/");
  const button = visited.page.getByRole("button", { name: "Download" });
  assertEquals(await button.count(), 0);
});
