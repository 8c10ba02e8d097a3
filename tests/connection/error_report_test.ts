// The log entry of `handle_error()`.

import { assert, assertEquals } from "@std/assert";
import { errorReport } from "../../connection/error_report.ts";
import { test } from "../connection/_memory.ts";

const LINE = "-".repeat(40);
const FRAME =
  `${LINE}\nException occurred during processing of request from ('192.0.2.1', 4711)\n`;

function bodyOf(error: unknown): string {
  const report = errorReport(["192.0.2.1", 4711], error);
  assert(report.startsWith(FRAME), report);
  assert(report.endsWith(`\n${LINE}\n`), report);
  return report.slice(FRAME.length, -LINE.length - 2);
}

test("errorReport() shows the error's stack in CPython's format", () => {
  const [first, second] = bodyOf(new RangeError("too far")).split("\n");
  assertEquals(first, "RangeError: too far");
  assert(second!.includes("error_report_test.ts"), second);
});

test("errorReport() shows values that are not errors, and errors without a stack", () => {
  assertEquals(bodyOf("plain"), '"plain"');
  assertEquals(bodyOf(undefined), "undefined");
  const error = new Error("bare");
  delete error.stack;
  assertEquals(bodyOf(error), "Error: bare");
});

test("errorReport() escapes terminal control sequences", () => {
  const body = bodyOf(new Error("a\x1b[2Jb\rc\x9bd"));
  assertEquals(body.split("\n")[0], "Error: a\\x1b[2Jb\\x0dc\\x9bd");
});

Deno.test("errorReport() escapes line ends that a client put into the message", () => {
  const report = errorReport(
    ["192.0.2.1", 1],
    new Error('x\n192.0.2.9 - - [today] "GET /admin HTTP/1.1" 200 -'),
  );
  assertEquals(report.includes("\n192.0.2.9"), false);
  assertEquals(report.includes("Error: x\\x0a192.0.2.9"), true);
  // The stack frames remain separate lines.
  assertEquals(/\n {4}at /.test(report), true);
});
