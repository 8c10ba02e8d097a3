// SimpleHTTPServerTestCase of CPython's test_httpservers.py: names of every kind as
// directories, and as files in a listing.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { listingPage } from "../../handlers/listing.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { quote } from "../../text/quote.ts";
import type { Served } from "../_serve.ts";
import { type Folder, folder, get, serveFolder } from "../handlers/_folder.ts";
import { pureTest } from "../_lib/pure.ts";

const windows = Deno.build.os === "windows";

/** Names with special characters in URLs or in HTML. */
const SPECIAL: readonly string[] = [
  "q?",
  "f#",
  "&amp;",
  "&amp",
  "<i>",
  '"dq"',
  "'sq'",
  "%A4",
  "%E2%82%AC",
];

const NONASCII = "\xe6\u0130\u0141\u03c6\u041a\u05d0\u060c\u0e01\u00a0\u20ac";

/** Requests a listing, which must declare UTF-8. */
async function listing(server: Served, target: string): Promise<string> {
  const response = await server.ask(get(target));
  assertEquals(response.status, 200, target);
  assertEquals(response.header("content-type"), "text/html; charset=utf-8");
  return new TextDecoder().decode(encodeLatin1(response.body));
}

/** Asserts that a directory is listed under its name. */
async function assertDirectory(
  name: string,
  quoted: string = quote(name),
): Promise<void> {
  await using files = await folder({ [`base/${name}/`]: "" });
  await using server = serveFolder(files.path);
  const page = await listing(server, `/base/${quoted}/`);
  const shown = escapeHtml(`Directory listing for /base/${name}/`, false);
  assertStringIncludes(page, `<title>${shown}</title>`);
  assertStringIncludes(page, `<h1>${shown}</h1>`);
}

/** Asserts that a file is listed with the right link, and can be fetched. */
async function assertFile(name: string): Promise<void> {
  const content = `the content of ${quote(name)}\xff`;
  await using files = await folder({ [`base/${name}`]: content });
  await using server = serveFolder(files.path);
  const page = await listing(server, "/base/");
  assertStringIncludes(
    page,
    `<a href="${quote(name)}">${escapeHtml(name, false)}</a>`,
  );
  const response = await server.ask(get(`/base/${quote(name)}`));
  assertEquals([response.status, response.body], [200, content]);
}

Deno.test("SimpleHTTPServerTestCase.test_list_dir_nonascii_dirname: a directory's name is shown in UTF-8", async () => {
  await assertDirectory(`${NONASCII}.dir`);
});

Deno.test("SimpleHTTPServerTestCase.test_list_dir_nonascii_filename: a file's name is shown in UTF-8, and its link works", async () => {
  await assertFile(`${NONASCII}.txt`);
});

Deno.test({
  name:
    "SimpleHTTPServerTestCase.test_list_dir_escape_dirname: names with characters of URLs and HTML are shown unchanged",
  ignore: windows,
  async fn() {
    for (const name of SPECIAL) {
      await assertDirectory(`${name}.dir`);
      // These need no escape in a target.
      await assertDirectory(`${name}.dir`, quote(`${name}.dir`, "&<>'\""));
    }
  },
});

Deno.test({
  name:
    "SimpleHTTPServerTestCase.test_list_dir_escape_filename: links are quoted, and resolve to their files",
  ignore: windows,
  async fn() {
    for (const name of SPECIAL) await assertFile(`${name}.txt`);
  },
});

Deno.test("SimpleHTTPServerTestCase.test_list_dir_undecodable_dirname2: bytes that are not UTF-8 match U+FFFD", async () => {
  await assertDirectory("\ufffd.dir", "%ff.dir");
});

Deno.test("SimpleHTTPServerTestCase.test_list_dir_with_query_and_fragment: the title is without query and fragment", async () => {
  await using files = await folder({ "base/": "" });
  await using server = serveFolder(files.path);
  for (const end of ["#123", "?x=123"]) {
    const page = await listing(server, `/base/${end}`);
    assertStringIncludes(page, "<title>Directory listing for /base/</title>");
    assertStringIncludes(page, "<h1>Directory listing for /base/</h1>");
  }
});

/** Runs a shell command in which `$0` has the bytes `e7 77 f0`, which are not UTF-8. */
async function makeUndecodable(
  files: Folder,
  script: string,
): Promise<boolean> {
  const { success } = await new Deno.Command("sh", {
    args: ["-c", `name=$(printf '\\347w\\360'); ${script}`],
    cwd: files.path,
    stderr: "null",
  }).output();
  if (!success) {
    // deno-lint-ignore no-console
    console.log("left out: this file system takes no names but UTF-8");
  }
  return success;
}

// Deno shows such names with U+FFFD in them, and can't open them.
Deno.test({
  name:
    "SimpleHTTPServerTestCase.test_list_dir_undecodable_dirname: a directory whose name is not UTF-8 is listed, but can't be entered (differs from CPython)",
  ignore: windows,
  async fn() {
    await using files = await folder({ "base/plain": "x" });
    if (!await makeUndecodable(files, 'mkdir "base/$name.dir"')) return;
    await using server = serveFolder(files.path);
    const page = await listing(server, "/base/");
    assertStringIncludes(
      page,
      '<li><a href="%EF%BF%BDw%EF%BF%BD.dir/">\ufffdw\ufffd.dir/</a></li>',
    );
    assertStringIncludes(page, '<a href="plain">plain</a>');
    for (const target of ["%E7w%F0.dir", "%EF%BF%BDw%EF%BF%BD.dir"]) {
      const response = await server.ask(get(`/base/${target}/`));
      assertEquals(response.status, 404, target);
    }
  },
});

Deno.test({
  name:
    "SimpleHTTPServerTestCase.test_list_dir_undecodable_filename: a file whose name is not UTF-8 is listed, but can't be fetched (differs from CPython)",
  ignore: windows,
  async fn() {
    await using files = await folder({ "base/plain": "x" });
    const script = 'printf x > "base/$name.txt"; ln -s plain "base/$name.link"';
    if (!await makeUndecodable(files, script)) return;
    await using server = serveFolder(files.path);
    const page = await listing(server, "/base/");
    for (
      const [name, mark] of [["\ufffdw\ufffd.txt", ""], [
        "\ufffdw\ufffd.link",
        "@",
      ]]
    ) {
      const item = `<li><a href="${quote(name!)}">${name}${mark}</a></li>`;
      assertStringIncludes(page, item);
      const response = await server.ask(get(`/base/${quote(name!)}`));
      assertEquals(response.status, 404);
    }
    assertEquals((await server.ask(get("/base/%E7w%F0.txt"))).status, 404);
    assertEquals((await server.ask(get("/base/plain"))).body, "x");
  },
});

// CPython skips these tests if, as with UTF-8, no file can have such a name.
Deno.test("SimpleHTTPServerTestCase.test_list_dir_unencodable_dirname: half of a surrogate pair matches nothing, and is not an error", async () => {
  await using files = await folder({ "base/": "" });
  await using server = serveFolder(files.path);
  for (const target of ["/base/%ED%B2%80.dir/", "/base/%ED%A0%80.dir"]) {
    assertEquals((await server.ask(get(target))).status, 404);
  }
});

pureTest(
  "SimpleHTTPServerTestCase.test_list_dir_unencodable_filename: half of a surrogate pair in a name is quoted as three bytes",
  () => {
    const page = listingPage("/%ED%B2%80/", [
      { name: "\udc80.txt", isDirectory: false, isSymlink: false },
    ]);
    assert(page.includes('<a href="%ED%B2%80.txt">\udc80.txt</a>'), page);
    assert(page.includes("<title>Directory listing for /\udc80/</title>"));
  },
);
