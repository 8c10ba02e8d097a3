// Uploads that don't go through at once: broken connections, changed files, a person who cancels.

import { assert, assertEquals } from "@std/assert";
import type { CDPSession, Page } from "playwright-core";
import { folder } from "../handlers/_folder.ts";
import { browserTest, visit } from "./_browser.ts";
import {
  namesIn,
  openLine,
  rows,
  untilReport,
  uploadSite,
} from "./_uploads.ts";

const MIB = 2 ** 20;

/** Bytes that differ at each place. */
function bytesOf(size: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(size / 4);
  for (let at = 0; at < words.length; at++) {
    words[at] = Math.imul(at, 0x9e37_79b9);
  }
  return new Uint8Array(words.buffer);
}

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** How fast a page sends. */
class Speed implements AsyncDisposable {
  readonly #protocol: CDPSession;

  constructor(protocol: CDPSession) {
    this.#protocol = protocol;
  }

  /** Limits it, in bytes per second; -1 for no limit. */
  async limit(speed: number): Promise<void> {
    await this.#protocol.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: speed,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.limit(-1);
    await this.#protocol.detach();
  }
}

async function speedOf(page: Page, speed: number): Promise<Speed> {
  const set = new Speed(await page.context().newCDPSession(page));
  await set.limit(speed);
  return set;
}

/** Waits until a file is being sent. */
async function untilSending(page: Page): Promise<void> {
  await page.locator("#uploads .state").filter({ hasText: /^[1-9]\d?%$/ })
    .first().waitFor();
}

browserTest(
  "a small file is sent again after a broken connection",
  async () => {
    await using served = await uploadSite();
    await using line = openLine(Number(new URL(served.url).port));
    await using local = await folder({ "small.bin": "x".repeat(600_000) });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(`http://127.0.0.1:${line.port}/`);
    line.cut(300_000, 2);
    await page.locator("#files").setInputFiles(local.in("small.bin"));
    await untilReport(page, "1 of 1 file uploaded");
    assertEquals(line.count, 2);
    assertEquals(
      await Deno.readTextFile(served.in("small.bin")),
      "x".repeat(600_000),
    );
    assertEquals(await namesIn(served.in("")), ["small.bin"]);
    visited.takeComplaints();
  },
);

browserTest("a large file is resumed after broken connections", async () => {
  await using served = await uploadSite();
  await using line = openLine(Number(new URL(served.url).port));
  await using local = await folder();
  const bytes = bytesOf(24 * MIB);
  await Deno.writeFile(local.in("large.bin"), bytes);
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`http://127.0.0.1:${line.port}/`);
  const offsets: number[] = [];
  page.on("request", (request) => {
    const offset = request.headers()["upload-offset"];
    if (request.method() === "PATCH") offsets.push(Number(offset));
  });
  line.cut(9 * MIB, 2);
  await page.locator("#files").setInputFiles(local.in("large.bin"));
  await untilReport(page, "1 of 1 file uploaded");
  assertEquals(line.count, 2);
  assertEquals(
    await hashOf(await Deno.readFile(served.in("large.bin"))),
    await hashOf(bytes),
  );
  assertEquals(await namesIn(served.in("")), ["large.bin"]);
  // What arrived was not sent again; some bytes of a cut connection are lost.
  assertEquals(offsets.length, 4);
  const [first, second, third, last] = offsets as [
    number,
    number,
    number,
    number,
  ];
  assertEquals([first, last], [0, bytes.length]);
  assert(second > 0 && third > second, `${offsets}`);
  visited.takeComplaints();
});

browserTest(
  "a file that is changed while it is sent is not stored",
  async () => {
    await using served = await uploadSite();
    await using local = await folder({ "removed.bin": "" });
    await Deno.writeFile(local.in("changed.bin"), bytesOf(4 * MIB));
    await Deno.writeFile(local.in("removed.bin"), bytesOf(4 * MIB));
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await using _slow = await speedOf(page, 2 * MIB);
    await page.locator("#files").setInputFiles(
      ["changed.bin", "removed.bin"].map(local.in),
    );
    await untilSending(page);
    const later = new Date(Date.now() + 10_000);
    await Deno.writeFile(local.in("changed.bin"), bytesOf(MIB), {
      append: true,
    });
    await Deno.utime(local.in("changed.bin"), later, later);
    await Deno.remove(local.in("removed.bin"));
    await untilReport(page, "0 of 2 files uploaded, 2 not uploaded");
    assertEquals(await rows(page), [
      ["changed.bin", "The file was changed or removed"],
      ["removed.bin", "The file was changed or removed"],
    ]);
    assertEquals(await namesIn(served.in("")), []);
    visited.takeComplaints();
  },
);

browserTest("a person can cancel an upload, and start it again", async () => {
  await using served = await uploadSite();
  await using local = await folder({ "small.txt": "small" });
  await Deno.writeFile(local.in("large.bin"), bytesOf(4 * MIB));
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  await using slow = await speedOf(page, MIB);
  await page.locator("#files").setInputFiles(
    ["large.bin", "small.txt"].map(local.in),
  );
  await untilSending(page);
  await page.getByRole("button", { name: "Cancel large.bin" }).click();
  await untilReport(page, "1 of 2 files uploaded, 1 not uploaded");
  assertEquals(await rows(page), [
    ["large.bin", "Canceled"],
    ["small.txt", "Uploaded"],
  ]);
  await slow.limit(-1);
  await page.getByRole("button", { name: "Retry large.bin" }).click();
  await untilReport(page, "2 of 2 files uploaded");
  assertEquals(await namesIn(served.in("")), ["large.bin", "small.txt"]);
  assertEquals(await Deno.readFile(served.in("large.bin")), bytesOf(4 * MIB));
  visited.takeComplaints();
});

browserTest(
  "the browser asks before it leaves a page that uploads",
  async () => {
    await using served = await uploadSite();
    await using local = await folder();
    for (let at = 0; at < 8; at++) {
      await Deno.writeFile(local.in(`${at}.bin`), bytesOf(MIB));
    }
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    const questions: string[] = [];
    page.on("dialog", async (dialog) => {
      questions.push(dialog.type());
      await dialog.accept();
    });
    // Browsers only ask if the page was used.
    await page.locator("#filter").click();
    await page.goto(`${served.url}/?sort=size`);
    assertEquals(questions, []);
    // None is complete before the page is left.
    await using _slow = await speedOf(page, MIB / 64);
    await page.locator("#filter").click();
    const sending = page.waitForRequest((request) =>
      request.method() === "PUT"
    );
    await page.locator("#files").setInputFiles(
      (await namesIn(local.path)).map(local.in),
    );
    await sending;
    // Three at once.
    assertEquals(
      (await rows(page)).map(([, state]) => state === "Waiting"),
      [false, false, false, true, true, true, true, true],
    );
    await page.reload();
    assertEquals(questions, ["beforeunload"]);
    page.removeAllListeners("dialog");
    visited.takeComplaints();
  },
);

browserTest("a file of 200 MB is uploaded", async () => {
  await using served = await uploadSite();
  await using local = await folder({ "large.bin": "start" });
  await Deno.truncate(local.in("large.bin"), 200 * MIB);
  await using visited = await visit();
  const { page } = visited;
  page.setDefaultTimeout(20_000);
  await page.goto(served.url);
  await page.locator("#files").setInputFiles(local.in("large.bin"));
  await untilReport(page, "1 of 1 file uploaded");
  assertEquals((await Deno.stat(served.in("large.bin"))).size, 200 * MIB);
  await page.getByText("210 MB", { exact: true }).waitFor();
  page.setDefaultTimeout(8_000);
});
