// Decimal digits of floating-point numbers. Expected values are those of CPython.

import { assertEquals } from "@std/assert";
import {
  fixedDigits,
  generalDigits,
  powerDigits,
} from "../../text/float_digits.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "fixedDigits() is exact for the smallest and the largest number",
  () => {
    assertEquals(fixedDigits(5e-324, 2, false), "0.00");
    assertEquals(
      fixedDigits(5e-324, 330, false),
      "0." + "0".repeat(323) + "4940656",
    );
    const largest = fixedDigits(Number.MAX_VALUE, 0, false);
    assertEquals(BigInt(largest), (2n ** 53n - 1n) * 2n ** 971n);
  },
);

pureTest(
  "fixedDigits() writes a point only if digits follow or if asked to",
  () => {
    assertEquals(fixedDigits(0, 0, false), "0");
    assertEquals(fixedDigits(0, 0, true), "0.");
    assertEquals(fixedDigits(0.05, 3, false), "0.050");
    assertEquals(fixedDigits(1234.5, 1, true), "1234.5");
  },
);

pureTest("powerDigits() is exact next to each power of ten", () => {
  for (let power = -307; power <= 308; power++) {
    const value = Number(`1e${power}`);
    const size = String(Math.abs(power)).padStart(2, "0");
    assertEquals(
      powerDigits(value, 5, false),
      `1.00000e${power < 0 ? "-" : "+"}${size}`,
    );
  }
  assertEquals(powerDigits(9.99995, 4, false), "1.0000e+01");
  assertEquals(powerDigits(9.99994, 4, false), "9.9999e+00");
});

pureTest(
  "generalDigits() drops trailing zeros unless asked to keep them",
  () => {
    const rows: [number, number, boolean, string][] = [
      [0, 6, false, "0"],
      [0, 6, true, "0.00000"],
      [100, 6, false, "100"],
      [100, 3, true, "100."],
      [1e10, 6, false, "1e+10"],
      [1e10, 6, true, "1.00000e+10"],
      [2.5, 0, false, "2"],
      [0.0001, 6, false, "0.0001"],
      [0.00009, 6, false, "9e-05"],
    ];
    for (const [value, precision, keep, expected] of rows) {
      assertEquals(generalDigits(value, precision, keep), expected);
    }
  },
);
