import { assertEquals } from "@std/assert";
import {
  MAX_RANGES,
  parseRange,
} from "../../../handlers/static/response/range.ts";

/** The result in short: "none", "416", or the slices as first and last position. */
function read(value: string | null, size: number): string {
  const result = parseRange(value, size);
  if (result.kind === "none") return "none";
  if (result.kind === "unsatisfiable") return "416";
  return result.slices
    .map(({ start, length }) => `${start}-${start + length - 1}`).join(" ");
}

type Row = readonly [value: string | null, size: number, expected: string];

function test(name: string, rows: readonly Row[]): void {
  Deno.test({
    name,
    permissions: "none",
    fn() {
      for (const [value, size, expected] of rows) {
        assertEquals(read(value, size), expected, `${value} of ${size}`);
      }
    },
  });
}

test("parseRange() parses one range", [
  ["bytes=0-0", 10, "0-0"],
  ["bytes=0-9", 10, "0-9"],
  ["bytes=2-5", 10, "2-5"],
  ["bytes=9-9", 10, "9-9"],
  ["bytes=3-", 10, "3-9"],
  ["bytes=0-", 10, "0-9"],
  ["bytes=-1", 10, "9-9"],
  ["bytes=-10", 10, "0-9"],
  ["bytes=007-008", 10, "7-8"],
  ["Bytes=1-2", 10, "1-2"],
  ["bytes= 1-2 ", 10, "1-2"],
  ["bytes=\t1-2", 10, "1-2"],
  ["bytes=,1-2,,", 10, "1-2"],
]);

test(
  "parseRange() ignores a range whose end is before its start, however large both are",
  [
    ["bytes=5-4", 10, "none"],
    ["bytes=99999999999950072-9999999999999999", 1, "none"],
    ["bytes=9007199254740993-9007199254740992", 1, "none"],
    ["bytes=9007199254740992-9007199254740993", 1, "416"],
    ["bytes=0005-4", 10, "none"],
    ["bytes=4-0005", 10, "4-5"],
  ],
);

test("parseRange() limits a range to the file's end", [
  ["bytes=5-10", 10, "5-9"],
  ["bytes=5-99999999999999999999999999", 10, "5-9"],
  ["bytes=-11", 10, "0-9"],
  ["bytes=-99999999999999999999999999", 10, "0-9"],
  ["bytes=0-0", 1, "0-0"],
  [
    "bytes=9007199254740990-",
    Number.MAX_SAFE_INTEGER,
    "9007199254740990-9007199254740990",
  ],
]);

test("parseRange() returns unsatisfiable if the file has none of the bytes", [
  ["bytes=10-", 10, "416"],
  ["bytes=10-20", 10, "416"],
  ["bytes=-0", 10, "416"],
  ["bytes=99999999999999999999999999-", 10, "416"],
  ["bytes=99999999999999999999-99999999999999999999999", 10, "416"],
  ["bytes=10-,-0,20-30", 10, "416"],
]);

test("parseRange() ignores malformed ranges", [
  [null, 10, "none"],
  ["", 10, "none"],
  ["bytes", 10, "none"],
  ["bytes=", 10, "none"],
  ["bytes=,", 10, "none"],
  ["bytes=-", 10, "none"],
  ["bytes=--1", 10, "none"],
  ["bytes=1", 10, "none"],
  ["bytes=a-b", 10, "none"],
  ["bytes=5-2", 10, "none"],
  ["bytes=99999999999999999999-2", 10, "none"],
  ["bytes=+1-2", 10, "none"],
  ["bytes=1-2x", 10, "none"],
  ["bytes=1 - 2", 10, "none"],
  ["bytes=1e1-", 10, "none"],
  ["bytes=0x1-2", 10, "none"],
  ["bytes=\u0661-\u0662", 10, "none"],
  ["bytes=1.0-2", 10, "none"],
  ["bytes =1-2", 10, "none"],
  [" bytes=1-2", 10, "none"],
  ["bytes:1-2", 10, "none"],
  ["bits=1-2", 10, "none"],
  ["seconds=1-2", 10, "none"],
  ["bytes=1-2;3-4", 10, "none"],
  ["bytes=1-2,x", 10, "none"],
  ["bytes=1-2,5-4", 10, "none"],
  ["x bytes=1-2", 10, "none"],
  ["bytes=1-2\n", 10, "none"],
]);

test("parseRange() ignores every range of an empty file", [
  ["bytes=0-", 0, "none"],
  ["bytes=0-0", 0, "none"],
  ["bytes=-5", 0, "none"],
  ["bytes=-0", 0, "none"],
]);

test("parseRange() keeps several ranges in the order of the request", [
  ["bytes=0-1,4-5", 10, "0-1 4-5"],
  ["bytes=8-9 , 0-1", 10, "8-9 0-1"],
  ["bytes=-1,0-0", 10, "9-9 0-0"],
  ["bytes=6-6,2-2,4-4", 10, "6-6 2-2 4-4"],
]);

test("parseRange() omits unsatisfiable ranges among several", [
  ["bytes=20-,1-2", 10, "1-2"],
  ["bytes=-0,1-2,30-40", 10, "1-2"],
]);

test("parseRange() merges ranges that overlap or touch", [
  ["bytes=0-3,2-5", 10, "0-5"],
  ["bytes=0-3,4-5", 10, "0-5"],
  ["bytes=4-5,0-3", 10, "0-5"],
  ["bytes=2-7,3-4", 10, "2-7"],
  ["bytes=1-1,1-1", 10, "1-1"],
  ["bytes=8-8,0-1,1-2", 10, "8-8 0-2"],
  ["bytes=0-1,8-8,2-3", 10, "0-3 8-8"],
  ["bytes=5-6,0-0,1-1,7-7", 10, "5-7 0-1"],
  ["bytes=0-1,3-4", 10, "0-1 3-4"],
]);

test("parseRange() ignores ranges that add up to more than the file", [
  ["bytes=0-,0-", 10, "none"],
  ["bytes=0-5,5-9", 10, "none"],
  ["bytes=0-4,5-9", 10, "0-9"],
  ["bytes=0-0,-1", 1, "none"],
  ["bytes=" + "0-,".repeat(50), 1_000_000, "none"],
]);

test("parseRange() ignores more than MAX_RANGES ranges", [
  [many(MAX_RANGES), 10_000, manySlices(MAX_RANGES)],
  [many(MAX_RANGES + 1), 10_000, "none"],
]);

function many(count: number): string {
  return "bytes=" +
    Array.from({ length: count }, (_, n) => `${n * 10}-${n * 10}`).join();
}

function manySlices(count: number): string {
  return Array.from({ length: count }, (_, n) => `${n * 10}-${n * 10}`)
    .join(" ");
}

test("parseRange() ignores a value of 100 KB without parsing it", [
  ["bytes=" + "1-2,".repeat(25_000), 10, "none"],
  ["bytes=" + " ".repeat(100_000) + "1-2", 10, "none"],
  ["bytes=" + "1".repeat(100_000) + "-", 10, "none"],
]);
