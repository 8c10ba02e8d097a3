import { assert, assertEquals } from "@std/assert";
import {
  type AccessRecord,
  formatAccess,
  type LogFormat,
} from "../../../handlers/static/access/access_log.ts";
import { pureTest } from "../../_lib/pure.ts";

const RECORD: AccessRecord = {
  address: "192.0.2.7",
  user: "ada",
  timeMs: Date.UTC(2026, 10, 2, 3, 4, 5, 678),
  offsetMinutes: -210,
  requestLine: "GET /a?b HTTP/1.1",
  status: 206,
  bytes: 1234,
  referer: "http://a.test/",
  agent: "curl/8.14",
  durationMs: 12.3456,
};

pureTest("formatAccess() writes the common log format", () => {
  assertEquals(
    formatAccess(RECORD, "common"),
    '192.0.2.7 - ada [01/Nov/2026:23:34:05 -0330] "GET /a?b HTTP/1.1" 206 1234',
  );
});

pureTest(
  "formatAccess() writes the combined format with the duration in seconds",
  () => {
    assertEquals(
      formatAccess({ ...RECORD, offsetMinutes: 0 }, "combined"),
      '192.0.2.7 - ada [02/Nov/2026:03:04:05 +0000] "GET /a?b HTTP/1.1" 206 1234 ' +
        '"http://a.test/" "curl/8.14" 0.012',
    );
  },
);

pureTest("formatAccess() writes JSON with the duration in milliseconds", () => {
  assertEquals(JSON.parse(formatAccess(RECORD, "json")), {
    time: "2026-11-02T03:04:05.678Z",
    address: "192.0.2.7",
    user: "ada",
    request: "GET /a?b HTTP/1.1",
    method: "GET",
    path: "/a?b",
    status: 206,
    bytes: 1234,
    referer: "http://a.test/",
    agent: "curl/8.14",
    duration: 12.346,
  });
});

pureTest(
  "formatAccess() writes the method and the path as JSON, or null",
  () => {
    const rows: readonly [line: string, method: unknown, path: unknown][] = [
      ["GET /old", "GET", "/old"],
      ["OPTIONS * HTTP/1.1", "OPTIONS", "*"],
      ["GET", null, null],
      ["GET /a b HTTP/1.1", null, null],
      ["", null, null],
    ];
    for (const [requestLine, method, path] of rows) {
      const line = formatAccess({ ...RECORD, requestLine }, "json");
      const record = JSON.parse(line);
      assertEquals([record.method, record.path], [method, path], requestLine);
    }
  },
);

pureTest("formatAccess() writes a hyphen for missing values", () => {
  const record = {
    ...RECORD,
    user: null,
    bytes: 0,
    referer: null,
    agent: null,
    offsetMinutes: 840,
  };
  assertEquals(
    formatAccess(record, "combined"),
    '192.0.2.7 - - [02/Nov/2026:17:04:05 +1400] "GET /a?b HTTP/1.1" 206 - "-" "-" 0.012',
  );
  const { referer, user } = JSON.parse(formatAccess(record, "json"));
  assertEquals([referer, user], [null, null]);
  assert(formatAccess({ ...record, user: "" }, "common").includes(" - - ["));
});

pureTest(
  "formatAccess() escapes characters that end a field or a line, or control a terminal",
  () => {
    const evil = 'a" 200 "\\\r\n\x1b[31m\t\0\x7f\x9b\xff';
    const record = { ...RECORD, requestLine: evil, agent: evil, referer: evil };
    const escaped =
      "a\\x22 200 \\x22\\x5C\\x0D\\x0A\\x1B[31m\\x09\\x00\\x7F\\x9B\\xFF";
    assert(formatAccess(record, "common").includes(` "${escaped}" 206`));
    assertEquals(formatAccess(record, "combined").split(escaped).length, 4);
    assertEquals(JSON.parse(formatAccess(record, "json")).agent, evil);
  },
);

pureTest("formatAccess() keeps a user's name in one field", () => {
  const record = { ...RECORD, user: "ada [b] \u20ac" };
  assert(
    formatAccess(record, "common")
      .startsWith("192.0.2.7 - ada\\x20[b]\\x20\\xE2\\x82\\xAC ["),
  );
});

pureTest(
  "formatAccess() writes one line of printable ASCII for any input",
  () => {
    let all = "";
    for (let code = 0; code < 0x300; code++) all += String.fromCharCode(code);
    all += "\u2028\u{1f600}" + String.fromCharCode(0xd800);
    const record = {
      ...RECORD,
      user: all,
      requestLine: all,
      agent: all,
      referer: all,
    };
    for (const format of ["common", "combined", "json"] satisfies LogFormat[]) {
      const line = formatAccess(record, format);
      assertEquals(/^[ -~]+$/.test(line), true, format);
    }
  },
);

pureTest("formatAccess() truncates very long texts", () => {
  const record = { ...RECORD, requestLine: "a".repeat(60_000) };
  for (const format of ["common", "combined", "json"] satisfies LogFormat[]) {
    const line = formatAccess(record, format);
    assert(line.length < 3_000);
    assert(line.includes("aaa..."));
  }
});
