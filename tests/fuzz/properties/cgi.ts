// CGI: the variables of scripts and the heads that they write, on plain data.

import { assert, assertEquals } from "@std/assert";
import { findCgiDirectory } from "../../../handlers/cgi/cgi_directory.ts";
import { collapseUrlPath } from "../../../handlers/cgi/collapse_path.ts";
import { parseScriptHead } from "../../../handlers/cgi/script_head.ts";
import {
  splitQuery,
  splitScriptPath,
} from "../../../handlers/cgi/script_path.ts";
import { metaVariables, searchWords } from "../../../handlers/cgi/variables.ts";
import { ResponseHead } from "../../../handlers/response_head.ts";
import { HTTPMessage } from "../../../parser/headers.ts";
import { translateSegments } from "../../../text/paths.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/cgi.json" with { type: "json" };
import { anyBytes, type Random, soup, texts } from "../_random.ts";
import { pathText } from "./text.ts";

const heads = texts(
  [
    "Status: ",
    "200",
    "404 Not Found",
    "999",
    "Content-Type: text/plain",
    "Content-Length: ",
    "5",
    "Location: ",
    "/x",
    "//evil.test",
    "\r\n",
    "\n",
    "HTTP/1.1 200 OK\r\n",
    "Transfer-Encoding: chunked",
    "Connection: x",
  ],
  [
    "Content-Type: text/html\r\n\r\n",
    "Status: 404 Not Found\nX: y\n\n",
    "Transfer-Encoding: chunked\nConnection: x\r\nA: b\n\n",
    "Location: /other\n\n",
    "HTTP/1.1 201 Made\r\nA: b\r\n\r\n",
    "Location: http://a.test/\r\nStatus: 303\r\n\r\n",
  ],
  { most: 9 },
);

const scriptHeads = property(
  "parseScriptHead() returns a head that can be sent, or throws a SyntaxError",
  heads,
  (block) => {
    const { value: head } = attempt(() => parseScriptHead(block), SyntaxError);
    if (head === undefined) return;
    assert(
      Number.isInteger(head.status) && head.status >= 200 && head.status <= 999,
    );
    const response = new ResponseHead();
    response.begin("HTTP/1.1", head.status, head.reason ?? "");
    for (const [name, value] of head.fields) {
      assert(
        !/^(?:connection|transfer-encoding|status|trailer|upgrade|keep-alive)$/i
          .test(name),
        name,
      );
      response.add(name, value, true);
    }
    const lines = response.text.split("\r\n");
    assert(lines.length <= head.fields.length + 2);
    assert(lines.every((line) => !/[\r\n\0]/.test(line)));
    if (head.localRedirect !== undefined) {
      assert(/^\/(?![/\\])/.test(head.localRedirect));
    }
  },
  400,
);

function anyHeaders(random: Random): [string, string][] {
  return random.list(5, (r) => [
    r.pick([
      "Proxy",
      "proxy",
      "X-A",
      "x_a",
      "X a",
      "Content-Length",
      "Content-Type",
      "Cookie",
      "Accept",
      "Authorization",
      "__proto__",
      "constructor",
      "HOST",
    ]),
    r.pick([
      "v",
      "5, 5",
      "Basic QTpi",
      "Basic /w==",
      "basic =",
      "Bearer x y",
      anyBytes(r).replace(/[\0\r\n]/g, ""),
    ]),
  ]);
}

const variables = property(
  "metaVariables() returns one clean variable for each name, and never HTTP_PROXY",
  (random) => ({ headers: anyHeaders(random), hasBody: random.oneIn(2) }),
  ({ headers, hasBody }) => {
    const given = metaVariables({
      command: "GET",
      headers: new HTTPMessage(headers),
      hasBody,
      software: "s",
      protocol: "HTTP/1.1",
      serverName: "a.test",
      serverPort: 80,
      secure: false,
      clientHost: "192.0.2.1",
      scriptName: "/cgi-bin/x",
      pathInfo: "",
      pathTranslated: "",
      query: "q",
    });
    for (const [name, value] of Object.entries(given)) {
      assert(/^[A-Z][A-Z0-9_]*$/.test(name), name);
      assertEquals(typeof value, "string");
      assert(!/[\0]/.test(value), name);
      assert(name !== "HTTP_PROXY" && name !== "HTTP_X A");
    }
    assertEquals(given["REQUEST_METHOD"], "GET");
    assertEquals(given["SERVER_PROTOCOL"], "HTTP/1.1");
  },
);

const words = property(
  "searchWords() returns words without NUL, and no words for a query with an equals sign",
  soup(["a", "+", "%41", "%", "%00", "=", "%C3%A9", "%ff", "-x"], 6),
  (query) => {
    const words = searchWords("GET", query);
    if (query.includes("=")) assertEquals(words, []);
    assert(words.every((word) => !word.includes("\0")));
    assertEquals(searchWords("POST", query), []);
  },
);

const DIRECTORIES = ["/cgi-bin", "/htbin", "/a/b"];

const directories = property(
  "findCgiDirectory() finds the folder of scripts in every spelling, or throws a RangeError",
  (random) => ({
    before: random.pick(["", "/", "/x/..", "/./", "//", "/%2e", "/a/%2e%2e"]),
    name: random.pick([
      "/cgi-bin",
      "/cgi%2dbin",
      "/%63gi-bin",
      "/htbin",
      "/a/b",
      "/a%2fb",
      "/CGI-BIN",
      "/cgi-bi\u006e",
    ]),
    after: pathText(random),
    rules: random.int(3),
  }),
  ({ before, name, after, rules }) => {
    const os = (["posix", "windows", "darwin"] as const)[rules % 3]!;
    const target = `${before}${name}/${after}`;
    const { value: found, error } = attempt(
      () => findCgiDirectory(target, DIRECTORIES, os),
      RangeError,
    );
    if (error !== undefined) return;
    const { segments } = translateSegments(
      target,
      os === "windows" ? "windows" : "posix",
    );
    const path = os === "posix"
      ? segments.join("/")
      : segments.join("/").toLowerCase();
    const inside = DIRECTORIES.some((directory) =>
      `/${path}`.startsWith(directory + "/")
    );
    // A file in the folder of scripts must never be sent instead of run.
    if (inside) assert(found !== undefined, target);
    if (found === undefined) return;
    const [directory] = found;
    const folded = os === "posix" ? directory : directory.toLowerCase();
    assert(DIRECTORIES.includes(folded), directory);
  },
  400,
);

const collapsed = property(
  "collapseUrlPath() returns a path below the root, or throws a RangeError",
  pathText,
  (target) => {
    const { value } = attempt(() => collapseUrlPath(target), RangeError);
    if (value === undefined) return;
    assert(value.startsWith("/"));
    // Names can contain an encoded question mark, so only whole names are checked.
    const path = value.split("?", 1)[0]!;
    assert(
      path.split("/").slice(0, -1).every((name) =>
        name !== ".." && name !== "."
      ),
      value,
    );
  },
  400,
);

const scripts = property(
  "splitScriptPath() and splitQuery() cut a path at the script and lose nothing",
  (random) => ({
    path: random.list(4, (r) => r.pick(["a", "b", "x.py", ""])).join("/"),
    folders: random.list(
      3,
      (r) => r.pick(["/cgi-bin/a", "/cgi-bin/a/b", "/cgi-bin/b"]),
    ),
    query: soup(["a", "=", "?", "#", "&"], 4)(random),
  }),
  ({ path, folders, query }) => {
    const { scriptName, pathInfo } = splitScriptPath(
      "/cgi-bin",
      path,
      (folder) => folders.includes(folder),
    );
    assertEquals(scriptName + pathInfo, `/cgi-bin/${path}`);
    assert(pathInfo === "" || pathInfo.startsWith("/"));
    const target = `/cgi-bin/${path}?${query}`;
    const [rest, found] = splitQuery(`${path}?${query}`, target);
    if (query !== "") assertEquals([rest, found], [path, query]);
  },
);

/** Properties of CGI. */
export const CGI: Subject = {
  name: "cgi",
  properties: [scriptHeads, variables, words, directories, collapsed, scripts],
  corpus,
};
