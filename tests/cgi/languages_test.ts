// Scripts in sh, Python and Deno that read the request body.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { CGIHTTPRequestHandler } from "../../handlers/mod.ts";
import {
  get,
  hasProgram,
  mayStart,
  NO_SCRIPTS,
  post,
  scriptFolder,
  serveScripts,
  test,
} from "./_scripts.ts";

/** If it is set, the tests fail without Python. */
const isRequired = (Deno.env.get("REQUIRE_PYTHON") ?? "") !== "";
const HAS_PYTHON = hasProgram("python3") || (isRequired && !NO_SCRIPTS);
if (!HAS_PYTHON && !NO_SCRIPTS) {
  // deno-lint-ignore no-console
  console.log("Ignoring the tests of Python scripts: python3 was not found");
}

const PYTHON = `#!/usr/bin/env python3
import os, sys
body = sys.stdin.buffer.read(int(os.environ["CONTENT_LENGTH"] or 0))
print("Content-Type: text/plain")
print()
print(os.environ["REQUEST_METHOD"], os.environ["QUERY_STRING"], len(body))
`;

const DENO = `
const body = new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer());
const { REQUEST_METHOD, QUERY_STRING } = Deno.env.toObject() as Record<string, string>;
console.log("Content-Type: text/plain\\n");
console.log(REQUEST_METHOD, QUERY_STRING, body.length);
`;

const SH = `printf 'Content-Type: text/plain\\n\\n'
echo "$REQUEST_METHOD $QUERY_STRING $(wc -c | tr -d ' ')"`;

/** Returns the script for Deno. Its first line runs a copy of Deno that all users can execute. */
async function denoScript(folder: string): Promise<string> {
  const copy = `${folder}/deno`;
  try {
    await Deno.link(Deno.execPath(), copy);
  } catch {
    // Can't link to another file system.
    await Deno.copyFile(Deno.execPath(), copy);
    await Deno.chmod(copy, 0o755);
  }
  const run = `DENO_DIR=${folder}/scratch ${copy} run --no-config --no-lock`;
  return `#!/usr/bin/env -S ${run} --no-prompt --allow-env --quiet\n${DENO}`;
}

test("CGIHTTPRequestHandler runs a script in sh", async () => {
  await using scripts = await serveScripts({ "cgi-bin/x": SH });
  const answer = await scripts.ask(post("/cgi-bin/x?q=1", "body"));
  assertEquals(answer.body, "POST q=1 4\n");
});

test("CGIHTTPRequestHandler runs a script in Python", async () => {
  await using scripts = await serveScripts({ "cgi-bin/x.py": PYTHON });
  const answer = await scripts.ask(post("/cgi-bin/x.py?q=1", "body"));
  assertEquals(answer.body, "POST q=1 4\n");
}, !HAS_PYTHON);

test("CGIHTTPRequestHandler runs a script in Deno", async () => {
  await using tools = await scriptFolder({});
  await using scripts = await serveScripts({
    "cgi-bin/x.ts": await denoScript(tools.path),
  });
  const answer = await scripts.ask(post("/cgi-bin/x.ts?q=1", "body"));
  assertEquals([answer.body, scripts.log.slice(1)], ["POST q=1 4\n", []]);
});

test(
  "CGIHTTPRequestHandler without have_fork passes Python scripts to the interpreter, executable or not",
  async () => {
    class Windows extends CGIHTTPRequestHandler {
      override have_fork = false;
    }
    await using scripts = await serveScripts({
      "cgi-bin/x.py": PYTHON.slice(PYTHON.indexOf("\n") + 1) +
        'print(sys.argv[1:], file=sys.stderr)\nsys.exit("b" in sys.argv)',
    }, { Handler: Windows });
    await Deno.chmod(scripts.in("cgi-bin/x.py"), 0o644);
    assertEquals(await scripts.get("/cgi-bin/x.py?a"), "GET a 0\n");
    assertStringIncludes(scripts.log[0]!, "command: python3 -u ");
    assertStringIncludes(scripts.log.join("\n"), "CGI script: ['a']");
    assertStringIncludes(scripts.log.join("\n"), "CGI script exited OK");
    assertEquals((await scripts.ask(get("/cgi-bin/x.py?b"))).status, 200);
    assertStringIncludes(scripts.log.join("\n"), "CGI script exit status 0x1");
  },
  !mayStart("python3"),
);
