// Header blocks and HTTPMessage.

import { assert, assertEquals } from "@std/assert";
import { ParseError } from "../../../parser/errors.ts";
import { parseFields } from "../../../parser/field_lines.ts";
import { checkHeaderBlock, scanFields } from "../../../parser/header_block.ts";
import { HTTPMessage } from "../../../parser/headers.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/headers.json" with { type: "json" };
import { mutate, texts } from "../_random.ts";

const NAMES = [
  ..."Host Content-Length TRANSFER-encoding connection Expect X a Cookie é"
    .split(" "),
];

const BLOCKS = [
  "Host: a\r\nContent-Length: 5\r\n\r\n",
  "A: b\nC:d\n\n",
  "Transfer-Encoding:\tchunked \r\nconnection: close, x\r\nConnection: y\r\n\r\n",
  "Expect: 100-continue\r\nX:\r\nHost : b\r\n folded\r\n\r\n",
];

const blocks = texts(
  [...NAMES, ":", ": ", "\r\n", "\n", "v", " ", "\t", "\r\n\r\n"],
  BLOCKS,
  { most: 16 },
);

/** RFC 9112 §5: `field-line CRLF`, then the blank line; a lone LF ends a line too (§2.2). */
const FIELD_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*$/;

function isWellFormed(block: string): boolean {
  if (!/(?:^|\n)\r?\n$/.test(block)) return false;
  const lines = block.split("\n").map((line) => line.replace(/\r$/, ""));
  lines.pop();
  return lines.pop() === "" && lines.every((line) => FIELD_LINE.test(line));
}

const wellFormed = property(
  "checkHeaderBlock() accepts field lines without control characters and nothing else",
  blocks,
  (block) => {
    const { error } = attempt(() => checkHeaderBlock(block), ParseError);
    assertEquals(error === undefined, isWellFormed(block));
    if (error !== undefined) {
      assertEquals((error as ParseError).status, 400);
      assert(!/[\r\n\0]/.test(error.message));
    }
  },
  400,
);

const twoWays = property(
  "HTTPMessage is the same for a block and for its fields",
  (random) => ({
    block: blocks(random),
    name: mutate(random, random.pick(NAMES), ["", "a", ":"]),
  }),
  ({ block, name }) => {
    const fields = parseFields(block);
    const [lazy, eager] = [
      HTTPMessage.fromBlock(block),
      new HTTPMessage(fields),
    ];
    for (
      const asked of [
        name,
        ...NAMES,
        ...fields.map(([known]) => known.toUpperCase()),
      ]
    ) {
      if (asked === "") continue;
      assertEquals(lazy.get(asked), eager.get(asked));
      assertEquals(lazy.get_all(asked), eager.get_all(asked));
      assertEquals(lazy.has(asked), eager.has(asked));
    }
    assertEquals(lazy.items(), eager.items());
    assertEquals(lazy.length, fields.length);
    assertEquals(lazy.as_string(), eager.as_string());
    lazy.add_header("X-New", "1");
    assertEquals(lazy.items(), [...eager.items(), ["X-New", "1"]]);
  },
);

const scanned = property(
  "scanFields() finds the same values as HTTPMessage",
  blocks,
  (block) => {
    const scan = scanFields(block);
    const message = HTTPMessage.fromBlock(block);
    const hosts = message.get_all("host", []);
    assertEquals(scan.hosts, hosts.length);
    assertEquals(scan.host, hosts[0] ?? "");
    assertEquals(scan.contentLength, message.get_all("content-length", []));
    assertEquals(
      scan.transferEncoding,
      message.get_all("transfer-encoding", []),
    );
    assertEquals(scan.connection, message.get_all("connection", []));
    assertEquals(scan.expect, message.get_all("expect", []));
  },
  400,
);

const trimmed = property(
  "HTTPMessage returns values without line ends and without blanks around them",
  blocks,
  (block) => {
    for (const [name, value] of HTTPMessage.fromBlock(block)) {
      assert(!/\n/.test(name + value));
      assert(!/^[ \t]|[ \t]$/.test(value), JSON.stringify(value));
      assert(!name.includes(":"));
    }
  },
);

const PARAMETERS = [
  'form-data; name="f"; filename="a;b\\"c.txt"',
  "text/html; charset=utf-8",
  "attachment; filename*=UTF-8''%e2%82%ac; filename=x",
  'm/t; a*0=x; a*1*=%41; a*2="y"',
  "multipart/form-data; boundary=----x; b",
];

const parameters = property(
  "HTTPMessage reads parameters of any value without throwing",
  texts(
    [
      ..."; = \" ' \\ * *0 *1* %41 %e9 ' a b charset utf-8 x-none name filename boundary , < >"
        .split(" "),
      " ",
    ],
    PARAMETERS,
    { most: 20 },
  ),
  (value) => {
    for (const field of ["Content-Type", "Content-Disposition"]) {
      const message = new HTTPMessage([[field, value]]);
      for (const unquote of [true, false]) {
        for (const [name, read] of message.get_params([], field, unquote)) {
          assertEquals(typeof name, "string");
          assert(typeof read === "string" || read.length === 3);
        }
      }
      const type = message.get_content_type();
      assertEquals(type.split("/").length, 2);
      assertEquals(
        type,
        `${message.get_content_maintype()}/${message.get_content_subtype()}`,
      );
      const charset = message.get_content_charset("");
      assertEquals(charset, charset.toLowerCase());
      message.get_filename("");
      message.get_boundary("");
      message.get_content_disposition();
    }
  },
);

const fileNames = property(
  "HTTPMessage.get_filename() returns a quoted name unchanged",
  (random) =>
    Array.from(
      { length: random.between(1, 8) },
      () => random.pick([..."ab;,='()<>@\\\"%* \xe9"]),
    ).join(""),
  (name) => {
    const quoted = name.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
    // As in Python, a backslash before the closing quotation mark hides it.
    if (/\\$/.test(name) || /\\"/.test(name)) return;
    // It also takes away the marks around a name a second time.
    if (/^".*"$|^<.*>$/.test(name)) return;
    const message = new HTTPMessage([
      ["Content-Disposition", `form-data; filename="${quoted}"; x=y`],
    ]);
    assertEquals(message.get_filename(), name.trim());
    assertEquals(message.get_param("x", null, "content-disposition"), "y");
  },
);

/** Properties of header blocks. */
export const HEADERS: Subject = {
  name: "headers",
  properties: [wellFormed, twoWays, scanned, trimmed, parameters, fileNames],
  corpus,
};
