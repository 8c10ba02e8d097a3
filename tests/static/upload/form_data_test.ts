import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  boundaryOf,
  FormDataParser,
  type FormLimits,
} from "../../../handlers/static/upload/form_data.ts";
import { ParseError } from "../../../parser/errors.ts";
import { concat } from "@std/bytes/concat";

interface Part {
  readonly name: string;
  readonly filename: string | null;
  readonly type: string | null;
  readonly content: string;
}

const encoder = new TextEncoder();

/** Parses a form in chunks, and decodes its parts. */
function parse(
  chunks: readonly Uint8Array[],
  limits?: FormLimits,
): Part[] {
  const parser = new FormDataParser("AaB03x", limits);
  const parts: Part[] = [];
  let pieces: Uint8Array[] = [];
  let open = false;
  const events = function* () {
    for (const chunk of chunks) yield* parser.push(chunk);
    yield* parser.finish();
  };
  for (const event of events()) {
    assertEquals(event.kind !== "part", open);
    if (event.kind === "part") {
      parts.push({ ...event.head, content: "" });
      pieces = [];
      open = true;
    } else if (event.kind === "data") {
      assert(event.bytes.length > 0);
      pieces.push(event.bytes.slice());
    } else {
      const content = new TextDecoder().decode(concat(pieces));
      parts.push({ ...parts.pop()!, content });
      open = false;
    }
  }
  assert(!open);
  return parts;
}

function parseText(text: string, limits?: FormLimits): Part[] {
  return parse([encoder.encode(text)], limits);
}

/** A form with one part. */
function form(head: string, content: string): string {
  return `--AaB03x\r\n${head}\r\n\r\n${content}\r\n--AaB03x--\r\n`;
}

function file(name: string, content: string): string {
  return `--AaB03x\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n${content}\r\n`;
}

const END = "--AaB03x--\r\n";

Deno.test({
  name: "FormDataParser parses the forms of browsers, curl and libraries",
  permissions: "none",
  fn() {
    const text = [
      "--AaB03x",
      'Content-Disposition: form-data; name="text"',
      "",
      "one\r\ntwo",
      "--AaB03x",
      'Content-Disposition: form-data; name="file"; filename="naïve 😀.txt"',
      "Content-Type: text/plain",
      "",
      "--AaB03\r\n--AaB03y\r\r\n-",
      "--AaB03x \t",
      "content-type:  image/png ",
      'CONTENT-DISPOSITION: Form-Data; Name=file;filename=""',
      "X-Other: 1",
      "",
      "",
      "--AaB03x--",
      "",
    ].join("\r\n");
    assertEquals(parseText(text), [
      { name: "text", filename: null, type: null, content: "one\r\ntwo" },
      {
        name: "file",
        filename: "naïve 😀.txt",
        type: "text/plain",
        content: "--AaB03\r\n--AaB03y\r\r\n-",
      },
      { name: "file", filename: "", type: "image/png", content: "" },
    ]);
  },
});

const BODIES: readonly string[] = [
  file("a", "") + file("b", "x") + END,
  file("a", "\r\n") + file("b", "\r\r\r\n") + END,
  "preamble\r\n" + file("a", "\r\n--AaB03\r\n--\r\n-") + END + "epilogue",
  file("a", "\r\n--AaB03\r\n--AaB03\r") + "--AaB03x-- ",
  // Without content, a part has no empty line (RFC 2046 §5.1.1).
  file("a", "").replace(/\r\n$/, "") + END,
];

Deno.test({
  name: "FormDataParser has the same result wherever a form is split",
  permissions: "none",
  fn() {
    for (const body of BODIES) {
      const bytes = encoder.encode(body);
      const whole = parse([bytes]);
      assert(whole.length > 0);
      assertEquals(
        parse(Array.from(bytes, (byte) => Uint8Array.of(byte))),
        whole,
      );
      for (let first = 0; first <= bytes.length; first++) {
        const rest = bytes.subarray(first);
        assertEquals(parse([bytes.subarray(0, first), rest]), whole);
        for (const size of [1, 2, 9]) {
          const parts = [
            bytes.subarray(0, first),
            rest.subarray(0, size),
            rest.subarray(size),
          ];
          assertEquals(parse(parts), whole);
        }
      }
    }
  },
});

Deno.test({
  name: "FormDataParser requires the closing delimiter",
  permissions: "none",
  fn() {
    for (const body of BODIES) {
      const text = body.slice(0, body.lastIndexOf("--AaB03x--") + 10);
      parseText(text);
      for (let length = 0; length < text.length; length++) {
        assertThrows(
          () => parseText(text.slice(0, length)),
          ParseError,
          "without a closing delimiter",
        );
      }
    }
  },
});

const DISPOSITION = 'Content-Disposition: form-data; name="f"';

/** What the browsers of a row send, and the name that results. */
const NAMES: readonly (readonly [sent: string, name: string])[] = [
  ['filename="a.txt"', "a.txt"],
  ["filename=a.txt", "a.txt"],
  ['filename="a;b=c, d.txt"', "a;b=c, d.txt"],
  ['filename="%22a%0D%0a%41%.txt"', '"a\r\n%41%.txt'],
  ['filename="\\"a\\".txt"', '"a".txt'],
  ['filename="\\"a\\""; x=y', '"a"'],
  ['filename="a\\"', ""],
  ['filename="C:\\temp\\a b.txt"', "a b.txt"],
  ['filename="../../etc/passwd"', "passwd"],
  ['filename="folder/"', ""],
  ['filename=".."', ".."],
  ['filename="مرحبا.txt"', "مرحبا.txt"],
  ['filename="e\u0301.txt"', "e\u0301.txt"],
  ['filename="\ufeffa"', "\ufeffa"],
  ["filename=\"a\" ; filename*=UTF-8''b", "a"],
  ['FILENAME = "a";', "a"],
];

Deno.test({
  name: "FormDataParser decodes the file names that clients send",
  permissions: "none",
  fn() {
    for (const [sent, name] of NAMES) {
      const [part] = parseText(form(`${DISPOSITION}; ${sent}`, "x"));
      assertEquals(part?.filename, name, sent);
    }
    const bytes = encoder.encode(form(`${DISPOSITION}; filename="?"`, "x"));
    bytes[bytes.indexOf(0x3f)] = 0xe9;
    assertEquals(parse([bytes])[0]?.filename, "\ufffd");
  },
});

const BAD_HEADS: readonly (readonly [head: string, message: string])[] = [
  ["", "Part without Content-Disposition"],
  ["Content-Type: text/plain", "Part without Content-Disposition"],
  [`${DISPOSITION}\r\n${DISPOSITION}`, "Several Content-Disposition"],
  ["Content-Disposition: form-data", "must be form-data with a name"],
  ['Content-Disposition: attachment; name="f"', "must be form-data"],
  ['Content-Disposition: form-data; filename="a"', "Part without a name"],
  [`${DISPOSITION}; filename*=UTF-8''a`, "use filename"],
  [`${DISPOSITION}; name="g"`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename="a`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename="a"b`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename="a";;`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename=a b`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename=`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename`, "Bad Content-Disposition"],
  [`${DISPOSITION}; filename="a\0"`, "Bad header"],
  [`${DISPOSITION}; filename="a\rb"`, "Bad header"],
  [`${DISPOSITION}; filename="a\nb"`, "Bad header"],
  [`${DISPOSITION};\r\n filename="a"`, "Bad header"],
  [`${DISPOSITION}\r\nno field`, "Bad header"],
  [`${DISPOSITION}\r\nContent-Transfer-Encoding: base64`, "Transfer-Encoding"],
  [`${DISPOSITION}\r\nContent-Type: multipart/mixed; boundary=b`, "Nested"],
];

Deno.test({
  name: "FormDataParser rejects the headers of a part that are not form data's",
  permissions: "none",
  fn() {
    for (const [head, message] of BAD_HEADS) {
      const text = head === "" ? "--AaB03x\r\n\r\nx" : form(head, "x");
      const error = assertThrows(() => parseText(text), ParseError, message);
      assertEquals(error.status, 400, head);
    }
    // Chromium sends a saved page like this.
    parseText(
      form(
        `${DISPOSITION}; filename="a.mhtml"\r\nContent-Type: multipart/related\r\nContent-Transfer-Encoding: binary`,
        "x",
      ),
    );
  },
});

const BAD_DELIMITERS: readonly string[] = [
  "--AaB03xy\r\n",
  "--AaB03x \ty\r\n",
  "--AaB03x-\r\n",
  "--AaB03x- -\r\n",
  "--AaB03x\n",
  "--AaB03x\r\r\n",
  "--AaB03x--y",
  "--AaB03x--\n",
  "--AaB03x--\rx",
];

Deno.test({
  name: "FormDataParser rejects a line that only begins with the delimiter",
  permissions: "none",
  fn() {
    for (const line of BAD_DELIMITERS) {
      const error = assertThrows(
        () => parseText(file("a", "x") + line + file("b", "") + END),
        ParseError,
        "Bad delimiter",
      );
      assertEquals(error.status, 400);
    }
  },
});

Deno.test({
  name: "FormDataParser doesn't end a part at such a line",
  permissions: "none",
  fn() {
    const lines = [...BAD_DELIMITERS, "--AaB03x", "--AaB03x-", "--AaB03x\r"];
    for (const line of lines) {
      const parser = new FormDataParser("AaB03x");
      const kinds: string[] = [];
      assertThrows(() => {
        const bytes = encoder.encode(file("a", "x") + line);
        for (const { kind } of parser.push(bytes)) kinds.push(kind);
        parser.finish();
      }, ParseError);
      assertEquals(kinds, line === "--AaB03x\r\n" ? [] : ["part", "data"]);
    }
  },
});

Deno.test({
  name: "FormDataParser bounds the parts, their headers and the rest",
  permissions: "none",
  fn() {
    const limits = { parts: 3, head: 100, outside: 10 };
    const three = file("a", "").repeat(3) + END;
    assertEquals(parseText("12345678\r\n" + three, limits).length, 3);
    const long = "x".repeat(1_000);
    const tooMuch: readonly string[] = [
      file("a", "").repeat(4) + END,
      form(`${DISPOSITION}; filename="${long}"`, ""),
      "--AaB03x\r\n" + long,
      long,
      three + long,
      "--AaB03x" + " ".repeat(100),
      three.trimEnd() + "\t".repeat(100),
    ];
    for (const text of tooMuch) {
      const error = assertThrows(() => parseText(text, limits), ParseError);
      assertEquals(error.status, 413);
      assertThrows(
        () =>
          parse(
            Array.from(encoder.encode(text), (b) => Uint8Array.of(b)),
            limits,
          ),
        ParseError,
      );
    }
    assertThrows(
      () => parseText(file("a", "").repeat(10_000) + END),
      ParseError,
      "More than 1000 parts",
    );
    assertThrows(
      () => parseText(`--AaB03x\r\nX: ${"x".repeat(1024 * 1024)}`),
      ParseError,
      "too long",
    );
  },
});

/** The time to parse a file of this many bytes in chunks, in milliseconds: the best of three. */
function timeOf(pattern: string, size: number): number {
  const chunk = encoder.encode(pattern.repeat(65_536 / pattern.length));
  let best = Infinity;
  for (let run = 0; run < 3; run++) {
    const began = performance.now();
    const parser = new FormDataParser("-".repeat(69) + "x");
    let count = 0;
    for (
      const event of parser.push(
        encoder.encode("-".repeat(71) + `x\r\n${DISPOSITION}\r\n\r\n`),
      )
    ) {
      assertEquals(event.kind, "part");
    }
    for (let sent = 0; sent < size; sent += chunk.length) {
      for (const event of parser.push(chunk)) {
        if (event.kind === "data") count += event.bytes.length;
      }
    }
    assert(count > size - 100);
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

Deno.test({
  name: "FormDataParser takes linear time for hostile content",
  permissions: "none",
  fn() {
    for (const pattern of ["\r", "\r\n", "\r\n--------", "-"]) {
      const small = timeOf(pattern, 2 ** 20);
      const large = timeOf(pattern, 2 ** 23);
      // Eight times as much; a quadratic search would take 64 times as long.
      assert(
        large < 24 * small + 20,
        `${JSON.stringify(pattern)}: ${small} ${large}`,
      );
    }
  },
});

Deno.test({
  name: "boundaryOf() reads the boundary",
  permissions: "none",
  fn() {
    const table: readonly (readonly [value: string, boundary: string])[] = [
      ["multipart/form-data; boundary=AaB03x", "AaB03x"],
      ['Multipart/Form-Data ; charset=utf-8; BOUNDARY="a b"', "a b"],
      [
        "multipart/form-data; boundary=----WebKitFormBoundaryk1XW",
        "----WebKitFormBoundaryk1XW",
      ],
      [`multipart/form-data; boundary=${"x".repeat(70)}`, "x".repeat(70)],
    ];
    for (const [value, boundary] of table) {
      assertEquals(boundaryOf(value), boundary);
    }
  },
});

Deno.test({
  name: "boundaryOf() rejects other types and bad boundaries",
  permissions: "none",
  fn() {
    const table: readonly (readonly [value: string | null, status: number])[] =
      [
        [null, 415],
        ["", 415],
        ["application/x-www-form-urlencoded", 415],
        ["multipart/mixed; boundary=a", 415],
        ["multipart/form-data", 400],
        ["multipart/form-data; boundary=", 400],
        ['multipart/form-data; boundary="a "', 400],
        ['multipart/form-data; boundary="a\tb"', 400],
        ["multipart/form-data; boundary=a; boundary=b", 400],
        ["multipart/form-data; boundary*=us-ascii'en'a", 400],
        [`multipart/form-data; boundary=${"x".repeat(71)}`, 400],
      ];
    for (const [value, status] of table) {
      const error = assertThrows(() => boundaryOf(value), ParseError);
      assertEquals(error.status, status, value ?? "");
    }
  },
});
