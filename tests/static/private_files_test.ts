// `privateFiles`: files in the served directories that no request gets or replaces.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { folder } from "../handlers/_folder.ts";
import { unzip } from "./archive/_site.ts";
import { pretendLater, type Site, site } from "./_site.ts";
import { uploads } from "./upload/_upload.ts";

const SECRET = "ada:{PLAIN}correct horse";

const FILES = {
  "a.txt": "a",
  "users.txt": SECRET,
  "sub/b.txt": "b",
  "keys/deep/key.pem": SECRET,
};

/** Responses that have nothing of a private file, and show no name of one. */
async function assertNowhere(
  files: Site,
  targets: readonly string[],
): Promise<void> {
  for (const target of targets) {
    // The second response may be prepared, and the listing cached.
    for (let count = 0; count < 2; count++) {
      const { status, body } = await files.get(target, "Accept: text/html");
      assertEquals(body.includes("horse"), false, target);
      if (!target.endsWith("/")) assertEquals(status, 404, target);
    }
  }
}

function namesIn(json: string): string[] {
  return JSON.parse(json).entries.map(({ name }: { name: string }) => name);
}

/** What a listing names. */
async function listed(files: Site, target: string): Promise<string[]> {
  return namesIn((await files.get(`${target}?format=json`)).body);
}

async function archived(files: Site, target: string): Promise<string[]> {
  return Object.keys(unzip((await files.get(`${target}?zip`)).body));
}

Deno.test("a private file is neither served, viewed, listed nor archived", async () => {
  for (const symlinks of ["inside", "follow", "deny"] as const) {
    await using made = await folder(FILES);
    await using files = await site({}, {
      directory: made.path,
      symlinks,
      archive: true,
      privateFiles: [
        made.in("users.txt"),
        new URL(`file://${made.in("keys")}`),
        made.in("none.log"),
      ],
    });
    await assertNowhere(files, [
      "/users.txt",
      "/users.txt?view",
      "/%75sers.txt",
      "//users.txt",
      "/sub/../users.txt",
      "/users.txt/",
      "/keys",
      "/keys/deep",
      "/keys/deep/key.pem",
      "/none.log",
      "/",
      "/keys/",
      "/keys/deep/",
    ]);
    assertEquals((await files.get("/keys/")).status, 404);
    assertEquals((await files.get("/a.txt")).body, "a");
    assertEquals(await listed(files, "/"), ["sub", "a.txt"]);
    const html = (await files.get("/", "Accept: text/html")).body;
    assertEquals(html.includes("users.txt"), false);
    assertEquals(await archived(files, "/"), [
      "",
      "a.txt",
      "sub/",
      "sub/b.txt",
    ]);
    await Deno.writeTextFile(made.in("none.log"), SECRET);
    await assertNowhere(files, ["/none.log"]);
    assertEquals(await listed(files, "/"), ["sub", "a.txt"]);
    assertEquals((await archived(files, "/")).length, 4);
  }
});

Deno.test("a link to a private file is no way to it, in any directory of the site", async () => {
  await using made = await folder(FILES);
  await using other = await folder({ "m.txt": "m" });
  await Deno.symlink(made.in("users.txt"), made.in("sub/link.txt"));
  await Deno.symlink(made.in("keys"), made.in("sub/keys"));
  await Deno.symlink(made.in("keys/deep"), made.in("deep"));
  await Deno.symlink(made.path, made.in("sub/all"));
  await Deno.link(made.in("users.txt"), made.in("sub/hard.txt"));
  await Deno.symlink(made.in("users.txt"), other.in("out.txt"));
  for (const symlinks of ["inside", "follow"] as const) {
    await using files = await site({}, {
      directory: made.path,
      mounts: { "/m": other.path, "/again": made.path },
      symlinks,
      archive: true,
      privateFiles: [made.in("users.txt"), made.in("keys")],
    });
    await assertNowhere(files, [
      "/sub/link.txt",
      "/sub/hard.txt",
      "/sub/keys/deep/key.pem",
      "/sub/all/users.txt",
      "/sub/all/keys/deep/key.pem",
      "/deep/key.pem",
      "/m/out.txt",
      "/again/users.txt",
      "/again/keys/",
      "/sub/all/",
      "/m/",
    ]);
    assertEquals(await listed(files, "/sub/"), ["all", "b.txt"]);
    assertEquals(await listed(files, "/sub/all/"), ["sub", "a.txt"]);
    assertEquals(await listed(files, "/again/"), ["sub", "a.txt"]);
    assertEquals(await archived(files, "/sub/"), [
      "",
      "all/",
      "all/a.txt",
      "b.txt",
    ]);
  }
});

Deno.test("a private file in a directory that is a symlink is found by its real path and by the link's", async () => {
  await using made = await folder(FILES);
  await using outer = await folder({});
  await Deno.symlink(made.path, outer.in("www"));
  for (const path of [made.in("users.txt"), outer.in("www/users.txt")]) {
    for (const directory of [made.path, outer.in("www")]) {
      const privateFiles = [path, path.replace("users.txt", "new.log")];
      await using files = await site({}, { directory, privateFiles });
      await assertNowhere(files, ["/users.txt"]);
      assertEquals(await listed(files, "/"), ["keys", "sub", "a.txt"]);
      await Deno.writeTextFile(made.in("new.log"), SECRET);
      await assertNowhere(files, ["/new.log"]);
      await Deno.remove(made.in("new.log"));
    }
  }
});

Deno.test("a private file that is saved as a new one stays private", async () => {
  await using made = await folder(FILES);
  await using files = await site({}, {
    directory: made.path,
    privateFiles: [made.in("users.txt")],
  });
  await assertNowhere(files, ["/users.txt"]);
  await Deno.writeTextFile(made.in("new.txt"), SECRET);
  assertEquals((await files.get("/new.txt")).status, 200);
  await Deno.rename(made.in("new.txt"), made.in("users.txt"));
  await assertNowhere(files, ["/users.txt"]);
  await Deno.symlink(made.in("users.txt"), made.in("link.txt"));
  await assertNowhere(files, ["/link.txt"]);
});

Deno.test("a private file is not sent in place of another", async () => {
  const names = {
    "README.md": "horse",
    "index.html": "horse",
    "404.html": "horse",
    "a.js.gz": "horse",
    "app.html": "horse",
    "page.html": "horse",
  };
  await using files = await site({ ...names, "a.js": "a" });
  await using hiding = await site({}, {
    directory: files.folder.path,
    spa: "app.html",
    cleanUrls: true,
    privateFiles: Object.keys(names).map((name) => files.folder.in(name)),
    redirects: [{ from: "/rewritten", to: "/page.html", status: 200 }],
  });
  await assertNowhere(hiding, ["/page", "/rewritten", "/none", "/"]);
  const answer = await hiding.get("/a.js", "Accept-Encoding: gzip");
  assertEquals([answer.status, answer.body], [200, "a"]);
  assertStringIncludes((await hiding.get("/none")).body, "File not found");
});

Deno.test("a private file is not served as the only file of a site", async () => {
  await using files = await site(FILES);
  await using one = await site({}, {
    directory: files.folder.path,
    file: "users.txt",
    privateFiles: [files.folder.in("users.txt")],
  });
  await assertNowhere(one, ["/users.txt"]);
  assertEquals((await one.get("/")).status, 404);
});

Deno.test("an upload doesn't replace or create a private file", async () => {
  for (const policy of ["error", "rename", "overwrite"] as const) {
    await using made = await folder({ ...FILES, "users (1).txt": "x" });
    await Deno.symlink(made.path, made.in("www"));
    await using files = await uploads({}, {
      directory: made.in("www"),
      upload: { policy },
      privateFiles: [
        made.in("users.txt"),
        made.in("keys"),
        made.in("logs/new.log"),
        made.in("more"),
      ],
    });
    for (
      const target of [
        "/users.txt",
        "/keys",
        "/keys/new",
        "/keys/deep/key.pem",
        "/logs/new.log",
        "/more",
        "/more/x.txt",
      ]
    ) {
      const { status } = await files.put(target, "eve:{PLAIN}x");
      assertEquals(status, 403, `${policy} ${target}`);
    }
    assertEquals((await files.put("/logs/other.log", "x")).status, 201);
    assertEquals((await files.put("/users2.txt", "x")).status, 201);
    assertEquals(await Deno.readTextFile(made.in("users.txt")), SECRET);
  }
});

Deno.test("sites that differ in private files only are different sites", async () => {
  await using made = await folder(FILES);
  const directory = made.path;
  await using open = await site({}, { directory });
  await using hiding = await site({}, {
    directory,
    privateFiles: [made.in("users.txt")],
  });
  using _later = pretendLater(10_000);
  for (let count = 0; count < 2; count++) {
    assertEquals((await open.get("/users.txt")).status, 200);
    assertEquals((await hiding.get("/users.txt")).status, 404);
  }
});
