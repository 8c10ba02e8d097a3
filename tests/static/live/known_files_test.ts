import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  type FileState,
  KnownFiles,
} from "../../../handlers/static/live/known_files.ts";
import { pureTest } from "../../_lib/pure.ts";

const NOW = 1_000_000;

function file(change: Partial<FileState> = {}): FileState {
  return {
    size: 1,
    mtime: new Date(1_000),
    ctime: new Date(1_000),
    ino: 7,
    isDirectory: false,
    ...change,
  };
}

pureTest("KnownFiles.compare() finds each change of a file's state", () => {
  const known = new KnownFiles();
  known.note("/s/a", file(), ["/a"], NOW);
  assertEquals(known.compare("/s/a", file(), true), "same");
  for (
    const changed of [
      { size: 2 },
      { mtime: new Date(1_001) },
      { ctime: new Date(1_001) },
      { ino: 8 },
      { isDirectory: true },
    ]
  ) assertEquals(known.compare("/s/a", file(changed), false), "changed");
  assertEquals(known.compare("/s/a", null, false), "removed");
  assertEquals(known.compare("/s/unknown", file(), true), "same");
});

pureTest("KnownFiles.compare() finds that a missing file exists", () => {
  const known = new KnownFiles();
  known.note("/s/a", null, ["/a"], NOW);
  assertEquals(known.compare("/s/a", null, true), "same");
  assertEquals(known.compare("/s/a", file(), true), "changed");
});

pureTest(
  "KnownFiles.compare() finds only added and removed entries of a folder",
  () => {
    const known = new KnownFiles();
    const folder = file({ isDirectory: true });
    known.note("/s", folder, ["/"], NOW);
    assertEquals(known.compare("/s", { ...folder, size: 5 }, true), "same");
    const later = { ...folder, mtime: new Date(2_000) };
    assertEquals(known.compare("/s", later, true), "changed");
  },
);

pureTest(
  "KnownFiles.compare() believes the system that a file changed just before it was sent",
  () => {
    const known = new KnownFiles();
    known.note("/s/a", file(), ["/a"], 1_010);
    assertEquals(known.compare("/s/a", file(), true), "changed");
    // Nothing was reported, so the page isn't reloaded again and again.
    assertEquals(known.compare("/s/a", file(), false), "same");
  },
);

pureTest(
  "KnownFiles.note() keeps a state whose change was not noticed yet",
  () => {
    const known = new KnownFiles();
    known.note("/s/a", file(), ["/a"], NOW);
    known.note("/s/a", file({ size: 2 }), ["/a"], NOW);
    assertEquals(known.compare("/s/a", file({ size: 2 }), true), "changed");
    assertEquals(known.update("/s/a", file({ size: 2 }), NOW), ["/a"]);
    assertEquals(known.compare("/s/a", file({ size: 2 }), true), "same");
  },
);

pureTest(
  "KnownFiles.update() returns all URL paths of a file, up to a limit",
  () => {
    const known = new KnownFiles();
    known.note("/s/index.html", file(), ["/index.html", "/"], NOW);
    known.note("/s/index.html", file(), ["/index.html", "/users/7"], NOW);
    assertEquals(
      known.update("/s/index.html", null, NOW),
      ["/index.html", "/", "/users/7"],
    );
    for (let route = 0; route < 100; route++) {
      known.note("/s/index.html", file(), [`/${route}`], NOW);
    }
    assertEquals(known.update("/s/index.html", null, NOW).length, 8);
    assertEquals(known.update("/s/unknown", null, NOW), []);
  },
);

pureTest(
  "KnownFiles.touchedBy() lists a path, its folder and all below it",
  () => {
    const known = new KnownFiles();
    const paths = ["/s", "/s/a", "/s/b", "/s/b/c", "/s/bc"];
    for (const path of paths) known.note(path, file(), [path], NOW);
    const touched = (...changed: string[]) => known.touchedBy(new Set(changed));
    assertEquals(touched("/s/a"), ["/s", "/s/a"]);
    assertEquals(touched("/s/b"), ["/s", "/s/b", "/s/b/c"]);
    assertEquals(touched("/s/b/new"), ["/s/b"]);
    assertEquals(touched("/s"), paths);
    assertEquals(known.touchedBy("all"), paths);
  },
);

pureTest("KnownFiles forgets the oldest of very many files", () => {
  const known = new KnownFiles();
  known.note("/first", file(), ["/first"], NOW);
  known.note("/second", file(), ["/second"], NOW);
  known.note("/first", file(), ["/first"], NOW);
  for (let index = 0; index < 9_999; index++) {
    known.note(`/${index}`, file(), [`/${index}`], NOW);
  }
  assertFalse(known.has("/second"));
  assert(known.has("/first"));
  known.note("/" + "x".repeat(2_000), file(), ["/x"], NOW);
  assertEquals(known.latest(2), ["/9997", "/9998"]);
});
