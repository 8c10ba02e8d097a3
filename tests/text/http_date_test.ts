// HTTP dates. Expected values are those of CPython's email.utils.

import { assertEquals, assertThrows } from "@std/assert";
import {
  formatHttpDate,
  parseHttpDate,
  parseStrictHttpDate,
} from "../../text/http_date.ts";
import { pureTest } from "../_lib/pure.ts";

// The example of RFC 9110: Sun, 06 Nov 1994 08:49:37 GMT.
const EXAMPLE = 784111777;

pureTest("formatHttpDate() writes the preferred format", () => {
  const rows: [number, string][] = [
    [EXAMPLE, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [951782400, "Tue, 29 Feb 2000 00:00:00 GMT"],
    [253402300799, "Fri, 31 Dec 9999 23:59:59 GMT"],
  ];
  for (const [seconds, expected] of rows) {
    assertEquals(formatHttpDate(seconds), expected);
  }
});

pureTest("formatHttpDate() rounds a fraction down", () => {
  assertEquals(formatHttpDate(0.999), "Thu, 01 Jan 1970 00:00:00 GMT");
  assertEquals(formatHttpDate(-0.001), "Wed, 31 Dec 1969 23:59:59 GMT");
});

pureTest("formatHttpDate() throws for an invalid time", () => {
  for (const seconds of [NaN, Infinity, -1e300]) {
    assertThrows(
      () => formatHttpDate(seconds),
      RangeError,
      "Cannot format as an HTTP date",
    );
  }
});

pureTest("parseHttpDate() undoes formatHttpDate()", () => {
  for (let seconds = 0; seconds < 253402300800; seconds += 12345678901 / 13) {
    const whole = Math.floor(seconds);
    assertEquals(parseHttpDate(formatHttpDate(whole)), whole);
  }
});

pureTest(
  "parseHttpDate() parses all the forms that Python parses",
  () => {
    const rows: string[] = [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "Sun, 06 Nov 1994 08:49:37 -0000",
      "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49:37+0000",
      "Sun, 06 Nov 1994 08:49:37 UT",
      "Sun, 06 Nov 1994 08:49:37 utc",
      "Sun, 06 Nov 1994 08:49:37 Z",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 XYZ",
      "Mon, 06 Nov 1994 08:49:37 GMT",
      "06 Nov 1994 08:49:37 GMT",
      "Sun,06 Nov 1994 08:49:37 GMT",
      "SUN, 6 november 94 8:49:37 gmt extra words",
      "\t Sun,\xa006\x1cNov\x851994 08:49:37 GMT ",
      "Sun, 06 Nov 1994 08.49.37 GMT",
      "Sun, Nov 06, 1994, 08:49:37, GMT",
      "Sun, 06 Nov GMT 08:49:37 1994",
      "Sun, +6 Nov 1_994 08:49:37 GMT",
    ];
    for (const text of rows) assertEquals(parseHttpDate(text), EXAMPLE, text);
  },
);

pureTest(
  "parseHttpDate() treats missing seconds as 0",
  () => {
    assertEquals(parseHttpDate("Sun, 06 Nov 1994 08:49 GMT"), EXAMPLE - 37);
    assertEquals(parseHttpDate("Sun, 06 Nov 1994 08.49 GMT"), EXAMPLE - 37);
  },
);

pureTest(
  "parseHttpDate() treats a year of two digits as one from 1969 to 2068",
  () => {
    const rows: [string, number][] = [
      ["69", 1969],
      ["99", 1999],
      ["00", 2000],
      ["68", 2068],
      ["0050", 2050],
    ];
    for (const [digits, year] of rows) {
      assertEquals(
        parseHttpDate(`Sat, 01 Jan ${digits} 00:00:00 GMT`),
        Date.UTC(year, 0, 1) / 1000,
      );
    }
  },
);

pureTest("parseHttpDate() returns undefined for another zone", () => {
  for (const zone of ["+0100", "-0030", "+1", "EST", "pdt", "+99999999"]) {
    assertEquals(
      parseHttpDate(`Sun, 06 Nov 1994 08:49:37 ${zone}`),
      undefined,
    );
  }
});

pureTest("parseHttpDate() returns undefined for a malformed date", () => {
  const rows: string[] = [
    "",
    " ",
    ",",
    "garbage",
    "Sun,",
    "1994-11-06T08:49:37Z",
    "1994-11-06 08:49:37",
    "Sun, 06 Nov 99999 08:49:37 GMT",
    "Sun, 06 Foo 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT",
    "Sun, 31 Nov 1994 08:49:37 GMT",
    "Thu, 29 Feb 1900 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:00 GMT",
    "Sun, 06 Nov 1994 08:49:60 GMT",
    "Sun, 06 Nov 1994 08:49:37:00 GMT",
    "Sun, 06 Nov 1994 0849 GMT",
    "Sun, 06 Nov 1994 -1:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:3\xb2 GMT",
    "Sun, x Nov 1994 08:49:37 GMT",
    "0 0 0 0 0",
  ];
  for (const text of rows) assertEquals(parseHttpDate(text), undefined, text);
});

pureTest("parseHttpDate() is fast for very long hostile texts", () => {
  const long = 200_000;
  const rows: string[] = [
    ",".repeat(long),
    " ".repeat(long),
    "a ".repeat(long),
    "-".repeat(long) + " 08:49:37 GMT",
    `Sun, 06 Nov ${"1".repeat(long)} 08:49:37 GMT`,
    `Sun, 06 Nov 1994 08:49:37 +${"1_".repeat(long)}1`,
    `Sun, 06 Nov 1994 ${":".repeat(long)} GMT`,
  ];
  for (const text of rows) {
    const result = parseHttpDate(text);
    // Python treats a zone of too many digits as an unknown one.
    assertEquals(result, text.includes("_") ? EXAMPLE : undefined);
  }
});

pureTest(
  "parseStrictHttpDate() parses only the three forms of RFC 9110",
  () => {
    const forms = [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "Sun Nov 06 08:49:37 1994",
    ];
    for (const text of forms) {
      assertEquals(parseStrictHttpDate(text), EXAMPLE, text);
    }
    const others = [
      "06 Nov 1994 08:49:37 GMT",
      "06 Nov 1994 08:49",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 06 Nov 1994 08:49:37 +0000",
      "Sun, 06 Nov 1994 08:49:37 -0000",
      "Sun, 06 Nov 1994 08:49:37 UTC",
      "Sun, 6 Nov 1994 08:49:37 GMT",
      "Sun, 06 nov 1994 08:49:37 GMT",
      " Sun, 06 Nov 1994 08:49:37 GMT",
      "Sun, 06 Nov 1994 08:49:37 GMT\n",
      "Sun, 31 Feb 1994 08:49:37 GMT",
      "",
    ];
    for (const text of others) {
      assertEquals(parseStrictHttpDate(text), undefined, text);
    }
  },
);
