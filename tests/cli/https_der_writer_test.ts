// DER, byte by byte, and read again.

import { assertEquals } from "@std/assert";
import {
  bits,
  identifier,
  octets,
  sequence,
  set,
  tagged,
  time,
  unsigned,
  utf8,
  value,
  yes,
} from "../../cli/https/der_writer.ts";
import { DerReader } from "../../server/der.ts";
import { pureTest } from "../_lib/pure.ts";

const hex = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const bytes = (...values: number[]) => new Uint8Array(values);

const ROWS: readonly [what: string, der: Uint8Array, expected: string][] = [
  ["an empty sequence", sequence(), "3000"],
  ["a sequence", sequence(yes(), value(0x05)), "30050101ff0500"],
  ["a set", set(utf8("é")), "31040c02c3a9"],
  ["zero", unsigned(bytes(0, 0)), "020100"],
  ["no octets", unsigned(bytes()), "020100"],
  ["a small integer", unsigned(bytes(0x7f)), "02017f"],
  ["an integer with the highest bit", unsigned(bytes(0x80)), "02020080"],
  ["an integer with leading zeros", unsigned(bytes(0, 0, 1, 2)), "02020102"],
  ["an identifier", identifier("1.2.840.113549"), "06062a864886f70d"],
  ["an identifier of 2.5", identifier("2.5.29.17"), "0603551d11"],
  ["octets", octets(bytes(1), bytes(2)), "04020102"],
  ["bits", bits(bytes(0x06), 1), "03020106"],
  ["a primitive tag", tagged(2, false, bytes(0x61)), "820161"],
  ["a constructed tag", tagged(3, true, yes()), "a3030101ff"],
  [
    "a time in 2049",
    time(Date.UTC(2049, 11, 31, 23, 59, 59)),
    "170d" + hex(new TextEncoder().encode("491231235959Z")),
  ],
  [
    "a time in 2050",
    time(Date.UTC(2050, 0, 1)),
    "180f" + hex(new TextEncoder().encode("20500101000000Z")),
  ],
];

for (const [what, der, expected] of ROWS) {
  pureTest(`the DER writer encodes ${what}`, () => {
    assertEquals(hex(der), expected);
  });
}

for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
  pureTest(
    `the DER writer encodes a length of ${length}, as DerReader reads it`,
    () => {
      const reader = new DerReader(octets(new Uint8Array(length)));
      assertEquals(reader.octets().length, length);
      reader.end();
    },
  );
}

pureTest("DerReader.identifier() reads what identifier() has written", () => {
  for (const text of ["0.9.1", "1.3.6.1.5.5.7.3.1", "2.5.29.30", "2.16.840"]) {
    // The first two numbers share an octet here, so they are below 128.
    if (text === "2.16.840") {
      assertEquals(hex(identifier(text)), "0603608648");
    }
    assertEquals(new DerReader(identifier(text)).identifier(), text);
  }
});

pureTest(
  "DerReader.any() and optional() return a value with its encoding",
  () => {
    const reader = new DerReader(sequence(yes(), octets(bytes(7)))).sequence();
    assertEquals(reader.optional(0x02), undefined);
    assertEquals(reader.optional(0x01)?.content, bytes(0xff));
    const { type, content, encoded } = reader.any();
    assertEquals([type, hex(content), hex(encoded)], [0x04, "07", "040107"]);
    assertEquals(reader.optional(0x04), undefined);
    reader.end();
  },
);
