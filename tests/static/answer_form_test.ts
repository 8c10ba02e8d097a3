// The table of preconditions and ranges: many requests for one file of ten bytes.

import { assertEquals } from "@std/assert";
import { answerForForm } from "../../handlers/static/answer.ts";
import type { Exchange } from "../../handlers/static/exchange.ts";
import type { Representation } from "../../handlers/static/representation/representation.ts";
import type { BodyPart } from "../../handlers/static/response/multipart.ts";
import { formatHttpDate } from "../../text/http_date.ts";
import { pureTest } from "../_lib/pure.ts";

/** A response, with the part of the file that is sent. */
interface Sent {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: readonly BodyPart[];
}

const SAME = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER = "Mon, 07 Nov 1994 00:00:00 GMT";
const RFC850 = "Sunday, 06-Nov-94 08:49:37 GMT";
const ASCTIME = "Sun Nov  6 08:49:37 1994";
const TAG = '"784111777500"';
const FILE: Representation = {
  path: "/a.txt",
  info: {} as Deno.FileInfo,
  size: 10,
  etag: TAG,
  lastModified: 784_111_777,
  made: "stored",
};
const NOW = 784_111_777_500 + 86_400_000;

type Fields = Readonly<Record<string, string>>;

/** Further inputs of the response. */
interface Options {
  readonly now?: number;
  readonly negotiated?: boolean;
  readonly cacheControl?: string;
}

function plan(
  fields: Fields,
  method = "GET",
  file: Representation = FILE,
  { now = NOW, negotiated = false, cacheControl }: Options = {},
): Sent {
  const exchange = {
    method,
    // Not Headers, which would reject or trim some of the values below.
    headers: { get: (name: string) => fields[name] ?? null },
    now,
    boundary: () => "b0undary",
    site: { fields: [], cacheControl: () => cacheControl },
    request: { extra_response_headers: [], date_time_string: formatHttpDate },
  } as unknown as Exchange;
  const at = { name: "a.txt", type: "text/plain", vary: "" };
  const answer = answerForForm(exchange, at, file, negotiated);
  if ("compress" in answer) throw new TypeError("It is to be compressed first");
  const { status, fields: headers, body } = answer;
  return { status, headers, body: body.kind === "file" ? body.parts : [] };
}

function fieldOf({ headers }: Sent, name: string): string | undefined {
  return headers.find(([other]) => other === name)?.[1];
}

/** A response in short: "200", "206 0-4", "206 0-0 9-9", "304", "412", "416". */
function summary(answer: Sent): string {
  const slices = answer.body.filter((part) => typeof part !== "string");
  if (answer.status === 200) assertEquals(slices, [{ start: 0, length: 10 }]);
  if (answer.status !== 206) return String(answer.status);
  return ["206", ...slices.map((s) => `${s.start}-${s.start + s.length - 1}`)]
    .join(" ");
}

const TABLE: readonly (readonly [fields: Fields, expected: string])[] = [
  // No condition.
  [{}, "200"],
  [{ Accept: "*/*" }, "200"],
  // A single range.
  [{ Range: "bytes=0-0" }, "206 0-0"],
  [{ Range: "bytes=0-4" }, "206 0-4"],
  [{ Range: "bytes=0-9" }, "206 0-9"],
  [{ Range: "bytes=0-" }, "206 0-9"],
  [{ Range: "bytes=4-" }, "206 4-9"],
  [{ Range: "bytes=9-" }, "206 9-9"],
  [{ Range: "bytes=5-100" }, "206 5-9"],
  [{ Range: "bytes=-1" }, "206 9-9"],
  [{ Range: "bytes=-10" }, "206 0-9"],
  [{ Range: "bytes=-11" }, "206 0-9"],
  [{ Range: "BYTES=1-2" }, "206 1-2"],
  [{ Range: "bytes=0-99999999999999999999999" }, "206 0-9"],
  [{ Range: "bytes=10-" }, "416"],
  [{ Range: "bytes=10-11" }, "416"],
  [{ Range: "bytes=-0" }, "416"],
  [{ Range: "bytes=99999999999999999999999-" }, "416"],
  [{ Range: "bytes=20-,-0" }, "416"],
  // Several ranges.
  [{ Range: "bytes=0-0,9-9" }, "206 0-0 9-9"],
  [{ Range: "bytes=0-0, -1" }, "206 0-0 9-9"],
  [{ Range: "bytes=8-9,0-1" }, "206 8-9 0-1"],
  [{ Range: "bytes=0-0,2-2,4-4,6-6" }, "206 0-0 2-2 4-4 6-6"],
  [{ Range: "bytes=0-2,1-3" }, "206 0-3"],
  [{ Range: "bytes=0-4,5-9" }, "206 0-9"],
  [{ Range: "bytes=0-1,1-2,8-8" }, "206 0-2 8-8"],
  [{ Range: "bytes=1-2,30-40" }, "206 1-2"],
  [{ Range: "bytes=0-,0-" }, "200"],
  [{ Range: "bytes=0-7,2-9" }, "200"],
  [{ Range: "bytes=" + "0-0,".repeat(200) }, "200"],
  // Malformed ranges.
  [{ Range: "" }, "200"],
  [{ Range: "bytes" }, "200"],
  [{ Range: "bytes=" }, "200"],
  [{ Range: "bytes=-" }, "200"],
  [{ Range: "bytes=a-b" }, "200"],
  [{ Range: "bytes=4-2" }, "200"],
  [{ Range: "bytes=0-1,4-2" }, "200"],
  [{ Range: "bytes=0-1;5-6" }, "200"],
  [{ Range: "bytes=0--1" }, "200"],
  [{ Range: "bytes=1.5-3" }, "200"],
  [{ Range: "bytes=0x0-1" }, "200"],
  [{ Range: "items=0-1" }, "200"],
  // If-Range.
  [{ "If-Range": TAG }, "200"],
  [{ "If-Range": '"x"' }, "200"],
  [{ Range: "bytes=1-2", "If-Range": TAG }, "206 1-2"],
  [{ Range: "bytes=1-2", "If-Range": "W/" + TAG }, "200"],
  [{ Range: "bytes=1-2", "If-Range": '"x"' }, "200"],
  [{ Range: "bytes=1-2", "If-Range": `${TAG}, "x"` }, "200"],
  [{ Range: "bytes=1-2", "If-Range": "*" }, "200"],
  [{ Range: "bytes=1-2", "If-Range": "" }, "200"],
  [{ Range: "bytes=1-2", "If-Range": SAME }, "206 1-2"],
  [{ Range: "bytes=1-2", "If-Range": RFC850 }, "206 1-2"],
  [{ Range: "bytes=1-2", "If-Range": BEFORE }, "200"],
  [{ Range: "bytes=1-2", "If-Range": AFTER }, "200"],
  [{ Range: "bytes=1-2", "If-Range": "soon" }, "200"],
  [{ Range: "bytes=10-", "If-Range": '"x"' }, "200"],
  [{ Range: "bytes=10-", "If-Range": TAG }, "416"],
  [{ Range: "bytes=x", "If-Range": TAG }, "200"],
  // If-None-Match.
  [{ "If-None-Match": TAG }, "304"],
  [{ "If-None-Match": "W/" + TAG }, "304"],
  [{ "If-None-Match": `"x", W/${TAG}` }, "304"],
  [{ "If-None-Match": `"x",,${TAG}` }, "304"],
  [{ "If-None-Match": "*" }, "304"],
  [{ "If-None-Match": '"x"' }, "200"],
  [{ "If-None-Match": TAG.slice(1, -1) }, "200"],
  [{ "If-None-Match": TAG + "x" }, "200"],
  [{ "If-None-Match": '"784111777500-gzip"' }, "200"],
  [{ "If-None-Match": "" }, "200"],
  // If-Modified-Since.
  [{ "If-Modified-Since": SAME }, "304"],
  [{ "If-Modified-Since": RFC850 }, "304"],
  [{ "If-Modified-Since": ASCTIME }, "304"],
  [{ "If-Modified-Since": SAME.replace("GMT", "+0000") }, "200"],
  [{ "If-Modified-Since": SAME.replace(" GMT", "") }, "200"],
  [{ "If-Unmodified-Since": BEFORE.replace("GMT", "-0000") }, "200"],
  [{ Range: "bytes=1-2", "If-Range": SAME.replace(" GMT", "") }, "200"],
  [{ "If-Modified-Since": AFTER }, "304"],
  [{ "If-Modified-Since": BEFORE }, "200"],
  [{ "If-Modified-Since": "soon" }, "200"],
  [{ "If-Modified-Since": "" }, "200"],
  // If-Match.
  [{ "If-Match": TAG }, "200"],
  [{ "If-Match": "*" }, "200"],
  [{ "If-Match": `"x", ${TAG}` }, "200"],
  [{ "If-Match": '"x"' }, "412"],
  [{ "If-Match": "W/" + TAG }, "412"],
  [{ "If-Match": "soon" }, "412"],
  // If-Unmodified-Since.
  [{ "If-Unmodified-Since": SAME }, "200"],
  [{ "If-Unmodified-Since": AFTER }, "200"],
  [{ "If-Unmodified-Since": BEFORE }, "412"],
  [{ "If-Unmodified-Since": "soon" }, "200"],
  // Several at once, in the order of RFC 9110 §13.2.2.
  [{ "If-Match": TAG, "If-Unmodified-Since": BEFORE }, "200"],
  [{ "If-Match": '"x"', "If-Unmodified-Since": AFTER }, "412"],
  [{ "If-Match": TAG, "If-None-Match": TAG }, "304"],
  [{ "If-Match": '"x"', "If-None-Match": TAG }, "412"],
  [{ "If-None-Match": '"x"', "If-Modified-Since": AFTER }, "200"],
  [{ "If-None-Match": TAG, "If-Modified-Since": BEFORE }, "304"],
  [{ "If-Unmodified-Since": BEFORE, "If-Modified-Since": SAME }, "412"],
  [{ "If-Unmodified-Since": SAME, "If-None-Match": '"x"' }, "200"],
  // Preconditions come before the range.
  [{ Range: "bytes=1-2", "If-None-Match": TAG }, "304"],
  [{ Range: "bytes=1-2", "If-None-Match": '"x"' }, "206 1-2"],
  [{ Range: "bytes=1-2", "If-Modified-Since": SAME }, "304"],
  [{ Range: "bytes=1-2", "If-Modified-Since": BEFORE }, "206 1-2"],
  [{ Range: "bytes=1-2", "If-Match": '"x"' }, "412"],
  [{ Range: "bytes=1-2", "If-Match": TAG }, "206 1-2"],
  [{ Range: "bytes=1-2", "If-Unmodified-Since": BEFORE }, "412"],
  [{ Range: "bytes=10-", "If-None-Match": TAG }, "304"],
  [{ Range: "bytes=10-", "If-Match": '"x"' }, "412"],
  [{ Range: "bytes=10-", "If-Match": TAG }, "416"],
  [{ Range: "bytes=1-2", "If-Range": TAG, "If-None-Match": TAG }, "304"],
  [{ Range: "bytes=1-2", "If-Range": '"x"', "If-Match": TAG }, "200"],
];

for (const [fields, expected] of TABLE) {
  const text = JSON.stringify(fields).slice(0, 90);
  pureTest(
    `answerForForm() responds to ${text} with ${expected}, also for HEAD`,
    () => {
      const get = plan(fields);
      assertEquals(summary(get), expected);
      const head = plan(fields, "HEAD");
      assertEquals(head.status, get.status);
      assertEquals(head.headers, get.headers);
      assertEquals(head.body, []);
    },
  );
}

/** A precompressed file. */
const BROTLI: Representation = {
  ...FILE,
  coding: "br",
  etag: '"784111777500-br"',
};

/** The file, compressed on the fly to four bytes. */
const MADE: Representation = {
  ...FILE,
  coding: "gzip",
  size: 4,
  etag: 'W/"784111777500-gzip"',
  made: "on the fly",
  content: new Uint8Array(4),
};

const FULL: Options = { cacheControl: "no-cache" };

pureTest("answerForForm() sends the fields of a 200 in a fixed order", () => {
  assertEquals(plan({}, "GET", BROTLI, FULL).headers, [
    ["Content-Type", "text/plain"],
    ["Content-Length", "10"],
    ["Content-Encoding", "br"],
    ["Last-Modified", SAME],
    ["ETag", '"784111777500-br"'],
    ["Accept-Ranges", "bytes"],
    ["Cache-Control", "no-cache"],
  ]);
});

pureTest("answerForForm() sends the fields of a 206 in a fixed order", () => {
  assertEquals(plan({ Range: "bytes=-3" }, "GET", FILE, FULL).headers, [
    ["Content-Type", "text/plain"],
    ["Content-Length", "3"],
    ["Content-Range", "bytes 7-9/10"],
    ["Last-Modified", SAME],
    ["ETag", TAG],
    ["Accept-Ranges", "bytes"],
    ["Cache-Control", "no-cache"],
  ]);
});

pureTest("answerForForm() sends only the permitted fields with a 304", () => {
  assertEquals(plan({ "If-None-Match": "*" }, "GET", FILE, FULL).headers, [
    ["ETag", TAG],
    ["Cache-Control", "no-cache"],
  ]);
});

pureTest(
  "answerForForm() sends the size with a 416, and nothing about the file with a 412",
  () => {
    assertEquals(plan({ Range: "bytes=10-" }, "GET", FILE, FULL).headers, [
      ["Content-Range", "bytes */10"],
    ]);
    assertEquals(
      plan({ "If-Match": '"x"' }, "GET", FILE, FULL).headers,
      [],
    );
  },
);

pureTest("answerForForm() sends several ranges as multipart/byteranges", () => {
  const answer = plan({ Range: "bytes=0-0,5-6" });
  assertEquals(
    fieldOf(answer, "Content-Type"),
    "multipart/byteranges; boundary=b0undary",
  );
  assertEquals(fieldOf(answer, "Content-Range"), undefined);
  const body = answer.body.map((part) =>
    typeof part === "string"
      ? part
      : "0123456789".slice(part.start, part.start + part.length)
  ).join("");
  assertEquals(fieldOf(answer, "Content-Length"), String(body.length));
  assertEquals(
    body.split("\r\n"),
    [
      "--b0undary",
      "Content-Type: text/plain",
      "Content-Range: bytes 0-0/10",
      "",
      "0",
      "--b0undary",
      "Content-Type: text/plain",
      "Content-Range: bytes 5-6/10",
      "",
      "56",
      "--b0undary--",
      "",
    ],
  );
});

pureTest(
  "answerForForm() responds with an empty body for an empty file",
  () => {
    const empty = { ...FILE, size: 0 };
    for (const fields of [{}, { Range: "bytes=0-" }, { Range: "bytes=-1" }]) {
      const answer = plan(fields, "GET", empty);
      assertEquals(answer.status, 200);
      assertEquals(answer.body, []);
      assertEquals(fieldOf(answer, "Content-Length"), "0");
    }
  },
);

pureTest("answerForForm() ignores ranges of a file that it compresses", () => {
  for (const Range of ["bytes=2-", "bytes=4-"]) {
    const answer = plan({ Range }, "GET", MADE);
    assertEquals(answer.status, 200);
    assertEquals(answer.body, [{ start: 0, length: 4 }]);
    assertEquals(fieldOf(answer, "Accept-Ranges"), undefined);
    assertEquals(fieldOf(answer, "Content-Encoding"), "gzip");
  }
});

pureTest(
  "answerForForm() ignores a date as a validator if there are several codings",
  () => {
    const fields = { Range: "bytes=2-", "If-Range": SAME };
    const options = { negotiated: true };
    assertEquals(plan(fields, "GET", FILE).status, 206);
    assertEquals(plan(fields, "GET", FILE, options).status, 200);
    const tagged = { Range: "bytes=2-", "If-Range": TAG };
    assertEquals(plan(tagged, "GET", FILE, options).status, 206);
  },
);

pureTest("answerForForm() never combines parts of different codings", () => {
  const fields = { Range: "bytes=2-", "If-Range": TAG };
  assertEquals(plan(fields, "GET", BROTLI).status, 200);
  assertEquals(plan(fields, "GET", FILE).status, 206);
});

pureTest(
  "answerForForm() ignores ranges of a response that was compressed on the fly",
  () => {
    for (const [file, status] of [[BROTLI, 206], [MADE, 200]] as const) {
      const tag = fieldOf(plan({}, "GET", file), "ETag")!;
      const resumed = plan({ Range: "bytes=2-", "If-Range": tag }, "GET", file);
      assertEquals(resumed.status, status);
      assertEquals(plan({ "If-None-Match": tag }, "GET", file).status, 304);
    }
  },
);

pureTest(
  "answerForForm() sends the whole file if several ranges of a coding are requested",
  () => {
    const fields = { Range: "bytes=0-0,5-6" };
    assertEquals(plan(fields, "GET", BROTLI).status, 200);
  },
);

pureTest(
  "answerForForm() sends neither length nor ranges for a streamed body",
  () => {
    const made: Representation = { ...MADE, size: Infinity, made: "streamed" };
    const answer = plan({ Range: "bytes=0-1" }, "GET", made);
    assertEquals(answer.status, 200);
    assertEquals(answer.body, [{ start: 0, length: Infinity }]);
    assertEquals(fieldOf(answer, "Content-Length"), undefined);
    assertEquals(fieldOf(answer, "Accept-Ranges"), undefined);
  },
);

pureTest(
  "answerForForm() ignores validators of a file that has just changed",
  () => {
    const tag = 'W/"10-784111777500-at-784111778500"';
    const changed = { ...FILE, etag: tag };
    const options = { now: 784_111_778_500 };
    for (const validator of [tag, tag.slice(2), SAME]) {
      const fields = { Range: "bytes=0-1", "If-Range": validator };
      assertEquals(plan(fields, "GET", changed, options).status, 200);
    }
  },
);

pureTest("answerForForm() omits validators that a file doesn't have", () => {
  const file = { ...FILE, etag: "", lastModified: null };
  const answer = plan({}, "GET", file);
  assertEquals(fieldOf(answer, "Last-Modified"), undefined);
  assertEquals(fieldOf(answer, "ETag"), undefined);
  assertEquals(plan({ "If-Modified-Since": AFTER }, "GET", file).status, 200);
  assertEquals(plan({ "If-None-Match": '""' }, "GET", file).status, 200);
  const starred = plan({ "If-None-Match": "*" }, "GET", file);
  assertEquals([starred.status, starred.headers], [304, []]);
});

pureTest("answerForForm() reads each of the five fields once", () => {
  const read: string[] = [];
  const fields = new Proxy({}, {
    get(_, name) {
      read.push(String(name));
    },
  });
  plan(fields);
  assertEquals(read.sort(), [
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Unmodified-Since",
    "Range",
  ]);
});
