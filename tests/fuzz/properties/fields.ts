// Response fields: policies only produce valid fields, and reveal no more than allowed.

import { assert, assertEquals } from "@std/assert";
import { mediaType } from "../../../handlers/media_types.ts";
import { ResponseHead } from "../../../handlers/response_head.ts";
import { isCompressible } from "../../../handlers/static/representation/compressible.ts";
import {
  checkMediaType,
  compileCodings,
  compileTypes,
} from "../../../handlers/static/representation/content_type.ts";
import { compileCors } from "../../../handlers/static/response/cors.ts";
import { faultOfField } from "../../../handlers/static/response/extra_fields.ts";
import { securityHeaders } from "../../../handlers/static/response/security_headers.ts";
import { HTTPMessage } from "../../../parser/headers.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/fields.json" with { type: "json" };
import { anyText, mutate, ODD, soup, texts, WIDE } from "../_random.ts";

/** Adds fields to a head, and checks that each is one line. */
function assertSendable(
  fields: readonly (readonly [name: string, value: string])[],
): void {
  const head = new ResponseHead();
  head.begin("HTTP/1.1", 200, "OK");
  for (const [name, value] of fields) head.add(name, value, true);
  assertLines(head.text, fields.length + 1);
}

function assertLines(text: string, count: number): void {
  const lines = text.split("\r\n");
  assertEquals(lines.pop(), "");
  assertEquals(lines.length, count);
  assert(lines.every((line) => !/[\r\n\0]|[^\0-\xff]/.test(line)), text);
}

const values = soup(
  ["a", "1", ", ", ": ", "\r\nX: y", "\r\n\r\n", "chunked", "close"],
  4,
  [...ODD, ...WIDE],
);
const fieldNames = texts(["X", "-", ":"], [
  "Content-Length",
  "Transfer-Encoding",
  "Connection",
  "ETag",
  "X-A",
], { most: 3 });

const heads = property(
  "ResponseHead.add() adds one line for each field, or throws a TypeError",
  (random) =>
    random.list(
      6,
      (r) =>
        [fieldNames(r), r.oneIn(3) ? String(r.int(20)) : values(r)] as const,
    ),
  (fields) => {
    const head = new ResponseHead();
    head.begin("HTTP/1.1", 200, "OK");
    let count = 1;
    for (const [name, value] of fields) {
      const before = head.text;
      const { error } = attempt(() => head.add(name, value, true), TypeError);
      const added = head.text.slice(before.length);
      assert(head.text.startsWith(before));
      assert(added === "" || added === `${name}: ${value}\r\n`, added);
      if (error !== undefined) assertEquals(added, "");
      if (added !== "") count++;
    }
    assertLines(head.text, count);
    const message = HTTPMessage.fromBlock(
      head.text.slice(head.text.indexOf("\n") + 1) + "\r\n",
    );
    const lengths = message.get_all("content-length", []);
    assert(lengths.length <= 1);
    assert(
      lengths.length === 0 || !message.has("transfer-encoding"),
      "two framings",
    );
  },
  400,
);

const reasons = property(
  "ResponseHead.begin() writes one status line, or throws a TypeError",
  (random) => ({
    reason: values(random),
    code: random.pick([99, 100, 200, 404, 999, 1000, 200.5]),
  }),
  ({ reason, code }) => {
    const head = new ResponseHead();
    const { error } = attempt(
      () => head.begin("HTTP/1.1", code, reason),
      TypeError,
    );
    if (error !== undefined) return assertEquals(head.text, "");
    assertLines(head.text, 1);
    assert(/^HTTP\/1\.1 [1-9]\d\d /.test(head.text), head.text);
  },
);

const ORIGINS = [
  "http://a.test",
  "https://a.test:8443",
  "null",
  "http://a.test.evil.test",
];

const origins = texts(
  [..."http:// https:// a.test evil.test :80 null * / ? .evil.test A.TEST @"
    .split(" ")],
  ORIGINS,
  { most: 4 },
);

const cors = property(
  "compileCors() allows only listed origins",
  (random) => ({
    listed: random.oneIn(4) ? [] : random.list(3, origins),
    any: random.oneIn(4),
    credentials: random.oneIn(2),
    origin: random.oneIn(6)
      ? ""
      : random.oneIn(2)
      ? random.pick(ORIGINS) + random.pick(["", ".evil.test", ":80", "/", "."])
      : mutate(random, origins(random), ["", "/", ".", "\r\n", "\0"]),
    method: random.pick(["GET", "OPTIONS", "POST"]),
    asked: values(random),
  }),
  ({ listed, any, credentials, origin, method, asked }) => {
    const { value: decide } = attempt(
      () => compileCors({ origins: any ? "*" : listed, credentials }),
      TypeError,
    );
    if (decide === undefined) return;
    const headers = new HTTPMessage([
      ...(origin === "" ? [] : [["Origin", origin] as const]),
      ["Access-Control-Request-Method", "PUT"],
      ["Access-Control-Request-Headers", asked],
    ]);
    const { headers: fields, vary } = decide({ method, headers });
    assertSendable(fields);
    const sent = new HTTPMessage(fields);
    const allowed = sent.get("Access-Control-Allow-Origin");
    if (any) assertEquals(allowed, "*");
    else {assertEquals(
        allowed,
        listed.includes(origin) && origin !== "" ? origin : null,
      );}
    if (!any) assert(vary.includes("Origin"));
    const credentialed = sent.get("Access-Control-Allow-Credentials");
    assertEquals(credentialed, credentials && allowed !== null ? "true" : null);
    if (credentialed !== null) assert(allowed !== "*" && allowed !== "null");
    assertEquals(
      sent.get("Access-Control-Allow-Methods") !== null,
      method === "OPTIONS" && origin !== "" && allowed !== null,
    );
  },
  400,
);

const FILE_NAMES = [
  "a.html",
  "x.TXT",
  "README",
  ".gitignore",
  "b.tar.gz",
  "a.__proto__",
  "a.constructor",
  "a.toString",
  "a.hasOwnProperty",
  "__proto__",
  ".svg",
  "a.",
  "a. ",
  "a.é",
];

const types = property(
  "compileTypes() and mediaType() return media types for every name",
  (random) => ({
    name: random.oneIn(2)
      ? random.pick(FILE_NAMES)
      : mutate(random, random.pick(FILE_NAMES), [...ODD, ...WIDE]),
    extension: random.pick([
      ".x",
      "html",
      "__proto__",
      ".constructor",
      "é",
      "",
      ".",
      "a.b",
    ]),
    type: random.pick([
      "text/x",
      "a/b; c=d",
      "a",
      "a/b; c",
      "br",
      "text/html\r\n",
      'a/b;c="d e"',
    ]),
  }),
  ({ name, extension, type }) => {
    const given = compileTypes()(name);
    checkMediaType(given);
    assertSendable([["Content-Type", given]]);
    isCompressible(given);
    const dot = name.lastIndexOf(".");
    const own = dot < 0 ? undefined : mediaType(name.slice(dot).toLowerCase());
    if (own !== undefined) checkMediaType(own);
    const coding = attempt(
      () => compileCodings({ [extension]: { coding: type } }),
      TypeError,
    ).value?.(name);
    if (coding !== undefined) assertSendable([["Content-Encoding", coding]]);
    const { value } = attempt(
      () => compileTypes({ types: { [extension]: type } }),
      TypeError,
    );
    if (value === undefined) return;
    assertSendable([[
      "Content-Type",
      value("a." + extension.replace(/^\./, "")),
    ]]);
    checkMediaType(value(name));
  },
  400,
);

const extra = property(
  "faultOfField() accepts only fields that can be sent",
  (random) => [fieldNames(random), values(random)] as const,
  ([name, value]) => {
    if (faultOfField(name, value) === undefined) {
      assertSendable([[name, value]]);
      assert(
        !/^(?:content-length|transfer-encoding|connection|date)$/i.test(name),
        name,
      );
    }
  },
  400,
);

const security = property(
  "securityHeaders() returns fields that can be sent",
  (random) => ({
    preset: random.oneIn(2),
    isolation: random.oneIn(2),
  }),
  (options) => assertSendable(securityHeaders(options)),
  30,
);

const mediaTypes = property(
  "checkMediaType() accepts only values that can be sent",
  (random) =>
    mutate(random, random.pick(["text/html", "a/b;c=d", 'a/b; c="d"']), [
      ...ODD,
      ...WIDE,
    ]) + (random.oneIn(8) ? anyText(random) : ""),
  (type) => {
    const { error } = attempt(() => checkMediaType(type), TypeError);
    if (error === undefined) assertSendable([["Content-Type", type]]);
  },
  400,
);

/** Properties of fields. */
export const FIELDS: Subject = {
  name: "fields",
  properties: [heads, reasons, cors, types, extra, security, mediaTypes],
  corpus,
};
