// answerFor() is pure and complete: it runs without permissions, on plain data.
import { assertEquals } from "@std/assert";
import { type Answer, answerFor } from "../../handlers/static/answer.ts";
import type { FoundFile } from "../../handlers/static/found.ts";
import type { Exchange } from "../../handlers/static/exchange.ts";
import type { Site } from "../../handlers/static/site.ts";
import { compileCors } from "../../handlers/static/policy/cors.ts";
import { sortExtraFields } from "../../handlers/static/policy/extra_fields.ts";

const NOW = Date.parse("2024-03-02T00:00:00Z");
const info = {
  size: 5000,
  mtime: new Date("2024-03-01T12:00:00Z"),
  ctime: new Date("2024-03-01T12:00:00Z"),
  ino: 7,
  dev: 1,
} as Deno.FileInfo;
const extra: [string, string][] = [["X-A", "1"], ["Vary", "Cookie"], [
  "X-Frame-Options",
  "DENY",
]];
function exchange(fields: Record<string, string>, method = "GET"): Exchange {
  return {
    method,
    now: NOW,
    boundary: () => "b",
    headers: { get: (name: string) => fields[name] ?? null },
    request: {
      path: "/a.txt?q",
      extra_response_headers: extra,
      date_time_string: (s: number) => `T${s}`,
    },
    extra: sortExtraFields(extra),
    site,
  } as unknown as Exchange;
}
const site = {
  fields: [["X-Content-Type-Options", "nosniff"], [
    "X-Frame-Options",
    "SAMEORIGIN",
  ]],
  cors: compileCors({ origins: ["https://a.test"], exposed: [] }),
  cacheControl: (name: string) => `for-${name}`,
  access: { challenge: "Basic" },
} as unknown as Site;
const plain = { path: "/x/a.txt", info };
const file = {
  kind: "file",
  name: "a.txt",
  type: "text/plain",
  plain,
  coded: null,
  vary: "Accept-Encoding",
  folder: {},
} as unknown as FoundFile;

Deno.test({
  name: "answerFor() is pure and complete",
  permissions: "none",
  fn() {
    const policies = [["X-Content-Type-Options", "nosniff"]];
    assertEquals(
      answerFor(exchange({ Origin: "https://a.test" }), file),
      {
        status: 200,
        fields: [
          ["Content-Type", "text/plain"],
          ["Content-Length", "5000"],
          ["Last-Modified", "T1709294400"],
          ["ETag", '"5000-1709294400000-7"'],
          ["Accept-Ranges", "bytes"],
          ["Cache-Control", "for-a.txt"],
          ["X-A", "1"],
          ["X-Frame-Options", "DENY"],
          ...policies,
          ["Access-Control-Allow-Origin", "https://a.test"],
          ["Vary", "Accept-Encoding, Cookie, Origin"],
        ] as [string, string][],
        body: {
          kind: "file",
          form: plain,
          parts: [{ start: 0, length: 5000 }],
          length: 5000,
        },
      },
    );
    const coded = { ...plain, coding: "gzip", made: "on the way" } as const;
    const kind = (fields: Record<string, string>, found: typeof file) => {
      const a = answerFor(exchange(fields), found);
      return "compress" in a ? ["compress"] : [a.status, a.body.kind];
    };
    assertEquals(kind({}, { ...file, coded }), ["compress"]);
    assertEquals(kind({ "If-None-Match": "*" }, { ...file, coded }), [
      304,
      "none",
    ]);
    assertEquals(kind({ "If-Match": '"x"' }, { ...file, coded }), ["compress"]);
    assertEquals(kind({ Range: "bytes=0-1" }, { ...file, coded }), [
      206,
      "file",
    ]);
    assertEquals(kind({ "Range": "bytes=9999-" }, file), [416, "error"]);
    assertEquals(
      (answerFor(exchange({}), {
        kind: "unauthorized",
        challenge: "Basic",
      }) as Answer)
        .fields as unknown,
      [["WWW-Authenticate", "Basic"], ["X-Content-Type-Options", "nosniff"], [
        "X-Frame-Options",
        "SAMEORIGIN",
      ], ["Vary", "Origin"]],
    );
  },
});
