// Archives whose files change while they are sent, and clients that leave.

import { assert, assertEquals } from "@std/assert";
import { crc32 } from "node:zlib";
import { ArchiveFile } from "../../../handlers/static/archive/archive_file.ts";
import {
  knownChecksum,
  rememberChecksum,
} from "../../../handlers/static/archive/checksums.ts";
import {
  LIMITS,
  walk,
  type WalkedEntry,
} from "../../../handlers/static/archive/walk.ts";
import { layOutZip } from "../../../handlers/static/archive/zip.ts";
import { ServedFolder } from "../../../handlers/static/lookup/served_folder.ts";
import { encodeLatin1 } from "../../../text/latin1.ts";
import { type Folder, folder } from "../../handlers/_folder.ts";
import { CHANGED, pretendLater, Quiet } from "../_site.ts";
import { archives, LARGE, unzip } from "./_site.ts";
import { inMemory, readZip } from "./_zip.ts";

const MIB = 2 ** 20;

/** Two files that are read at once, and one that is not. */
const FILES = { "1.txt": "first", "2.bin": LARGE, "3.txt": "third" };

interface Opened extends Disposable {
  readonly files: readonly WalkedEntry[];
  readonly size: number;
  /** Reads to the end. */
  rest(): Promise<Uint8Array>;
  readonly source: ArchiveFile;
  leave(): void;
}

/** Opens the archive of a folder, as long as its files are not settled unless the clock says so. */
async function open({ path }: Folder): Promise<Opened> {
  const served = new ServedFolder(path, "inside");
  const facts = {
    dotFiles: "deny",
    root: true,
    mounts: new Set<string>(),
  } as const;
  const walked = await walk({ folder: served, path, name: "site", ...facts });
  const files = walked!.entries;
  const layout = layOutZip(files);
  let leave = () => {};
  const watch = (left: () => void) => {
    leave = left;
    return { [Symbol.dispose]: () => leave = () => {} };
  };
  const parts = [{ start: 0, length: layout.size }];
  const source = new ArchiveFile(
    { files, folder: served, layout, watch },
    parts,
  );
  return {
    files,
    size: layout.size,
    source,
    leave: () => leave(),
    async rest() {
      const pieces: Uint8Array<ArrayBuffer>[] = [];
      for (;;) {
        const piece = new Uint8Array(await source.read());
        if (piece.length === 0) return await new Blob(pieces).bytes();
        pieces.push(piece);
      }
    },
    [Symbol.dispose]: () => source.close(),
  };
}

async function waitUntil(isTrue: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await isTrue()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert(false, "It did not become true");
}

const LARGE_CHANGED = LARGE.replace("7", "8");

const CHANGES: Readonly<Record<string, (path: string) => void>> = {
  "is removed": (path) => Deno.removeSync(path),
  "grows": (path) => Deno.writeTextFileSync(path, "more", { append: true }),
  "is cut": (path) => Deno.truncateSync(path, 3),
  "is rewritten": (path) => {
    const { size } = Deno.statSync(path);
    Deno.writeTextFileSync(path, LARGE_CHANGED.slice(0, size));
  },
  "is replaced": (path) => {
    Deno.copyFileSync(path, path + ".new");
    Deno.utimeSync(path + ".new", CHANGED, CHANGED);
    Deno.renameSync(path + ".new", path);
  },
  "becomes a folder": (path) => {
    Deno.removeSync(path);
    Deno.mkdirSync(path);
  },
  "becomes a symlink to the outside": (path) => {
    Deno.removeSync(path);
    Deno.symlinkSync("/etc/hostname", path);
  },
};

async function aged(
  contents: Readonly<Record<string, string>> = FILES,
): Promise<Folder> {
  const files = await folder(contents);
  for (const name of Object.keys(contents)) {
    await Deno.utime(files.in(name), CHANGED, CHANGED);
  }
  return files;
}

for (const [change, happens] of Object.entries(CHANGES)) {
  for (const name of ["2.bin", "3.txt"]) {
    Deno.test({
      name: `an archive is cut if ${name} ${change} before it is read`,
      ignore: Deno.build.os === "windows",
      async fn() {
        await using files = await aged();
        using archive = await open(files);
        happens(files.in(name));
        const error = await archive.rest().catch((error) => error);
        assert(error instanceof Deno.errors.UnexpectedEof, String(error));
        assert(error.message.includes(`${name}" was changed`), error.message);
      },
    });
  }
}

for (const later of [0, 10_000]) {
  Deno.test(`an archive is cut if a large file is rewritten while it is sent, ${later} ms after its last change`, async () => {
    await using files = await aged();
    using _later = pretendLater(later);
    using archive = await open(files);
    // Its checksum is known by then, and so is its first block.
    for (let sent = 0; sent < 300_000;) {
      sent += (await archive.source.read()).length;
    }
    const path = files.in("2.bin");
    const info = await Deno.stat(path);
    await Deno.writeTextFile(path, LARGE.slice(0, -9) + "different");
    // As if the clock of the file system had not advanced.
    if (later === 0) {
      await Deno.utime(path, info.atime!, info.mtime!);
    }
    const error = await archive.rest().catch((error) => error);
    assert(error instanceof Deno.errors.UnexpectedEof, String(error));
  });
}

Deno.test("an archive is complete if nothing changes, and remembers the checksums of old files only", async () => {
  for (const later of [0, 10_000]) {
    // Not as large as the files of other tests: this clock lets their inodes be used again too early.
    const contents = { "1.txt": "one", "2.bin": LARGE + "two", "3.txt": "3" };
    await using files = await aged(contents);
    using _later = pretendLater(later);
    using archive = await open(files);
    assertEquals(archive.files.map(knownChecksum), [
      0,
      ...Array(3).fill(undefined),
    ]);
    const bytes = await archive.rest();
    assertEquals(bytes.length, archive.size);
    const read = readZip(inMemory(bytes));
    const sums = Object.values(contents).map((text) =>
      crc32(encodeLatin1(text))
    );
    assertEquals(read.slice(1).map(({ checksum }) => checksum), sums);
    const known = later === 0 ? Array(3).fill(undefined) : sums;
    assertEquals(archive.files.slice(1).map(knownChecksum), known);
  }
});

Deno.test("an archive stops reading a file for its checksum when the client leaves, and goes on from there for the next one", async () => {
  await using files = await folder({ "large": "" });
  await Deno.truncate(files.in("large"), 100 * MIB);
  await Deno.utime(files.in("large"), CHANGED, CHANGED);
  using _later = pretendLater(10_000);
  using archive = await open(files);
  // The folder's header comes first.
  assertEquals((await archive.source.read()).length, 30 + 5 + 9);
  const { read, readSync } = Deno.FsFile.prototype;
  let bytes = 0;
  const count = (length: number | null) => {
    bytes += length ?? 0;
    if (bytes > 20 * MIB) archive.leave();
    return length;
  };
  using stack = new DisposableStack();
  Deno.FsFile.prototype.read = async function (into) {
    return count(await read.call(this, into));
  };
  Deno.FsFile.prototype.readSync = function (into) {
    return count(readSync.call(this, into));
  };
  stack.defer(() => {
    Object.assign(Deno.FsFile.prototype, { read, readSync });
  });
  const error = await archive.source.read().catch((error) => error);
  assert(error instanceof Deno.errors.ConnectionAborted, String(error));
  assert(bytes < 22 * MIB, `${bytes}`);
  archive.source.close();
  bytes = -Infinity;
  using again = await open(files);
  await again.source.read();
  bytes = 0;
  await again.source.read();
  // The rest for the checksum, and the first block to be sent.
  assert(bytes < 82 * MIB, `${bytes}`);
  assertEquals(
    knownChecksum(again.files[1]!),
    crc32(new Uint8Array(100 * MIB)),
  );
});

Deno.test("a connection is closed if a file of its archive changes, without a complete archive", async () => {
  await using files = await archives({
    "1.bin": LARGE.repeat(20),
    "2": "second",
  });
  using _later = pretendLater(10_000);
  const path = files.folder.in("2");
  using client = await files.served.connect();
  await client.write("GET /?zip HTTP/1.1\r\nHost: a\r\n\r\n");
  const head = await client.readUntil("\r\n\r\n");
  const length = Number(/Content-Length: (\d+)/.exec(head)![1]);
  await Deno.writeTextFile(path, "SECOND");
  const body = await client.readToEnd();
  assert(body.length < length && !body.includes("SECOND"), `${body.length}`);
});

Deno.test("an archive that is closed early or never read keeps no file open", async () => {
  await using files = await archives(FILES);
  using _later = pretendLater(10_000);
  for (const method of ["HEAD", "GET"]) {
    for (let n = 0; n < 3; n++) {
      using client = await files.served.connect();
      await client.write(`${method} /?zip HTTP/1.1\r\nHost: a\r\n\r\n`);
      await client.readUntil("\r\n\r\n");
    }
  }
  // The sanitizer of resources finds an open file. The entries are not held either.
  const folder = new ServedFolder(files.folder.path, "inside");
  const { path } = folder;
  const facts = {
    dotFiles: "deny",
    root: true,
    mounts: new Set<string>(),
  } as const;
  const limits = { ...LIMITS, total: 4 };
  await waitUntil(() =>
    walk({ folder, path, name: "site", ...facts }, limits)
      .then((walked) => walked?.entries.length === 4, () => false)
  );
  assertEquals(unzip((await files.get("/?zip")).body)["3.txt"], "third");
});

Deno.test("an archive of any size needs little memory", async () => {
  await using files = await folder({ "1": "", "2": "" });
  for (const name of ["1", "2"]) {
    await Deno.truncate(files.in(name), 100 * MIB);
    await Deno.utime(files.in(name), CHANGED, CHANGED);
  }
  using _later = pretendLater(10_000);
  using archive = await open(files);
  const block = new Uint8Array(256 * 1024);
  await archive.source.readinto(block);
  const before = Deno.memoryUsage().rss;
  let [received, most] = [0, 0];
  for (let count = 1; count > 0;) {
    count = await archive.source.readinto(block);
    received += count;
    most = Math.max(most, Deno.memoryUsage().rss - before);
  }
  assert(received > 200 * MIB && most < 64 * MIB, `${most}`);
});

Deno.test("the handler's hooks see an archive as any other file", async () => {
  const seen: string[] = [];
  class Hooked extends Quiet {
    override send_header(name: string, value: string): void {
      if (name === "Content-Disposition") seen.push(value);
      super.send_header(name, value);
    }
    override copyfile(...args: Parameters<Quiet["copyfile"]>) {
      seen.push(args[0].constructor.name);
      return super.copyfile(...args);
    }
  }
  await using files = await archives({ "sub/a": "a" }, {}, Hooked);
  await files.get("/sub/?zip");
  assertEquals(seen, ['attachment; filename="sub.zip"', "ArchiveFile"]);
});

/** The CRC-32 of 2^32 + 100 zeros. */
const LARGE_ZEROS = 0xa92a4ce5;

Deno.test("a download of a zip over 4 GiB is resumed near its end, with the records of zip64", async () => {
  const size = 2 ** 32 + 100;
  await using files = await archives({ "large": "", "z": "last" });
  await Deno.truncate(files.folder.in("large"), size);
  await files.age("large");
  using _later = pretendLater(10_000);
  using opened = await open(files.folder);
  const large = opened.files[1]!;
  assertEquals([large.size, large.settled], [size, true]);
  rememberChecksum(large, LARGE_ZEROS);
  const head = await files.ask("HEAD", "/?zip");
  const total = Number(head.header("content-length"));
  const start = total - 1_000;
  const part = await files.get("/?zip", `Range: bytes=${start}-`);
  assertEquals(part.status, 206);
  const end = encodeLatin1(part.body);
  const begin = encodeLatin1(
    (await files.get("/?zip", "Range: bytes=0-999")).body,
  );
  assertEquals(begin.length, 1_000);
  const read = readZip({
    size: total,
    slice: (from, to) =>
      from < 1_000
        ? begin.slice(from, to)
        : end.slice(from - start, to - start),
  });
  assertEquals(
    read.map(({ size, version, checksum }) => ({ size, version, checksum })),
    [
      { size: 0, version: 20, checksum: 0 },
      { size, version: 45, checksum: LARGE_ZEROS },
      { size: 4, version: 45, checksum: crc32(encodeLatin1("last")) },
    ],
  );
});
