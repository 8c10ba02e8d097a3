// Files are saved as editors and tools do it: pages get one message, after the last write.

import { assert, assertEquals } from "@std/assert";
import { boundedTest } from "../../_lib/bounded.ts";
import { captureLog } from "../../_lib/captured_log.ts";
import { liveSite } from "./_live.ts";

const PAUSE = 40;

function pause(time = PAUSE): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}

/** Each saves a file with a new content. */
const EDITORS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  // Creates a probe, moves the file away, writes a new one, and removes the old one.
  async vim(path) {
    const probe = path.replace(/[^/]*$/, "4913");
    await Deno.writeTextFile(probe, "");
    await Deno.remove(probe);
    await Deno.rename(path, path + "~");
    await pause();
    await Deno.writeTextFile(path, "new");
    await pause();
    await Deno.remove(path + "~");
  },
  // Truncates the file, and writes.
  async "VS Code"(path) {
    using file = await Deno.open(path, { write: true, truncate: true });
    await pause();
    await file.write(new TextEncoder().encode("new"));
    await file.sync();
  },
  // Writes another file, and renames it.
  async JetBrains(path) {
    await Deno.writeTextFile(path + "___jb_tmp___", "new");
    await Deno.rename(path, path + "___jb_old___");
    await Deno.rename(path + "___jb_tmp___", path);
    await pause();
    await Deno.remove(path + "___jb_old___");
  },
  async "a tool that keeps the time of the file"(path) {
    const { mtime } = await Deno.stat(path);
    await Deno.writeTextFile(path, "<p>2");
    await Deno.utime(path, mtime!, mtime!);
  },
};

for (const [name, save] of Object.entries(EDITORS)) {
  boundedTest(`live sends one message when ${name} saves a file`, async () => {
    await using served = await liveSite({ "a.html": "<p>1", "b.html": "" });
    using page = await served.open("/a.html", "/b.html");
    await save(served.folder.in("a.html"));
    assertEquals(await page.rest(), [["/a.html"]]);
  });
}

boundedTest("live sends one message for a checkout of git", async () => {
  const names = Array.from({ length: 60 }, (_, at) => `${at % 7}/${at}.js`);
  const files = Object.fromEntries(names.map((name) => [name, "1"]));
  await using served = await liveSite({ "index.html": "", ...files });
  const git = async (...args: string[]) => {
    const { success, stderr } = await new Deno.Command("git", {
      args: ["-c", "user.name=a", "-c", "user.email=a@a.test", ...args],
      cwd: served.folder.path,
      env: { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
  };
  await git("init", "-q", "-b", "main");
  await git("add", ".");
  await git("commit", "-q", "-m", "1");
  await git("checkout", "-q", "-b", "other");
  for (const name of names) {
    await Deno.writeTextFile(served.folder.in(name), "22");
  }
  await git("commit", "-q", "-a", "-m", "2");
  const targets = names.map((name) => "/" + name);
  using page = await served.open("/", ...targets);
  await git("checkout", "-q", "main");
  assertEquals(await page.rest(), [targets.toSorted()]);
});

boundedTest(
  "live sends one message for a bundler that deletes and writes 500 files",
  async () => {
    const names = Array.from({ length: 500 }, (_, at) => `assets/${at}.js`);
    const files = Object.fromEntries(names.map((name) => [name, "1"]));
    await using served = await liveSite({ "index.html": "", ...files });
    using page = await served.open("/", "/assets/1.js", "/assets/499.js");
    const { path } = served.folder;
    await Deno.remove(`${path}/assets`, { recursive: true });
    await Deno.remove(`${path}/index.html`);
    // It bundles for a while.
    await pause(400);
    await Deno.mkdir(`${path}/assets`);
    for (const name of names) {
      await Deno.writeTextFile(`${path}/${name}`, "2");
      if (name.endsWith("50.js")) await pause();
    }
    await Deno.writeTextFile(`${path}/index.html`, "2");
    assertEquals(await page.rest(), [
      ["/assets/1.js", "/assets/499.js", "/index.html"],
    ]);
  },
);

boundedTest("live notices a root that is deleted and made again", async () => {
  await using served = await liveSite({ "index.html": "1" });
  using page = await served.open("/");
  const { path } = served.folder;
  await Deno.remove(path, { recursive: true });
  await pause(300);
  await Deno.mkdir(path);
  await Deno.writeTextFile(`${path}/index.html`, "2");
  assertEquals(await page.next(), ["/index.html"]);
  await served.get("/");
  await Deno.writeTextFile(`${path}/index.html`, "three");
  assertEquals(await page.next(), ["/index.html"]);
});

boundedTest("live notices new folders, and removed ones", async () => {
  await using served = await liveSite({ "index.html": "", "a.css": "" });
  using page = await served.open("/", "/a.css", "/new/deep/a.js");
  const { path } = served.folder;
  await Deno.mkdir(`${path}/new/deep`, { recursive: true });
  await Deno.writeTextFile(`${path}/new/deep/a.js`, "1");
  assertEquals(await page.next(), ["/new/deep/a.js"]);
  await pause(300);
  await Deno.writeTextFile(`${path}/new/deep/a.js`, "22");
  assertEquals(await page.next(), ["/new/deep/a.js"]);
  await Deno.remove(`${path}/a.css`);
  assertEquals(await page.next(), ["/a.css"]);
  await Deno.remove(`${path}/new`, { recursive: true });
  assertEquals(await page.next(), ["/new/deep/a.js"]);
});

boundedTest(
  "live ignores folders such as node_modules, also new ones",
  async () => {
    await using served = await liveSite({
      "index.html": "",
      "node_modules/a.js": "",
      "packages/a/node_modules/b.js": "",
      "packages/a/c.js": "",
    });
    using page = await served.open("/", "/packages/a/c.js");
    const { path } = served.folder;
    await Deno.mkdir(`${path}/.cache`);
    for (
      const name of [".cache/x", "node_modules/x", "packages/a/node_modules/x"]
    ) {
      await Deno.writeTextFile(`${path}/${name}`, "1");
    }
    await Deno.writeTextFile(`${path}/packages/a/c.js`, "1");
    assertEquals(await page.rest(), [["/packages/a/c.js"]]);
  },
);

boundedTest("live sends what has changed before a page connects", async () => {
  await using served = await liveSite({ "index.html": "1", "a.css": "1" });
  await served.get("/a.css");
  const { body } = await served.get("/", "Accept: text/html");
  const [, query] = /live\.js\?(k=\w+)/.exec(body)!;
  await Deno.writeTextFile(served.folder.in("a.css"), "22");
  await pause(200);
  using client = await served.served.connect();
  await client.write(
    `GET /.httpserver/events?${query}&since=1 HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  );
  const text = await client.readUntil("}\n");
  assertEquals(text.slice(text.indexOf("{")), '{"g":2,"files":[["/a.css"]]}\n');
});

boundedTest(
  "live notices at once that the target of a symlink has changed",
  async () => {
    const captured = captureLog();
    {
      using _log = captured;
      await using served = await liveSite({ "real/a.html": "1" });
      await Deno.symlink("real/a.html", served.folder.in("a.html"));
      using listener = await served.open("/a.html");
      // When a page connects, all files are looked at.
      await pause(500);
      const start = performance.now();
      await Deno.writeTextFile(served.folder.in("real/a.html"), "22");
      assertEquals(await listener.next(), ["/a.html"]);
      assert(performance.now() - start < 900);
    }
    assertEquals(captured.text, "");
  },
  Deno.build.os === "windows",
);
