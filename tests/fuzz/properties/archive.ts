// Archives: hostile names stay names, and every part is where the layout says.

import { assert, assertEquals } from "@std/assert";
import {
  attachment,
  rootName,
  safeNames,
} from "../../../handlers/static/archive/names.ts";
import { layOutTar } from "../../../handlers/static/archive/tar.ts";
import { layOutZip } from "../../../handlers/static/archive/zip.ts";
import { hollow, readZip } from "../../static/archive/_zip.ts";
import { property, type Subject } from "../_lib.ts";
import corpus from "../corpus/archive.json" with { type: "json" };
import { ODD, type Random, texts, WIDE } from "../_random.ts";

const anyName = texts(
  [
    "..",
    "\\",
    "C:",
    "C:\\",
    "_",
    "a",
    "x".repeat(90),
    "é",
    ".zip",
    "%41",
    '"',
    ";",
  ],
  ["..\\..\\evil.exe", "C:\\evil", "a_b", "a\\b", 'a".zip', "日本.txt"],
  { odd: [...ODD, ...WIDE] },
);

/** A file name: without slashes and NUL. */
function fileName(random: Random): string {
  return anyName(random).replace(/[/\0]/g, "-");
}

const roots = property(
  "rootName() is a single name that no system takes for a drive or another folder",
  (random) => ({
    names: random.list(2, fileName),
    path: random.pick(["/", "/srv/", "C:\\", ""]) + fileName(random),
  }),
  ({ names, path }) => {
    const name = rootName(names, path);
    assert(!["", ".", ".."].includes(name));
    assert(!/[\\/]|^[A-Za-z]:/.test(name), name);
  },
);

const safe = property(
  "safeNames() keeps names distinct, and those without a backslash unchanged",
  (random) => random.list(8, fileName),
  (given) => {
    const names = [...new Set(given)];
    const kept = safeNames(names);
    assertEquals(kept.length, names.length);
    assertEquals(new Set(kept).size, names.length);
    for (const [index, name] of names.entries()) {
      if (!name.includes("\\")) assertEquals(kept[index], name);
      assert(!kept[index]!.includes("\\"));
    }
  },
);

const attachments = property(
  "attachment() is one line of ASCII that ends where the name does",
  fileName,
  (name) => {
    const found =
      // deno-lint-ignore no-control-regex
      /^attachment; filename="([^"\\%\x00-\x1f\x7f-\uffff]*)"(?:; filename\*=UTF-8''([\w!#$&+.^`|~%-]*))?$/
        .exec(attachment(name));
    assert(found !== null, attachment(name));
    const [, plain, extended] = found!;
    assertEquals(
      extended === undefined ? plain : decodeURIComponent(extended),
      name.toWellFormed(),
    );
  },
);

interface Facts {
  readonly name: string;
  readonly size: number;
  readonly mtimeMs: number | null;
  readonly mode: number | null;
}

function anyEntries(random: Random): Facts[] {
  return random.list(6, () => {
    const folder = random.oneIn(4);
    const names = [fileName(random), ...random.list(3, fileName)];
    const size = random.pick([
      0,
      1,
      511,
      512,
      2 ** 32 - 2,
      2 ** 32 - 1,
      2 ** 33,
      2 ** 41,
    ]);
    const time = random.pick([
      0,
      1,
      -1,
      1.7e12,
      2 ** 41,
      -(2 ** 41),
      8.64e15,
      -8.64e15,
    ]);
    return {
      name: "site/" + names.join("/") + (folder ? "/" : "-"),
      size: folder ? 0 : size,
      mtimeMs: random.oneIn(5) ? null : time + random.int(5_000) - 2_500,
      mode: random.oneIn(5) ? null : random.int(0o200000),
    };
  });
}

const zips = property(
  "layOutZip() writes what a strict reader reads",
  anyEntries,
  (entries) => {
    const read = readZip(hollow(layOutZip(entries)));
    assertEquals(
      read.map(({ name, size }) => ({ name, size })),
      entries.map(({ name, size }) => ({ name: name.toWellFormed(), size })),
    );
  },
);

/** Reads the headers of a tar archive. */
function readTar(layout: ReturnType<typeof layOutTar>) {
  const bytes = hollow(layout);
  const read: { name: string; size: number; at: number }[] = [];
  let more = new Map<string, string>();
  for (let at = 0; at < bytes.size - 1_024;) {
    const block = bytes.slice(at, at + 512);
    const text = (from: number, to: number) =>
      new TextDecoder().decode(block.subarray(from, to)).replace(/\0.*$/s, "");
    const sum = block.reduce((sum, byte) => sum + byte, 0) -
      block.subarray(148, 156).reduce((sum, byte) => sum + byte - 32, 0);
    assertEquals(parseInt(text(148, 154), 8), sum);
    assertEquals(text(257, 263), "ustar");
    const length = parseInt(text(124, 135), 8);
    if (text(156, 157) === "x") {
      more = paxRecords(bytes.slice(at + 512, at + 512 + length));
      at += 512 + Math.ceil(length / 512) * 512;
      continue;
    }
    const prefix = text(345, 500);
    const name = more.get("path") ??
      (prefix === "" ? "" : prefix + "/") + text(0, 100);
    const size = Number(more.get("size") ?? length);
    read.push({ name, size, at: at + 512 });
    at += 512 + Math.ceil(size / 512) * 512;
    more = new Map();
  }
  return read;
}

function paxRecords(bytes: Uint8Array): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < bytes.length;) {
    const space = bytes.indexOf(32, at);
    const length = Number(new TextDecoder().decode(bytes.subarray(at, space)));
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const record = decoder.decode(bytes.subarray(space + 1, at + length));
    assert(record.endsWith("\n"), record);
    const mark = record.indexOf("=");
    records.set(record.slice(0, mark), record.slice(mark + 1, -1));
    at += length;
  }
  return records;
}

const tars = property(
  "layOutTar() writes what a strict reader reads",
  anyEntries,
  (entries) => {
    const layout = layOutTar(entries);
    assertEquals(
      readTar(layout),
      entries.map(({ name, size }, index) => ({
        name: name.toWellFormed(),
        size,
        at: layout.dataAt[index]!,
      })),
    );
  },
);

/** Properties of archives. */
export const ARCHIVE: Subject = {
  name: "archive",
  properties: [roots, safe, attachments, zips, tars],
  corpus,
};
