// Clients that announce much and send little.

import { assertEquals } from "@std/assert";
import {
  advanceClock,
  mountSmall,
  stateFiles,
  until,
  uploads,
} from "./_upload.ts";

const HEAD = "Host: localhost\r\nContent-Length: ";

Deno.test("a client that announces more than it sends doesn't keep others from uploading", async (test) => {
  await using site = await uploads({ "small/": "" });
  await using mounted = await mountSmall(site.folder.in("small"), "2m");
  if (mounted === undefined) {
    await test.step({ name: "mount a tmpfs", ignore: true, fn() {} });
    return;
  }
  using clock = advanceClock();
  using slow = await site.served.connect();
  await slow.write(`PUT /small/slow HTTP/1.1\r\n${HEAD}1300000\r\n\r\nx`);
  await until(async () => (await site.all()).length === 1);
  const big = "x".repeat(800_000);
  assertEquals((await site.put("/small/a", big)).status, 507);
  clock.by(11_000);
  await slow.write("x");
  assertEquals((await site.put("/small/a", big)).status, 201);
  // The space check still holds for the slow one.
  await slow.write("x".repeat(1_299_998));
  assertEquals((await slow.answer()).status, 507);
  assertEquals(await site.all(), ["small/a"]);
});

Deno.test("an upload reserves no more than 4 MiB ahead of what has arrived", async () => {
  await using site = await uploads({}, { upload: { maxTotal: 10_000_000 } });
  using first = await site.served.connect();
  await first.write(`PUT /first HTTP/1.1\r\n${HEAD}9000000\r\n\r\nx`);
  await until(async () => (await site.all()).length === 1);
  assertEquals((await site.put("/a", "x".repeat(5_000_000))).status, 201);
  assertEquals((await site.put("/b", "x".repeat(1_000_000))).status, 507);
  // Only 5,000,000 are left for it.
  await first.write("x".repeat(8_999_999)).catch(() => {});
  assertEquals((await first.answer()).status, 507);
  assertEquals(await site.all(), ["a"]);
});

Deno.test("a client that sends a byte now and then gets 408 after a minute", async () => {
  const form = "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n" +
    "\r\nx";
  const rows: readonly [head: string, start: string][] = [
    ["PUT /a HTTP/1.1\r\n", "x"],
    [
      "POST / HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n",
      form,
    ],
  ];
  await using site = await uploads();
  using clock = advanceClock();
  for (const [head, start] of rows) {
    using slow = await site.served.connect();
    await slow.write(`${head}${HEAD}1000000\r\n\r\n${start}`);
    await until(async () => (await site.all()).length === 1);
    for (let n = 0; n < 3; n++) {
      clock.by(25_000);
      await slow.write("x");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assertEquals((await slow.answer()).status, 408);
    assertEquals(await site.all(), []);
  }
  assertEquals(await stateFiles(), []);
});
