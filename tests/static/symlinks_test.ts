// Symlinks by each policy: the real path is checked. `policies_hold_test.ts` tests that no policy
// is bypassed while symlinks are switched.

import { assert, assertEquals } from "@std/assert";
import { ServedFolder } from "../../handlers/static/lookup/served_folder.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { pretendLater, site } from "./_site.ts";

/** A folder `www` with symlinks of all kinds, and files beside it. */
async function linked(): Promise<Folder> {
  const made = await folder({
    "www/a.txt": "a",
    "www/sub/b.txt": "b",
    "www/sub/deep/c.txt": "c",
    "beside/x.txt": "x",
    "www2/y.txt": "y",
  });
  const links: Readonly<Record<string, string>> = {
    "to-file": "a.txt",
    "to-file-absolute": made.in("www/a.txt"),
    "to-folder": "sub",
    "to-folder-absolute": made.in("www/sub"),
    "sub/to-file-above": "../a.txt",
    "sub/deep/to-folder-above": "../../sub",
    "to-itself": ".",
    "chain-1": "chain-2",
    "chain-2": "to-folder/deep/c.txt",
    "round-about": "../www/a.txt",
    "out-file": "../beside/x.txt",
    "out-file-absolute": made.in("beside/x.txt"),
    "out-folder": "../beside",
    "out-neighbour": "../www2",
    "sub/out-nested": "../../beside",
    "out-parent": "..",
    "out-chain-1": "out-chain-2",
    "out-chain-2": "out-folder/x.txt",
    "out-root": "/",
    "broken": "nothing",
    "circle": "circle",
  };
  for (const [name, target] of Object.entries(links)) {
    await Deno.symlink(target, made.in(`www/${name}`));
  }
  return made;
}

/** Where a path resolves to: no symlinks, symlinks inside, outside, or broken. */
type Kind = "plain" | "inside" | "outside" | "nowhere";

const PATHS: Readonly<Record<string, Kind>> = {
  "/a.txt": "plain",
  "/sub/b.txt": "plain",
  "/sub/": "plain",
  "/to-file": "inside",
  "/to-file-absolute": "inside",
  "/to-folder/": "inside",
  "/to-folder/b.txt": "inside",
  "/to-folder/deep/c.txt": "inside",
  "/to-folder-absolute/b.txt": "inside",
  "/sub/to-file-above": "inside",
  "/sub/deep/to-folder-above/b.txt": "inside",
  "/sub/deep/to-folder-above/deep/to-folder-above/to-file-above": "inside",
  "/to-itself/to-itself/a.txt": "inside",
  "/chain-1": "inside",
  "/round-about": "inside",
  "/out-file": "outside",
  "/out-file-absolute": "outside",
  "/out-folder/": "outside",
  "/out-folder/x.txt": "outside",
  "/out-neighbour/y.txt": "outside",
  "/sub/out-nested/x.txt": "outside",
  "/to-folder/out-nested/x.txt": "outside",
  "/out-parent/beside/x.txt": "outside",
  "/out-chain-1": "outside",
  "/out-root/etc/passwd": "outside",
  "/broken": "nowhere",
  "/circle": "nowhere",
  "/circle/a.txt": "nowhere",
};

const SENT: Readonly<Record<string, readonly Kind[]>> = {
  inside: ["plain", "inside"],
  follow: ["plain", "inside", "outside"],
  deny: ["plain"],
};

for (const symlinks of ["inside", "follow", "deny"] as const) {
  Deno.test(`StaticFileHandler follows symlinks according to symlinks: "${symlinks}"`, async () => {
    await using made = await linked();
    await using files = await site({}, {
      directory: made.in("www"),
      symlinks,
    });
    for (const [path, kind] of Object.entries(PATHS)) {
      const expected = SENT[symlinks]!.includes(kind) ? 200 : 404;
      // Twice, since results are cached.
      for (let time = 0; time < 2; time++) {
        assertEquals((await files.get(path)).status, expected, path);
      }
    }
  });
}

Deno.test("StaticFileHandler redirects to a folder through a symlink only if it is followed", async () => {
  await using made = await linked();
  await using files = await site({}, { directory: made.in("www") });
  const followed = await files.get("/to-folder");
  assertEquals(
    [followed.status, followed.header("location")],
    [301, "to-folder/"],
  );
  assertEquals((await files.get("/out-folder")).status, 404);
});

Deno.test('StaticFileHandler serves a folder that is itself a symlink, even with symlinks: "deny"', async () => {
  await using made = await linked();
  await Deno.symlink("www/to-folder", made.in("served"));
  for (const symlinks of ["inside", "deny"] as const) {
    await using files = await site({}, {
      directory: made.in("served"),
      symlinks,
    });
    assertEquals((await files.get("/b.txt")).body, "b");
    // Above the symlink's target, it is outside.
    assertEquals((await files.get("/to-file-above")).status, 404);
  }
});

Deno.test("StaticFileHandler checks symlinks against the new folder after it was switched", async () => {
  await using made = await folder({ "one/a.txt": "1", "two/b.txt": "2" });
  await Deno.symlink("../one/a.txt", made.in("two/link"));
  await Deno.symlink("a.txt", made.in("one/link"));
  await Deno.symlink("one", made.in("current"));
  const directory = made.in("current");
  await using files = await site({}, { directory });
  assertEquals((await files.get("/link")).body, "1");
  await Deno.remove(made.in("current"));
  await Deno.symlink("two", made.in("current"));
  using _later = pretendLater(2_000);
  assertEquals((await files.get("/link")).status, 404);
  assertEquals((await files.get("/b.txt")).body, "2");
});

Deno.test("ServedFolder caches checks only for a short time, since a folder can be moved out", async () => {
  await using made = await folder({ "www/sub/a.txt": "a" });
  const served = new ServedFolder(made.in("www"), "inside");
  const path = made.in("www/sub/a.txt");
  assert(served.find(path) !== null);
  await Deno.rename(made.in("www/sub"), made.in("moved"));
  await Deno.symlink("../moved", made.in("www/sub"));
  using _later = pretendLater(2_000);
  assertEquals(served.find(path), null);
});

Deno.test("ServedFolder.allows() rejects a stat result from before a symlink was switched", async () => {
  for (const policy of ["inside", "deny"] as const) {
    await using made = await folder({ "www/a.txt": "a", "secret": "secret" });
    const served = new ServedFolder(made.in("www"), policy);
    const path = made.in("www/a.txt");
    const secret = await Deno.stat(made.in("secret"));
    assertEquals(served.allows(path, secret), false);
    // Nor is it cached.
    await Deno.remove(path);
    await Deno.symlink("../secret", path);
    assertEquals(served.allows(path, secret), false);
    assertEquals(served.find(path), null);
  }
});

Deno.test("ServedFolder.find() returns null if the folder doesn't exist", async () => {
  await using made = await folder();
  const served = new ServedFolder(made.in("none"), "inside");
  assertEquals(served.find(made.in("none")), null);
  assertEquals(served.find(made.in("none/a.txt")), null);
});

Deno.test("ServedFolder supports the root of the file system", () => {
  const served = new ServedFolder("/", "deny");
  assert(served.find("/")?.isDirectory);
  assert(served.find(Deno.realPathSync(import.meta.filename!))?.isFile);
});

const isLinux = Deno.build.os === "linux";

Deno.test(
  'StaticFileHandler sends only regular files, also with symlinks: "follow"',
  { ignore: !isLinux },
  async () => {
    await using files = await site({ "a.txt": "a" }, { symlinks: "follow" });
    const targets = ["/dev/null", "/dev/zero", "/dev/tty"];
    for (const [number, target] of targets.entries()) {
      await Deno.symlink(target, files.folder.in(`special-${number}`));
      const answer = await files.get(`/special-${number}`);
      assertEquals(answer.status, 404, target);
    }
    // Virtual files, whose stat result says that they are empty.
    await Deno.symlink("/proc/self/maps", files.folder.in("made-up"));
    const answer = await files.get("/made-up");
    assertEquals([answer.status, answer.body.includes("[stack]")], [200, true]);
  },
);
