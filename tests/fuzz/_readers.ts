// All functions that read a text from a peer, for counting their steps.

import { parseCommandLine } from "../../cli/arguments.ts";
import { bodyOf } from "../../connection/body.ts";
import { findCgiDirectory } from "../../handlers/cgi/cgi_directory.ts";
import { parseScriptHead } from "../../handlers/cgi/script_head.ts";
import { splitScriptPath } from "../../handlers/cgi/script_path.ts";
import { metaVariables, searchWords } from "../../handlers/cgi/variables.ts";
import { listingPage } from "../../handlers/listing.ts";
import { sortEntries } from "../../handlers/static/listing/order.ts";
import {
  listingHead,
  listingRows,
} from "../../handlers/static/listing/page.ts";
import { parseListingQuery } from "../../handlers/static/listing/query.ts";
import {
  chooseCoding,
  prefersJson,
} from "../../handlers/static/representation/accept.ts";
import { formatAccess } from "../../handlers/static/access/access_log.ts";
import { parseBasicCredentials } from "../../handlers/static/access/basic_auth.ts";
import {
  evaluatePreconditions,
  ifRangeHolds,
} from "../../handlers/static/response/conditional.ts";
import { compileTypes } from "../../handlers/static/representation/content_type.ts";
import { compileCors } from "../../handlers/static/response/cors.ts";
import { compileTrust } from "../../handlers/static/access/forwarded.ts";
import { compileGlob } from "../../handlers/static/response/glob.ts";
import { isHidden } from "../../handlers/static/lookup/hidden.ts";
import { compileHosts } from "../../handlers/static/access/host_allow.ts";
import { parseAddress } from "../../text/ip_address.ts";
import { toReference } from "../../handlers/static/lookup/location.ts";
import { parseRange } from "../../handlers/static/response/range.ts";
import { readTarget } from "../../handlers/static/lookup/target.ts";
import { mergeVary } from "../../handlers/static/response/vary.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { LineReader } from "../../parser/line_reader.ts";
import { parseRequest } from "../../parser/request.ts";
import { pemBlocks } from "../../server/pem.ts";
import { escapeHtml } from "../../text/escape_html.ts";
import { parseHttpDate } from "../../text/http_date.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { escapeControls } from "../../text/log_text.ts";
import { quote, unquote } from "../../text/quote.ts";
import { repr } from "../../text/repr.ts";
import { urlsplit } from "../../text/url.ts";

/** A function that reads latin-1 text from a peer. */
export interface Reader {
  readonly name: string;
  /** Words for the text. */
  readonly words: readonly string[];
  read(text: string): void;
}

const glob = compileGlob("**/a*b/*.{js,c?s}");
const types = compileTypes();
const cors = compileCors({ origins: ["http://a.test"] });
const trust = compileTrust(["127.0.0.1", "10.0.0.0/8"]);
const hosts = compileHosts(["a.test", "*.b.test"]);
const VALIDATORS = { etag: '"a"', lastModified: 1 };
const PATH_WORDS = [
  "/",
  "..",
  ".",
  "a",
  "%2e",
  "%2f",
  "%",
  "%c3",
  "%ED%A0%80",
  "?",
  "#",
  "\\",
  "//",
];

function message(name: string, value: string): HTTPMessage {
  return new HTTPMessage([[name, value]]);
}

/** Feeds a text in small pieces, as a slow peer would. */
function dribble(text: string, step: (buffer: LineReader) => unknown): void {
  const buffer = new LineReader();
  for (let at = 0; at < text.length; at += 16) {
    buffer.feed(encodeLatin1(text.slice(at, at + 16)));
    // A body that has ended takes nothing more.
    for (let before = -1; buffer.length > 0 && buffer.length !== before;) {
      before = buffer.length;
      if (step(buffer) === undefined) break;
    }
  }
}

/** Reads a chunked body until it needs more input. */
function chunked(text: string): void {
  const body = bodyOf({ kind: "chunked" });
  dribble(text, (buffer) => body.take(buffer, 64));
}

/** The readers, each with words that are meaningful to it. */
export const READERS: readonly Reader[] = [
  {
    name: "parseRequest()",
    words: [
      "GET / HTTP/1.1\r\n",
      "\r\n",
      "\n",
      "A: b\r\n",
      "A",
      ":",
      " ",
      "Content-Length: 5\r\n",
      "Transfer-Encoding: chunked\r\n",
      "Connection: a\r\n",
    ],
    read: (text) => dribble("GET / HTTP/1.1\r\n" + text, parseRequest),
  },
  {
    name: "parseRequest() of a header line",
    words: ["a", ":", " ", "\t", "b, c"],
    read: (text) => dribble("GET / HTTP/1.1\r\nA: " + text, parseRequest),
  },
  {
    name: "parseRequest() of a line",
    words: ["GET", " ", "/", "HTTP/1.1", "\r", "a", "\t"],
    read: (text) => dribble(text, parseRequest),
  },
  {
    name: "bodyOf() a chunked body",
    words: ["1\r\na\r\n", "1;a=b\r\na\r\n", "0", "\r\n", ";", "a", '"'],
    read: chunked,
  },
  {
    name: "ChunkedDecoder in one chunk line",
    words: [";a", '="\\"', " ", "\t", "0"],
    read: (text) => chunked("1;" + text),
  },
  {
    name: "HTTPMessage.get_all()",
    words: ["A: b\r\n", "a", ":", "\r\n", "C:d\n", " "],
    read: (text) => void HTTPMessage.fromBlock(text).get_all("a"),
  },
  {
    name: "HTTPMessage.items()",
    words: ["A: b\r\n", "a", ":", "\r\n", "C:d\n", " "],
    read: (text) => void HTTPMessage.fromBlock(text).items(),
  },
  {
    name: "HTTPMessage.get_params()",
    words: [";", "a*0*=b", "a*1=c", '"', "\\", "=", " ", "a", "'", "%41"],
    read: (text) => void message("Content-Type", "a/b;" + text).get_params(),
  },
  {
    name: "HTTPMessage.get_filename()",
    words: [
      ";",
      "filename*0*=b",
      "filename*1=c",
      '"',
      "\\",
      "=",
      " ",
      "utf-8''",
      "%41",
    ],
    read: (text) =>
      void message("Content-Disposition", "x;" + text).get_filename(),
  },
  {
    name: "parseRange()",
    words: ["bytes=", "0-1", ",", "-", " ", "9", "1-,"],
    read: (text) => void parseRange("bytes=" + text, 1e9),
  },
  {
    name: "evaluatePreconditions()",
    words: ['"', 'W/"a"', ",", " ", "a", '"b",', "*"],
    read: (text) =>
      void evaluatePreconditions(
        "GET",
        message("If-None-Match", text),
        VALIDATORS,
      ),
  },
  {
    name: "ifRangeHolds()",
    words: ['"', 'W/"a"', ",", " ", "a", '"b",'],
    read: (text) => void ifRangeHolds(text, VALIDATORS, 1e9),
  },
  {
    name: "parseHttpDate()",
    words: ["Sun,", " ", "06", "-", "Nov", "+", ":", "_", "1994", "GMT", "."],
    read: (text) => void parseHttpDate(text),
  },
  {
    name: "chooseCoding()",
    words: ["gzip", ",", ";", "q=", "0.5", " ", "*", "a"],
    read: (text) => void chooseCoding(text, ["br", "gzip"]),
  },
  {
    name: "prefersJson()",
    words: ["application/json", ",", ";", "q=", " ", "*/*", "a/"],
    read: (text) => void prefersJson(text),
  },
  {
    name: "mergeVary()",
    words: ["a", ",", " ", "Origin", "*"],
    read: (text) => void mergeVary(text, ["Origin"]),
  },
  {
    name: "compileCors()",
    words: ["X-A", ",", " ", "a"],
    read: (text) =>
      void cors({
        method: "OPTIONS",
        headers: new HTTPMessage([["Origin", "http://a.test"], [
          "Access-Control-Request-Method",
          "PUT",
        ], ["Access-Control-Request-Headers", text]]),
      }),
  },
  {
    name: "compileTrust()",
    words: ["10.0.0.1", ",", " ", "[", "]", ":", "::1", "1"],
    read: (text) => void trust("127.0.0.1", text),
  },
  {
    name: "compileHosts()",
    words: ["a", ".", "-", "_", ":", "1", "[::1]", "b.test"],
    read: (text) => void hosts(text),
  },
  {
    name: "parseAddress()",
    words: ["1", ".", ":", "::", "ffff", "%"],
    read: (text) => void parseAddress(text),
  },
  {
    name: "parseBasicCredentials()",
    words: ["A", "=", " ", "QTpi", "/"],
    read: (text) => void parseBasicCredentials("Basic " + text),
  },
  {
    name: "compileGlob()",
    words: ["a", "b", "/", "x.js", "ab", "."],
    read: (text) => void glob(text),
  },
  {
    name: "compileTypes()",
    words: ["a", ".", "/", "html", " "],
    read: (text) => void types(text),
  },
  {
    name: "readTarget()",
    words: PATH_WORDS,
    read: (text) => void readTarget("/" + text, "windows"),
  },
  {
    name: "isHidden()",
    words: PATH_WORDS,
    read: (text) =>
      void isHidden(readTarget("/" + text, "posix").segments, "deny"),
  },
  {
    name: "toReference()",
    words: PATH_WORDS,
    read: (text) =>
      void toReference(readTarget("/" + text, "posix").segments, true, text),
  },
  {
    name: "urlsplit()",
    words: [...PATH_WORDS, "a:", "//", "\t"],
    read: (text) => void urlsplit(text),
  },
  {
    name: "quote() and unquote()",
    words: PATH_WORDS,
    read: (text) => void quote(unquote(text, "surrogatepass")),
  },
  {
    name: "repr()",
    words: ["'", '"', "\\", "\n", "a", "\xa0"],
    read: (text) => void [repr(text), escapeControls(text)],
  },
  {
    name: "escapeHtml()",
    words: ["<", "&", "a", '"'],
    read: (text) => void escapeHtml(text),
  },
  {
    name: "formatAccess()",
    words: ['"', "\\", "a", "\xff", " "],
    read: (text) =>
      void formatAccess({
        address: "::1",
        user: text,
        timeMs: 0,
        offsetMinutes: 0,
        requestLine: text,
        status: 200,
        bytes: 1,
        referer: text,
        agent: text,
        durationMs: 1,
      }, "combined"),
  },
  {
    name: "parseListingQuery()",
    words: ["sort", "=", "&", "%41", "+", "size"],
    read: (text) => void parseListingQuery(text),
  },
  {
    name: "listingHead()",
    words: ["a/", "<", "b/", "\u00ad/"],
    read: (text) =>
      void listingHead({
        sort: "name",
        order: "asc",
        view: "list",
        segments: text.split("/"),
      }),
  },
  {
    name: "listingRows()",
    words: ["a/", "1", "<", "b.png/", "é"],
    read: (text) => listing(text.split("/")),
  },
  {
    name: "listingPage()",
    words: ["a/", "1", "<", "b.png/", "é"],
    read: (text) =>
      void listingPage(
        "/",
        text.split("/").map((name) => ({
          name,
          isDirectory: false,
          isSymlink: false,
        })),
      ),
  },
  {
    name: "parseScriptHead()",
    words: [
      "A: b\r\n",
      "Status: 200\n",
      "HTTP/1.1 200",
      "\r\n",
      ":",
      " ",
      "Content-Length: 1\n",
    ],
    read: (text) => void parseScriptHead(text),
  },
  {
    name: "metaVariables()",
    words: ["A: b\r\n", "A-B: c\r\n", "Cookie: d\r\n"],
    read: (text) => variables(HTTPMessage.fromBlock(text)),
  },
  {
    name: "metaVariables() of credentials",
    words: ["Basic", " ", "\t", "QTpi", "="],
    read: (text) => variables(message("Authorization", "Basic " + text)),
  },
  {
    name: "searchWords()",
    words: ["a", "+", "%41", "%"],
    read: (text) => void searchWords("GET", text),
  },
  {
    name: "findCgiDirectory()",
    words: [...PATH_WORDS, "cgi-bin/"],
    read: (text) => void findCgiDirectory("/" + text, ["/cgi-bin"], "posix"),
  },
  {
    name: "splitScriptPath()",
    words: ["a", "/"],
    read: (text) =>
      void splitScriptPath("/cgi-bin", text, (path) => path.length < 20),
  },
  {
    name: "parseCommandLine()",
    words: ["--", "a", "=", "-", "port"],
    read: (text) => void parseCommandLine([text]),
  },
  {
    name: "pemBlocks()",
    words: ["-----BEGIN A-----\n", "-----END A-----\n", "-", "\r", "\n", "A"],
    read: (text) => void pemBlocks(text),
  },
];

function listing(names: readonly string[]): void {
  const look = { sort: "name", order: "asc", view: "grid" } as const;
  const entries = names.map((name) => ({
    name,
    kind: "file" as const,
    size: 1,
  }));
  listingRows(sortEntries(entries, look), { ...look, segments: [] });
}

function variables(headers: HTTPMessage): void {
  metaVariables({
    command: "GET",
    headers,
    hasBody: false,
    software: "",
    protocol: "",
    serverName: "",
    serverPort: 1,
    secure: false,
    clientHost: "",
    scriptName: "",
    pathInfo: "",
    pathTranslated: "",
    query: "",
  });
}
