import { assert, assertEquals, assertThrows } from "@std/assert";
import { DerReader } from "../../server/der.ts";
import { pureTest } from "../_lib/pure.ts";

function reader(...bytes: number[]): DerReader {
  return new DerReader(Uint8Array.from(bytes));
}

pureTest("DerReader reads values in order", () => {
  const outer = reader(0x30, 8, 2, 1, 5, 4, 3, 1, 2, 3);
  const values = outer.sequence();
  outer.end();
  assert(values.isInteger());
  assertEquals(values.integer(), 5n);
  assert(!values.isInteger());
  assertEquals(values.octets(), Uint8Array.of(1, 2, 3));
  assert(values.isAtEnd());
  assert(!values.isInteger());
  values.end();
});

const INTEGERS: readonly [octets: number[], value: bigint][] = [
  [[0], 0n],
  [[0x7f], 127n],
  [[0x80], -128n],
  [[0xff], -1n],
  [[0, 0xff], 255n],
  [[0x01, 0x00], 256n],
  [[0xff, 0x7f], -129n],
  [[0x01, 0, 0, 0, 0, 0, 0, 0, 0], 2n ** 64n],
];

for (const [octets, value] of INTEGERS) {
  pureTest(`DerReader.integer() reads ${value}`, () => {
    assertEquals(reader(2, octets.length, ...octets).integer(), value);
  });
}

const IDENTIFIERS: readonly [octets: number[], text: string][] = [
  [[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13], "1.2.840.113549.1.5.13"],
  [[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a], "2.16.840.1.101.3.4.1.42"],
  [[0x27], "0.39"],
  [[0x88, 0x37], "2.999"],
];

for (const [octets, text] of IDENTIFIERS) {
  pureTest(`DerReader.identifier() reads ${text}`, () => {
    assertEquals(reader(6, octets.length, ...octets).identifier(), text);
  });
}

pureTest("DerReader reads lengths in their long form", () => {
  const octets = new Array(300).fill(7);
  for (const length of [[0x82, 1, 44], [0x84, 0, 0, 1, 44]]) {
    const read = reader(4, ...length, ...octets).octets();
    assertEquals(read, Uint8Array.from(octets));
  }
});

const MALFORMED: readonly [what: string, read: () => unknown][] = [
  ["nothing", () => reader().octets()],
  ["another type", () => reader(2, 1, 0).octets()],
  ["a missing length", () => reader(4).octets()],
  ["an indefinite length", () => reader(0x30, 0x80, 0, 0).sequence()],
  ["a cut length", () => reader(4, 0x82, 1).octets()],
  ["a length of five octets", () => reader(4, 0x85, 0, 0, 0, 0, 0).octets()],
  ["a value that is cut", () => reader(4, 2, 1).octets()],
  ["a huge length", () => reader(4, 0x84, 255, 255, 255, 255).octets()],
  ["an empty integer", () => reader(2, 0).integer()],
  ["a long integer", () => reader(2, 65, ...new Array(65).fill(1)).integer()],
  ["an empty identifier", () => reader(6, 0).identifier()],
  ["a cut identifier", () => reader(6, 1, 0x86).identifier()],
  ["a value after the last", () => reader(5, 0).end()],
];

for (const [what, read] of MALFORMED) {
  pureTest(`DerReader refuses ${what}`, () => {
    assertThrows(read, SyntaxError, "it is malformed");
  });
}
