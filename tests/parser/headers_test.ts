import { assert, assertEquals, assertThrows } from "@std/assert";
import { collapse_rfc2231_value, HTTPMessage } from "@x/httpserver/parser";
import { CONTENT_TYPES, DISPOSITIONS } from "./_email_results.ts";
import { pureTest } from "../_lib/pure.ts";

const BLOCK = "A: 1\r\nb:2\r\na:\t3\r\nEmpty:\r\nX-Long: a: b \t \r\n\r\n";

const FIELDS: [string, string][] = [
  ["A", "1"],
  ["b", "2"],
  ["a", "3"],
  ["Empty", ""],
  ["X-Long", "a: b"],
];

/** The same message made in both ways, and one whose fields were listed before. */
function messages(): HTTPMessage[] {
  const listed = HTTPMessage.fromBlock(BLOCK);
  listed.items();
  return [HTTPMessage.fromBlock(BLOCK), new HTTPMessage(FIELDS), listed];
}

pureTest(
  "HTTPMessage.get() returns the first value of a name in any case",
  () => {
    for (const message of messages()) {
      assertEquals(message.get("A"), "1");
      assertEquals(message.get("a"), "1");
      assertEquals(message.get("B"), "2");
      assertEquals(message.get("empty"), "");
      assertEquals(message.get("x-LONG"), "a: b");
    }
  },
);

pureTest(
  "HTTPMessage.get() returns null or the fallback for an absent name",
  () => {
    for (const message of messages()) {
      for (
        const name of [
          "c",
          "",
          "Emp",
          "mpty",
          "Empty:",
          "A: 1",
          "\nb",
          "A: 1\r\nb",
          "X-Long: a",
          "__proto__",
        ]
      ) {
        assertEquals(message.get(name), null, name);
        assertEquals(message.get(name, ""), "", name);
        assertEquals(message.has(name), false, name);
      }
    }
  },
);

pureTest(
  "HTTPMessage.get() finds names that begin with any token character",
  () => {
    for (const first of "!#$%&'*+-.^_`|~09AZaz") {
      const message = HTTPMessage.fromBlock(`Q: 0\r\n${first}x: 1\r\n\r\n`);
      assertEquals(message.get(`${first}X`), "1");
    }
  },
);

pureTest("HTTPMessage.get_all() returns all values in order", () => {
  for (const message of messages()) {
    assertEquals(message.get_all("A"), ["1", "3"]);
    assertEquals(message.get_all("b"), ["2"]);
    assertEquals(message.get_all("c"), null);
    assertEquals(message.get_all("c", 7), 7);
  }
});

pureTest("HTTPMessage keeps order, spelling and duplicates", () => {
  for (const message of messages()) {
    assertEquals(message.keys(), ["A", "b", "a", "Empty", "X-Long"]);
    assertEquals(message.values(), ["1", "2", "3", "", "a: b"]);
    assertEquals(message.items(), FIELDS);
    assertEquals([...message], FIELDS);
    assertEquals(message.length, 5);
  }
});

pureTest("HTTPMessage.as_string() returns lines and a blank line", () => {
  for (const message of messages()) {
    assertEquals(
      message.as_string(),
      "A: 1\nb: 2\na: 3\nEmpty: \nX-Long: a: b\n\n",
    );
  }
  assertEquals(new HTTPMessage().as_string(), "\n");
});

pureTest("HTTPMessage.add_header() appends a field", () => {
  for (const message of messages()) {
    message.add_header("A", "4");
    assertEquals(message.get_all("a"), ["1", "3", "4"]);
    assertEquals(message.keys().at(-1), "A");
    message.add_header("New", "5");
    assertEquals(message.get("new"), "5");
    assertEquals(message.length, 7);
  }
});

pureTest("HTTPMessage returns copies", () => {
  const fields: [string, string][] = [["A", "1"]];
  const message = new HTTPMessage(fields);
  fields[0]![1] = "changed";
  fields.push(["B", "2"]);
  message.items()[0]![1] = "changed";
  message.keys().push("C");
  assertEquals(message.items(), [["A", "1"]]);
});

pureTest("An empty HTTPMessage has the defaults of email.message", () => {
  for (
    const message of [
      new HTTPMessage(),
      new HTTPMessage([]),
      HTTPMessage.fromBlock("\r\n"),
      HTTPMessage.fromBlock(""),
    ]
  ) {
    assertEquals(message.items(), []);
    assertEquals(message.get("a"), null);
    assertEquals(message.get_all("a"), null);
    assertEquals(message.get_content_type(), "text/plain");
    assertEquals(message.get_content_maintype(), "text");
    assertEquals(message.get_content_subtype(), "plain");
    assertEquals(message.get_content_charset(), null);
    assertEquals(message.get_content_charset("x"), "x");
    assertEquals(message.get_content_disposition(), null);
    assertEquals(message.get_params(), null);
    assertEquals(message.get_params(0), 0);
    assertEquals(message.get_param("x"), null);
    assertEquals(message.get_param("x", "?"), "?");
    assertEquals(message.get_filename(), null);
    assertEquals(message.get_filename(1), 1);
    assertEquals(message.get_boundary(), null);
    assertEquals(message.get_boundary(""), "");
  }
});

pureTest(
  "HTTPMessage trims only SP and HTAB from values",
  () => {
    // Behaviour 58, as a deviation: CPython keeps trailing blanks (RFC 9112 §5.1).
    const message = HTTPMessage.fromBlock(
      "A: \t x y \t \r\nB:\xa0\x0bz\x0c\xa0\r\nC:   \r\nD: q \n\n",
    );
    assertEquals(message.values(), ["x y", "\xa0\x0bz\x0c\xa0", "", "q"]);
    assertEquals(
      ["a", "b", "c", "d"].map((name) => message.get(name)),
      message.values(),
    );
  },
);

pureTest("HTTPMessage returns latin-1 values unchanged", () => {
  // Behaviour 19
  const message = HTTPMessage.fromBlock(
    "X-\xc4: no token\r\nX-Cafe: caf\xe9 \xff\xdf\r\n\r\n",
  );
  assertEquals(message.get("x-cafe"), "caf\xe9 \xff\xdf");
  assertEquals(message.get("X-\xe4"), "no token");
});

pureTest(
  "HTTPMessage.fromBlock() skips lines without a colon, by name and in lists",
  () => {
    const message = HTTPMessage.fromBlock(
      "none\r\nA: 1\r\nB c\r\n d: 2\r\nlast: 3",
    );
    assertEquals(message.items(), [["A", "1"], [" d", "2"], ["last", "3"]]);
    for (const [name, value] of message) assertEquals(message.get(name), value);
    assertEquals(message.get("none"), null);
    assertEquals(message.get("b c"), null);
  },
);

pureTest(
  "HTTPMessage.toHeaders() joins duplicates and keeps every field",
  () => {
    const message = HTTPMessage.fromBlock(
      "B: 1\r\nA: x\r\nb: 2\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nCookie: q=1\r\nHost: h\r\nX-L: \xe9\x01\r\nE:\r\n\r\n",
    );
    const headers = message.toHeaders();
    assertEquals(headers.get("b"), "1, 2");
    assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
    assertEquals(headers.get("host"), "h");
    assertEquals(headers.get("x-l"), "\xe9\x01");
    assertEquals(headers.get("e"), "");
    for (const name of message.keys()) assert(headers.has(name), name);
    assertThrows(() => new HTTPMessage([["a b", "1"]]).toHeaders(), TypeError);
  },
);

pureTest(
  "HTTPMessage content-type methods return the same as email.message",
  () => {
    for (const [value, results] of CONTENT_TYPES) {
      const message = HTTPMessage.fromBlock(`Content-Type: ${value}\r\n\r\n`);
      assertEquals(
        [
          message.get_content_type(),
          message.get_content_charset(),
          message.get_boundary(),
          message.get_param("X"),
          message.get_params(),
          message.get_params(null, "content-type", false),
        ],
        results,
        value,
      );
    }
  },
);

pureTest(
  "HTTPMessage disposition methods return the same as email.message",
  () => {
    for (const [value, results] of DISPOSITIONS) {
      const message = HTTPMessage.fromBlock(
        `Content-Disposition: ${value}\r\n\r\n`,
      );
      assertEquals(
        [message.get_content_disposition(), message.get_filename()],
        results,
        value,
      );
    }
  },
);

pureTest(
  "HTTPMessage.get_filename() falls back to the name in Content-Type",
  () => {
    const name = "Content-Type: a/b; name*=iso-8859-1''%E9.txt\r\n";
    assertEquals(
      HTTPMessage.fromBlock(`${name}\r\n`).get_filename(),
      "\xe9.txt",
    );
    const both = `${name}Content-Disposition: inline; filename=f\r\n\r\n`;
    assertEquals(HTTPMessage.fromBlock(both).get_filename(), "f");
    const neither = `${name}Content-Disposition: inline\r\n\r\n`;
    assertEquals(HTTPMessage.fromBlock(neither).get_filename(), "\xe9.txt");
  },
);

pureTest(
  "HTTPMessage.get_param() reads any field, with or without quotation marks",
  () => {
    const message = new HTTPMessage([["Keep-Alive", 'x; timeout="5"; Max=3']]);
    assertEquals(message.get_param("Timeout", null, "keep-alive"), "5");
    assertEquals(
      message.get_param("timeout", null, "keep-alive", false),
      '"5"',
    );
    assertEquals(message.get_param("max", null, "KEEP-ALIVE"), "3");
    assertEquals(message.get_param("min", "none", "keep-alive"), "none");
  },
);

pureTest("collapse_rfc2231_value() decodes by charset and is lenient", () => {
  assertEquals(collapse_rfc2231_value("plain"), "plain");
  assertEquals(collapse_rfc2231_value("<a>"), "a");
  assertEquals(
    collapse_rfc2231_value(["UTF_8", null, "\xe2\x82\xac"]),
    "\u20ac",
  );
  assertEquals(collapse_rfc2231_value(["latin-1", "", "\x80"]), "\x80");
  assertEquals(collapse_rfc2231_value([null, null, "a\xe9"]), "a\ufffd");
  assertEquals(collapse_rfc2231_value(["no such", null, '"a\xe9"']), "a\xe9");
  // Characters outside latin-1 are escaped, as with Python's raw-unicode-escape.
  assertEquals(
    collapse_rfc2231_value(["utf-8", null, "\u20ac\u{1f600}"]),
    "\\u20ac\\U0001f600",
  );
});

pureTest("HTTPMessage runs in linear time", () => {
  const n = 200_000;
  const blanks = HTTPMessage.fromBlock(
    `A:${" ".repeat(n)}b${" ".repeat(n)}c${" ".repeat(n)}\r\n\r\n`,
  );
  assertEquals(blanks.get("a")!.length, n + 2);
  assertEquals(blanks.length, 1);
  assertEquals(HTTPMessage.fromBlock("a\n".repeat(n) + ":").length, 1);
  assertEquals(HTTPMessage.fromBlock("a:\n".repeat(n)).get_all("A")!.length, n);
  const type = (value: string) =>
    HTTPMessage.fromBlock(`Content-Type: ${value}\r\n\r\n`);
  assertEquals(type(";".repeat(n)).get_params()!.length, n + 1);
  assertEquals(type('a/b; x="' + ";".repeat(n)).get_params()!.length, 2);
  assertEquals(type('";'.repeat(n)).get_param("x"), null);
  assertEquals(
    type(`a/b; boundary="${" ".repeat(n)}x${" ".repeat(n)}"`).get_boundary()!
      .length,
    n + 1,
  );
  assertEquals(
    type("a/b" + "; x*1=q".repeat(n / 5)).get_param("x")!.length,
    n / 5,
  );
  assertEquals(type("a/b; x*" + "9".repeat(n) + "=q").get_param("x"), "q");
  assertEquals(type("a/b; x*=" + "'".repeat(n)).get_param("x"), [
    "",
    "",
    "'".repeat(n - 2),
  ]);
});

pureTest("HTTPMessage shows its fields in templates and Deno.inspect()", () => {
  const message = HTTPMessage.fromBlock("Host: a\r\nX-A: b\r\n\r\n");
  assertEquals(`${message}`, "Host: a\nX-A: b\n\n");
  assertEquals(
    Deno.inspect(message, { colors: false }),
    'HTTPMessage [ [ "Host", "a" ], [ "X-A", "b" ] ]',
  );
});
