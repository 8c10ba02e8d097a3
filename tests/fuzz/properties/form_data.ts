// Forms, compared with a search in the whole body.

import { assertEquals } from "@std/assert";
import { FormDataParser } from "../../../handlers/static/upload/form_data.ts";
import {
  parseDisposition,
  parsePartHead,
} from "../../../handlers/static/upload/part_head.ts";
import { ParseError } from "../../../parser/errors.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/form_data.json" with { type: "json" };
import { anyBytes, anyText, cut, cuts, texts } from "../_random.ts";

const HEAD = 'Content-Disposition: form-data; name="f"; filename="a"';

const EXAMPLES = [
  `--b\r\n${HEAD}\r\n\r\nhello\r\n--b--\r\n`,
  `x\r\n--b \t\r\n${HEAD}\r\n\r\n\r\n--\r\n--b\r\n${HEAD}\r\n\r\n\r\n--b--`,
  `--b\r\nContent-Type: a/b\r\n${HEAD}\r\n\r\n\r\r\n--c\r\n--b-- \r\nepilogue`,
  `--b\r\n${HEAD}\r\n\r\n--b--\r\n`,
];

const bodies = texts(
  [
    "--b",
    "\r\n--b",
    "\r\n--b\r\n",
    "\r\n--b--",
    "\r\n",
    "\r",
    "-",
    "--",
    " ",
    `${HEAD}\r\n\r\n`,
    "x",
  ],
  EXAMPLES,
  { most: 14 },
);

/** The parts of a body, each with its content as latin-1 text. */
type Parts = { readonly head: unknown; content: string }[];

function parse(text: string, sizes: readonly number[]): Parts | undefined {
  const parser = new FormDataParser("b");
  const parts: Parts = [];
  return attempt(() => {
    for (const piece of cut(text, sizes)) {
      for (const event of parser.push(encodeLatin1(piece))) {
        if (event.kind === "part") {
          parts.push({ head: event.head, content: "" });
        } else if (event.kind === "data") {
          parts.at(-1)!.content += decodeLatin1(event.bytes);
        }
      }
    }
    parser.finish();
    return parts;
  }, ParseError).value;
}

/** The parts, by the grammar of RFC 2046 §5.1.1; `undefined` if it doesn't match. */
function reference(body: string): Parts | undefined {
  const parts: Parts = [];
  const text = "\r\n" + body;
  let at = text.indexOf("\r\n--b");
  for (;;) {
    if (at < 0) return undefined;
    const rest = text.slice(at + 5);
    if (/^--[ \t]*(?:\r\n|$)/.test(rest)) return parts;
    const line = /^[ \t]*\r\n/.exec(rest);
    if (line === null) return undefined;
    const start = at + 5 + line[0].length;
    const end = text.startsWith("\r\n", start)
      ? start
      : text.indexOf("\r\n\r\n", start) + 2;
    if (end < start) return undefined;
    const head = attempt(
      () => parsePartHead(encodeLatin1(text.slice(start, end + 2))),
      ParseError,
    ).value;
    at = text.indexOf("\r\n--b", end);
    if (head === undefined || at < 0) return undefined;
    parts.push({ head, content: text.slice(end + 2, Math.max(end + 2, at)) });
  }
}

const agree = property(
  "FormDataParser finds the parts of the grammar, however their bytes arrive",
  (random) => ({ text: bodies(random), sizes: cuts(random) }),
  ({ text, sizes }) => assertEquals(parse(text, sizes), reference(text)),
  1_000,
);

const roundTrip = property(
  "FormDataParser reads any content",
  (random) => ({
    contents: random.list(4, anyBytes),
    sizes: cuts(random),
  }),
  ({ contents, sizes }) => {
    if (contents.some((content) => `\r\n${content}\r`.includes("\r\n--b"))) {
      return;
    }
    const parts = contents.map((content) =>
      `--b\r\n${HEAD}\r\n\r\n${content}\r\n`
    );
    const parsed = parse(parts.join("") + "--b--", sizes);
    assertEquals(parsed?.map(({ content }) => content), contents);
  },
);

/** How browsers write a name in a form. */
function encodeName(name: string): string {
  return name.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll(
    '"',
    "%22",
  );
}

const names = property(
  "parseDisposition() reads the names that browsers write",
  (random) => ({ name: anyText(random), filename: anyText(random) }),
  ({ name, filename }) => {
    // Browsers don't encode "%", so a few names have no other form.
    if (/%(?:22|0[AD])/i.test(name + filename)) return;
    assertEquals(
      parseDisposition(
        `form-data; name="${encodeName(name)}"; filename="${
          encodeName(filename)
        }"`,
      ),
      { name, filename: filename.split(/[/\\]/).at(-1) },
    );
  },
);

const dispositions = texts(
  [
    "form-data",
    ";",
    " ",
    "=",
    '"',
    "\\",
    "name",
    "filename",
    "filename*",
    'name="a"',
    "a",
    "%22",
  ],
  [
    'form-data; name="a"; filename="b\\"c"',
    "form-data;name=a;filename=b",
    "form-data; name=\"a\"; filename*=utf-8''b",
  ],
);

const onlyParseErrors = property(
  "parseDisposition() returns a name without folders, or throws a ParseError",
  dispositions,
  (value) => {
    const { value: read } = attempt(() => parseDisposition(value), ParseError);
    assertEquals(/[/\\]/.test(read?.filename ?? ""), false);
  },
  500,
);

/** Properties of forms. */
export const FORM_DATA: Subject = {
  name: "form_data",
  properties: [agree, roundTrip, names, onlyParseErrors],
  corpus,
};
