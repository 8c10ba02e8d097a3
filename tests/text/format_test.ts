// Python's % operator. Expected values are those of CPython.

import { assertEquals, assertThrows } from "@std/assert";
import { HTTPStatus } from "../../status.ts";
import { format } from "../../text/format.ts";
import { pureTest } from "../_lib/pure.ts";

type Row = [template: string, argument: unknown, expected: string];

function assertRows(rows: readonly Row[]): void {
  for (const [template, argument, expected] of rows) {
    assertEquals(format(template, [argument]), expected, template);
  }
}

pureTest("format() fills in %s in order", () => {
  assertEquals(
    format('"%s" %s %s', ["GET / HTTP/1.1", "200", "-"]),
    '"GET / HTTP/1.1" 200 -',
  );
  assertEquals(format("%s", ["%s"]), "%s");
  assertEquals(format("no conversion", []), "no conversion");
  assertEquals(format("", []), "");
});

pureTest(
  "format() returns the same result for a template that it has cached",
  () => {
    for (let index = 0; index < 300; index++) {
      assertEquals(format("<%s>", [index]), `<${index}>`);
      assertEquals(format(`${index}: %03d`, [7]), `${index}: 007`);
    }
    const long = "x".repeat(5000) + "%s";
    assertEquals(format(long, [1]).length, 5001);
  },
);

pureTest("format() formats %s like String()", () => {
  assertRows([
    ["%s", 404, "404"],
    ["%s", 1.5, "1.5"],
    ["%s", true, "true"],
    ["%s", undefined, "undefined"],
    ["%s", null, "null"],
    ["%s", HTTPStatus.NOT_FOUND, "404"],
    ["%r", 404, "404"],
  ]);
});

pureTest("format() shows a string as a literal with %r and %a", () => {
  assertRows([
    ["%r", "it's\n", '"it\'s\\n"'],
    ["%r", "caf\xe9\xa0", "'caf\xe9\\xa0'"],
    ["%a", "caf\xe9\u20ac\u{1f600}", "'caf\\xe9\\u20ac\\U0001f600'"],
    ["%10a|", "\xe9", "    '\\xe9'|"],
  ]);
});

pureTest("format() pads and cuts text by characters", () => {
  assertRows([
    ["%5s|", "ab", "   ab|"],
    ["%-5s|", "ab", "ab   |"],
    ["%05s|", "ab", "   ab|"],
    ["%+s", "ab", "ab"],
    ["%1s", "abc", "abc"],
    ["%.2s", "abc", "ab"],
    ["%.s|", "abc", "|"],
    ["%5.1s|", "\u{1f600}b", "    \u{1f600}|"],
  ]);
});

pureTest("format() writes integers in base 10", () => {
  assertRows([
    ["%d", 404, "404"],
    ["%i", -7, "-7"],
    ["%u", 7, "7"],
    ["%d", 3.99, "3"],
    ["%d", -0.5, "0"],
    ["%d", true, "1"],
    ["%d", HTTPStatus.NOT_FOUND, "404"],
    ["%d", 1e21, "1000000000000000000000"],
    ["%d", 2n ** 64n, "18446744073709551616"],
    ["%05d", -42, "-0042"],
    ["%-05d|", 42, "42   |"],
    ["%+d", 3, "+3"],
    ["% d", 3, " 3"],
    ["%+ d", 3, "+3"],
    ["%.4d", 42, "0042"],
    ["%8.4d|", -42, "   -0042|"],
    ["%ld", 3, "3"],
  ]);
});

pureTest("format() writes integers in bases 8 and 16", () => {
  assertRows([
    ["%x", 255, "ff"],
    ["%X", 255, "FF"],
    ["%o", 8, "10"],
    ["%#x", -255, "-0xff"],
    ["%#X", 255, "0XFF"],
    ["%#o", 8, "0o10"],
    ["%#08x", 255, "0x0000ff"],
    ["%+x", 255, "+ff"],
    ["%.4x", 255, "00ff"],
  ]);
});

pureTest("format() writes %f exactly, with ties to the even digit", () => {
  assertRows([
    ["%f", 1, "1.000000"],
    ["%.0f", 0.5, "0"],
    ["%.0f", 1.5, "2"],
    ["%.0f", 2.5, "2"],
    ["%.2f", 0.125, "0.12"],
    ["%.2f", 2.675, "2.67"],
    ["%.1f", -0.04, "-0.0"],
    ["%#.0f", 3, "3."],
    ["%.0f", 1e23, "99999999999999991611392"],
    ["%.20f", 0.1, "0.10000000000000000555"],
    ["%08.2f", -3.14159, "-0003.14"],
    ["%+.1f", 2, "+2.0"],
    ["%f", -0, "-0.000000"],
    ["%f", 3n, "3.000000"],
  ]);
});

pureTest("format() writes %e with a power of at least two digits", () => {
  assertRows([
    ["%e", 0, "0.000000e+00"],
    ["%e", 12345.678, "1.234568e+04"],
    ["%E", 0.00012, "1.200000E-04"],
    ["%.0e", 2.5, "2e+00"],
    ["%#.0e", 2.5, "2.e+00"],
    ["%.2e", 9.996, "1.00e+01"],
    ["%.3e", 5e-324, "4.941e-324"],
    ["%.16e", 1e23, "9.9999999999999992e+22"],
  ]);
});

pureTest("format() writes %g in the shorter form", () => {
  assertRows([
    ["%g", 0, "0"],
    ["%g", 100000, "100000"],
    ["%g", 1000000, "1e+06"],
    ["%g", 999999.5, "1e+06"],
    ["%g", 0.0001, "0.0001"],
    ["%g", 0.00001, "1e-05"],
    ["%G", 1.5e-7, "1.5E-07"],
    ["%.3g", 1234.5, "1.23e+03"],
    ["%.0g", 3.7, "4"],
    ["%#g", 1, "1.00000"],
    ["%#.1g", 1e10, "1.e+10"],
    ["%.17g", 1e-7, "9.9999999999999995e-08"],
  ]);
});

pureTest("format() writes NaN and the infinities in letters", () => {
  assertRows([
    ["%f", Infinity, "inf"],
    ["%F", -Infinity, "-INF"],
    ["%g", NaN, "nan"],
    ["%E", NaN, "NAN"],
    ["%06f", Infinity, "000inf"],
    ["%+e", Infinity, "+inf"],
  ]);
});

pureTest(
  "format() writes a character, given as such or by number, with %c",
  () => {
    assertRows([
      ["%c", "x", "x"],
      ["%c", 65, "A"],
      ["%c", 0x1f600, "\u{1f600}"],
      ["%3c|", "\u{1f600}", "  \u{1f600}|"],
    ]);
  },
);

pureTest("format() writes one percent sign for two", () => {
  assertEquals(format("100%%", []), "100%");
  assertEquals(format("%%s %s%%", ["a"]), "%s a%");
  assertEquals(format("%%", {}), "%");
});

pureTest(
  "format() reads the width and precision of * from the arguments",
  () => {
    assertEquals(format("%*d|", [5, 42]), "   42|");
    assertEquals(format("%*d|", [-5, 42]), "42   |");
    assertEquals(format("%-*s|", [4, "a"]), "a   |");
    assertEquals(format("%.*f", [1, 2.25]), "2.2");
    assertEquals(format("%.*f", [-2, 3.7]), "4");
    assertEquals(format("%*.*f|", [6, 2, 3.14159]), "  3.14|");
  },
);

pureTest("format() looks up named arguments in an object", () => {
  assertEquals(
    format("<p>%(code)d %(message)s: %(code)s - %(explain)s</p>", {
      code: 404,
      message: "Not Found",
      explain: "Nothing",
      unused: 1,
    }),
    "<p>404 Not Found: 404 - Nothing</p>",
  );
  assertEquals(format("%(a)-5.1f|", { a: 2 }), "2.0  |");
  assertEquals(format("%(a(b))s%()s", { "a(b)": 1, "": 2 }), "12");
  assertEquals(format("plain", { a: 1 }), "plain");
});

pureTest(
  "format() throws a TypeError for too few or too many arguments",
  () => {
    const rows: [string, unknown[], string][] = [
      ["%s %s", ["a"], "Cannot format: more conversions than the 1 arguments"],
      ["%d", [], "Cannot format: more conversions than the 0 arguments"],
      ["%*d", [5], "Cannot format: more conversions than the 1 arguments"],
      ["%s", ["a", "b"], "Cannot format: only 1 of 2 arguments are used"],
      ["x", ["a"], "Cannot format: only 0 of 1 arguments are used"],
    ];
    for (const [template, args, message] of rows) {
      assertThrows(() => format(template, args), TypeError, message);
    }
  },
);

pureTest(
  "format() throws for names without an object and for missing names",
  () => {
    assertThrows(() => format("%(a)s", ["x"]), TypeError, "needs an object");
    assertThrows(() => format("%s", { a: 1 }), TypeError, "needs an array");
    assertThrows(
      () => format("%(b)s", { a: 1 }),
      RangeError,
      "Cannot format: no argument is named 'b'",
    );
    assertThrows(() => format("%(toString)s", {}), RangeError);
  },
);

pureTest(
  "format() throws a TypeError for an argument of the wrong type",
  () => {
    const rows: [string, unknown][] = [
      ["%d", "5"],
      ["%d", null],
      ["%d", {}],
      ["%f", "1.5"],
      ["%x", 1.5],
      ["%o", "7"],
      ["%c", "ab"],
      ["%c", ""],
      ["%c", 65.5],
      ["%*d", "x"],
    ];
    for (const [template, value] of rows) {
      assertThrows(
        () => format(template, [value, 1].slice(0, template.length - 1)),
        TypeError,
        "Cannot format: ",
      );
    }
  },
);

pureTest(
  "format() throws a RangeError for a number that it cannot write",
  () => {
    const rows: [string, unknown][] = [
      ["%d", NaN],
      ["%d", Infinity],
      ["%c", -1],
      ["%c", 0x110000],
      ["%99999999s", "x"],
      ["%.99999999f", 1],
      [`%${"9".repeat(400)}d`, 1],
    ];
    for (const [template, value] of rows) {
      assertThrows(
        () => format(template, [value]),
        RangeError,
        "Cannot format: ",
      );
    }
  },
);
