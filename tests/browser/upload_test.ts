// Uploads as a person sees them: what the page of a listing shows, and what is stored.

import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { folder } from "../handlers/_folder.ts";
import { browserTest, visit } from "./_browser.ts";
import { site } from "./_site.ts";

/** The rows of the upload area: each name and what is said about it. */
function rows(page: Page): Promise<string[][]> {
  return page.evaluate(`
    [...document.querySelectorAll("#uploads li")].map((row) => [
      row.querySelector("bdi").textContent,
      row.querySelector(".state").textContent,
    ])
  `);
}

async function untilReport(page: Page, text: string): Promise<void> {
  await page.locator("#upload-status").filter({ hasText: text }).waitFor();
}

browserTest("a listing uploads the chosen files, and shows them", async () => {
  await using served = await site({ "old.txt": "old" }, { upload: true });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  await using local = await folder({ "a.txt": "one", "old.txt": "new", empty: "" });
  await page.locator("#files").setInputFiles(
    ["a.txt", "old.txt", "empty"].map(local.in),
  );
  await untilReport(page, "2 of 3 files uploaded, 1 not uploaded");
  assertEquals(await rows(page), [
    ["a.txt", "Uploaded"],
    ["old.txt", "There is a file of this name"],
    ["empty", "Uploaded"],
  ]);
  await page.getByRole("link", { name: "a.txt" }).waitFor();
  assertEquals(await Deno.readTextFile(served.in("a.txt")), "one");
  assertEquals(await Deno.readTextFile(served.in("old.txt")), "old");
  console.log(await page.locator("#status").textContent());
  await page.screenshot({ path: "/tmp/upage1.png" });
  console.log(visited.takeComplaints());
});

assert;