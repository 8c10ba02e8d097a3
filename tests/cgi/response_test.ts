// How a script's header becomes the response: status, fields and framing.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeLatin1 } from "../../text/latin1.ts";
import { ask, get, HEAD, serveScripts, test } from "./_scripts.ts";

/** A script that prints this text. */
function print(text: string): string {
  return `cat <<'END'\n${text}\nEND`;
}

test("CGIHTTPRequestHandler sends a script's fields and output chunked, and keeps the connection", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": print("Content-Type: a/b\nX-A: 1\nX-A: 2\n\nhello"),
  });
  using client = await scripts.connect();
  for (let times = 0; times < 3; times++) {
    await client.write(get("/cgi-bin/x"));
    const answer = await client.answer();
    assertEquals(answer.reason, "Script output follows");
    assertEquals(answer.fields.slice(2), [
      "Content-Type: a/b",
      "X-A: 1",
      "X-A: 2",
      "Transfer-Encoding: chunked",
    ]);
    assertEquals(answer.body, "hello\n");
  }
});

test("CGIHTTPRequestHandler keeps the connection if a script sends Content-Length", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": print("Content-Length: 6\n\nhello"),
  });
  using client = await scripts.connect();
  for (let times = 0; times < 3; times++) {
    await client.write(get("/cgi-bin/x"));
    const answer = await client.answer();
    assertEquals(answer.header("transfer-encoding"), undefined);
    assertEquals(answer.body, "hello\n");
  }
});

test("CGIHTTPRequestHandler responds to pipelined requests in order", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + 'echo "$QUERY_STRING"',
    "file": "the file",
  });
  using client = await scripts.connect();
  await client.write(
    get("/cgi-bin/x?1") + get("/file") + get("/cgi-bin/x?2") +
      ask("HEAD", "/cgi-bin/x?3") + get("/cgi-bin/x?4"),
  );
  assertEquals((await client.answer()).body, "1\n");
  assertEquals((await client.answer()).body, "the file");
  assertEquals((await client.answer()).body, "2\n");
  assertEquals((await client.answer("HEAD")).status, 200);
  assertEquals((await client.answer()).body, "4\n");
});

test("CGIHTTPRequestHandler logs a wrong Content-Length and closes the connection", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/more": print("Content-Length: 5\n\nhello and more"),
    "cgi-bin/less": print("Content-Length: 50\n\nhello"),
  });
  const more = await scripts.send(get("/cgi-bin/more"));
  assertEquals(more.slice(more.indexOf("\r\n\r\n") + 4), "hello");
  const less = await scripts.send(get("/cgi-bin/less"));
  assertEquals(less.slice(less.indexOf("\r\n\r\n") + 4), "hello\n");
  assertEquals(scripts.log.filter((line) => line.startsWith("Response body")), [
    "Response body has 15 bytes, but Content-Length is 5",
    "Response body has 6 bytes, but Content-Length is 50",
  ]);
});

test("CGIHTTPRequestHandler closes the connection after the output for HTTP/1.0, and sends only the output for HTTP/0.9", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello",
  });
  const answer = await scripts.send("GET /cgi-bin/x HTTP/1.0\r\n\r\n");
  assertStringIncludes(answer, "\r\nContent-Type: text/plain\r\n\r\nhello\n");
  assertEquals(await scripts.send("GET /cgi-bin/x\r\n"), "hello\n");
});

test("CGIHTTPRequestHandler sends no body for HEAD, but lets the script finish", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD +
      "head -c 1000000 /dev/zero; echo done > ../scratch/$REQUEST_METHOD",
    "cgi-bin/length": print("Content-Length: 6\n\nhello"),
  });
  using client = await scripts.connect();
  await client.write(ask("HEAD", "/cgi-bin/x"));
  const answer = await client.answer("HEAD");
  assertEquals(answer.header("content-type"), "text/plain");
  await client.write(ask("HEAD", "/cgi-bin/length"));
  assertEquals((await client.answer("HEAD")).header("content-length"), "6");
  await client.write(get("/cgi-bin/length"));
  assertEquals((await client.answer()).body, "hello\n");
  assertEquals(await Deno.readTextFile(scripts.in("scratch/HEAD")), "done\n");
});

for (const status of ["204 None", "304 Not Modified", "205 Reset"]) {
  test(`CGIHTTPRequestHandler sends no body with Status: ${status}`, async () => {
    await using scripts = await serveScripts({
      "cgi-bin/x": print(`Status: ${status}\nContent-Length: 6\n\nhello`),
      "cgi-bin/y": print("X: 1\n\nnext"),
    });
    using client = await scripts.connect();
    await client.write(get("/cgi-bin/x") + get("/cgi-bin/y"));
    const answer = await client.answer();
    assertEquals(`${answer.status} ${answer.reason}`, status);
    assertEquals(answer.body, "");
    assertEquals((await client.answer()).body, "next\n");
  });
}

test("CGIHTTPRequestHandler honours Status, with and without a reason", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": print("Status: 404 Lost it\n\ngone"),
    "cgi-bin/y": print("Status: 418\n\ntea"),
    "cgi-bin/z": print("HTTP/1.0 403 No\nX: 1\n\nno"),
  });
  const lines = [];
  for (const name of ["x", "y", "z"]) {
    const { status, reason, body } = await scripts.ask(get(`/cgi-bin/${name}`));
    lines.push(`${status} ${reason}: ${body}`);
  }
  assertEquals(lines, [
    "404 Lost it: gone\n",
    "418 I'm a Teapot: tea\n",
    "403 No: no\n",
  ]);
});

test("CGIHTTPRequestHandler sends 302 for a Location on another host, or the script's Status", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/far": print("Location: http://b.example/\n"),
    "cgi-bin/sly": print("Location: //b.example/\n"),
    "cgi-bin/see": print("Status: 303 See\nLocation: /file\n"),
    "file": "the file",
  });
  const rows = [
    ["far", 302, "http://b.example/"],
    ["sly", 302, "//b.example/"],
    ["see", 303, "/file"],
  ];
  for (const [name, status, location] of rows) {
    const answer = await scripts.ask(get(`/cgi-bin/${name}`));
    assertEquals([answer.status, answer.header("location")], [
      status,
      location,
    ]);
  }
});

test("CGIHTTPRequestHandler serves the target of a local redirect, a file or another script", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": print("Location: /file\n\nignored"),
    "cgi-bin/y": print("Location: /cgi-bin/z/info?q=1\n"),
    "cgi-bin/z": HEAD +
      'echo "$REQUEST_METHOD $PATH_INFO $QUERY_STRING [$CONTENT_LENGTH$(cat)]"',
    "file": "the file",
  });
  using client = await scripts.connect();
  await client.write(get("/cgi-bin/x"));
  assertEquals((await client.answer()).body, "the file");
  await client.write(
    ask("POST", "/cgi-bin/y", ["Content-Length: 4"], "body") +
      get("/cgi-bin/x"),
  );
  assertEquals((await client.answer()).body, "GET /info q=1 []\n");
  assertEquals((await client.answer()).body, "the file");
});

test("CGIHTTPRequestHandler sends 500 for a loop of local redirects", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": "echo >> ../scratch/runs; printf 'Location: /cgi-bin/x\\n\\n'",
  });
  assertEquals((await scripts.ask(get("/cgi-bin/x"))).status, 500);
  assertEquals(
    await Deno.readTextFile(scripts.in("scratch/runs")),
    "\n".repeat(11),
  );
  assertEquals(scripts.log, [
    "code 500, message Too many redirects between CGI scripts",
    '"GET /cgi-bin/x HTTP/1.1" 500 -',
  ]);
});

test("CGIHTTPRequestHandler ignores the local redirect of a killed script", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": "printf 'Location: /file\\n\\n'; kill -9 $$",
    "file": "the file",
  });
  const answer = await scripts.ask(get("/cgi-bin/x"));
  assertEquals(answer.reason, "CGI script exit code -9");
});

test("CGIHTTPRequestHandler sends the output of an nph- script unchanged and closes the connection", async () => {
  const text = "HTTP/1.1 299 Mine\r\nX: 1\r\n\r\nhello\n";
  await using scripts = await serveScripts({
    "cgi-bin/nph-x": `printf '${text}'`,
    "cgi-bin/nph-none": "cat > /dev/null",
  });
  assertEquals(await scripts.send(get("/cgi-bin/nph-x/info?q")), text);
  assertEquals(
    await scripts.send(get("/cgi-bin/nph-x") + get("/cgi-bin/nph-x")),
    text,
  );
  const none = await scripts.ask(get("/cgi-bin/nph-none"));
  assertEquals(none.reason, "CGI error: the script sent nothing");
  assertEquals(scripts.log[0], '"GET /cgi-bin/nph-x/info?q HTTP/1.1" - -');
});

/** Scripts without a valid response, and the reason phrases that clients get. */
const FAULTS: readonly (readonly [script: string, reason: string])[] = [
  ["true", "CGI error: the script sent no header"],
  ["echo; echo hello", "CGI error: the script sent no header"],
  ["echo hello world", "CGI error: the script sent a malformed header"],
  ["printf 'X: a\\rb\\n\\n'", "CGI error: the script sent a malformed header"],
  [
    "head -c 1000000 /dev/zero",
    "CGI error: the script sent a header that is too large",
  ],
  [
    "yes 'X: 1' | head -c 1000000",
    "CGI error: the script sent a header that is too large",
  ],
  ["yes 'X: 1'", "CGI error: the script sent a header that is too large"],
  [
    "printf 'Status: 2000\\n\\n'",
    "CGI error: the script sent a malformed status",
  ],
  [
    "printf 'Content-Length: x\\n\\n'",
    "CGI error: the script sent a malformed Content-Length",
  ],
  ["exit 3", "CGI script exit code 3"],
  ["echo hello; exit 3", "CGI script exit code 3"],
  ["kill -9 $$", "CGI script exit code -9"],
  ["kill -SEGV $$", "CGI script exit code -11"],
];

test("CGIHTTPRequestHandler sends 500 and logs one line for a script without a valid response", async () => {
  await using scripts = await serveScripts({
    ...Object.fromEntries(
      FAULTS.map(([script], index) => [`cgi-bin/${index}`, script]),
    ),
    "file": "the file",
  });
  for (const [index, [script, reason]] of FAULTS.entries()) {
    const answer = await scripts.ask(get(`/cgi-bin/${index}`));
    assertEquals([answer.status, answer.reason], [500, reason], script);
    assertEquals(scripts.log.slice(-2), [
      `code 500, message ${reason}`,
      `"GET /cgi-bin/${index} HTTP/1.1" 500 -`,
    ]);
  }
  assertEquals(scripts.log.length, 2 * FAULTS.length);
  assertEquals(await scripts.get("/file"), "the file");
});

test("CGIHTTPRequestHandler logs a script's exit code as CPython does, and its standard error line by line", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD +
      "echo hello; printf 'one\\n\\033two\\nthree' >&2; exit 3",
  });
  assertEquals(await scripts.get("/cgi-bin/x"), "hello\n");
  assertEquals(scripts.log.toSorted(), [
    '"GET /cgi-bin/x HTTP/1.1" 200 -',
    "CGI script exit code 3",
    "CGI script: \x1btwo",
    "CGI script: one",
    "CGI script: three",
  ]);
});

test("CGIHTTPRequestHandler leaves the response incomplete if the script crashes", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello; kill -9 $$",
    "file": "the file",
  });
  const answer = await scripts.send(get("/cgi-bin/x"));
  // No last chunk.
  assertEquals(
    answer.slice(answer.indexOf("\r\n\r\n") + 4),
    "6\r\nhello\n\r\n",
  );
  assertEquals(scripts.log.at(-1), "CGI script exit code -9");
  assertEquals(await scripts.get("/file"), "the file");
});

test("CGIHTTPRequestHandler sends every byte unchanged", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "cat ../bytes",
    "bytes": decodeLatin1(Uint8Array.from({ length: 256 }, (_, at) => at)),
  });
  assertEquals(
    await scripts.get("/cgi-bin/x"),
    decodeLatin1(Uint8Array.from({ length: 256 }, (_, at) => at)),
  );
});
