// How a request body reaches a script.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { CGIHTTPRequestHandler } from "../../handlers/mod.ts";
import {
  ask,
  get,
  HEAD,
  lineOf,
  post,
  serveScripts,
  test,
  untilGone,
} from "./_scripts.ts";

/** Prints CONTENT_LENGTH and the request body. */
const ECHO = HEAD + 'echo "[$CONTENT_LENGTH] $(cat)"';

test("do_POST() sends a script the body and keeps the connection for the next request", async () => {
  await using scripts = await serveScripts({ "cgi-bin/x": ECHO });
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "one") + post("/cgi-bin/x", "two"));
  assertEquals((await client.answer()).body, "[3] one\n");
  assertEquals((await client.answer()).body, "[3] two\n");
  await client.write(post("/cgi-bin/x", ""));
  assertEquals((await client.answer()).body, "[0] \n");
  await client.write(get("/cgi-bin/x"));
  assertEquals((await client.answer()).body, "[] \n");
});

test("do_POST() decodes a chunked body", async () => {
  await using scripts = await serveScripts({ "cgi-bin/x": ECHO });
  using client = await scripts.connect();
  await client.write(ask("POST", "/cgi-bin/x", ["Transfer-Encoding: chunked"]));
  await client.write("3\r\none\r\n");
  await client.write("4\r\n two\r\n0\r\n\r\n" + get("/cgi-bin/x"));
  assertEquals((await client.answer()).body, "[] one two\n");
  assertEquals((await client.answer()).body, "[] \n");
});

test("do_POST() sends a script each part of the body as it arrives", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "while read line; do echo $line; done",
  });
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "one\n", 8));
  await client.readUntil("one\n");
  await client.write("two\n");
  await client.readUntil("two\n\r\n0\r\n\r\n");
});

test("do_POST() sends a script all of a 16 MiB body", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "cksum",
    "body": "",
  });
  const size = 1 << 24;
  const body = new Uint8Array(size);
  for (let at = 0; at < size; at++) body[at] = at * 7919 >> 5;
  await Deno.writeFile(scripts.in("body"), body);
  const expected = await new Deno.Command("cksum", {
    args: [scripts.in("body")],
  }).output();
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "", size));
  await client.write(body);
  assertEquals(
    (await client.answer()).body.trim(),
    new TextDecoder().decode(expected.stdout).split(" ").slice(0, 2).join(" "),
  );
});

test("do_POST() responds, and keeps the connection if possible, if the script doesn't read the body", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello",
  });
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "b".repeat(200_000)));
  assertEquals((await client.answer()).body, "hello\n");
  await client.write(get("/cgi-bin/x"));
  assertEquals((await client.answer()).body, "hello\n");
  // Too much to discard, so the connection closes.
  await client.write(post("/cgi-bin/x", "b".repeat(1_000), 1 << 24));
  assertEquals((await client.answer()).body, "hello\n");
  await client.assertClosed();
});

test("do_POST() sends a script the part of the body that arrived before the timeout", async () => {
  class Impatient extends CGIHTTPRequestHandler {
    override timeout = 0.1;
  }
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + 'echo "hello $CONTENT_LENGTH $(wc -c | tr -d " ")"',
  }, { Handler: Impatient });
  for (const length of [2, 1 << 18, 2 ** 31, 2 ** 32, 2 ** 53 - 1]) {
    const answer = await scripts.send(post("/cgi-bin/x", "b", length));
    assertMatch(answer, new RegExp(`hello ${length} 1\n`));
  }
});

test("do_POST() allocates nothing for a huge Content-Length, even beyond 2^53", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": "cat > /dev/null\n" + HEAD + "echo hello",
  });
  const before = Deno.memoryUsage().rss;
  const lengths = ["9223372036854775808", "18446744073709551616"];
  for (const length of [...lengths, String(2 ** 50)]) {
    const field = `Content-Length: ${length}`;
    using client = await scripts.connect();
    await client.write(ask("POST", "/cgi-bin/x", [field], "b"));
    await client.closeWrite();
    assertEquals((await client.answer()).status, 400);
  }
  assert(Deno.memoryUsage().rss - before < 64 << 20);
});

test("do_POST() sends 400 for a malformed chunked body and kills the script", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": "echo $$ > ../scratch/pid; cat; sleep 60",
    "cgi-bin/y": "echo $$ > ../scratch/pid2; " + HEAD + "cat; sleep 60",
  });
  const chunked = ["Transfer-Encoding: chunked"];
  using client = await scripts.connect();
  await client.write(ask("POST", "/cgi-bin/x", chunked, "1\r\na\r\n"));
  const pid = await lineOf(scripts.in("scratch/pid"));
  await client.write("zz\r\n");
  assertEquals((await client.answer()).status, 400);
  await client.assertClosed();
  await untilGone(pid);
  // A response that has begun is left incomplete.
  using late = await scripts.connect();
  await late.write(ask("POST", "/cgi-bin/y", chunked, "1\r\na\r\n"));
  await late.readUntil("\r\na\r\n");
  await late.write("zz\r\n");
  await untilGone(await lineOf(scripts.in("scratch/pid2")));
  await late.readToEnd();
});

test("do_POST() sends 501 outside the CGI directories and keeps the connection", async () => {
  await using scripts = await serveScripts({ "file": "the file" });
  const answer = await scripts.ask(post("/file", "body"));
  assertEquals([answer.status, answer.reason], [
    501,
    "Can only POST to CGI scripts",
  ]);
  assertEquals((await scripts.ask(post("/../x", "body"))).status, 404);
});

test("do_POST() sends 100 to a client that expects it", async () => {
  await using scripts = await serveScripts({ "cgi-bin/x": ECHO });
  using client = await scripts.connect();
  const fields = ["Content-Length: 4", "Expect: 100-continue"];
  await client.write(ask("POST", "/cgi-bin/x", fields));
  assertEquals((await client.answer()).status, 100);
  await client.write("body");
  assertEquals((await client.answer()).body, "[4] body\n");
});
