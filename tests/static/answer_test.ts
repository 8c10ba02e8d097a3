// answerFor() is pure and complete: it runs without permissions, on plain data.

import { assertEquals } from "@std/assert";
import { type Answer, answerFor } from "../../handlers/static/answer.ts";
import type { Exchange } from "../../handlers/static/exchange.ts";
import type { FoundFile, Resolved } from "../../handlers/static/found.ts";
import type { Representation } from "../../handlers/static/representation/representation.ts";
import { compileCors } from "../../handlers/static/response/cors.ts";
import { sortExtraFields } from "../../handlers/static/response/extra_fields.ts";
import type { Field } from "../../handlers/static/response/fields.ts";
import { pureTest } from "../_lib/pure.ts";

const EXTRA: readonly Field[] = [
  ["X-A", "1"],
  ["Vary", "Cookie"],
  ["X-Frame-Options", "DENY"],
];

const SITE = {
  fields: [
    ["X-Content-Type-Options", "nosniff"],
    ["X-Frame-Options", "SAMEORIGIN"],
  ],
  cors: compileCors({ origins: ["https://a.test"], exposed: [] }),
  cacheControl: (name: string) => `for-${name}`,
};

const PLAIN: Representation = {
  path: "/x/a.txt",
  info: {} as Deno.FileInfo,
  size: 5000,
  etag: '"plain"',
  lastModified: 1_709_294_400,
  made: "stored",
};

const SIBLING: Representation = {
  ...PLAIN,
  path: "/x/a.txt.gz",
  size: 100,
  etag: '"sibling-gzip"',
  coding: "gzip",
};

const ON_THE_FLY: Representation = {
  ...PLAIN,
  size: Infinity,
  etag: 'W/"plain-gzip"',
  coding: "gzip",
  made: "on the fly",
};

const FILE = {
  kind: "file",
  name: "a.txt",
  type: "text/plain",
  plain: PLAIN,
  coded: null,
  vary: "Accept-Encoding",
  folder: {},
} as unknown as FoundFile;

function exchange(
  fields: Readonly<Record<string, string>>,
  method = "GET",
  extra: readonly Field[] = [],
): Exchange {
  return {
    method,
    now: Date.parse("2024-03-02T00:00:00Z"),
    boundary: () => "b",
    headers: { get: (name: string) => fields[name] ?? null },
    target: { text: "/a/b?q" },
    request: {
      extra_response_headers: extra,
      date_time_string: (seconds: number) => `at ${seconds}`,
    },
    extra: sortExtraFields(extra),
    site: SITE,
  } as unknown as Exchange;
}

/** The status and the form; "compress" if a form has to be compressed first. */
function summary(
  fields: Readonly<Record<string, string>>,
  coded: Representation,
): string {
  const answer = answerFor(exchange(fields), { ...FILE, coded });
  if ("compress" in answer) return "compress";
  const { status, body } = answer;
  if (body.kind !== "file") return String(status);
  return `${status} ${body.form === coded ? "coded" : "plain"}`;
}

pureTest(
  "answerFor() returns every field of a file; the user's replace its own",
  () => {
    const { status, fields, body } = answerFor(
      exchange({ Origin: "https://a.test" }, "GET", EXTRA),
      FILE,
    ) as Answer;
    assertEquals(status, 200);
    assertEquals(fields as unknown, [
      ["Content-Type", "text/plain"],
      ["Content-Length", "5000"],
      ["Last-Modified", "at 1709294400"],
      ["ETag", '"plain"'],
      ["Accept-Ranges", "bytes"],
      ["Cache-Control", "for-a.txt"],
      ["X-A", "1"],
      ["X-Frame-Options", "DENY"],
      ["X-Content-Type-Options", "nosniff"],
      ["Access-Control-Allow-Origin", "https://a.test"],
      ["Vary", "Accept-Encoding, Cookie, Origin"],
    ]);
    const parts = [{ start: 0, length: 5000 }];
    assertEquals(body, { kind: "file", form: PLAIN, parts, length: 5000 });
  },
);

pureTest(
  "answerFor() sends a range of the plain file unless the client names the coded form",
  () => {
    const Range = "bytes=0-1";
    for (const coded of [SIBLING, ON_THE_FLY]) {
      const { etag } = coded;
      const stored = coded === SIBLING;
      const rows: [Record<string, string>, string][] = [
        [{}, stored ? "200 coded" : "compress"],
        [{ Range }, "206 plain"],
        [{ Range: "bytes=0-1,5-6" }, "206 plain"],
        [{ Range: "bytes=4000-" }, "206 plain"],
        [{ Range: "bytes=9999-" }, "416"],
        [{ Range: "lines=1-2" }, "200 plain"],
        [{ Range, "If-Range": '"plain"' }, "206 plain"],
        [{ Range, "If-Range": etag }, stored ? "206 coded" : "200 plain"],
        [{ Range, "If-Range": '"other"' }, "200 plain"],
        [{ Range, "If-Range": "at 1709294400" }, "200 plain"],
        [{ Range, "If-Match": etag }, stored ? "206 coded" : "412"],
        [{ Range, "If-Match": '"plain"' }, "206 plain"],
        [{ Range, "If-Match": "*" }, "206 plain"],
        [{ Range, "If-None-Match": etag }, "304"],
        [{ Range, "If-None-Match": '"plain"' }, "304"],
        [{ Range, "If-None-Match": '"other"' }, "206 plain"],
        [{ "If-Range": etag }, stored ? "200 coded" : "compress"],
        [{ "If-None-Match": etag }, "304"],
        [{ "If-None-Match": '"plain"' }, stored ? "200 coded" : "compress"],
      ];
      for (const [fields, expected] of rows) {
        assertEquals(
          summary(fields, coded),
          expected,
          JSON.stringify([etag, fields]),
        );
      }
    }
  },
);

pureTest(
  "answerFor() requests compression before it decides on If-Match",
  () => {
    assertEquals(summary({ "If-Match": '"x"' }, ON_THE_FLY), "compress");
    assertEquals(summary({ "If-Match": '"x"' }, SIBLING), "412");
  },
);

pureTest(
  "answerFor() sends each error with its own field and those of the policies",
  () => {
    const policies = [
      ["X-Content-Type-Options", "nosniff"],
      ["X-Frame-Options", "SAMEORIGIN"],
      ["Vary", "Origin"],
    ];
    const cause = new Error("Too many open files");
    const rows: [Resolved, number, [string, string][]][] = [
      [{ kind: "missing", vary: "" }, 404, []],
      [{ kind: "misdirected" }, 421, []],
      [
        { kind: "unauthorized", challenge: "Basic" },
        401,
        [["WWW-Authenticate", "Basic"]],
      ],
      [
        { kind: "method not allowed" },
        405,
        [["Allow", "GET, HEAD, OPTIONS"]],
      ],
      [
        { kind: "unavailable", cause },
        503,
        [["Retry-After", "1"], ["Cache-Control", "no-store"]],
      ],
      [
        { kind: "busy" },
        503,
        [["Retry-After", "2"], ["Cache-Control", "no-store"]],
      ],
    ];
    for (const [found, expected, own] of rows) {
      // The user's fields apply only to files and listings.
      const { status, fields, body } = answerFor(
        exchange({}, "GET", EXTRA),
        found,
      ) as Answer;
      assertEquals([status, body.kind], [expected, "error"]);
      assertEquals(fields as unknown, [...own, ...policies], found.kind);
    }
  },
);

pureTest(
  "answerFor() redirects relative to the request, with its query",
  () => {
    const { status, fields } = answerFor(exchange({}), {
      kind: "redirect",
      status: 301,
      names: ["a", "b"],
      trailingSlash: true,
      vary: "",
    }) as Answer;
    assertEquals(status, 301);
    assertEquals(fields[0], ["Location", "b/?q"]);
  },
);
