// What an archive contains, and what it doesn't.

import { assertEquals } from "@std/assert";
import {
  walk,
  type WalkLimits,
} from "../../../handlers/static/archive/walk.ts";
import { ServedFolder } from "../../../handlers/static/lookup/served_folder.ts";
import { folder } from "../../handlers/_folder.ts";
import { archives, TREE, unzip } from "./_site.ts";

const posix = { ignore: Deno.build.os === "windows" };

async function namesOf(
  files: Awaited<ReturnType<typeof archives>>,
  target = "/?zip",
): Promise<string[]> {
  const answer = await files.get(target);
  assertEquals(answer.status, 200, answer.body.slice(0, 200));
  return Object.keys(unzip(answer.body)).slice(1);
}

Deno.test("an archive has no dotfiles, except .well-known in the root, unless they are served", async () => {
  const tree = {
    ".env": "secret",
    ".git/config": "secret",
    ".well-known/security.txt": "",
    "a/.well-known/x": "",
    "a/.b": "",
    "c": "",
  };
  await using files = await archives(tree);
  const shown = [".well-known/", ".well-known/security.txt", "a/", "c"];
  assertEquals(await namesOf(files), shown);
  assertEquals(await namesOf(files, "/a/?zip"), []);
  assertEquals((await files.get("/.git/?zip")).status, 404);
  await using all = await archives(tree, { dotFiles: "allow" });
  assertEquals((await namesOf(all)).length, 10);
});

Deno.test(
  "an archive follows symlinks as the listing does",
  posix,
  async () => {
    await using outside = await folder({ "secret": "secret", "dir/x": "x" });
    const links = async (path: (name: string) => string) => {
      await Deno.symlink("a.txt", path("in"));
      await Deno.symlink("sub", path("in-dir"));
      await Deno.symlink(outside.in("secret"), path("out"));
      await Deno.symlink(outside.in("dir"), path("out-dir"));
      await Deno.symlink("nowhere", path("broken"));
    };
    const plain = [
      "a.txt",
      "empty/",
      "sub/",
      "sub/b.bin",
      "sub/deep/",
      "sub/deep/c.txt",
    ];
    const inDir = [
      "in",
      "in-dir/",
      "in-dir/b.bin",
      "in-dir/deep/",
      "in-dir/deep/c.txt",
    ];
    for (
      const [symlinks, more] of [
        ["deny", []],
        ["inside", inDir],
        ["follow", [...inDir, "out", "out-dir/", "out-dir/x"]],
      ] as const
    ) {
      await using files = await archives(TREE, { symlinks });
      await links(files.folder.in);
      assertEquals(await namesOf(files), [...plain, ...more].toSorted());
      const { body } = await files.get("/?zip");
      assertEquals(body.includes("secret"), symlinks === "follow");
    }
  },
);

Deno.test(
  "an archive leaves out symlinks to folders that contain them",
  posix,
  async () => {
    await using files = await archives(TREE);
    const { in: path } = files.folder;
    await Deno.symlink(".", path("sub/self"));
    await Deno.symlink("..", path("sub/up"));
    await Deno.symlink("../../sub", path("sub/deep/again"));
    await Deno.symlink("loop", path("loop"));
    assertEquals(await namesOf(files), [
      ...[
        "a.txt",
        "empty/",
        "sub/",
        "sub/b.bin",
        "sub/deep/",
        "sub/deep/c.txt",
      ],
    ]);
  },
);

Deno.test("an archive has neither pipes nor sockets", posix, async () => {
  await using files = await archives({ "a": "", "sub/": "" });
  const { in: path } = files.folder;
  const { success } = await new Deno.Command("mkfifo", {
    args: [path("pipe"), path("sub/pipe")],
  }).output();
  assertEquals(success, true);
  await Deno.symlink("pipe", path("link"));
  using _socket = Deno.listen({ transport: "unix", path: path("socket") });
  assertEquals(await namesOf(files), ["a", "sub/"]);
});

Deno.test("an archive has no files of other mounts, and none that a mount hides", async () => {
  await using manual = await folder({ "page": "manual" });
  const tree = {
    "docs/page": "hidden",
    "docs2/page": "",
    "sub/api/x": "hidden",
  };
  await using files = await archives(tree, {
    mounts: { "/docs": manual.path, "/sub/api": manual.path },
  });
  assertEquals(await namesOf(files), ["docs2/", "docs2/page", "sub/"]);
  assertEquals(await namesOf(files, "/sub/?zip"), []);
  const answer = await files.get("/docs/?zip");
  assertEquals(unzip(answer.body), { "": null, "page": "manual" });
  assertEquals(
    answer.header("content-disposition"),
    'attachment; filename="docs.zip"',
  );
});

Deno.test(
  "the names in an archive are sorted, in UTF-8, and have no backslash",
  posix,
  async () => {
    const tree: Record<string, string> = {};
    for (
      const name of ["Z", "a", "é ñ", "C\\..\\up", "a:b?*", "日本/ü", " "]
    ) {
      tree[name] = name === "a" ? "a" : "";
    }
    await using files = await archives(tree);
    const { body } = await files.get("/?zip");
    assertEquals(
      Object.keys(unzip(body)),
      [
        "",
        " ",
        "C_.._up",
        "Z",
        "a",
        "a:b?*",
        "é ñ",
        "日本/",
        "日本/ü",
      ].toSorted((a, b) => a < b ? -1 : 1),
    );
  },
);

Deno.test("an archive leaves out what the server can't read", {
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
}, async () => {
  await using files = await archives(TREE);
  await Deno.chmod(files.folder.in("a.txt"), 0);
  await Deno.chmod(files.folder.in("sub"), 0);
  assertEquals(await namesOf(files), ["empty/"]);
  await Deno.chmod(files.folder.in("sub"), 0o755);
});

const LIMITS: WalkLimits = {
  entries: 7,
  depth: 3,
  characters: 99,
  links: 1,
  total: 100,
};

async function walkWithin(path: string, limits: Partial<WalkLimits>) {
  const served = new ServedFolder(path, "inside");
  return await walk({
    folder: served,
    path,
    name: "site",
    dotFiles: "deny",
    root: true,
    mounts: new Set(),
  }, { ...LIMITS, ...limits }).then(
    (walked) => walked?.entries.length,
    (error) => `${error.name}: ${error.message}`,
  );
}

Deno.test("walk() stops at each of its limits", async () => {
  await using files = await folder(TREE);
  const { path } = files;
  assertEquals(await walkWithin(path, {}), 7);
  assertEquals(
    await walkWithin(path, { entries: 6 }),
    "TooLarge: Too many files for an archive",
  );
  assertEquals(
    await walkWithin(path, { depth: 2 }),
    "TooLarge: Folders are too deep for an archive",
  );
  assertEquals(
    await walkWithin(path, { characters: 60 }),
    "TooLarge: Paths are too long for an archive",
  );
  assertEquals(
    await walkWithin(path, { total: 6 }),
    "Busy: Archives of too many files are being sent",
  );
  await Deno.symlink("sub", `${path}/sub2`);
  await Deno.symlink("nowhere", `${path}/broken`);
  assertEquals(
    await walkWithin(path, { entries: 50 }),
    "TooLarge: Too many symlinks for an archive",
  );
  await Deno.remove(`${path}/sub2`);
  // The entries of failed walks are not counted any more.
  assertEquals(await walkWithin(path, { total: 7 }), 7);
  assertEquals(await walkWithin(path + "/a.txt", {}), undefined);
  assertEquals(await walkWithin(path + "/none", {}), undefined);
});

Deno.test(
  "an archive of a folder that is too deep is refused with 403 and the reason",
  posix,
  async () => {
    await using files = await archives({ [`${"d/".repeat(101)}x`]: "" });
    const answer = await files.get("/?zip");
    assertEquals(answer.status, 403);
    assertEquals(answer.reason, "Folders are too deep for an archive");
    assertEquals((await files.get("/d/?zip")).status, 403);
    assertEquals((await files.get("/d/d/d/?zip")).status, 200);
  },
);

Deno.test(
  "an archive of symlinks that multiply is refused",
  posix,
  async () => {
    await using files = await archives({ "0/x": "" });
    // Each folder has ten links to the next one, so there are 10^6 paths.
    for (let level = 1; level <= 6; level++) {
      await Deno.mkdir(files.folder.in(`${level}`));
      for (let link = 0; link < 10; link++) {
        await Deno.symlink(
          `../${level - 1}`,
          files.folder.in(`${level}/${link}`),
        );
      }
    }
    const answer = await files.get("/6/?zip");
    assertEquals(answer.status, 403);
    assertEquals(answer.reason, "Too many symlinks for an archive");
  },
);
