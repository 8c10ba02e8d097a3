// The layout of archives, from plain data.

import { assert, assertEquals } from "@std/assert";
import {
  canSendSlices,
  partAt,
  unknownBytes,
} from "../../../handlers/static/archive/layout.ts";
import { layOutTar } from "../../../handlers/static/archive/tar.ts";
import { layOutZip } from "../../../handlers/static/archive/zip.ts";
import { pureTest } from "../../_lib/pure.ts";
import { entry, hollow, readEnd, readZip } from "./_zip.ts";

const GIB = 2 ** 30;
const MAX_32 = 2 ** 32 - 1;

pureTest("layOutZip() makes an archive that a strict reader reads", () => {
  const entries = [
    entry("site/", 0, { mode: 0o755 }),
    entry("site/a.txt", 6),
    entry("site/é ñ/", 0, { mode: 0o040700 }),
    entry("site/é ñ/日本.bin", 70_000, { mode: 0o100640 }),
    entry("site/none", 0, { mode: null, mtimeMs: null }),
  ];
  const read = readZip(hollow(layOutZip(entries)));
  assertEquals(read.map(({ name }) => name), entries.map(({ name }) => name));
  assertEquals(read.map(({ size }) => size), [0, 6, 0, 70_000, 0]);
  assertEquals(read.map(({ checksum }) => checksum), [0, 1, 2, 3, 4]);
  assertEquals(
    read.map(({ mode }) => mode.toString(8)),
    ["40755", "100644", "40700", "100640", "100644"],
  );
  assertEquals(read.map(({ mtime }) => mtime), [
    ...Array(4).fill(1_709_294_400),
    undefined,
  ]);
});

pureTest(
  "layOutZip() drops the setuid bit, and has permissions where a file system has none",
  () => {
    const entries = [
      entry("a/", 0, { mode: null }),
      entry("a/b", 0, { mode: 0o104755 }),
    ];
    const read = readZip(hollow(layOutZip(entries)));
    assertEquals(read.map(({ mode }) => mode), [0o040755, 0o100755]);
  },
);

pureTest(
  "layOutZip() has times from 1901 to 2038 to the second, and in steps of two seconds from 1980 to 2107",
  () => {
    const dos = (time: string) => {
      const bytes = layOutZip([entry("a", 0, { mtimeMs: Date.parse(time) })])
        .header(0, 0);
      const view = new DataView(bytes.buffer);
      const [clock, date] = [
        view.getUint16(10, true),
        view.getUint16(12, true),
      ];
      return [
        (date >> 9) + 1980,
        date >> 5 & 15,
        date & 31,
        clock >> 11,
        clock >> 5 & 63,
        (clock & 31) * 2,
      ].join(" ");
    };
    assertEquals(dos("2024-03-01T12:34:57Z"), "2024 3 1 12 34 56");
    assertEquals(dos("1979-12-31T23:59:59Z"), "1980 1 1 0 0 0");
    assertEquals(dos("2107-12-31T23:59:59Z"), "2107 12 31 23 59 58");
    assertEquals(dos("2108-01-01T00:00:00Z"), "2107 12 31 23 59 58");
    for (
      const [time, seconds] of [
        ["1901-12-13T20:45:52Z", -(2 ** 31)],
        ["1901-12-13T20:45:51Z", undefined],
        ["2038-01-19T03:14:07Z", 2 ** 31 - 1],
        ["2038-01-19T03:14:08Z", undefined],
      ] as const
    ) {
      const entries = [entry("a", 0, { mtimeMs: Date.parse(time) })];
      const [read] = readZip(hollow(layOutZip(entries)));
      assertEquals(read!.mtime, seconds, time);
    }
  },
);

/** Whether an archive has the records of zip64 at its end. */
function endsInZip64(sizes: readonly number[]): boolean {
  const layout = layOutZip(sizes.map((size, index) => entry(`${index}`, size)));
  return layout.tail(sizes.length, 0).length > 22;
}

pureTest(
  "layOutZip() uses zip64 for a file of 4 GiB - 1 or more, and only for that",
  () => {
    for (
      const [size, versions] of [
        [MAX_32 - 1, [20, 20]],
        [MAX_32, [45, 45]],
        [5 * GIB, [45, 45]],
      ] as const
    ) {
      const layout = layOutZip([entry("large", size), entry("a", 1)]);
      const read = readZip(hollow(layout));
      assertEquals(read.map((entry) => entry.size), [size, 1]);
      // The second file is after 4 GiB, unless the headers make room.
      assertEquals([read[0]!.version, 20], [versions[0], 20], `${size}`);
      assertEquals(read[1]!.headerAt, layout.headerAt[1]);
    }
  },
);

pureTest("layOutZip() uses zip64 for an offset of 4 GiB - 1 or more", () => {
  // The header of "0" takes 40 bytes.
  for (const [room, zip64] of [[-1, false], [0, true], [1, true]] as const) {
    const size = MAX_32 - 40 + room;
    const layout = layOutZip([entry("0", size), entry("1", 0)]);
    assertEquals(layout.headerAt[1], MAX_32 + room);
    const read = readZip(hollow(layout));
    assertEquals(read.map(({ version }) => version), [20, zip64 ? 45 : 20]);
    assertEquals(read[1]!.headerAt, MAX_32 + room);
  }
});

pureTest(
  "layOutZip() uses the end of zip64 if the directory begins at 4 GiB - 1 or later",
  () => {
    assert(!endsInZip64([MAX_32 - 40 - 1]));
    assert(endsInZip64([MAX_32 - 40]));
    assert(endsInZip64([GIB, GIB, GIB, GIB]));
    assert(!endsInZip64([GIB, GIB, GIB]));
  },
);

pureTest("layOutZip() uses the end of zip64 for 65,535 entries or more", () => {
  for (
    const [count, zip64] of [[65_534, false], [65_535, true], [
      65_537,
      true,
    ]] as const
  ) {
    assertEquals(endsInZip64(Array(count).fill(0)), zip64, `${count}`);
    const layout = layOutZip(
      Array.from({ length: count }, (_, index) => entry(`${index}`)),
    );
    const end = layout.tail(count, 0);
    const from = layout.size - end.length;
    const bytes = {
      size: layout.size,
      slice: (start: number, to: number) => end.slice(start - from, to - from),
    };
    assertEquals(readEnd(bytes).count, count);
  }
});

pureTest(
  "layOutZip() knows the size of every header and of every part of the directory",
  () => {
    const entries = [
      entry("a/"),
      entry("a/ü", 7),
      entry("a/large", 6 * GIB),
      entry("a/z", 3, { mtimeMs: null }),
    ];
    for (const layout of [layOutZip(entries), layOutTar(entries)]) {
      for (let i = 0; i < entries.length; i++) {
        const { headerAt, dataAt, tailAt } = layout;
        assertEquals(layout.header(i, 1).length, dataAt[i]! - headerAt[i]!);
        assertEquals(layout.tail(i, 1).length, tailAt[i + 1]! - tailAt[i]!);
      }
      assertEquals(layout.tailAt.at(-1), layout.size);
    }
  },
);

pureTest(
  "partAt() finds the last part that begins at or before an offset",
  () => {
    const starts = Float64Array.of(0, 10, 10, 30);
    assertEquals(
      [0, 9, 10, 29, 30, 99].map((at) => partAt(starts, at)),
      [0, 0, 2, 2, 3, 3],
    );
  },
);

const COLD = layOutZip([
  entry("a", 1_000),
  entry("b", 200 * 2 ** 20),
  entry("c", 100),
]);
const slice = (start: number, end = COLD.size) => ({
  start,
  length: end - start,
});
const [, B, C, TAIL] = COLD.headerAt;

pureTest(
  "unknownBytes() sums up the files whose checksums a range needs",
  () => {
    const of = (...args: Parameters<typeof slice>) =>
      unknownBytes(COLD, [slice(...args)], () => false);
    const all = 1_000 + 200 * 2 ** 20 + 100;
    assertEquals(of(0), all);
    assertEquals(of(0, 1), 1_000);
    assertEquals(of(COLD.dataAt[0]!, B!), 0);
    assertEquals(of(COLD.dataAt[0]!, B! + 1), 200 * 2 ** 20);
    assertEquals(of(COLD.dataAt[1]!, C!), 0);
    assertEquals(of(C!, TAIL!), 100);
    assertEquals(of(TAIL!), all);
    assertEquals(of(COLD.tailAt[2]!), 100);
    assertEquals(of(COLD.size - 22), 0);
    assertEquals(unknownBytes(COLD, [slice(0)], (index) => index === 1), 1_100);
    assertEquals(
      unknownBytes(COLD, [slice(0, 1), slice(5, 9)], () => false),
      1_000,
    );
  },
);

pureTest(
  "canSendSlices() continues every download, and ignores a small range that needs much reading",
  () => {
    const can = (known: boolean, ...slices: ReturnType<typeof slice>[]) =>
      canSendSlices(COLD, slices, () => known);
    assert(can(false, slice(1)));
    assert(can(false, slice(TAIL! - 1)));
    assert(!can(false, slice(TAIL!)));
    assert(can(false, slice(COLD.size - 22)));
    assert(!can(false, slice(B!, B! + 10)));
    assert(!can(false, slice(0, 10), slice(TAIL!)));
    assert(can(false, slice(0, 10), slice(C!, TAIL!)));
    assert(can(true, slice(TAIL!)));
    assert(can(true, slice(B!, B! + 10)));
  },
);

pureTest("canSendSlices() sends any range of a tar archive", () => {
  const layout = layOutTar([entry("a", 5 * GIB)]);
  const start = layout.size - 22;
  assert(canSendSlices(layout, [{ start, length: 22 }], () => false));
  assert(canSendSlices(layout, [{ start: 0, length: 1 }], () => false));
});
