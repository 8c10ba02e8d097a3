// Ranges, Content-Range and multipart/byteranges, compared with sets of single bytes.

import { assert, assertEquals } from "@std/assert";
import {
  contentRange,
  unsatisfiedRange,
} from "../../../handlers/static/response/content_range.ts";
import {
  layOutMultipart,
  makeBoundary,
} from "../../../handlers/static/response/multipart.ts";
import {
  MAX_RANGES,
  parseRange,
} from "../../../handlers/static/response/range.ts";
import { property, type Subject } from "../_lib.ts";
import corpus from "../corpus/range.json" with { type: "json" };
import { texts } from "../_random.ts";

const values = texts(
  [
    ..."bytes= BYTES= bytes 0 1 5 9 10 11 007 99999999999999999999 - - - , , 0-0 -1 2- 3-7 \t +1 0x1"
      .split(" "),
    " ",
  ],
  [
    "bytes=0-4",
    "bytes=0-1,2-3",
    "bytes=0-1,3-4, -2",
    "bytes=5-",
    "bytes=0-0,0-0",
    "lines=0-1",
  ],
  { most: 14 },
);

const OWS = /^[ \t]+|[ \t]+$/g;

/** The bytes of each range; `undefined` if the field is malformed (RFC 9110 §14.1.1). */
function named(value: string, size: number): number[][] | undefined {
  if (!/^bytes=/i.test(value)) return undefined;
  const specs = value.slice("bytes=".length).split(",")
    .map((spec) => spec.replace(OWS, "")).filter((spec) => spec !== "");
  if (specs.length === 0) return undefined;
  const sets: number[][] = [];
  for (const spec of specs) {
    const found = /^([0-9]*)-([0-9]*)$/.exec(spec);
    if (found === null || spec === "-") return undefined;
    const [, first = "", last = ""] = found;
    if (first !== "" && last !== "" && BigInt(first) > BigInt(last)) {
      return undefined;
    }
    const positions = Array.from({ length: size }, (_, position) => position);
    sets.push(positions.filter((position) => {
      if (first === "") return BigInt(size - position) <= BigInt(last);
      return BigInt(position) >= BigInt(first) &&
        (last === "" || BigInt(position) <= BigInt(last));
    }));
  }
  return sets;
}

const bytes = property(
  "parseRange() selects the bytes of the field",
  (random) => ({
    value: values(random),
    size: random.pick([0, 1, 10, 11, 25]),
  }),
  ({ value, size }) => {
    const result = parseRange(value, size);
    const sets = named(value, size);
    const total = sets?.reduce((sum, set) => sum + set.length, 0) ?? 0;
    const satisfiable = sets?.filter((set) => set.length > 0) ?? [];
    if (sets === undefined || size === 0 || sets.length > MAX_RANGES) {
      return assertEquals(result.kind, "none");
    }
    if (satisfiable.length === 0) {
      return assertEquals(result.kind, "unsatisfiable");
    }
    // Overlapping ranges are an attack; sending the whole file is right too.
    if (satisfiable.length > 1 && total > size) {
      return assertEquals(result.kind, "none");
    }
    assert(result.kind === "slices");
    const got = result.kind === "slices"
      ? result.slices.flatMap(({ start, length }) =>
        Array.from({ length }, (_, index) => start + index)
      )
      : [];
    assertEquals(got.length, new Set(got).size, "no byte twice");
    assertEquals(new Set(got), new Set(sets.flat()));
    const runs = got.toSorted((a, b) => a - b)
      .filter((position, index, all) =>
        position !== (all[index - 1] ?? -2) + 1
      );
    if (result.kind === "slices") {
      assertEquals(
        result.slices.length,
        runs.length,
        "no two slices that touch",
      );
    }
  },
  500,
);

const inside = property(
  "parseRange() returns a bounded number of slices within any file",
  (random) => ({
    value: "bytes=" +
      random.list(
        MAX_RANGES + 2,
        (r) => `${r.int(50)}-${r.pick(["", r.int(2 ** 31)])}`,
      )
        .join(","),
    size: random.pick([1, 1000, 2 ** 31, Number.MAX_SAFE_INTEGER]),
  }),
  ({ value, size }) => {
    const result = parseRange(value, size);
    if (result.kind !== "slices") return;
    const { slices } = result;
    assert(slices.length >= 1 && slices.length <= MAX_RANGES);
    for (const { start, length } of slices) {
      assert(Number.isSafeInteger(start) && start >= 0);
      assert(length > 0 && start + length <= size);
    }
    const sorted = slices.toSorted((a, b) => a.start - b.start);
    for (const [index, { start }] of sorted.entries()) {
      const before = sorted[index - 1];
      assert(before === undefined || before.start + before.length < start);
    }
  },
);

const multipart = property(
  "layOutMultipart() writes a body of the announced length, which can be parsed back",
  (random) => ({
    slices: random.list(
      5,
      (r) => ({ start: r.int(1000), length: r.between(1, 50) }),
    ),
    seed: random.between(12, 35),
  }),
  ({ slices, seed }) => {
    if (
      slices.length === 0 || slices.some(({ length }) => length < 1) ||
      seed < 12
    ) return;
    const size = 2000;
    const boundary = makeBoundary(new Uint8Array(seed).fill(seed));
    const laid = layOutMultipart(slices, size, "text/plain", boundary);
    const body = laid.parts.map((part) =>
      typeof part === "string" ? part : "-".repeat(part.length)
    ).join("");
    assertEquals(body.length, laid.contentLength);
    const given =
      /^multipart\/byteranges; boundary=([0-9A-Za-z'()+_,\-./:=?]{1,70})$/
        .exec(laid.contentType)?.[1];
    assertEquals(given, boundary);
    const parts = ("\r\n" + body).split(`\r\n--${boundary}`);
    assertEquals([parts.shift(), parts.pop()], ["", "--\r\n"]);
    const read = parts.map((part) => {
      const end = part.indexOf("\r\n\r\n");
      const found = /\r\nContent-Range: bytes (\d+)-(\d+)\/2000$/i
        .exec(part.slice(0, end))!;
      const start = Number(found[1]);
      assertEquals(Number(found[2]) - start + 1, part.length - end - 4);
      return { start, length: part.length - end - 4 };
    });
    assertEquals(read, slices);
  },
);

const contentRanges = property(
  "contentRange() names the first and the last byte of a slice",
  (random) => ({ start: random.int(1000), length: random.between(1, 1000) }),
  ({ start, length }) => {
    if (length < 1) return;
    const size = start + length;
    const found = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(
      contentRange({ start, length }, size),
    )!;
    assertEquals(found.slice(1).map(Number), [start, size - 1, size]);
    // `parseRange()` parses such a range back.
    assertEquals(parseRange(`bytes=${found[1]}-${found[2]}`, size), {
      kind: "slices",
      slices: [{ start, length }],
    });
    assertEquals(unsatisfiedRange(size), `bytes */${size}`);
  },
);

/** Properties of ranges. */
export const RANGE: Subject = {
  name: "range",
  properties: [bytes, inside, multipart, contentRanges],
  corpus,
};
