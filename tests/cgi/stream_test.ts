// A script's output is streamed to the client without being buffered in memory. Standard error
// never blocks it.

import { assert, assertEquals } from "@std/assert";
import {
  get,
  HEAD,
  lineOf,
  serveScripts,
  test,
  untilGone,
} from "./_scripts.ts";
import { delay } from "../server/_harness.ts";

/** Waits until the test has created this file. */
const WAIT = "until [ -e ../gate ]; do sleep 0.02; done\n";

test("run_cgi() sends a script's first line while the script is running", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + `echo first\n${WAIT}echo last`,
    "cgi-bin/nph-x": `printf 'HTTP/1.1 200 OK\\n\\nfirst\\n'\n${WAIT}echo last`,
  });
  for (const name of ["x", "nph-x"]) {
    using client = await scripts.connect();
    await client.write(get(`/cgi-bin/${name}`, "Connection: close"));
    await client.readUntil("first\n");
    await Deno.writeTextFile(scripts.in("gate"), "");
    assert((await client.readToEnd()).includes("last\n"));
    await Deno.remove(scripts.in("gate"));
  }
});

test("run_cgi() sends the head before there is any output", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + WAIT + "echo last",
  });
  using client = await scripts.connect();
  await client.write(get("/cgi-bin/x"));
  await client.readUntil("\r\n\r\n");
  await Deno.writeTextFile(scripts.in("gate"), "");
  await client.readUntil("last\n");
});

test("run_cgi() accepts a head that arrives byte by byte", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": "for byte in X : ' ' 1 '\\n' '\\n' h i; do\n" +
      'printf "$byte"; sleep 0.01; done',
  });
  const answer = await scripts.ask(get("/cgi-bin/x"));
  assertEquals([answer.header("x"), answer.body], ["1", "hi"]);
});

/** Counts the bytes until the server closes the connection. Calls `pause` after each read. */
async function drain(
  port: number,
  target: string,
  pause: (size: number) => Promise<void>,
): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(
    new TextEncoder().encode(`GET ${target} HTTP/1.0\r\n\r\n`),
  );
  const buffer = new Uint8Array(262_144);
  let size = 0;
  for (;;) {
    const count = await conn.read(buffer);
    if (count === null) return size;
    size += count;
    await pause(size);
  }
}

test("run_cgi() sends 256 MiB without buffering them", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "head -c 268435456 /dev/zero",
  });
  const before = Deno.memoryUsage().rss;
  let most = 0;
  const size = await drain(scripts.port, "/cgi-bin/x", () => {
    most = Math.max(most, Deno.memoryUsage().rss - before);
    return Promise.resolve();
  });
  assert(size > 268_435_456 && size < 268_436_456, `${size} bytes came`);
  // Some 70 MiB are uncollected garbage, regardless of the size.
  assert(most < 128 << 20, `${most} bytes more were in use`);
});

test("run_cgi() pauses a script while its client does not read", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "head -c 67108864 /dev/zero; echo > ../scratch/end",
  });
  let waited = false;
  const size = await drain(scripts.port, "/cgi-bin/x", async () => {
    if (waited) return;
    waited = true;
    await delay(300);
    assertEquals(
      await Array.fromAsync(Deno.readDir(scripts.in("scratch"))),
      [],
    );
  });
  assert(size > 67_108_864);
});

test("run_cgi() loses no output of an exited script if the client is slow", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "head -c 6000000 /dev/zero",
  });
  let waited = false;
  const size = await drain(scripts.port, "/cgi-bin/x", async () => {
    if (waited) return;
    waited = true;
    await delay(1_500);
  });
  assert(size > 6_000_000 && size < 6_001_000, `${size} bytes came`);
});

test("run_cgi() ends the response even if a child process keeps the output open", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + 'sleep 60 & echo "hello $!"',
    "file": "the file",
  });
  using client = await scripts.connect();
  await client.write(get("/cgi-bin/x") + get("/file"));
  const [, pid] = (await client.answer()).body.trim().split(" ");
  assertEquals((await client.answer()).body, "the file");
  // A script may start a daemon, so the child was not killed.
  Deno.kill(Number(pid), "SIGKILL");
  await untilGone(pid!);
});

test("run_cgi() sends the output of a child after the script has exited", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "(sleep 0.2; echo child) & echo script",
  });
  assertEquals(await scripts.get("/cgi-bin/x"), "script\nchild\n");
});

test("run_cgi() logs a part of a flood of standard error, with or without line breaks", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/lines": HEAD +
      "yes 'an error' | head -c 10000000 >&2; echo hello",
    "cgi-bin/one": HEAD +
      "head -c 10000000 /dev/zero | tr '\\0' x >&2\necho hello",
    "cgi-bin/both": HEAD +
      "yes error | head -c 3000000 >&2 &\nhead -c 3000000 /dev/zero; wait",
  });
  assertEquals(await scripts.get("/cgi-bin/lines"), "hello\n");
  assertEquals(scripts.log.length, 102);
  assertEquals(
    scripts.log.at(-1),
    "CGI script: further lines are not logged",
  );
  assertEquals(await scripts.get("/cgi-bin/one"), "hello\n");
  assertEquals(scripts.log.at(-1), `CGI script: ${"x".repeat(1_000)}`);
  assertEquals((await scripts.get("/cgi-bin/both")).length, 3_000_000);
});

test("run_cgi() logs a line of standard error while the script is running", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": `echo early >&2\n${WAIT}${HEAD}echo $$ > ../scratch/pid`,
  });
  using client = await scripts.connect();
  await client.write(get("/cgi-bin/x"));
  for (let tries = 0; scripts.log.length === 0 && tries < 100; tries++) {
    await delay(20);
  }
  assertEquals(scripts.log, ["CGI script: early"]);
  await Deno.writeTextFile(scripts.in("gate"), "");
  assertEquals((await client.answer()).status, 200);
  await untilGone(await lineOf(scripts.in("scratch/pid")));
});
