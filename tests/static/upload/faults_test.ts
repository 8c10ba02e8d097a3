// Uploads that fail: a full disk, slow and silent clients, many failures.

import { assert, assertEquals } from "@std/assert";
import { toFetch } from "../../../handlers/fetch/mod.ts";
import { staticFiles } from "../../../handlers/static/mod.ts";
import { removeOld } from "../../../handlers/static/upload/resumable_state.ts";
import { Quiet } from "../_site.ts";
import { mountSmall, namesIn, stateFiles, until, uploads } from "./_upload.ts";

const HEAD = "PUT /a HTTP/1.1\r\nHost: localhost\r\n";

Deno.test({
  name:
    "a full disk ends an upload with 507, and what it has taken is free again",
  async fn(test) {
    await using site = await uploads({ "small/": "" }, {
      upload: { keepFree: 0 },
    });
    await using mounted = await mountSmall(site.folder.in("small"));
    if (mounted === undefined) {
      await test.step({ name: "mount a tmpfs", ignore: true, fn() {} });
      return;
    }
    const big = "x".repeat(2_000_000);
    const chunked = `${big.length.toString(16)}\r\n${big}\r\n0\r\n\r\n`;
    const announced = await site.put("/small/a", big);
    assertEquals(announced.status, 507);
    const grown = await site.put(
      "/small/a",
      chunked,
      "Transfer-Encoding: chunked",
    );
    assertEquals(grown.status, 507);
    assertEquals(await site.all(), []);
    assertEquals((await site.put("/small/b", "x".repeat(500_000))).status, 201);
    assertEquals((await site.put("/c", big)).status, 201);
    assertEquals(await stateFiles(), []);
  },
});

Deno.test("two uploads can't be promised the same space", async () => {
  await using site = await uploads({}, { upload: { maxTotal: 100 } });
  using first = await site.served.connect();
  await first.write(`${HEAD}Content-Length: 60\r\n\r\n${"x".repeat(30)}`);
  await until(async () => (await site.all()).length === 1);
  assertEquals((await site.put("/b", "x".repeat(60))).status, 507);
  assertEquals((await site.put("/b", "x".repeat(40))).status, 201);
  await first.write("x".repeat(30));
  assertEquals((await first.answer()).status, 201);
  assertEquals((await site.put("/c", "x")).status, 507);
});

Deno.test("an upload that fails gives its share of the total back", async () => {
  await using site = await uploads({}, { upload: { maxTotal: 100 } });
  for (let n = 0; n < 3; n++) {
    using client = await site.served.connect();
    await client.write(`${HEAD}Content-Length: 90\r\n\r\n${"x".repeat(50)}`);
    await client.closeWrite();
    assertEquals((await client.answer()).status, 400);
  }
  assertEquals((await site.put("/a", "x".repeat(100))).status, 201);
});

Deno.test("a slow upload goes on while bytes come, and one that stalls ends", async () => {
  class Hasty extends Quiet {
    override timeout = 0.4;
  }
  await using site = await uploads({}, {}, Hasty);
  {
    using client = await site.served.connect();
    await client.write(`${HEAD}Content-Length: 10\r\n\r\n`);
    for (let n = 0; n < 10; n++) {
      await new Promise((resolve) => setTimeout(resolve, 120));
      await client.write("x");
    }
    assertEquals((await client.answer()).status, 201);
  }
  using client = await site.served.connect();
  await client.write(`${HEAD.replace("/a", "/b")}Content-Length: 10\r\n\r\nx`);
  assertEquals((await client.answer()).status, 408);
  assertEquals(await site.all(), ["a"]);
  assertEquals(await stateFiles(), []);
});

Deno.test("uploads leak no descriptors, whether they succeed or fail", async () => {
  if (Deno.build.os !== "linux") return;
  const open = () => [...Deno.readDirSync("/proc/self/fd")].length;
  await using site = await uploads({ taken: "x" });
  const oneOfEach = async () => {
    await site.put(`/${crypto.randomUUID()}`, "x");
    await site.put("/taken", "x");
    await site.put("/x", "x", "Content-Length: 5000000000");
    await site.put("/y", "x", "Content-Digest: sha-256=:AAAA:");
    using client = await site.served.connect();
    await client.write(`${HEAD}Content-Length: 9\r\n\r\nx`);
  };
  await oneOfEach();
  await until(async () => (await stateFiles()).length === 0);
  const before = open();
  for (let n = 0; n < 20; n++) await oneOfEach();
  await until(async () =>
    open() <= before && (await stateFiles()).length === 0
  );
  assert(!(await site.all()).some((name) => name.startsWith(".")));
});

Deno.test("an upload that nobody goes on with is removed after an hour", async () => {
  await using site = await uploads();
  for (const target of ["/old", "/new"]) {
    using client = await site.served.connect();
    await client.write(
      `PUT ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n` +
        "Upload-Complete: ?1\r\nUpload-Draft-Interop-Version: 8\r\n\r\nx",
    );
    await client.readUntil("\r\n\r\n");
    if (target === "/new") break;
    const [name = ""] = await site.all();
    await until(async () => (await site.text(name)) === "x");
    const twoHoursAgo = new Date(Date.now() - 7_200_000);
    await Deno.utime(site.folder.in(name), twoHoursAgo, twoHoursAgo);
  }
  await until(async () => (await site.all()).length === 2);
  await removeOld();
  assertEquals((await site.all()).length, 1);
});

Deno.test("toFetch() receives files, too", async () => {
  await using site = await uploads({ taken: "x" });
  const directory = site.folder.path;
  const { fetch } = toFetch(
    staticFiles({ directory, upload: { maxSize: 1_000_000 }, log: "none" }),
  );
  const put = (path: string, body: BodyInit, headers: HeadersInit = {}) =>
    fetch(
      new Request(`http://localhost${path}`, { method: "PUT", body, headers }),
    );
  const created = await put("/a/b.txt", "hello");
  assertEquals([created.status, created.headers.get("location")], [
    201,
    "b.txt",
  ]);
  assertEquals((await put("/taken", "y")).status, 409);
  assertEquals((await put("/.x", "y")).status, 403);
  assertEquals((await put("/big", "y".repeat(1_000_001))).status, 413);
  const stream = new Blob(["stream", "ed"]).stream();
  assertEquals((await put("/streamed", stream)).status, 201);
  const evil = { origin: "http://evil.test" };
  assertEquals((await put("/evil", "y", evil)).status, 403);
  assertEquals(await namesIn(directory), ["a/b.txt", "streamed", "taken"]);
  assertEquals(await site.text("streamed"), "streamed");
});
