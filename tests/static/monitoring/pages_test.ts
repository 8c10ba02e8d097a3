// The health and the metrics page on the wire.

import { assertEquals, assertMatch } from "@std/assert";
import { StaticFileHandler } from "../../../handlers/static/mod.ts";
import { partial } from "../../../handlers/partial.ts";
import { ThreadingHTTPServer } from "../../../server/mod.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { pretendLater, Quiet, site } from "../_site.ts";

const HEALTH = "/.httpserver/health";
const METRICS = "/.httpserver/metrics";
const ADA = "Authorization: Basic " + btoa("ada:secret");

/** The value of a sample of the metrics page. */
function valueOf(page: string, sample: string): number {
  const line = page.split("\n").find((line) => line.startsWith(sample + " "));
  assertEquals(line === undefined, false, `${sample} in ${page}`);
  return Number(line?.slice(sample.length + 1));
}

boundedTest("the health page is one word that no cache stores", async () => {
  await using files = await site({}, { health: true });
  const answer = await files.get(HEALTH);
  assertEquals([answer.status, answer.body], [200, "ok\n"]);
  assertEquals(answer.header("cache-control"), "no-store");
  assertEquals(answer.header("content-type"), "text/plain; charset=utf-8");
  const head = await files.ask("HEAD", HEALTH + "?probe");
  assertEquals([head.status, head.body], [200, ""]);
  assertEquals(head.header("content-length"), "3");
  assertEquals((await files.ask("POST", HEALTH)).status, 405);
});

boundedTest(
  "neither page exists unless it is asked for, and each can have another path",
  async () => {
    await using none = await site({});
    assertEquals((await none.get(HEALTH)).status, 404);
    assertEquals((await none.get(METRICS)).status, 404);
    await using moved = await site({}, { health: "/up", metrics: "/m" });
    assertEquals((await moved.get("/up")).body, "ok\n");
    assertEquals((await moved.get("/m")).status, 200);
    assertEquals((await moved.get(HEALTH)).status, 404);
  },
);

boundedTest(
  "the health page needs no password and no known host, the metrics page both",
  async () => {
    await using files = await site({}, {
      health: true,
      metrics: true,
      users: "ada:{PLAIN}secret",
      hosts: ["a.test"],
    });
    const ask = (target: string, host: string, ...fields: string[]) =>
      files.served.ask(
        [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...fields, "", ""]
          .join("\r\n"),
      );
    assertEquals((await ask(HEALTH, "b.test")).status, 200);
    assertEquals((await ask(METRICS, "a.test")).status, 401);
    assertEquals((await ask(METRICS, "b.test", ADA)).status, 421);
    assertEquals((await ask(METRICS, "a.test", ADA)).status, 200);
  },
);

for (const log of ["python", "json"] as const) {
  boundedTest(
    `the health page is not logged with log: ${log}, the metrics page is`,
    async () => {
      using captured = captureLog();
      await using files = await site(
        { "a.txt": "a" },
        { health: true, metrics: true, log },
        StaticFileHandler,
      );
      await files.get(HEALTH);
      await files.get("/a.txt");
      await files.get(METRICS);
      await files.served[Symbol.asyncDispose]();
      const lines = captured.text.trimEnd().split("\n");
      assertEquals(lines.length, 2, captured.text);
      assertMatch(lines[0]!, /GET \/a\.txt/);
      assertMatch(lines[1]!, /GET \/\.httpserver\/metrics/);
    },
  );
}

boundedTest(
  "the metrics page counts requests, also those that get a prepared response",
  async () => {
    await using files = await site({ "a.txt": "0123456789" }, {
      metrics: true,
    });
    using _later = pretendLater(10_000);
    using client = await files.served.connect();
    const ask = async (method: string, target: string) => {
      await client.write(`${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`);
      return await client.answer(method);
    };
    for (let count = 0; count < 5; count++) await ask("GET", "/a.txt");
    await ask("HEAD", "/a.txt");
    await ask("GET", "/none");
    await files.served.send("nonsense\r\n\r\n");
    const first = await ask("GET", METRICS);
    assertEquals(first.header("content-type")?.startsWith("text/plain"), true);
    assertEquals(first.header("cache-control"), "no-store");
    const of = (method: string, status: number) =>
      `httpserver_requests_total{method="${method}",status="${status}"}`;
    assertEquals(valueOf(first.body, of("GET", 200)), 5);
    assertEquals(valueOf(first.body, of("HEAD", 200)), 1);
    assertEquals(valueOf(first.body, of("GET", 404)), 1);
    assertEquals(valueOf(first.body, of("other", 400)), 1);
    assertEquals(
      valueOf(first.body, "httpserver_request_duration_seconds_count"),
      8,
    );
    assertEquals(valueOf(first.body, "httpserver_open_connections"), 1);
    assertEquals(valueOf(first.body, "httpserver_idle_connections"), 0);
    const bytes = valueOf(first.body, "httpserver_response_bytes_total");
    const second = (await ask("GET", METRICS)).body;
    const more = valueOf(second, "httpserver_response_bytes_total") - bytes;
    const head = ["HTTP/1.1 200 OK", ...first.fields, "", ""].join("\r\n");
    assertEquals(more, head.length + first.body.length);
    assertEquals(valueOf(second, of("GET", 200)), 6);
  },
);

boundedTest(
  "the health page turns 503 as soon as the server drains, while a download ends",
  async () => {
    await using files = await site({ "a.bin": "" }, { health: true });
    // More than the sockets buffer.
    const size = 32 * 1024 * 1024;
    await Deno.truncate(files.folder.in("a.bin"), size);
    const Handler = partial(Quiet, {
      directory: files.folder.path,
      health: true,
    });
    await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
    const serving = server.serve_forever();
    const url = `http://127.0.0.1:${server.server_port}`;
    const before = await fetch(url + HEALTH);
    assertEquals([before.status, await before.text()], [200, "ok\n"]);
    const download = await fetch(url + "/a.bin");
    const drained = server.drain();
    for (let count = 0; count < 3; count++) {
      const during = await fetch(url + HEALTH);
      assertEquals([during.status, await during.text()], [503, "draining\n"]);
      assertEquals(during.headers.get("Cache-Control"), "no-store");
    }
    assertEquals((await download.arrayBuffer()).byteLength, size);
    await drained;
    await server.server_close();
    await serving;
  },
);
