// Functions whose results must equal Python's, compared with python3 itself. Only the
// long run does this.

import { assert, assertEquals } from "@std/assert";
import { HTTPMessage } from "../../../parser/headers.ts";
import { escapeHtml } from "../../../text/escape_html.ts";
import { format } from "../../../text/format.ts";
import { parseHttpDate } from "../../../text/http_date.ts";
import { splitext } from "../../../text/paths.ts";
import { quote, unquote } from "../../../text/quote.ts";
import { repr } from "../../../text/repr.ts";
import { urlsplit } from "../../../text/url.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/python.json" with { type: "json" };
import { ODD, type Random, soup, texts } from "../_random.ts";

interface PythonResult {
  readonly value?: unknown;
  readonly error?: string;
}

/** A python3 that responds to one line after the other. */
class Python {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #lines: AsyncIterator<string>;

  constructor() {
    this.#child = new Deno.Command("python3", {
      args: ["-X", "utf8", new URL("../_python.py", import.meta.url).pathname],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    this.#lines = linesOf(this.#child.stdout);
  }

  async ask(name: string, args: readonly unknown[]): Promise<PythonResult> {
    const line = JSON.stringify([name, args]) + "\n";
    await this.#writer.write(new TextEncoder().encode(line));
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("python3 has ended");
    return JSON.parse(value);
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#lines.next();
    await this.#child.status;
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(
      new TextDecoderStream() as unknown as ReadableWritablePair<
        string,
        Uint8Array
      >,
    )
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

let python: Python | undefined;

function ask(name: string, ...args: readonly unknown[]): Promise<PythonResult> {
  python ??= new Python();
  return python.ask(name, args);
}

/** Ends python3. */
export async function closePython(): Promise<void> {
  await python?.close();
  python = undefined;
}

interface Formatted {
  readonly template: string;
  readonly args: readonly (string | number)[];
}

function anyFormat(random: Random): Formatted {
  const args: (string | number)[] = [];
  let template = "";
  for (let count = random.int(4); count > 0; count--) {
    const flags = random.list(2, (r) => r.pick([..."-+ 0#"])).join("");
    const width = random.pick(["", "", "1", "8", "20", "*"]);
    const precision = random.pick(["", "", ".", ".0", ".3", ".17", ".*"]);
    const type = random.pick([..."sdiuxXofFeEgGcra%"]);
    if (width === "*" && type !== "%") args.push(random.between(-9, 9));
    if (precision === ".*" && type !== "%") args.push(random.between(-2, 9));
    template += random.pick(["", "x", "é", "%%"]);
    if (type === "%") {
      template += "%%";
      continue;
    }
    template += `%${flags}${width}${precision}${type}`;
    args.push(argumentFor(random, type));
  }
  if (random.oneIn(15)) args.pop();
  if (random.oneIn(15)) args.push("x");
  return { template, args };
}

function argumentFor(random: Random, type: string): string | number {
  const integer = random.pick([0, 1, -1, 7, 255, -4096, 2 ** 40, 10 ** 15]);
  if ("sra".includes(type)) {
    return random.oneIn(3)
      ? integer
      : random.pick(["", "a", "it's", 'q"', "é\n", "\u{1f600}"]);
  }
  if (type === "c") return random.pick(["a", "é", 65, 0x1f600, "ab"]);
  if ("fFeEgG".includes(type)) {
    return random.pick([
      integer,
      0.5,
      1.5,
      2.5,
      -0.125,
      1 / 3,
      1e-7,
      123456.789,
      9.9999995,
      1e22,
      5e-324,
      1.7976931348623157e308,
      random.next() / random.between(1, 1e9),
    ]);
  }
  return random.oneIn(4) && "diu".includes(type) ? integer + 0.5 : integer;
}

const formats = property(
  "format() returns the same as Python's %",
  anyFormat,
  async ({ template, args }) => {
    const given = attempt(() => format(template, args), TypeError, RangeError);
    const { value, error } = await ask("format", template, args);
    assertEquals(
      given.error !== undefined,
      error !== undefined,
      given.error?.message ?? String(value),
    );
    if (error === undefined) assertEquals(given.value, value);
  },
);

const quoted = texts(
  [
    "%41",
    "%C3",
    "%A9",
    "%ED%A0%80",
    "%f0%9f%98%80",
    "%",
    "%4",
    "é",
    "/",
    "+",
    "\u{1f600}",
  ],
  ["%C3%A9", "a%2Fb"],
  { odd: ODD },
);

const unquotes = property(
  "unquote() and quote() return the same as in Python",
  quoted,
  async (text) => {
    // With `errors="surrogatepass"` and the fallback of `translate_path()`.
    const { value } = await ask("unquote", text, "replace");
    assertEquals(unquote(text), value);
    const strict = await ask("unquote", text, "surrogatepass");
    assertEquals(
      unquote(text, "surrogatepass"),
      strict.error === undefined ? strict.value : value,
    );
    assertEquals(quote(text), (await ask("quote", text)).value);
  },
);

const escapes = property(
  "escapeHtml(), repr() and splitext() return the same as in Python",
  soup(["a", "'", '"', "<&>", ".", "/", "\\", "é"], 8),
  async (text) => {
    assertEquals(escapeHtml(text), (await ask("escape", text, true)).value);
    assertEquals(
      escapeHtml(text, false),
      (await ask("escape", text, false)).value,
    );
    assertEquals(repr(text), (await ask("repr", text)).value);
    assertEquals(
      splitext(text),
      (await ask("splitext", text)).value as [string, string],
    );
  },
);

const urls = property(
  "urlsplit() returns the same as in Python unless Python throws",
  texts([
    "http",
    "HTTPS",
    ":",
    "/",
    "//",
    "?",
    "#",
    "a",
    "\t",
    "\n",
    "@",
    "80",
    "svn+ssh",
    "1",
  ], ["http://a.test:80/x?y#z", "//a/b", "a:b"]),
  async (url) => {
    const { value, error } = await ask("urlsplit", url);
    if (error !== undefined) return;
    const { scheme, netloc, path, query, fragment } = urlsplit(url);
    assertEquals([scheme, netloc, path, query, fragment], value);
  },
);

const dates = property(
  "parseHttpDate() returns the same as Python's parsedate_to_datetime()",
  texts(
    [
      ..."Sun, Mon Tue, 06 6 31 29 Nov Feb nov November 1994 94 2024 1 08:49:37 08:49 24:00:00 08.49.37 GMT UTC +0000 -0000 +0100 EST Z , - : + ."
        .split(" "),
      " ",
      "  ",
    ],
    [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
      "6 Nov 1994 08:49 +0000",
    ],
    { odd: [" ", "-", "+", ",", ":", "0", "9", "_", "\xa0", "\xb2"] },
  ),
  async (text) => {
    const { value } = await ask("date", text);
    assertEquals(parseHttpDate(text) ?? null, value);
  },
);

const parameters = property(
  "HTTPMessage.get_params() returns the same as in Python",
  texts(
    [
      ..."; ; = = \" ' \\ *0* *1 *1* * %41 %e9 '' a b utf-8 filename < > x=y"
        .split(" "),
      " ",
    ],
    [
      "a/b; c=d",
      "a/b; c*=utf-8''%e2%82%ac",
      'a/b; c="d;e\\"f"; g',
      "a/b; c*0=d; c*1*=%41",
    ],
    { most: 10, odd: [" ", ";", '"', "\\", "'", "é", "\t"] },
  ),
  async (value) => {
    const { value: expected, error } = await ask("parameters", value);
    if (error !== undefined) return;
    const given = new HTTPMessage([["Content-Type", value]]).get_params([]);
    assert(Array.isArray(given));
    assertEquals(JSON.parse(JSON.stringify(given)), expected);
  },
);

/** Comparisons with Python. */
export const PYTHON: Subject = {
  name: "python",
  properties: [formats, unquotes, escapes, urls, dates, parameters],
  corpus,
};
