// Which targets run a script. No target may return a script's source.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { CGIHTTPRequestHandler } from "../../handlers/mod.ts";
import { beginsProgram } from "../../handlers/cgi/program.ts";
import { get, HEAD, type Scripts, serveScripts, test } from "./_scripts.ts";

/** Prints its path variables. No response may contain the source of this line. */
const PRINT_PATH = HEAD +
  'echo "$SCRIPT_NAME|$PATH_INFO|$QUERY_STRING|$#|$1" # the source';

function serveNames(): Promise<Scripts> {
  return serveScripts({
    "cgi-bin/x": PRINT_PATH,
    "cgi-bin/two words": PRINT_PATH,
    "cgi-bin/a?b": PRINT_PATH,
    "cgi-bin/a#b": PRINT_PATH,
    "cgi-bin/a%20b": PRINT_PATH,
    "cgi-bin/.hidden": PRINT_PATH,
    "cgi-bin/dots..": PRINT_PATH,
    "cgi-bin/$(id);`id`": PRINT_PATH,
    "cgi-bin/sub/y": PRINT_PATH,
    "cgi-bin/%2e%2e/z": PRINT_PATH,
    "a file": "a file",
  });
}

/** Targets and the script's output. */
const RUN: readonly (readonly [target: string, printed: string])[] = [
  ["/cgi-bin/x", "/cgi-bin/x|||0|"],
  ["cgi-bin/x", "/cgi-bin/x|||0|"],
  ["http://h/cgi-bin/x", "/cgi-bin/x|||0|"],
  ["HTTPS://u:p@h:1//cgi-bin/x/p?a=b", "/cgi-bin/x|/p|a=b|0|"],
  ["http://h/cgi-bin%2fx?w", "/cgi-bin/x||w|1|w"],
  ["//cgi-bin/x", "/cgi-bin/x|||0|"],
  ["/./cgi-bin/x", "/cgi-bin/x|||0|"],
  ["/nothing/../cgi-bin/x", "/cgi-bin/x|||0|"],
  ["/cgi-bin%2fx", "/cgi-bin/x|||0|"],
  ["/cgi%2Dbin//.//x", "/cgi-bin/x|||0|"],
  ["/cgi-bin/sub/../x", "/cgi-bin/x|||0|"],
  ["/cgi-bin/sub/y", "/cgi-bin/sub/y|||0|"],
  ["/cgi-bin/x/p/q", "/cgi-bin/x|/p/q||0|"],
  ["/cgi-bin/x/", "/cgi-bin/x|/||0|"],
  ["/cgi-bin/x/a%20b%3F?q=1", "/cgi-bin/x|/a b?|q=1|0|"],
  ["/cgi-bin/x?", "/cgi-bin/x|||0|"],
  ["/cgi-bin/x?a=/../..", "/cgi-bin/x||a=/../..|0|"],
  ["/cgi-bin/x?a+b%20c", "/cgi-bin/x||a+b%20c|2|a"],
  ["/cgi-bin/x?$(id);`id`", "/cgi-bin/x||$(id);`id`|1|$(id);`id`"],
  ["/cgi-bin/x#y", "/cgi-bin/x|||0|"],
  ["/cgi-bin/x#/../../x", "/cgi-bin/x|||0|"],
  ["/cgi-bin/two%20words", "/cgi-bin/two words|||0|"],
  ["/cgi-bin/a%3Fb?c=d", "/cgi-bin/a?b||c=d|0|"],
  ["/cgi-bin/a%23b", "/cgi-bin/a#b|||0|"],
  ["/cgi-bin/a%2520b", "/cgi-bin/a%20b|||0|"],
  ["/cgi-bin/.hidden", "/cgi-bin/.hidden|||0|"],
  ["/cgi-bin/dots..", "/cgi-bin/dots..|||0|"],
  ["/cgi-bin/$(id);`id`", "/cgi-bin/$(id);`id`|||0|"],
  ["/cgi-bin/%252e%252e/z", "/cgi-bin/%2e%2e/z|||0|"],
];

test("CGIHTTPRequestHandler runs the script of a target, however the target is spelled", async () => {
  await using scripts = await serveNames();
  for (const [target, printed] of RUN) {
    assertEquals(await scripts.get(target), printed + "\n", target);
  }
});

/** Targets that run no script, and their status codes. */
const REFUSED: readonly (readonly [target: string, status: number])[] = [
  ["/cgi-bin", 301],
  ["/cgi-bin/", 403],
  ["/cgi-bin/.", 403],
  ["/cgi-bin/sub", 403],
  ["/cgi-bin/sub/", 403],
  ["/cgi-bin/sub/../", 403],
  ["/cgi-bin/nothing", 404],
  ["/cgi-bin/nothing/x", 404],
  ["/cgi-bin/x%00", 404],
  ["/cgi-bin/x%00.txt", 404],
  ["/cgi-bin/x/%00", 404],
  ["/cgi-bin/x.", 404],
  ["/cgi-bin/%E2%82%AC", 404],
  ["/cgi-bin/%FF", 404],
  ["/cgi-bin/\xff", 404],
  ["/cgi-bin/" + "x".repeat(5_000), 404],
  ["/cgi-bin%252fx", 404],
  ["/cgi-bin%00/x", 404],
  ["/cgi-bin\\x", 404],
  ["/cgi-bin/..%5cx", 404],
  ["/..", 404],
  ["/../cgi-bin/x", 404],
  ["/%2e%2e/cgi-bin/x", 404],
  ["/cgi-bin/../../cgi-bin/x", 404],
  ["http:/a/cgi-bin/x", 404],
  ["/http://a/cgi-bin/x", 404],
];

test("CGIHTTPRequestHandler runs no script and sends no source for any other target", async () => {
  await using scripts = await serveNames();
  for (const [target, status] of REFUSED) {
    const answer = await scripts.ask(get(target));
    assertEquals(answer.status, status, target);
    assert(!answer.body.includes("the source"), target);
    assert(!answer.body.includes("|0|"), target);
  }
});

test(
  "CGIHTTPRequestHandler treats /CGI-BIN/ as another folder on a case-sensitive file system",
  async () => {
    await using scripts = await serveScripts({
      "cgi-bin/x": PRINT_PATH,
      "CGI-BIN/x": "a file",
    });
    assertEquals(await scripts.get("/CGI-BIN/x"), "a file");
    assertEquals(await scripts.get("/cgi-bin/x"), "/cgi-bin/x|||0|\n");
  },
  Deno.build.os === "darwin",
);

test("CGIHTTPRequestHandler serves files outside the CGI directories", async () => {
  await using scripts = await serveNames();
  assertEquals(await scripts.get("/a%20file"), "a file");
  assertEquals(await scripts.get("/a%20file?/cgi-bin/x"), "a file");
});

test("CGIHTTPRequestHandler runs scripts with non-ASCII names", async () => {
  await using scripts = await serveScripts({ "cgi-bin/caf\xe9": PRINT_PATH });
  const printed = await scripts.get("/cgi-bin/caf%C3%A9/%E2%82%AC?%E2%82%AC=");
  assertEquals(
    printed,
    "/cgi-bin/caf\xc3\xa9|/\xe2\x82\xac|%E2%82%AC=|0|\n",
  );
});

test("CGIHTTPRequestHandler sends 403 for files that can't be executed", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/plain": PRINT_PATH,
    "cgi-bin/private": PRINT_PATH,
  });
  await Deno.chmod(scripts.in("cgi-bin/plain"), 0o644);
  await new Deno.Command("mkfifo", { args: [scripts.in("cgi-bin/fifo")] })
    .output();
  const rows = [
    ["plain", "CGI script is not executable ('/cgi-bin/plain')"],
    ["fifo", "CGI script is not a plain file ('/cgi-bin/fifo')"],
  ];
  for (const [name, reason] of rows) {
    const answer = await scripts.ask(get(`/cgi-bin/${name}`));
    assertEquals([answer.status, answer.reason], [403, reason]);
  }
});

test(
  "CGIHTTPRequestHandler sends 403 for a script that the user nobody can't execute",
  async () => {
    await using scripts = await serveScripts({ "cgi-bin/private": PRINT_PATH });
    await Deno.chmod(scripts.in("cgi-bin/private"), 0o700);
    const answer = await scripts.ask(get("/cgi-bin/private"));
    assertEquals(
      [answer.status, answer.reason],
      [403, "CGI script can not be run"],
    );
    await Deno.chmod(scripts.in("cgi-bin/private"), 0o755);
    await Deno.chmod(scripts.in("cgi-bin"), 0o700);
    assertEquals((await scripts.ask(get("/cgi-bin/private"))).status, 403);
  },
  Deno.build.os === "windows" || Deno.uid() !== 0,
);

test("CGIHTTPRequestHandler logs why a script can't start and sends 500, or 431 if the headers are too large", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/lost": "#!/nowhere/at/all\n",
    "cgi-bin/x": PRINT_PATH,
  });
  const lost = await scripts.ask(get("/cgi-bin/lost"));
  assertEquals([lost.status, lost.reason], [500, "CGI script can not be run"]);
  // Linux limits the size of one environment variable.
  const fields = Array.from({ length: 3 }, () => `X: ${"x".repeat(60_000)}`);
  const large = await scripts.ask(get("/cgi-bin/x", ...fields));
  assertEquals(large.status, 431);
  assertStringIncludes(scripts.log[0]!, "/cgi-bin/lost'");
  assertEquals(await scripts.get("/cgi-bin/x"), "/cgi-bin/x|||0|\n");
});

test("CGIHTTPRequestHandler sends 500 for a script without a #! line instead of running it in a shell", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/bare": "#\n" + PRINT_PATH,
    "cgi-bin/empty": "#!",
    "cgi-bin/x": PRINT_PATH,
  });
  await Deno.chmod(scripts.in("cgi-bin"), 0o777);
  for (const [name, text] of [["bare", PRINT_PATH], ["empty", ""]] as const) {
    await Deno.writeTextFile(scripts.in(`cgi-bin/${name}`), text);
    const answer = await scripts.ask(get(`/cgi-bin/${name}`));
    assertEquals(
      [answer.status, answer.reason],
      [500, "CGI script can not be run"],
    );
  }
  assertStringIncludes(
    scripts.log[0]!,
    "/cgi-bin/bare: it is not a binary; add a first line with #!",
  );
  assertEquals(await scripts.get("/cgi-bin/x"), "/cgi-bin/x|||0|\n");
});

test("beginsProgram() recognizes scripts and binaries by their first bytes", () => {
  const bytes = (...values: number[]) => new Uint8Array(values);
  assert(beginsProgram(bytes(0x23, 0x21)));
  assert(beginsProgram(bytes(0x7f, 0x45, 0x4c, 0x46)));
  assert(beginsProgram(bytes(0xcf, 0xfa, 0xed, 0xfe)));
  for (const text of ["", "#", "# !", "echo", "\x7fEL", " #!"]) {
    assertEquals(beginsProgram(new TextEncoder().encode(text)), false, text);
  }
  return Promise.resolve();
});

test("cgi_directories may have any number of leading and trailing slashes", async () => {
  for (const directory of ["/scripts", "scripts", "/scripts/", "scripts//"]) {
    class Handler extends CGIHTTPRequestHandler {
      override cgi_directories = [directory];
    }
    await using scripts = await serveScripts(
      { "scripts/x": "#!/bin/sh\n" + HEAD + "echo ran" },
      { Handler },
    );
    assertEquals(await scripts.get("/scripts/x"), "ran\n", directory);
  }
});
