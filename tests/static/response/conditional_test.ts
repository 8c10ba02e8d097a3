import { assert, assertEquals } from "@std/assert";
import {
  evaluatePreconditions,
  ifRangeHolds,
  NOT_MODIFIED_FIELDS,
  type Verdict,
} from "../../../handlers/static/response/conditional.ts";
import { pureTest } from "../../_lib/pure.ts";

// Sun, 06 Nov 1994 08:49:37 GMT
const MODIFIED = 784_111_777;
const SAME = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";
const FUTURE = "Fri, 06 Nov 2393 08:49:37 GMT";
const STRONG = { etag: '"a"', lastModified: MODIFIED };
const WEAK = { etag: 'W/"a"', lastModified: MODIFIED };
const UNDATED = { etag: '"a"', lastModified: null };
const NOW = (MODIFIED + 60) * 1000;

type Fields = Record<string, string>;

function evaluate(
  method: string,
  fields: Fields,
  validators: typeof STRONG | typeof UNDATED = STRONG,
): Verdict {
  // Not Headers, which would reject or trim some of the values below.
  const get = (name: string) => fields[name] ?? null;
  return evaluatePreconditions(method, { get }, validators);
}

pureTest("evaluatePreconditions() proceeds without preconditions", () => {
  assertEquals(evaluate("GET", {}), "proceed");
  assertEquals(evaluate("PUT", {}), "proceed");
});

pureTest("evaluatePreconditions() compares If-None-Match weakly", () => {
  for (const list of ['"a"', 'W/"a"', '"x", "a"', '"a","x"', "*", ' "a" ']) {
    const fields = { "If-None-Match": list };
    for (const validators of [STRONG, WEAK]) {
      assertEquals(evaluate("GET", fields, validators), "not modified", list);
      assertEquals(evaluate("HEAD", fields, validators), "not modified", list);
      assertEquals(evaluate("PUT", fields, validators), "failed", list);
    }
  }
  for (const list of ['"x"', '"A"', '""', '"a-gzip"', 'W/"x", "y"']) {
    assertEquals(evaluate("GET", { "If-None-Match": list }), "proceed", list);
  }
});

pureTest(
  "evaluatePreconditions() proceeds for a malformed If-None-Match",
  () => {
    for (const list of ["a", '"a', '"x", a', '"a" "b"', "", '*, "a"', "\0"]) {
      assertEquals(evaluate("GET", { "If-None-Match": list }), "proceed", list);
    }
  },
);

pureTest("evaluatePreconditions() compares If-Match strongly", () => {
  for (const list of ['"a"', '"x", "a"', "*"]) {
    assertEquals(evaluate("GET", { "If-Match": list }), "proceed", list);
    assertEquals(evaluate("PUT", { "If-Match": list }), "proceed", list);
  }
  for (const list of ['"x"', 'W/"a"', '"x", W/"a"', "a", ""]) {
    assertEquals(evaluate("GET", { "If-Match": list }), "failed", list);
    assertEquals(evaluate("HEAD", { "If-Match": list }), "failed", list);
  }
  assertEquals(evaluate("GET", { "If-Match": '"a"' }, WEAK), "failed");
  assertEquals(evaluate("GET", { "If-Match": "*" }, WEAK), "proceed");
});

pureTest(
  "evaluatePreconditions() compares dates with one-second precision",
  () => {
    const rows: [string, string, Verdict][] = [
      ["If-Modified-Since", SAME, "not modified"],
      ["If-Modified-Since", AFTER, "not modified"],
      ["If-Modified-Since", FUTURE, "not modified"],
      ["If-Modified-Since", BEFORE, "proceed"],
      ["If-Unmodified-Since", SAME, "proceed"],
      ["If-Unmodified-Since", AFTER, "proceed"],
      ["If-Unmodified-Since", BEFORE, "failed"],
    ];
    for (const [name, date, expected] of rows) {
      for (const method of ["GET", "HEAD"]) {
        assertEquals(evaluate(method, { [name]: date }), expected, name + date);
      }
    }
  },
);

pureTest("evaluatePreconditions() parses all three date formats", () => {
  for (
    const date of [
      SAME,
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    ]
  ) {
    assertEquals(
      evaluate("GET", { "If-Modified-Since": date }),
      "not modified",
      date,
    );
  }
});

pureTest("evaluatePreconditions() ignores malformed dates", () => {
  for (
    const date of [
      "",
      "yesterday",
      "784111777",
      "Sun, 31 Feb 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 25:49:37 GMT",
      SAME + " ".repeat(200),
      "1".repeat(100_000),
    ]
  ) {
    assertEquals(evaluate("GET", { "If-Modified-Since": date }), "proceed");
    assertEquals(evaluate("GET", { "If-Unmodified-Since": date }), "proceed");
  }
});

pureTest("evaluatePreconditions() ignores dates for a file without one", () => {
  assertEquals(
    evaluate("GET", { "If-Modified-Since": FUTURE }, UNDATED),
    "proceed",
  );
  assertEquals(
    evaluate("GET", { "If-Unmodified-Since": BEFORE }, UNDATED),
    "proceed",
  );
});

pureTest(
  "evaluatePreconditions() uses If-Modified-Since only for GET and HEAD",
  () => {
    assertEquals(evaluate("PUT", { "If-Modified-Since": AFTER }), "proceed");
  },
);

pureTest(
  "evaluatePreconditions() follows the order of RFC 9110 §13.2.2",
  () => {
    const rows: [Fields, Verdict][] = [
      // If-Match overrides If-Unmodified-Since.
      [{ "If-Match": '"a"', "If-Unmodified-Since": BEFORE }, "proceed"],
      [{ "If-Match": '"x"', "If-Unmodified-Since": AFTER }, "failed"],
      // If-None-Match overrides If-Modified-Since, even if it is malformed.
      [{ "If-None-Match": '"x"', "If-Modified-Since": AFTER }, "proceed"],
      [{ "If-None-Match": "x", "If-Modified-Since": AFTER }, "proceed"],
      [{ "If-None-Match": '"a"', "If-Modified-Since": BEFORE }, "not modified"],
      // The first pair precedes the second.
      [{ "If-Match": '"x"', "If-None-Match": '"a"' }, "failed"],
      [{ "If-Match": '"a"', "If-None-Match": '"a"' }, "not modified"],
      [{ "If-Match": '"a"', "If-Modified-Since": SAME }, "not modified"],
      [{ "If-Unmodified-Since": BEFORE, "If-None-Match": '"a"' }, "failed"],
      [{ "If-Unmodified-Since": BEFORE, "If-Modified-Since": SAME }, "failed"],
      [
        { "If-Unmodified-Since": SAME, "If-Modified-Since": SAME },
        "not modified",
      ],
    ];
    for (const [fields, expected] of rows) {
      assertEquals(evaluate("GET", fields), expected, JSON.stringify(fields));
    }
  },
);

pureTest("ifRangeHolds() accepts only the same strong tag", () => {
  assert(ifRangeHolds(null, STRONG, NOW));
  assert(ifRangeHolds('"a"', STRONG, NOW));
  for (
    const value of ['"x"', 'W/"a"', '"a", "a"', '"x", "a"', "*", "a", '"a', ""]
  ) {
    assertEquals(ifRangeHolds(value, STRONG, NOW), false, value);
  }
  assertEquals(ifRangeHolds('W/"a"', WEAK, NOW), false);
  assertEquals(ifRangeHolds('"a"', WEAK, NOW), false);
});

pureTest(
  "ifRangeHolds() accepts only the exact date of a file that has settled",
  () => {
    assert(ifRangeHolds(SAME, STRONG, NOW));
    assert(ifRangeHolds("Sun Nov  6 08:49:37 1994", STRONG, NOW));
    assertEquals(ifRangeHolds(BEFORE, STRONG, NOW), false);
    assertEquals(ifRangeHolds(AFTER, STRONG, NOW), false);
    assertEquals(ifRangeHolds("garbage", STRONG, NOW), false);
    assertEquals(ifRangeHolds(SAME, UNDATED, NOW), false);
    assertEquals(ifRangeHolds(SAME, STRONG, (MODIFIED + 3) * 1000), false);
    assertEquals(ifRangeHolds(SAME, STRONG, (MODIFIED + 3.5) * 1000), true);
    assertEquals(ifRangeHolds(SAME, STRONG, (MODIFIED - 60) * 1000), false);
  },
);

pureTest(
  "NOT_MODIFIED_FIELDS has the fields that RFC 9110 §15.4.5 requires",
  () => {
    for (const name of ["date", "etag", "vary", "cache-control", "expires"]) {
      assert(NOT_MODIFIED_FIELDS.has(name));
    }
    assertEquals(NOT_MODIFIED_FIELDS.has("content-length"), false);
  },
);
