// `--hash-password`: asks for a password and prints its hash for the `--users` file.

import { hashPassword } from "../handlers/static/access/password.ts";
import { UsageError } from "./usage_error.ts";

const ENTER = [0x0a, 0x0d];
const ERASE = [0x08, 0x7f];
const INTERRUPT = 0x03;
const END = 0x04;

/** A line typed at a terminal without echo. */
export class TypedLine {
  #bytes: number[] = [];

  /**
   * Processes typed bytes.
   *
   * @param keys The bytes from the terminal.
   * @returns Whether the line is complete ("done"), aborted ("interrupted") or incomplete
   * ("more").
   */
  feed(keys: Uint8Array): "more" | "done" | "interrupted" {
    for (const key of keys) {
      if (key === INTERRUPT) return "interrupted";
      if (ENTER.includes(key) || key === END) return "done";
      if (ERASE.includes(key)) this.#erase();
      else this.#bytes.push(key);
    }
    return "more";
  }

  /** The line so far. */
  get text(): string {
    return decode(new Uint8Array(this.#bytes));
  }

  /** Removes the last character, which has one to four bytes. */
  #erase(): void {
    let last = this.#bytes.pop();
    while (last !== undefined && (last & 0xc0) === 0x80) {
      last = this.#bytes.pop();
    }
  }
}

/**
 * Reads a password from standard input, without echo on a terminal, and prints a hash for
 * the `--users` file.
 *
 * @returns The exit code: 0, or 130 after Ctrl-C.
 * @throws {SyntaxError} If the password is empty.
 */
export async function printHashedPassword(): Promise<number> {
  const password = Deno.stdin.isTerminal()
    ? await typedPassword()
    : await firstLine();
  if (password === undefined) return 130;
  if (password === "") {
    throw new UsageError(
      "argument --hash-password: the password must not be empty",
    );
  }
  const line = await hashPassword(password) + "\n";
  await Deno.stdout.write(new TextEncoder().encode(line));
  return 0;
}

/** Returns the typed password; `undefined` after Ctrl-C. */
async function typedPassword(): Promise<string | undefined> {
  const tell = (text: string) =>
    Deno.stderr.write(new TextEncoder().encode(text));
  await tell("Password: ");
  const line = new TypedLine();
  const keys = new Uint8Array(256);
  Deno.stdin.setRaw(true);
  try {
    for (;;) {
      const count = await Deno.stdin.read(keys);
      const state = count === null
        ? "done"
        : line.feed(keys.subarray(0, count));
      if (state === "done") return line.text;
      if (state === "interrupted") return undefined;
    }
  } finally {
    Deno.stdin.setRaw(false);
    await tell("\n");
  }
}

async function firstLine(): Promise<string> {
  const bytes = await new Response(Deno.stdin.readable).bytes();
  const text = decode(bytes);
  return text.split(/\r?\n/, 1)[0]!;
}

/** Browsers send passwords in UTF-8, so any other encoding could never match. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError("argument --hash-password: the password is not UTF-8");
  }
}
