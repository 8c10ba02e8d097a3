// Runs a reader in three ways: on its whole input at once, byte by byte, and with
// further data after it that must stay unread. All three must have the same result.

import { assert, assertEquals } from "@std/assert";
import { LineReader, ParseError } from "@x/httpserver/parser";
import { encodeLatin1 } from "../../text/latin1.ts";

/** Reads one thing from a buffer; `undefined` means "not yet". */
export type Reader<T> = (buffer: LineReader) => T | undefined;

/** The properties of a ParseError. */
export interface Fault {
  status: number;
  message: string;
  explain: string | undefined;
}

/** The value that a reader returned, or its fault. */
export type Outcome<T> = { value: T } | Fault | "not yet";

/** The fault of a reader that failed. */
export function faultOf<T>(outcome: Outcome<T>): Fault {
  if (outcome !== "not yet" && "status" in outcome) return outcome;
  throw new Error(`Expected a fault: ${JSON.stringify(outcome)}`);
}

const TRAILING = "\r\nTRAILING 1\r\n\r\n";

/**
 * Runs fresh readers on an input in three ways.
 *
 * @param input The latin-1 text of all bytes that the reader should consume.
 * @param start Makes a fresh reader.
 * @returns The result, which must be the same for all of them.
 */
export function readThreeWays<T>(
  input: string,
  start: () => Reader<T>,
): Outcome<T> {
  const whole = readWhole(input, "", start());
  assertEquals(
    readByByte(input, start()),
    whole,
    `byte by byte: ${input.slice(0, 200)}`,
  );
  const trailing = readWhole(input, TRAILING, start());
  assertEquals(trailing, whole, `with trailing data: ${input.slice(0, 200)}`);
  return whole;
}

/**
 * Runs fresh readers on an input that stops, at once and byte by byte.
 *
 * @param input The latin-1 text of all bytes before the end of the stream.
 * @param start Makes a fresh reader.
 * @returns The result, which must be the same for both.
 */
export function readUntilEnd<T>(
  input: string,
  start: () => Reader<T>,
): Outcome<T> {
  const buffer = new LineReader();
  buffer.feed(encodeLatin1(input));
  buffer.end();
  const whole = outcome(start(), buffer);

  const slow = new LineReader(1);
  const reader = start();
  let last: Outcome<T> = "not yet";
  for (const byte of encodeLatin1(input)) {
    slow.feed(Uint8Array.of(byte));
    if (last === "not yet") last = outcome(reader, slow);
  }
  slow.end();
  if (last === "not yet") last = outcome(reader, slow);
  assertEquals(last, whole, `byte by byte: ${input.slice(0, 200)}`);
  return whole;
}

function readWhole<T>(
  input: string,
  trailing: string,
  reader: Reader<T>,
): Outcome<T> {
  const buffer = new LineReader();
  buffer.feed(encodeLatin1(input + trailing));
  const result = outcome(reader, buffer);
  if (typeof result === "object" && "value" in result) {
    assertEquals(
      buffer.length,
      trailing.length,
      `unread: ${input.slice(0, 200)}`,
    );
  }
  return result;
}

function readByByte<T>(input: string, reader: Reader<T>): Outcome<T> {
  const buffer = new LineReader(1);
  const bytes = encodeLatin1(input);
  let last: Outcome<T> = "not yet";
  for (const [index, byte] of bytes.entries()) {
    buffer.feed(Uint8Array.of(byte));
    last = outcome(reader, buffer);
    if (last === "not yet") continue;
    if ("value" in last) {
      assert(index === bytes.length - 1, "came to an end too early");
    }
    break;
  }
  return last;
}

function outcome<T>(reader: Reader<T>, buffer: LineReader): Outcome<T> {
  try {
    const value = reader(buffer);
    return value === undefined ? "not yet" : { value };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return {
      status: error.status,
      message: error.message,
      explain: error.explain,
    };
  }
}
