// CGIHTTPServerTestCase of CPython's test_httpservers.py (test_url_collapse_path is in its
// own file), and untested behaviours of CPython's class. CPython's scripts are in Python;
// these are for sh, as only the server is under test.

import { assert, assertEquals } from "@std/assert";
import { CGIHTTPRequestHandler } from "../../handlers/mod.ts";
import {
  ask,
  get,
  HEAD,
  post,
  type Scripts,
  type ScriptsOptions,
  serveScripts,
  test,
} from "../cgi/_scripts.ts";

const HELLO = "printf 'Content-type: text/html\\n\\nHello World\\n'";

/** Serves CPython's folder of scripts. */
function serveCase(options?: ScriptsOptions): Promise<Scripts> {
  return serveScripts({
    "nocgi.py": "#!/bin/sh\n" + HELLO,
    "cgi-bin/file1.py": HELLO,
    "cgi-bin/file2.py": HEAD + 'echo "$CONTENT_LENGTH $(cat)"',
    "cgi-bin/child-dir/file3.py": HELLO,
    "cgi-bin/file4.py": "printf 'Content-type: text/html\\n\\n'\n" +
      'echo "$QUERY_STRING"',
    "sub/dir/cgi-bin/file5.py": "#!/bin/sh\n" + HELLO,
    "cgi-bin/file6.py": HEAD + "env",
    "cgi-bin/file7.py": HEAD + 'echo "$CONTENT_LENGTH" $(wc -c)',
  }, options);
}

/** Asserts that a request runs the greeting script. */
async function assertGreets(
  request: string,
  options?: ScriptsOptions,
): Promise<void> {
  await using scripts = await serveCase(options);
  const { body, header, status } = await scripts.ask(request);
  assertEquals([body, header("content-type"), status], [
    "Hello World\n",
    "text/html",
    200,
  ]);
}

test("CGIHTTPServerTestCase.test_headers_and_content: a script's fields and output are sent with 200", () =>
  assertGreets(get("/cgi-bin/file1.py")));

test("CGIHTTPServerTestCase.test_issue19435: a path through another file finds no script", async () => {
  await using scripts = await serveCase();
  const target = "///////////nocgi.py/../cgi-bin/nothere.sh";
  assertEquals((await scripts.ask(get(target))).status, 404);
});

test("CGIHTTPServerTestCase.test_post: a form reaches the script's standard input", async () => {
  await using scripts = await serveCase();
  const form = "spam=1&eggs=python&bacon=123456";
  assertEquals(
    (await scripts.ask(post("/cgi-bin/file2.py", form))).body,
    `${form.length} ${form}\n`,
  );
});

test("CGIHTTPServerTestCase.test_large_content_length: bodies up to 16 MiB arrive whole", async () => {
  await using scripts = await serveCase();
  for (let power = 15; power < 25; power++) {
    const size = 2 ** power;
    const { body } = await scripts.ask(
      post("/cgi-bin/file7.py", "X".repeat(size)),
    );
    assertEquals(body, `${size} ${size}\n`);
  }
});

test("CGIHTTPServerTestCase.test_large_content_length_truncated: a script responds if the body doesn't arrive, up to 2^64", async () => {
  class Impatient extends CGIHTTPRequestHandler {
    // Long enough to receive the head on a busy machine.
    override timeout = 1;
  }
  await using scripts = await serveCase({ Handler: Impatient });
  // In parallel, since most of the time is spent waiting.
  let power = 18n;
  await Promise.all(Array.from({ length: 8 }, async () => {
    while (power < 65n) {
      const name = `2^${power}`;
      const fields = [`Content-Length: ${2n ** power++}`];
      // The head must arrive in time, so it is sent together with the body.
      const response = await scripts.send(
        ask("POST", "/cgi-bin/file1.py", fields, "x"),
      );
      assertEquals(response.slice(9, 12), "200", name);
      assert(response.includes("Hello World\n"), name);
    }
  }));
});

test("CGIHTTPServerTestCase.test_invaliduri: a missing script gets 404", async () => {
  await using scripts = await serveCase();
  assertEquals((await scripts.ask(get("/cgi-bin/invalid"))).status, 404);
});

test("CGIHTTPServerTestCase.test_authorization: a request with credentials runs the script", () =>
  assertGreets(
    get("/cgi-bin/file1.py", `Authorization: Basic ${btoa("username:pass")}`),
  ));

test("CGIHTTPServerTestCase.test_no_leading_slash: a target without its slash runs the script", () =>
  assertGreets(get("cgi-bin/file1.py")));

test("CGIHTTPServerTestCase.test_os_environ_is_not_altered: the server's own environment is not changed", async () => {
  const before = Deno.env.toObject();
  await assertGreets(get("/cgi-bin/file1.py?q"));
  assertEquals(Deno.env.toObject(), before);
});

test("CGIHTTPServerTestCase.test_urlquote_decoding_in_cgi_check: an encoded slash after the directory runs the script", () =>
  assertGreets(get("/cgi-bin%2ffile1.py")));

test("CGIHTTPServerTestCase.test_nested_cgi_path_issue21323: a script in a folder below the directory runs", () =>
  assertGreets(get("/cgi-bin/child-dir/file3.py")));

test("CGIHTTPServerTestCase.test_query_with_multiple_question_mark: the query begins at the first question mark", async () => {
  await using scripts = await serveCase();
  assertEquals(await scripts.get("/cgi-bin/file4.py?a=b?c=d"), "a=b?c=d\n");
});

test("CGIHTTPServerTestCase.test_query_with_continuous_slashes: the query is kept byte for byte", async () => {
  await using scripts = await serveCase();
  const query = "k=aa%2F%2Fbb&//q//p//=//a//b//";
  assertEquals(await scripts.get(`/cgi-bin/file4.py?${query}`), query + "\n");
});

test("CGIHTTPServerTestCase.test_cgi_path_in_sub_directories: a CGI directory may be deep", () => {
  class Deep extends CGIHTTPRequestHandler {
    override cgi_directories = ["/cgi-bin", "/htbin", "/sub/dir/cgi-bin"];
  }
  return assertGreets(get("/sub/dir/cgi-bin/file5.py"), { Handler: Deep });
});

test("CGIHTTPServerTestCase.test_accept: HTTP_ACCEPT has one field, none, or two joined", async () => {
  await using scripts = await serveCase();
  const browser =
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  const rows: readonly (readonly [fields: string[], expected: string])[] = [
    [[`Accept: ${browser}`], browser],
    [[], ""],
    [["Accept: text/html", "ACCEPT: text/plain"], "text/html,text/plain"],
  ];
  for (const [fields, expected] of rows) {
    const { body } = await scripts.ask(get("/cgi-bin/file6.py", ...fields));
    assertEquals(body.split("\n").includes(`HTTP_ACCEPT=${expected}`), true);
  }
});

test("behaviour 153: POST outside of the CGI directories is 501", async () => {
  await using scripts = await serveCase();
  const { status, reason } = await scripts.ask(post("/nocgi.py", "x"));
  assertEquals([status, reason], [501, "Can only POST to CGI scripts"]);
});

test("behaviour 154: a missing, special or non-executable file gets CPython's message", async () => {
  await using scripts = await serveCase();
  await Deno.chmod(scripts.in("cgi-bin/file1.py"), 0o644);
  const reasons = [];
  for (const name of ["none", "child-dir", "file1.py"]) {
    const { status, reason } = await scripts.ask(get(`/cgi-bin/${name}`));
    reasons.push(`${status} ${reason}`);
  }
  assertEquals(reasons, [
    "404 No such CGI script ('/cgi-bin/none')",
    "403 CGI script is not a plain file ('/cgi-bin/child-dir')",
    "403 CGI script is not executable ('/cgi-bin/file1.py')",
  ]);
});

test("behaviour 155: a script receives CPython's variables", async () => {
  await using scripts = await serveCase();
  const fields = [
    `Authorization: Basic ${btoa("username:pass")}`,
    "Cookie: a=1",
    "Referer: /r",
    "User-Agent: agent",
    "Proxy: http://evil/",
  ];
  const target = "/cgi-bin/file6.py/in%20fo?q=1";
  const lines = (await scripts.ask(get(target, ...fields))).body.split("\n");
  const expected = [
    "AUTH_TYPE=Basic",
    "CONTENT_LENGTH=",
    "CONTENT_TYPE=text/plain",
    "GATEWAY_INTERFACE=CGI/1.1",
    "HTTP_ACCEPT=",
    "HTTP_COOKIE=a=1",
    "HTTP_REFERER=/r",
    "HTTP_USER_AGENT=agent",
    "PATH_INFO=/in fo",
    `PATH_TRANSLATED=${scripts.in("in fo")}`,
    "QUERY_STRING=q=1",
    "REMOTE_ADDR=127.0.0.1",
    "REMOTE_HOST=",
    "REMOTE_USER=username",
    "REQUEST_METHOD=GET",
    "SCRIPT_NAME=/cgi-bin/file6.py",
    "SERVER_NAME=127.0.0.1",
    `SERVER_PORT=${scripts.port}`,
    "SERVER_PROTOCOL=HTTP/1.1",
    `SERVER_SOFTWARE=SimpleHTTP/0.6 Deno/${Deno.version.deno}`,
  ];
  assertEquals(
    lines.filter((line) => expected.includes(line)).sort(),
    expected,
  );
  assertEquals(lines.filter((line) => line.startsWith("HTTP_PROXY")), []);
});

test("behaviour 156: without Status, the reason is that of CPython", async () => {
  await using scripts = await serveCase();
  const { status, reason } = await scripts.ask(get("/cgi-bin/file1.py"));
  assertEquals([status, reason], [200, "Script output follows"]);
});

test("behaviour 158: an exit code is logged with CPython's message", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello; exit 3",
  });
  assertEquals(await scripts.get("/cgi-bin/x"), "hello\n");
  assertEquals(scripts.log.at(-1), "CGI script exit code 3");
});

test("behaviour 159: the directory itself gets a redirect and then 403, and a path above the root 404", async () => {
  await using scripts = await serveCase();
  const statuses = [];
  for (
    const target of [
      "/cgi-bin",
      "/cgi-bin/",
      "/cgi-bin/child-dir/",
      "/..",
      "/../cgi-bin/file1.py",
    ]
  ) statuses.push((await scripts.ask(get(target))).status);
  assertEquals(statuses, [301, 403, 403, 404, 404]);
});
