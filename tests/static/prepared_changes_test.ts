// What a client gets right after a file was changed in a way that its own times don't show.
// tests/static/prepared_test.ts has the changes of the file itself.

import { assertEquals, assertNotEquals } from "@std/assert";
import type { Answer, Client } from "../_serve.ts";
import { boundedTest } from "../_lib/bounded.ts";
import {
  CHANGED,
  CHANGED_DATE,
  inCoding,
  pretendLater,
  type Site,
  site,
} from "./_site.ts";

/** Sends a request on a connection that stays open. */
async function ask(
  client: Client,
  target: string,
  fields: readonly string[] = [],
  method = "GET",
): Promise<Answer> {
  const lines = [`${method} ${target} HTTP/1.1`, "Host: a", ...fields, "", ""];
  await client.write(lines.join("\r\n"));
  return await client.answer(method);
}

/** Requests that each have a prepared response for the same file. */
const FORMS: readonly (readonly [
  method: string,
  status: number,
  ...fields: string[],
])[] = [
  ["GET", 200],
  ["HEAD", 200],
  ["GET", 206, "Range: bytes=0-1"],
  ["GET", 304, `If-Modified-Since: ${CHANGED_DATE}`],
  ["GET", 200, "Accept-Encoding: br, gzip, zstd"],
];

/** What identifies a response: the status, the tag and the body. */
function essence({ status, header, body }: Answer): unknown[] {
  return [status, header("etag"), body];
}

/** Another file of the same size and modification time. */
async function replace(path: string): Promise<void> {
  await Deno.writeTextFile(`${path}.new`, "xyz");
  await Deno.utime(`${path}.new`, CHANGED, CHANGED);
  await Deno.rename(`${path}.new`, path);
}

/** Points a symlink to another target. */
async function turn(link: string, target: string): Promise<void> {
  await Deno.symlink(target, `${link}.new`);
  await Deno.rename(`${link}.new`, link);
}

/** Changes of `/file` or of the folder `dir` that it is in, each with the status afterwards. */
const CHANGES: readonly (readonly [
  name: string,
  target: string,
  change: (files: Site) => Promise<void>,
  status: number,
])[] = [
  [
    "another file renamed over it",
    "/dir/a.txt",
    ({ folder }) => replace(folder.in("dir/a.txt")),
    200,
  ],
  [
    "a symlink turned to another file",
    "/link.txt",
    ({ folder }) => turn(folder.in("link.txt"), "other/a.txt"),
    200,
  ],
  [
    "a symlink turned to a file outside",
    "/link.txt",
    ({ folder }) => turn(folder.in("link.txt"), "/etc/hostname"),
    404,
  ],
  [
    "a symlink in a parent folder turned",
    "/current/a.txt",
    ({ folder }) => turn(folder.in("current"), "other"),
    200,
  ],
  [
    "a parent folder renamed, and another one in its place",
    "/dir/a.txt",
    async ({ folder }) => {
      await Deno.rename(folder.in("dir"), folder.in("old"));
      await Deno.rename(folder.in("other"), folder.in("dir"));
    },
    200,
  ],
  [
    "a parent folder removed",
    "/dir/a.txt",
    ({ folder }) => Deno.remove(folder.in("dir"), { recursive: true }),
    404,
  ],
  [
    "the mode of the file changed",
    "/dir/a.txt",
    async ({ folder }) => {
      await replace(folder.in("dir/a.txt"));
      await Deno.chmod(folder.in("dir/a.txt"), 0o600);
    },
    200,
  ],
  [
    "the file replaced by a folder",
    "/dir/a.txt",
    async ({ folder }) => {
      await Deno.remove(folder.in("dir/a.txt"));
      await Deno.mkdir(folder.in("dir/a.txt"));
    },
    301,
  ],
];

/** The files, with `link.txt` and `current`, which point to `dir` at first. */
async function linked(): Promise<Site> {
  const files = await site({ "dir/a.txt": "abc", "other/a.txt": "xyz" });
  await Deno.symlink("dir/a.txt", files.folder.in("link.txt"));
  await Deno.symlink("dir", files.folder.in("current"));
  return files;
}

for (const [name, target, change, status] of CHANGES) {
  boundedTest(
    `StaticFileHandler sends nothing that was prepared after ${name}`,
    async () => {
      await using files = await linked();
      using _later = pretendLater(60_000);
      using client = await files.served.connect();
      const before: unknown[][] = [];
      for (const [method, expected, ...fields] of FORMS) {
        for (let times = 0; times < 2; times++) {
          const answer = await ask(client, target, fields, method);
          assertEquals(answer.status, expected, `${method} ${fields}`);
          before.push(essence(answer));
        }
      }
      await change(files);
      for (const [at, [method, expected, ...fields]] of FORMS.entries()) {
        const answer = await ask(client, target, fields, method);
        assertNotEquals(essence(answer), before[2 * at], `${fields}`);
        // The date of the other file is the same, but a 304 has its tag.
        assertEquals(answer.status, status === 200 ? expected : status);
        if (method === "GET" && expected === 200 && status === 200) {
          assertEquals(answer.body, "xyz");
        }
      }
    },
  );
}

boundedTest(
  "StaticFileHandler sends nothing that was prepared after the permission to read the file was taken",
  async () => {
    await using files = await linked();
    // The time of this change can't be set, so the files must really be old.
    await new Promise((resolve) => setTimeout(resolve, 2_700));
    using client = await files.served.connect();
    for (let times = 0; times < 3; times++) {
      assertEquals((await ask(client, "/dir/a.txt")).body, "abc");
    }
    await Deno.chmod(files.folder.in("dir/a.txt"), 0);
    assertEquals((await ask(client, "/dir/a.txt")).status, 404);
    await Deno.chmod(files.folder.in("dir/a.txt"), 0o600);
    await Deno.chmod(files.folder.in("dir"), 0);
    assertEquals((await ask(client, "/dir/a.txt")).status, 404);
    await Deno.chmod(files.folder.in("dir"), 0o700);
    assertEquals((await ask(client, "/dir/a.txt")).body, "abc");
  },
  // The superuser may read everything.
  Deno.build.os === "windows" || Deno.uid() === 0,
);

/**
 * Files that may appear next to others, and what a client then gets. Whether they are there is
 * only checked every second, and prepared responses are used for a second.
 */
const APPEARING: readonly (readonly [
  name: string,
  content: string,
  target: string,
  fields: readonly string[],
  isNew: (answer: Answer) => boolean,
])[] = [
  [
    "a.js.br",
    inCoding("br", "plain"),
    "/a.js",
    ["Accept-Encoding: br"],
    ({ header }) => header("content-encoding") === "br",
  ],
  [
    "a.js.gz",
    inCoding("gzip", "plain"),
    "/a.js",
    ["Accept-Encoding: gzip"],
    ({ header }) => header("content-encoding") === "gzip",
  ],
  ["404.html", "own page", "/missing", [], ({ body }) => body === "own page"],
];

for (const [name, content, target, fields, isNew] of APPEARING) {
  boundedTest(
    `StaticFileHandler uses a ${name} at most two seconds after it has appeared, and from then on`,
    async () => {
      await using files = await site({ "a.js": "plain", "sub/a.txt": "" });
      await Deno.utime(files.folder.path, CHANGED, CHANGED);
      const { now } = Date;
      const start = now() + 60_000;
      let time = start;
      Date.now = () => time;
      try {
        using client = await files.served.connect();
        for (; time < start + 1_500; time += 100) {
          assertEquals(isNew(await ask(client, target, fields)), false);
        }
        await Deno.writeFile(
          files.folder.in(name),
          Uint8Array.from(content, (each) => each.charCodeAt(0)),
        );
        await files.age(name);
        const seen: boolean[] = [];
        for (; time < start + 6_000; time += 100) {
          seen.push(isNew(await ask(client, target, fields)));
        }
        assertEquals(seen.slice(20).includes(false), false, `${seen}`);
        assertEquals(
          seen.slice(seen.indexOf(true)).includes(false),
          false,
          `${seen}`,
        );
        await Deno.remove(files.folder.in(name));
        assertEquals(isNew(await ask(client, target, fields)), false);
      } finally {
        Date.now = now;
      }
    },
  );
}

for (const listing of [true, false]) {
  boundedTest(
    `StaticFileHandler uses an index.html as soon as it is there, with listing: ${listing}`,
    async () => {
      await using files = await site({ "sub/a.txt": "" }, { listing });
      using _later = pretendLater(60_000);
      using client = await files.served.connect();
      for (let times = 0; times < 3; times++) {
        const { status, body } = await ask(client, "/sub/");
        assertEquals(status, listing ? 200 : 404);
        assertEquals(body.includes("own page"), false);
      }
      await Deno.writeTextFile(files.folder.in("sub/index.html"), "own page");
      assertEquals((await ask(client, "/sub/")).body, "own page");
      await Deno.remove(files.folder.in("sub/index.html"));
      const { body } = await ask(client, "/sub/");
      assertEquals(body.includes("own page"), false);
    },
  );
}

boundedTest(
  "the names in a listing are current if another folder has the same time",
  async () => {
    using _later = pretendLater(60_000);
    await using files = await site({ "dir/old.txt": "", "other/new.txt": "" });
    for (const name of ["dir", "other"]) await files.age(name);
    using client = await files.served.connect();
    for (let times = 0; times < 2; times++) {
      const { body } = await ask(client, "/dir/");
      assertEquals(body.includes("old.txt"), true);
    }
    await Deno.rename(files.folder.in("dir"), files.folder.in("away"));
    await Deno.rename(files.folder.in("other"), files.folder.in("dir"));
    const { body } = await ask(client, "/dir/");
    assertEquals([body.includes("old.txt"), body.includes("new.txt")], [
      false,
      true,
    ]);
  },
);
