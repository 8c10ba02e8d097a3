import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  ContentHash,
  hashContent,
} from "../../../handlers/static/representation/content_hash.ts";
import { pureTest } from "../../_lib/pure.ts";

/** Pseudo-random bytes, the same each time. */
function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state, 1_103_515_245) + 12_345 | 0;
    return state >>> 16;
  });
}

pureTest("hashContent() returns 32 hexadecimal digits, always the same", () => {
  const bytes = bytesOf(1_000);
  assertMatch(hashContent(bytes), /^[0-9a-f]{32}$/);
  assertEquals(hashContent(bytes), hashContent(bytes.slice()));
  // Clients keep tags, so new versions must not change them without need.
  assertEquals(
    hashContent(new TextEncoder().encode("hello")),
    "a812c9686ada86012f5e2684e2fffd80",
  );
});

pureTest(
  "hashContent() distinguishes short contents of zeros and one other byte",
  () => {
    const seen = new Set<string>();
    let count = 0;
    for (let length = 0; length < 70; length++) {
      const bytes = new Uint8Array(length);
      seen.add(hashContent(bytes));
      count++;
      for (let at = 0; at < length; at++) {
        for (const value of [1, 128, 255]) {
          bytes[at] = value;
          seen.add(hashContent(bytes));
          count++;
        }
        bytes[at] = 0;
      }
    }
    assertEquals(seen.size, count);
  },
);

pureTest(
  "hashContent() changes about half of its bits with any input bit, in each half of the hash",
  () => {
    const bytes = bytesOf(100);
    const before = BigInt("0x" + hashContent(bytes));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const changed = before ^ BigInt("0x" + hashContent(bytes));
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const ones = changed.toString(2).replaceAll("0", "").length;
      assert(ones > 30 && ones < 98, `bit ${bit}: ${ones}`);
    }
  },
);

pureTest("hashContent() detects swapped words", () => {
  const bytes = bytesOf(64);
  const seen = new Set([hashContent(bytes)]);
  for (let first = 0; first < 64; first += 4) {
    for (let second = first + 4; second < 64; second += 4) {
      const swapped = bytes.slice();
      swapped.set(bytes.subarray(second, second + 4), first);
      swapped.set(bytes.subarray(first, first + 4), second);
      seen.add(hashContent(swapped));
    }
  }
  assertEquals(seen.size, 1 + 16 * 15 / 2);
});

pureTest(
  "ContentHash returns the same for any pieces, at any memory offset",
  () => {
    const bytes = bytesOf(1_000);
    const whole = hashContent(bytes);
    for (const size of [1, 3, 7, 15, 16, 17, 31, 32, 33, 64, 333, 999]) {
      for (const offset of [0, 1, 2, 3]) {
        const moved = new Uint8Array(offset + bytes.length).subarray(offset);
        moved.set(bytes);
        const hash = new ContentHash();
        for (let at = 0; at < moved.length; at += size) {
          hash.update(moved.subarray(at, at + size));
          hash.update(new Uint8Array());
        }
        assertEquals(hash.digest(), whole, `${size} ${offset}`);
      }
    }
  },
);
