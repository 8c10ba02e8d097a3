// What a fault makes of a response, whatever pieces it is written in.

import { assertEquals } from "@std/assert";
import { Fault, type FaultKind } from "../../testing/faults.ts";
import { faultyResponse, type Step } from "../../testing/faulty_response.ts";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { pureTest } from "../_lib/pure.ts";

const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";

/** Runs a fault on pieces. Text that is sent is joined. */
function run(
  kind: FaultKind,
  options: object,
  pieces: readonly string[],
): unknown[] {
  const response = faultyResponse(new Fault(kind, options).plan)!;
  const done: unknown[] = [];
  const add = (step: Step) => {
    if (!("send" in step)) return void done.push(step);
    const text = decodeLatin1(step.send);
    if (typeof done.at(-1) === "string") done.push(`${done.pop()}${text}`);
    else if (text !== "") done.push(text);
  };
  for (const piece of pieces) {
    for (const step of response.feed(encodeLatin1(piece))) add(step);
  }
  for (const step of response.finish()) add(step);
  return done;
}

/** The text whole, byte by byte, and in two pieces at each place. */
function ways(text: string): string[][] {
  return [
    [text],
    [...text],
    ...Array.from(text, (_, at) => [text.slice(0, at), text.slice(at)])
      .slice(1),
  ];
}

const cases: [FaultKind, object, text: string, steps: unknown[]][] = [
  ["delay", { ms: 7 }, HEAD + "hello", [{ wait: 7 }, HEAD + "hello"]],
  [
    "delay",
    { ms: 7, before: "body" },
    HEAD + "hello",
    [HEAD, { wait: 7 }, "hello"],
  ],
  ["cut", { after: 3 }, HEAD + "hello", ["HTT", { end: "fin" }]],
  [
    "reset",
    { after: HEAD.length + 4 },
    HEAD + "hello",
    [HEAD + "hell", { end: "reset" }],
  ],
  ["cut", { after: 99 }, HEAD + "hello", [HEAD + "hello", { end: "fin" }]],
  [
    "wrong-length",
    { by: -4 },
    "HTTP/1.1 200 OK\r\nA: 1\r\ncontent-length: 5\r\nB: 2\r\n\r\nhello",
    [
      "HTTP/1.1 200 OK\r\nA: 1\r\nContent-Length: 1\r\nB: 2\r\n\r\nhello",
      { end: "fin" },
    ],
  ],
  [
    "wrong-length",
    { by: 1 },
    "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" + HEAD + "hello",
    [
      "HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
      { end: "fin" },
    ],
  ],
  [
    "wrong-length",
    { by: 1 },
    "HTTP/1.1 101 Switching Protocols\r\n\r\nhello",
    [
      { problem: "the response has no Content-Length" },
      "HTTP/1.1 101 Switching Protocols\r\n\r\nhello",
      { end: "fin" },
    ],
  ],
  [
    "malformed-chunk",
    {},
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
    [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n" +
      "not a chunk size\r\n",
      { end: "fin" },
    ],
  ],
  [
    "malformed-chunk",
    {},
    "HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\nA: 1\r\n\r\n",
    [
      "HTTP/1.1 404 Not Found\r\nA: 1\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "not a chunk size\r\n",
      { end: "fin" },
    ],
  ],
  ["delay", { before: "body", ms: 7 }, "no head", [{ wait: 7 }, "no head"]],
];

for (const [kind, options, text, steps] of cases) {
  const label = JSON.stringify(text.slice(0, 24));
  pureTest(
    `${kind} with ${JSON.stringify(options)} of ${label}, in any pieces`,
    () => {
      for (const pieces of ways(text)) {
        assertEquals(run(kind, options, pieces), steps, JSON.stringify(pieces));
      }
    },
  );
}

pureTest("malformed-chunk makes a chunk of each piece of a body", () => {
  assertEquals(run("malformed-chunk", {}, [HEAD, "hel", "lo"]), [
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "3\r\nhel\r\n2\r\nlo\r\nnot a chunk size\r\n",
    { end: "fin" },
  ]);
});

pureTest("dribble waits between pieces, not before the first", () => {
  assertEquals(run("dribble", { bytes: 2, every: 9 }, ["abc", "de"]), [
    "ab",
    { wait: 9 },
    "c",
    { wait: 9 },
    "de",
  ]);
});

pureTest("faults that send nothing of the response have none", () => {
  for (
    const kind of ["cut", "reset", "silence", "garbage", "refuse"] as const
  ) {
    assertEquals(faultyResponse(new Fault(kind, {}).plan), undefined);
  }
});
