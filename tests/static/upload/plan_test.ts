// The decisions about uploads, from plain data.

import { assertEquals } from "@std/assert";
import { splitRights } from "../../../handlers/static/access/rights.ts";
import {
  parseRights,
  parseUsers,
} from "../../../handlers/static/access/users.ts";
import { isCrossOrigin } from "../../../handlers/static/upload/cross_origin.ts";
import { parseDigests } from "../../../handlers/static/upload/digest.ts";
import { isActiveType } from "../../../handlers/static/upload/entrance.ts";
import { uploadLimits } from "../../../handlers/static/upload/options.ts";
import {
  planContent,
  planName,
  refuseSpace,
  type Space,
} from "../../../handlers/static/upload/plan.ts";
import {
  planAppend,
  planCreation,
  refuseAppend,
} from "../../../handlers/static/upload/resumable.ts";
import { pureTest } from "../../_lib/pure.ts";

const GIB = 1024 ** 3;

pureTest(
  "planName() follows the existing file, the preconditions and the policy",
  () => {
    const policies = ["error", "rename", "overwrite"] as const;
    const rows: readonly [
      existing: "nothing" | "file" | "folder" | "other",
      verdict: "proceed" | "failed",
      mustBeNew: boolean,
      results: readonly [string | number, string | number, string | number],
    ][] = [
      ["nothing", "proceed", false, ["create", "rename", "replace"]],
      ["nothing", "proceed", true, ["create", "create", "create"]],
      ["nothing", "failed", false, [412, 412, 412]],
      ["file", "proceed", false, [409, "rename", "replace"]],
      ["file", "proceed", true, [412, 412, 412]],
      ["file", "failed", false, [412, 412, 412]],
      ["folder", "proceed", false, [409, 409, 409]],
      ["other", "proceed", false, [409, 409, 409]],
    ];
    for (const [existing, verdict, mustBeNew, results] of rows) {
      const found = policies.map((policy) => {
        const plan = planName(existing, policy, { verdict, mustBeNew });
        return plan.kind === "refused" ? plan.status : plan.how;
      });
      assertEquals(found, [...results]);
    }
  },
);

pureTest("planContent() reads the size and the digests", () => {
  const plan = planContent(
    new Headers({
      "Content-Length": "5",
      "Content-Encoding": "identity",
      "Content-Digest": `sha-256=:${"A".repeat(43)}=:`,
    }),
    5,
  );
  if ("kind" in plan) throw new Error(plan.reason);
  assertEquals([plan.size, plan.digests.length], [5, 1]);
  const rows: readonly [status: number, fields: Record<string, string>][] = [
    [411, {}],
    [413, { "Content-Length": "6" }],
    [400, { "Content-Length": "5", "Content-Range": "bytes 0-4/5" }],
    [415, { "Content-Length": "5", "Content-Encoding": "gzip" }],
    [415, { "Content-Length": "5", "Content-Encoding": "identity, br" }],
    [400, { "Content-Length": "5", "Repr-Digest": "x" }],
  ];
  for (const [status, fields] of rows) {
    const plan = planContent(new Headers(fields), 5);
    assertEquals("kind" in plan && plan.status, status);
  }
});

pureTest("refuseSpace() keeps space free, and counts other uploads", () => {
  const limits = uploadLimits({ maxTotal: 100 * GIB });
  const rows: readonly [
    refused: boolean,
    space: Partial<Space> | undefined,
    needed: number,
    taken: number,
    keepFree?: number,
  ][] = [
    [false, undefined, 5, 0],
    [false, {}, 5, 0],
    [true, { free: GIB }, 1, 0],
    [false, { free: GIB + 1 }, 1, 0],
    [true, { free: GIB + 1, reserved: 1 }, 1, 0],
    [false, { free: 60, total: 1_000 }, 10, 0],
    [true, { free: 60, total: 1_000 }, 11, 0],
    [false, { free: 10 }, 10, 0, 0],
    [true, { free: 10 }, 11, 0, 0],
    [true, { files: 999 }, 1, 0],
    [false, { files: undefined }, 1, 0],
    [true, undefined, 1, 100 * GIB],
    [false, undefined, 0, 100 * GIB],
  ];
  for (const [refused, space, needed, taken, keepFree] of rows) {
    const whole = space && {
      free: 50 * GIB,
      total: 100 * GIB,
      files: 10_000,
      reserved: 0,
      ...space,
    };
    const { maxTotal } = limits;
    const found = refuseSpace(whole, needed, { maxTotal, keepFree }, taken);
    assertEquals(found !== undefined, refused, JSON.stringify(space));
  }
});

pureTest("parseDigests() reads SHA-256 and SHA-512, and ignores others", () => {
  const sha256 = `sha-256=:${"A".repeat(43)}=:`;
  const sha512 = `sha-512=:${"A".repeat(86)}==:`;
  const rows: readonly [value: string | null, count: number | undefined][] = [
    [null, 0],
    [sha256, 1],
    [`${sha256}, ${sha512}`, 2],
    [`${sha512};x=1`, 1],
    ["md5=:AAAA:", 0],
    ["", undefined],
    ["sha-256", undefined],
    ["sha-256=AAAA", undefined],
    ["sha-256=:AAA:", undefined],
    ["sha-256=:AAAA:", undefined],
    [`${sha256},`, undefined],
    [`SHA-256=:${"A".repeat(43)}=:`, undefined],
    [`${sha256},`.repeat(100) + sha256, undefined],
  ];
  for (const [value, count] of rows) {
    assertEquals(parseDigests(value)?.length, count, String(value));
  }
});

pureTest(
  "isCrossOrigin() believes Sec-Fetch-Site, then compares Origin with Host",
  () => {
    const host = "a.test:8000";
    const rows: readonly [
      isCross: boolean,
      fields: Record<string, string>,
      host?: string | null,
    ][] = [
      [false, {}],
      [false, {}, null],
      [false, { "Sec-Fetch-Site": "same-origin" }],
      [false, { "Sec-Fetch-Site": "none" }],
      [true, { "Sec-Fetch-Site": "same-site" }],
      [true, { "Sec-Fetch-Site": "cross-site" }],
      [true, { "Sec-Fetch-Site": "" }],
      [true, { "Sec-Fetch-Site": "cross-site", Origin: "http://a.test:8000" }],
      [false, { Origin: "http://a.test:8000" }],
      [false, { Origin: "https://A.test:8000" }],
      [true, { Origin: "http://a.test" }],
      [true, { Origin: "http://a.test:8000.evil.test" }],
      [true, { Origin: "http://evil.test/a.test:8000" }],
      [true, { Origin: "null" }],
      [true, { Origin: "file://" }],
      [true, { Origin: "http://a.test:8000" }, null],
    ];
    for (const [isCross, fields, asked = host] of rows) {
      const found = isCrossOrigin(new Headers(fields), asked);
      assertEquals(found, isCross, JSON.stringify(fields));
    }
  },
);

pureTest("isActiveType() finds the documents that could run scripts", () => {
  for (
    const type of [
      "text/html",
      "text/html; charset=utf-8",
      "TEXT/HTML",
      "application/xhtml+xml",
      "image/svg+xml",
      "text/xml",
      "application/xml;charset=utf-8",
      "application/rss+xml",
      "text/xsl",
    ]
  ) assertEquals(isActiveType(type), true, type);
  for (const type of ["text/plain", "image/png", "text/htmlx", "a/b; x=/xml"]) {
    assertEquals(isActiveType(type), false, type);
  }
});

pureTest(
  "planCreation() tells ordinary uploads, parts and malformed fields apart",
  () => {
    const version = { "Upload-Draft-Interop-Version": "8" };
    const rows: readonly [
      expected: unknown,
      fields: Record<string, string>,
      length: number | undefined,
    ][] = [
      [undefined, {}, 5],
      [undefined, version, 5],
      [undefined, { "Upload-Complete": "?1" }, 5],
      [400, { "Upload-Complete": "?0" }, 5],
      [400, { ...version, "Upload-Complete": "1" }, 5],
      [[true, 5], { ...version, "Upload-Complete": "?1" }, 5],
      [[true, undefined], { ...version, "Upload-Complete": "?1" }, undefined],
      [[false, undefined], { ...version, "Upload-Complete": "?0" }, 5],
      [
        [false, 9],
        { ...version, "Upload-Complete": "?0", "Upload-Length": "9" },
        5,
      ],
      [400, { ...version, "Upload-Complete": "?0", "Upload-Length": "4" }, 5],
      [400, { ...version, "Upload-Complete": "?1", "Upload-Length": "9" }, 5],
      [400, { ...version, "Upload-Complete": "?0", "Upload-Length": "-1" }, 5],
    ];
    for (const [expected, fields, length] of rows) {
      const plan = planCreation(new Headers(fields), length);
      const found = plan === undefined
        ? undefined
        : plan.kind === "refused"
        ? plan.status
        : [plan.complete, plan.size];
      assertEquals(found, expected, JSON.stringify(fields));
    }
  },
);

pureTest("planAppend() and refuseAppend() decide on a part", () => {
  const fields = {
    "Content-Type": "application/partial-upload",
    "Upload-Offset": "5",
    "Upload-Complete": "?1",
  };
  const append = planAppend(new Headers(fields), 6);
  assertEquals(append, { kind: "append", offset: 5, complete: true, size: 11 });
  if (append.kind === "refused") throw new Error(append.reason);
  const rows: readonly [
    status: number | undefined,
    offset: number,
    size: number | undefined,
    complete: boolean,
  ][] = [
    [undefined, 5, 11, false],
    [undefined, 5, undefined, false],
    [409, 4, 11, false],
    [400, 5, 12, false],
    [400, 11, 11, true],
  ];
  for (const [status, offset, size, complete] of rows) {
    const found = refuseAppend(append, { offset, size, complete });
    assertEquals(found?.status, status);
  }
  for (const name of Object.keys(fields)) {
    const { [name as keyof typeof fields]: _, ...others } = fields;
    const found = planAppend(new Headers(others), 6);
    assertEquals(found.kind, "refused", name);
  }
});

pureTest("splitRights() splits them off the end of a password", () => {
  const rows: readonly [text: string, password: string, rights?: string][] = [
    ["a", "a"],
    ["a:read", "a", "read"],
    ["a:write", "a", "write"],
    ["a:read+write", "a", "read+write"],
    ["a:b", "a:b"],
    ["a:read:write", "a:read", "write"],
    ["a:Read", "a:Read"],
    [":read", ":read"],
    ["{SHA256}x:read", "{SHA256}x", "read"],
  ];
  for (const [text, password, rights] of rows) {
    assertEquals(splitRights(text) as unknown, { password, rights });
  }
});

pureTest(
  "parseRights() finds the rights of the users that parseUsers() finds",
  () => {
    const text = "\ufeff# all:x:read\r\nada:a:read\n\nbob:b\ncy:c:d:write";
    assertEquals([...parseRights(text)], [["ada", "read"], ["cy", "write"]]);
    const users = parseUsers(text);
    assertEquals(users.get("ada"), { kind: "plain", password: "a" });
    assertEquals(users.get("cy"), { kind: "plain", password: "c:d" });
  },
);
