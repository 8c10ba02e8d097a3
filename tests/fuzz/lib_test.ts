// The tools of the property tests: reproducible chance, shrinking, and a strict parser.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { attempt, inputOf, property, runCases, shrink } from "./_lib.ts";
import { anyText, cut, mutate, Random, texts } from "./_random.ts";
import { parseResponses } from "./_responses.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "Random returns the same values for the same seed, and all values of a range",
  () => {
    const values = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 200 }, () => random.int(10));
    };
    assertEquals(values(7), values(7));
    assert(values(7).join() !== values(8).join());
    assertEquals(new Set(values(7)).size, 10);
  },
);

pureTest(
  "texts() is reproducible by its seed, and mutate() changes most texts",
  () => {
    const generate = texts(["a", "b"], ["example"]);
    assertEquals(generate(new Random(3)), generate(new Random(3)));
    const random = new Random(4);
    const changed = Array.from({ length: 50 }, () => mutate(random, "example"));
    assert(changed.filter((text) => text !== "example").length > 40);
  },
);

pureTest("cut() returns pieces that add up to the text", () => {
  assertEquals(cut("abcdef", [1, 2]), ["a", "bc", "d", "ef"]);
  assertEquals(cut("ab", [0]), ["a", "b"]);
  assertEquals(cut("ab", []), ["a", "b"]);
});

pureTest("shrink() finds the smallest input that still fails", async () => {
  const small = await shrink(
    { text: "hello <b>world</b>", list: [5, 70, 9], flag: true },
    (input) => {
      const { text, list } = input as { text: string; list: number[] };
      return text.includes("<") && list.some((item) => item > 10);
    },
  );
  assertEquals(small, { text: "<", list: [11], flag: false });
});

pureTest(
  "runCases() reproduces a failure by its seed and number",
  async () => {
    const tested = property("no text has an e", anyText, (text) => {
      if (text.includes("\u0100")) throw new Error("it has one");
    });
    const failure = await runCases(tested, 1, 0, 500);
    assert(failure !== undefined);
    assertEquals(failure!.input, "\u0100");
    const input = inputOf(tested, 1, failure!.index) as string;
    assert(input.includes("\u0100"));
  },
);

pureTest("attempt() rethrows undocumented errors", () => {
  const missing = undefined as unknown as { x: number };
  assertEquals(
    attempt(() => {
      throw new TypeError("Cannot do this");
    }, TypeError).error?.message,
    "Cannot do this",
  );
  assertThrows(() => attempt(() => missing.x, TypeError));
  assertThrows(() => attempt(() => JSON.parse("{"), TypeError));
});

pureTest(
  "parseResponses() accepts only well-formed responses, with each framing",
  () => {
    const get = { method: "GET", simple: false };
    const parse = (text: string, ...asked: typeof get[]) =>
      parseResponses(text, asked.length === 0 ? [get] : asked).map(({ body }) =>
        body
      );
    assertEquals(parse("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"), [
      "ab",
    ]);
    assertEquals(
      parse(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
      ),
      ["ab"],
    );
    assertEquals(parse("HTTP/1.0 200 OK\r\n\r\nab"), ["ab"]);
    assertEquals(
      parse(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 \r\n\r\n",
        { method: "HEAD", simple: false },
        get,
      ),
      ["", ""],
    );
    for (
      const text of [
        "x",
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n",
      ]
    ) {
      assertThrows(() => parse(text), SyntaxError);
    }
  },
);
