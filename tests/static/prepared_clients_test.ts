// No two clients share a response that differs by what they sent: credentials, ranges, conditions,
// codings, hosts, origins. Each response of a busy server equals that of a server that has
// served nothing else.

import { assert, assertEquals } from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { prepared } from "../../handlers/static/prepared.ts";
import type { Answer } from "../_serve.ts";
import { boundedTest } from "../_lib/bounded.ts";
import {
  CHANGED_DATE,
  pretendLater,
  SIBLINGS,
  type Site,
  site,
} from "./_site.ts";

const FILES = {
  ...SIBLINGS,
  "a.txt": "abcdefghij",
  "b.txt": "0123456789",
  "text.txt": "text ".repeat(1_000),
  "sub/index.html": "<p>",
  "404.html": "own page",
};

const ADA = `Authorization: Basic ${btoa("ada:secret")}`;
const BOB = `Authorization: Basic ${btoa("bob:hidden")}`;
const WRONG = `Authorization: Basic ${btoa("ada:hidden")}`;

/** Requests that differ from others in one field, as the target and the fields after it. */
const VARIANTS: readonly (readonly string[])[] = [
  ["/a.txt"],
  ["/b.txt"],
  ["/missing"],
  ["/sub"],
  ["/sub/"],
  ["/a.txt", ADA],
  ["/a.txt", BOB],
  ["/a.txt", WRONG],
  ["/b.txt", ADA],
  ["/a.txt", "Cookie: session=1"],
  ["/a.txt", "Cookie: session=2"],
  ["/a.txt", "Range: bytes=0-1"],
  ["/a.txt", "Range: bytes=2-3"],
  ["/a.txt", "Range: bytes=-1"],
  ["/a.txt", "Range: bytes=99-"],
  ["/b.txt", "Range: bytes=2-3"],
  ["/a.txt", "Range: bytes=2-3", `If-Range: ${CHANGED_DATE}`],
  ["/a.txt", "Range: bytes=2-3", 'If-Range: "other"'],
  ["/a.txt", `If-Modified-Since: ${CHANGED_DATE}`],
  ["/a.txt", "If-Modified-Since: Thu, 01 Jan 1970 00:00:00 GMT"],
  ["/a.txt", 'If-None-Match: "other"'],
  ["/a.txt", "If-None-Match: *"],
  ["/a.txt", 'If-Match: "other"'],
  ["/a.js"],
  ["/a.js", "Accept-Encoding: br"],
  ["/a.js", "Accept-Encoding: gzip"],
  ["/a.js", "Accept-Encoding: zstd"],
  ["/a.js", "Accept-Encoding: gzip;q=0, br;q=0.1"],
  ["/a.js", "Accept-Encoding: br", "Range: bytes=0-1"],
  ["/text.txt", "Accept-Encoding: gzip"],
  ["/text.txt", "Accept-Encoding: identity"],
  ["/missing", "Accept-Encoding: gzip"],
  ["/missing", "Accept: text/html", "Sec-Fetch-Mode: navigate"],
  ["/a.txt", "Origin: https://one.test"],
  ["/a.txt", "Origin: https://two.test"],
  ["/a.txt", "Origin: https://other.test"],
  ["/missing", "Origin: https://two.test"],
  ["/sub", "Origin: https://one.test"],
  ["/a.txt", "Host: one.test"],
  ["/a.txt", "Host: two.test"],
  ["/sub", "Host: two.test"],
  ["/a.txt", "Host: other.test"],
  ["/a.txt", "X-Forwarded-For: 192.0.2.1"],
  ["/a.txt", "Connection: close"],
];

const SITES: readonly StaticFileOptions[] = [
  {},
  { cors: { origins: ["https://one.test", "https://two.test"] } },
  { users: "ada:secret\nbob:hidden" },
  { hosts: ["one.test", "two.test"], cors: true, spa: "404.html" },
];

function request([target, ...fields]: readonly string[]): string {
  const host = fields.some((field) => field.startsWith("Host:"))
    ? []
    : ["Host: localhost"];
  return [`GET ${target} HTTP/1.1`, ...host, ...fields, "", ""].join("\r\n");
}

/** A response without its date. */
function essence({ status, fields, body }: Answer): unknown {
  return {
    status,
    body,
    fields: fields.filter((field) => !field.startsWith("Date: ")),
  };
}

/** What a server sends that serves nothing else, and another copy of the files. */
async function fresh(
  options: StaticFileOptions,
  variant: readonly string[],
): Promise<unknown> {
  await using files = await site(FILES, options);
  return essence(await files.served.ask(request(variant)));
}

/** The numbers below `count`, in an order that depends on `step`. */
function ordered(count: number, step: number): number[] {
  return Array.from({ length: count }, (_, at) => (at * step) % count);
}

/** Sends all variants twice on one connection, in another order each time, and checks each response. */
async function converse(
  { served }: Site,
  expected: readonly unknown[],
  step: number,
): Promise<void> {
  let client = await served.connect();
  try {
    for (const at of [0, 1].flatMap(() => ordered(expected.length, step))) {
      const variant = VARIANTS[at]!;
      await client.write(request(variant));
      const answer = await client.answer();
      assertEquals(essence(answer), expected[at], variant.join(", "));
      if (answer.header("connection") === "close") {
        client.close();
        client = await served.connect();
      }
    }
  } finally {
    client.close();
  }
}

for (const options of SITES) {
  boundedTest(
    `StaticFileHandler sends each of several clients what it alone would get, with ${
      JSON.stringify(options)
    }`,
    async () => {
      using _later = pretendLater(60_000);
      const expected: unknown[] = [];
      for (const variant of VARIANTS) {
        expected.push(await fresh(options, variant));
      }
      const before = prepared.size;
      await using files = await site(FILES, options);
      await Promise.all(
        [1, 3, 5, 7, 13].map((step) => converse(files, expected, step)),
      );
      // Otherwise the test would show nothing.
      if (options.users === undefined) assert(prepared.size > before + 20);
    },
  );
}
