// Uploads as a person sees them: the page of a listing, and the stored files.

import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { folder } from "../handlers/_folder.ts";
import { browserTest, visit } from "./_browser.ts";
import { site } from "./_site.ts";
import {
  dropFiles,
  namesIn,
  rows,
  untilReport,
  uploadSite,
} from "./_uploads.ts";

browserTest("a listing uploads the chosen files, and shows them", async () => {
  await using served = await uploadSite({ "old.txt": "old" });
  await using local = await folder({
    "a.txt": "one",
    "old.txt": "new",
    empty: "",
  });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload files" }).press("Enter");
  await (await chooser).setFiles(["a.txt", "old.txt", "empty"].map(local.in));
  await untilReport(page, "2 of 3 files uploaded, 1 not uploaded");
  assertEquals(await rows(page), [
    ["a.txt", "Uploaded"],
    ["old.txt", "There is a file of this name"],
    ["empty", "Uploaded"],
  ]);
  await page.getByRole("link", { name: "a.txt" }).waitFor();
  assertEquals(await page.locator("#status").textContent(), "3 files, 6 B");
  assertEquals(await Deno.readTextFile(served.in("a.txt")), "one");
  assertEquals(await Deno.readTextFile(served.in("old.txt")), "old");
  assertEquals(await Deno.readTextFile(served.in("empty")), "");
  // The new rows are filtered and sorted like the others.
  await page.locator("#filter").fill("a");
  assertEquals(await page.locator("tbody tr:visible").count(), 1);
  await page.locator("#filter").fill("");
  assertEquals(await page.locator("#status").textContent(), "3 files, 6 B");
  await page.getByRole("button", { name: "Name" }).click();
  assertEquals(await page.locator("tbody a").allTextContents(), [
    "old.txt",
    "empty",
    "a.txt",
  ]);
  // Chromium reports each 409.
  assertEquals(visited.takeComplaints().length, 1);
  await Deno.remove(served.in("old.txt"));
  await page.getByRole("button", { name: "Retry old.txt" }).click();
  await untilReport(page, "3 of 3 files uploaded");
  assertEquals(await Deno.readTextFile(served.in("old.txt")), "new");
  await page.getByRole("button", { name: "Clear list" }).click();
  assertEquals(await rows(page), []);
});

/** Names that break careless URLs, HTML or tables. */
const NAMES: readonly string[] = [
  "#1.txt",
  "what?.txt",
  "100%41.txt",
  `"quoted" 'x'.txt`,
  "<img src=x onerror=alert(1)>",
  "a&amp;b=c+d;e",
  "😀.txt",
  "\u0645\u0631\u062d\u0628\u0627.txt",
  "cafe\u0301.txt",
  "caf\u00e9.txt",
  "two  blanks .txt",
];

browserTest("a listing uploads a dropped folder with any names", async () => {
  await using served = await uploadSite({ "in/old.txt": "old" });
  await using local = await folder({
    "my folder/": "",
    "my folder/#/deep/": "",
  });
  for (const name of NAMES) {
    await Deno.writeTextFile(local.in(`my folder/${name}`), name);
  }
  await Deno.writeTextFile(local.in("my folder/#/deep/file"), "deep");
  await Deno.writeTextFile(local.in("my folder/.DS_Store"), "hidden");
  await Deno.writeTextFile(local.in("single.txt"), "single");
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${served.url}/in/?view=grid`);
  await dropFiles(page, [local.in("my folder"), local.in("single.txt")]);
  const count = NAMES.length + 2;
  await untilReport(
    page,
    `${count} of ${count} files uploaded. 1 hidden file was skipped`,
  );
  for (const name of NAMES) {
    const path = served.in(`in/my folder/${name}`);
    assertEquals(await Deno.readTextFile(path), name);
  }
  assertEquals(
    await Deno.readTextFile(served.in("in/my folder/#/deep/file")),
    "deep",
  );
  assertEquals(await Deno.readTextFile(served.in("in/single.txt")), "single");
  const shown = new Map((await rows(page)) as [string, string][]);
  for (const name of NAMES) {
    assertEquals(shown.get(`my folder/${name}`), "Uploaded");
  }
  await page.getByRole("link", { name: "my folder/" }).waitFor();
  assertEquals(visited.takeComplaints(), []);
});

browserTest("a listing uploads a chosen folder", async () => {
  await using served = await uploadSite();
  await using local = await folder({
    "photos/a.txt": "a",
    "photos/b/c.txt": "c",
    "photos/.git/config": "hidden",
  });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Upload a folder" }).click();
  await (await chooser).setFiles(local.in("photos"));
  await untilReport(page, "2 of 2 files uploaded. 1 hidden file was skipped");
  assertEquals(await Deno.readTextFile(served.in("photos/b/c.txt")), "c");
  assertEquals((await rows(page)).map(([name]) => name).sort(), [
    "photos/a.txt",
    "photos/b/c.txt",
  ]);
});

browserTest(
  "a listing shows the page area over which files are dragged",
  async () => {
    await using served = await uploadSite();
    await using local = await folder({ "a.txt": "a" });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    const target = page.getByText("Drop files and folders to upload them");
    assert(!await target.isVisible());
    await dropFiles(page, [local.in("a.txt")], ["dragEnter", "dragOver"]);
    await target.waitFor();
    await target.waitFor({ state: "hidden" });
    assertEquals(await rows(page), []);
  },
);

browserTest("a listing uploads by a form without scripts", async () => {
  await using served = await uploadSite({ "in/old.txt": "old" });
  await using local = await folder({ 'a "b".txt': "one", "old.txt": "new" });
  await using visited = await visit({ scripts: false });
  const { page } = visited;
  await page.goto(`${served.url}/in/?view=grid`);
  await page.getByLabel("Files to upload").setInputFiles(local.in('a "b".txt'));
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await page.getByRole("link", { name: 'a "b".txt' }).waitFor();
  assertEquals(page.url(), `${served.url}/in/?view=grid`);
  assertEquals(await Deno.readTextFile(served.in('in/a "b".txt')), "one");

  await page.getByLabel("Files to upload").setInputFiles(local.in("old.txt"));
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await page.getByText("old.txt: There is a file of this name").waitFor();
  assertEquals(await Deno.readTextFile(served.in("in/old.txt")), "old");
  await page.getByRole("link", { name: "Back to the folder" }).click();
  await page.getByRole("link", { name: "old.txt" }).waitFor();
  assertEquals(page.url(), `${served.url}/in/?view=grid`);
  // The 409.
  assertEquals(visited.takeComplaints().length, 1);
});

browserTest("a page of another origin can't upload", async () => {
  await using served = await uploadSite();
  await using other = await site({
    "form.html":
      `<!DOCTYPE html><link rel="icon" href="data:,"><form method="post" enctype="multipart/form-data" action="${served.url}/"><input name="f" type="file"></form>`,
  });
  await using local = await folder({ "a.txt": "a" });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${other.url}/form.html`);
  const outcomes = await page.evaluate(`
    Promise.all([
      ["PUT", "x", {}],
      ["POST", formWithFile(), { mode: "no-cors" }],
      ["POST", "x", { mode: "no-cors", headers: { "Content-Type": "text/plain" } }],
    ].map(([method, body, rest]) =>
      fetch("${served.url}/evil.txt", { method, body, ...rest })
        .then((response) => response.type, () => "failed")
    ));
    function formWithFile() {
      const form = new FormData();
      form.append("f", new File(["x"], "evil.txt"));
      return form;
    }
  `.replace(/^\s+Promise.all/, "Promise.all"));
  assertEquals(outcomes, ["failed", "opaque", "opaque"]);
  await page.locator("input").setInputFiles(local.in("a.txt"));
  await page.evaluate("document.forms[0].submit()");
  await page.getByText("Uploads from other sites are not allowed").first()
    .waitFor();
  assertEquals(await namesIn(served.in("")), []);
  visited.takeComplaints();
});

browserTest(
  "a listing has no upload area for users who may only read",
  async () => {
    await using served = await uploadSite({ "a.txt": "a" }, {
      users: "reader:secret:read\nwriter:secret",
    });
    await using local = await folder({ "b.txt": "b" });
    for (const [username, count] of [["reader", 0], ["writer", 1]] as const) {
      await using visited = await visit({
        user: { username, password: "secret" },
      });
      const { page } = visited;
      await page.goto(served.url);
      await page.getByRole("link", { name: "a.txt" }).waitFor();
      assertEquals(await page.locator("#upload").count(), count);
      if (count === 0) continue;
      await page.locator("#files").setInputFiles(local.in("b.txt"));
      await untilReport(page, "1 of 1 file uploaded");
      visited.takeComplaints();
    }
  },
);

browserTest("the page of a drop box uploads, and shows no files", async () => {
  await using served = await uploadSite({ "secret.txt": "secret" }, {
    upload: { drop: true },
  });
  await using local = await folder({ "a.txt": "one", "b/c.txt": "two" });
  {
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    assertEquals(await page.getByText("secret").count(), 0);
    await dropFiles(page, [local.in("a.txt"), local.in("b")]);
    await untilReport(page, "2 of 2 files uploaded");
    assertEquals(await Deno.readTextFile(served.in("a.txt")), "one");
    assertEquals(await Deno.readTextFile(served.in("b/c.txt")), "two");
    assertEquals(await page.getByText("secret").count(), 0);
    assertEquals(visited.takeComplaints(), []);
  }
  await using visited = await visit({ scripts: false });
  const { page } = visited;
  await page.goto(served.url);
  await page.getByLabel("Files to upload").setInputFiles(local.in("a.txt"));
  await page.getByRole("button", { name: "Upload", exact: true }).click();
  await page.getByText("a.txt: Uploaded").waitFor();
  assertEquals(await page.locator("li").allTextContents(), ["a.txt: Uploaded"]);
});

browserTest("a listing shows under which names files are stored", async () => {
  await using local = await folder({ "a b.txt": "new" });
  await Deno.writeFile(local.in("large.bin"), new Uint8Array(3 * 2 ** 20));
  const table = [
    ["rename", "Uploaded as a b (1).txt"],
    ["overwrite", "Replaced"],
  ] as const;
  for (const [policy, text] of table) {
    await using served = await uploadSite({ "a b.txt": "old" }, {
      upload: { policy, maxSize: 2 * 2 ** 20 },
    });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await page.locator("#files").setInputFiles(
      ["a b.txt", "large.bin"].map(local.in),
    );
    await untilReport(page, "1 of 2 files uploaded, 1 not uploaded");
    assertEquals(await rows(page), [
      ["a b.txt", text],
      ["large.bin", "Files must have at most 2097152 bytes"],
    ]);
    visited.takeComplaints();
  }
});

browserTest("a listing shows at most 200 of many files", async () => {
  await using served = await uploadSite();
  await using local = await folder(
    Object.fromEntries(
      Array.from({ length: 230 }, (_, at) => [`many/${at}.txt`, `${at}`]),
    ),
  );
  await using visited = await visit();
  const { page } = visited;
  page.setDefaultTimeout(20_000);
  await page.goto(served.url);
  await dropFiles(page, [local.in("many")]);
  await untilReport(page, "230 of 230 files uploaded");
  assertEquals((await rows(page)).length, 200);
  assertEquals((await namesIn(served.in("many"))).length, 230);
  assertEquals(await Deno.readTextFile(served.in("many/229.txt")), "229");
  page.setDefaultTimeout(8_000);
});

/** How much wider than its window a page is, in pixels. */
function overflow(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - innerWidth");
}

browserTest("the upload area fits a phone, in light and dark", async () => {
  await using served = await uploadSite({ "a.txt": "a" });
  await using local = await folder({
    "a.txt": "a",
    [`${"long".repeat(50)}.txt`]: "b",
  });
  for (const scheme of ["light", "dark"] as const) {
    await using visited = await visit({ width: 360, scheme });
    const { page } = visited;
    await page.goto(served.url);
    await page.locator("#files").setInputFiles(
      (await namesIn(local.path)).map(local.in),
    );
    await untilReport(page, "not uploaded");
    assert(await overflow(page) <= 0);
    if (Deno.env.get("SCREENSHOTS")) {
      await page.screenshot({
        path: `${Deno.env.get("SCREENSHOTS")}/upload-${scheme}.png`,
      });
    }
    visited.takeComplaints();
  }
});

browserTest("the upload area has names for screen readers", async () => {
  await using served = await uploadSite();
  await using local = await folder({ "a.txt": "a" });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  await page.locator("#files").setInputFiles(local.in("a.txt"));
  await untilReport(page, "1 of 1 file uploaded");
  assertMatch(
    await page.getByRole("region", { name: "Upload" }).ariaSnapshot(),
    /button "Upload files"[^]*button "Upload a folder"[^]*status: 1 of 1 file uploaded[^]*button "Clear list"[^]*list "Uploads":\n\s*- listitem:[^]*a\.txt[^]*progressbar "a\.txt"/,
  );
});

browserTest(
  "the upload page of a folder with an index page stays there",
  async () => {
    await using served = await uploadSite({
      "index.html": "<title>Planted</title>",
      "sub/b.txt": "b",
    });
    await using local = await folder({ "new.txt": "new" });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url + "?upload");
    await page.locator("#files").setInputFiles(local.in("new.txt"));
    await untilReport(page, "1 of 1 file uploaded");
    await page.getByRole("link", { name: "new.txt" }).waitFor();
    await page.getByRole("button", { name: "Size" }).click();
    assertEquals(new URL(page.url()).search, "?upload=&sort=size");
    await page.reload();
    await page.locator("#files").waitFor({ state: "attached" });
    await page.getByRole("link", { name: "sub/" }).click();
    await page.getByRole("link", { name: "b.txt" }).waitFor();
    await page.getByRole("link", { name: "Parent folder" }).click();
    await page.getByRole("link", { name: "new.txt" }).waitFor();
    assertEquals(new URL(page.url()).search, "?upload=&sort=size");
  },
);
