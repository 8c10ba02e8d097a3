// Checks docs/parity.md: the names that it lists exist, each behaviour has a test, and
// each of CPython's tests has one of the same name.

import { assert, assertEquals } from "@std/assert";
import * as cli from "../cli.ts";
import { OPTIONS } from "../cli/options.ts";
import * as library from "../mod.ts";
import { inMemory } from "./handlers/_memory.ts";

/** The tests of CPython 3.14's test_httpservers.py by class, and of 3.15's command line. */
const TESTS: Readonly<Record<string, string>> = {
  TestSSLDisabled: `
    test_https_server_raises_runtime_error
  `,
  BaseHTTPServerTestCase: `
    test_command
    test_request_line_trimming
    test_version_bogus
    test_version_digits
    test_version_signs_and_underscores
    test_major_version_number_too_long
    test_minor_version_number_too_long
    test_version_none_get
    test_version_none
    test_version_invalid
    test_send_blank
    test_header_close
    test_header_keep_alive
    test_handler
    test_return_header_keep_alive
    test_internal_key_error
    test_return_custom_status
    test_return_explain_error
    test_latin1_header
    test_error_content_length
    test_send_error
    test_head_via_send_error
  `,
  HTTP09ServerTestCase: `
    test_simple_get
    test_invalid_request
    test_single_request
  `,
  BaseHTTPSServerTestCase: `
    test_get
    test_valid_certdata
    test_invalid_certdata
  `,
  RequestHandlerLoggingTestCase: `
    test_get
    test_err
  `,
  SimpleHTTPServerTestCase: `
    test_list_dir_nonascii_dirname
    test_list_dir_nonascii_filename
    test_list_dir_undecodable_dirname
    test_list_dir_undecodable_filename
    test_list_dir_undecodable_dirname2
    test_list_dir_unencodable_dirname
    test_list_dir_unencodable_filename
    test_list_dir_escape_dirname
    test_list_dir_escape_filename
    test_list_dir_with_query_and_fragment
    test_get_dir_redirect_location_domain_injection_bug
    test_get
    test_head
    test_browser_cache
    test_browser_cache_file_changed
    test_browser_cache_with_If_None_Match_header
    test_invalid_requests
    test_last_modified
    test_path_without_leading_slash
  `,
  CGIHTTPServerTestCase: `
    test_url_collapse_path
    test_headers_and_content
    test_issue19435
    test_post
    test_large_content_length
    test_large_content_length_truncated
    test_invaliduri
    test_authorization
    test_no_leading_slash
    test_os_environ_is_not_altered
    test_urlquote_decoding_in_cgi_check
    test_nested_cgi_path_issue21323
    test_query_with_multiple_question_mark
    test_query_with_continuous_slashes
    test_cgi_path_in_sub_directories
    test_accept
  `,
  BaseHTTPRequestHandlerTestCase: `
    test_unprintable_not_logged
    test_http_1_1
    test_http_1_0
    test_http_0_9
    test_extra_space
    test_with_continue_1_0
    test_with_continue_1_1
    test_header_buffering_of_send_error
    test_header_buffering_of_send_response_only
    test_header_buffering_of_send_header
    test_header_unbuffered_when_continue
    test_with_continue_rejected
    test_request_length
    test_header_length
    test_too_many_headers
    test_html_escape_on_error
    test_close_connection
    test_date_time_string
  `,
  SimpleHTTPRequestHandlerTestCase: `
    test_query_arguments
    test_start_with_double_slash
    test_windows_colon
  `,
  MiscTestCase: `
    test_all
  `,
  ScriptTestCase: `
    test_server_test_unspec
    test_server_test_localhost
    test_server_test_ipv6
    test_server_test_ipv4
  `,
  CommandLineTestCase: `
    test_port_flag
    test_directory_flag
    test_bind_flag
    test_protocol_flag
    test_tls_cert_and_key_flags
    test_tls_cert_and_key_and_password_flags
    test_missing_tls_cert_flag
    test_invalid_password_file
    test_no_arguments
    test_help_flag
    test_unknown_flag
  `,
  CommandLineRunTimeTestCase: `
    test_http_client
    test_https_client
  `,
};

/** The values of the column "Here", and whether the thing must exist. */
const HERE: Readonly<Record<string, boolean>> = {
  "same": true,
  "stricter": true,
  "more": true,
  "other": true,
  "not possible": false,
  "left out": false,
};

/** The number of behaviours. */
const BEHAVIOURS = 175;

const root = new URL("..", import.meta.url);

/** The rows of the tables under a heading, by column name. */
async function rowsBelow(heading: string): Promise<Record<string, string>[]> {
  const text = await Deno.readTextFile(new URL("docs/parity.md", root));
  const section = text.split(/^(?=#{2,3} )/m)
    .find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"))
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  const [names = [], , ...rows] = lines;
  assert(rows.length > 0, `There is no table below ${heading}`);
  return rows.map((cells) => {
    assertEquals(cells.length, names.length, cells.join(" | "));
    return Object.fromEntries(names.map((name, n) => [name, cells[n]!]));
  });
}

const NAMES = ["### Module", "### Servers", "### Handlers"];
const NUMBERED = [
  "### Requests and responses",
  "### Files",
  "### HTTPS",
  "### The command",
  "### CGI",
  "### socketserver",
];

async function allRows(headings: readonly string[]) {
  return (await Promise.all(headings.map(rowsBelow))).flat();
}

/** The parts of a cell in backquotes. */
function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

/** The text of every test file, by path. */
async function testFiles(folder = "tests"): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, root))
  ) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      for (const [key, text] of await testFiles(path)) files.set(key, text);
    } else if (name.endsWith("_test.ts")) {
      files.set(path, await Deno.readTextFile(new URL(path, root)));
    }
  }
  return files;
}

Deno.test("docs/parity.md says in each row whether the thing exists, and how it differs", async () => {
  for (const row of await allRows([...NAMES, "## Flags", ...NUMBERED])) {
    assert(row.Here! in HERE, JSON.stringify(row));
    assert(row.Here === "same" || row.How !== "", JSON.stringify(row));
  }
});

Deno.test("docs/parity.md lists all exports and no others", async () => {
  for (const { CPython, Here } of await rowsBelow("### Module")) {
    for (const name of quoted(CPython!)) {
      const plain = name.split("(", 1)[0]!.split(".").at(-1)!;
      const exported = plain === "test" ? plain in cli : plain in library;
      assertEquals(exported, HERE[Here!], name);
    }
  }
});

/** An instance of a handler or server class. */
function sample(name: string): object {
  // deno-lint-ignore no-explicit-any -- a handler or server class, looked up by name.
  const value = library[name as keyof typeof library] as any;
  if (name.endsWith("RequestHandler")) return inMemory(value).handler as object;
  return new value(["127.0.0.1", 0], library.BaseRequestHandler, false);
}

Deno.test("docs/parity.md lists all members of the classes and no others", async () => {
  const rows = [
    ...await rowsBelow("### Servers"),
    ...await rowsBelow("### Handlers"),
  ];
  let seen = 0;
  for (const { CPython, Here } of rows) {
    const [first = "", ...more] = quoted(CPython!);
    const match = /^(\w+)\.(\w+)$/.exec(first);
    // The others show how to call something. An HTTPS server needs a certificate.
    if (match === null || match[1] === "HTTPSServer") continue;
    const [, name, member] = match;
    const instance = sample(name!);
    for (const each of [member!, ...more]) {
      const there = each in instance || each in instance.constructor;
      assertEquals(there, HERE[Here!], `${name}.${each}`);
      seen++;
    }
    if (instance instanceof library.TCPServer) await instance.server_close();
  }
  assert(seen > 80, `${seen}`);
});

Deno.test("docs/parity.md lists existing flags", async () => {
  const flags = new Set(
    OPTIONS.flatMap(({ name, short }) => [`--${name}`, `-${short}`]),
  );
  for (const { CPython, Here } of await rowsBelow("## Flags")) {
    for (const flag of quoted(CPython!).filter((name) => name[0] === "-")) {
      const there = flags.has(flag) && Here !== "left out";
      assert(there || !HERE[Here!], flag);
    }
  }
});

Deno.test("docs/parity.md lists each behaviour once", async () => {
  const rows = await allRows(NUMBERED);
  assertEquals(
    rows.map((row) => Number(row["No."])),
    Array.from({ length: BEHAVIOURS }, (_, n) => n + 1),
  );
});

/** The numbers in a file's "behaviours 1, 3-5 and 7". */
function numbersIn(text: string): number[] {
  const numbers: number[] = [];
  for (const [, list] of text.matchAll(/behaviours? (\d[\d, and-]*)/g)) {
    for (const range of list!.matchAll(/(\d+)(?:-(\d+))?/g)) {
      const last = Number(range[2] ?? range[1]);
      for (let n = Number(range[1]); n <= last; n++) numbers.push(n);
    }
  }
  return numbers;
}

Deno.test("each behaviour of docs/parity.md has a test with its number or CPython's name for it", async () => {
  const tested = new Set<number>();
  for (const text of (await testFiles()).values()) {
    for (const number of numbersIn(text)) tested.add(number);
  }
  const untested = (await allRows(NUMBERED)).filter((row) =>
    row.Test === "" && HERE[row.Here!] && !tested.has(Number(row["No."]))
  );
  assertEquals(untested.map((row) => row["No."]), []);
});

Deno.test("each test of CPython has one of the same name, and is listed in docs/parity.md", async () => {
  const files = [...(await testFiles("tests/cpython")).values()];
  const documented = new Set(
    (await allRows(NUMBERED)).flatMap((row) => quoted(row.Test!)),
  );
  const expected = Object.entries(TESTS).flatMap(([group, names]) =>
    names.trim().split(/\s+/).map((name) => `${group}.${name}`)
  );
  // This one is about names, which have no numbers.
  documented.add("MiscTestCase.test_all");
  assertEquals(expected.filter((name) => !documented.has(name)), []);
  const cpythons = [...documented, ...expected]
    .filter((name) => /^\w+\.test_\w+$/.test(name));
  const untested = cpythons.filter((whole) => {
    const [group, name] = whole.split(".");
    const inTable = new RegExp(`["\`. ]${name}\\b`);
    return !files.some((text) => text.includes(group!) && inTable.test(text));
  });
  assertEquals([...new Set(untested)], []);
});

Deno.test("docs/parity.md lists existing tests of this project", async () => {
  const texts = [...(await testFiles()).values()];
  const titles = (await allRows(NUMBERED)).flatMap((row) => quoted(row.Test!))
    .filter((name) => !/^\w+\.test_\w+$/.test(name));
  assert(titles.length > 0);
  assertEquals(
    titles.filter((title) =>
      !texts.some((text) => text.includes(JSON.stringify(title)))
    ),
    [],
  );
});
