// What the hub does if the system loses changes or reports none.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { Hub } from "../../../handlers/static/live/hub.ts";
import type { EventStream } from "../../../handlers/static/live/event_stream.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { type Folder, folder } from "../../handlers/_folder.ts";

/** Replaces `Deno.watchFs()` until disposed. */
function replaceWatch(
  events: (paths: readonly string[]) => Deno.FsEvent[] | Error,
): Disposable {
  const { watchFs } = Deno;
  Deno.watchFs = (paths) => {
    const sent = events(typeof paths === "string" ? [paths] : paths);
    if (sent instanceof Error) throw sent;
    const closed = Promise.withResolvers<void>();
    return {
      close: () => closed.resolve(),
      [Symbol.dispose]: () => closed.resolve(),
      async *[Symbol.asyncIterator]() {
        yield* sent;
        await closed.promise;
      },
    };
  };
  return {
    [Symbol.dispose]() {
      Deno.watchFs = watchFs;
    },
  };
}

/** A hub for a folder with one file, which is connected. */
async function connected(): Promise<
  AsyncDisposable & {
    readonly files: Folder;
    readonly lines: string[];
    readonly stream: EventStream;
    next(): Promise<string>;
  }
> {
  const files = await folder({ "a.css": "1" });
  const lines: string[] = [];
  const hub = new Hub([files], (line) => lines.push(line));
  const path = files.in("a.css");
  hub.known.note(path, await Deno.stat(path), ["/a.css"], Date.now());
  const { signal } = new AbortController();
  const stream = hub.connect(1, { signal, stopping: true });
  const decoder = new TextDecoder();
  return {
    files,
    lines,
    stream,
    async next() {
      for (;;) {
        const text = decoder.decode(await stream.read());
        if (text.includes("data:") || text === "") return text;
      }
    },
    async [Symbol.asyncDispose]() {
      stream.close();
      await files[Symbol.asyncDispose]();
    },
  };
}

const CHANGE = 'id: 2\ndata: {"g":2,"files":[["/a.css"]]}\n\n';

boundedTest(
  "Hub looks at all files if the system has lost changes",
  async () => {
    const later = Promise.withResolvers<void>();
    const { watchFs } = Deno;
    using _watch = replaceWatch(() => []);
    Deno.watchFs = () => ({
      close: () => {},
      [Symbol.dispose]: () => {},
      async *[Symbol.asyncIterator]() {
        await later.promise;
        yield { kind: "any", paths: [], flag: "rescan" } as Deno.FsEvent;
      },
    });
    try {
      await using hub = await connected();
      await new Promise((resolve) => setTimeout(resolve, 300));
      await Deno.writeTextFile(hub.files.in("a.css"), "22");
      later.resolve();
      assertEquals(await hub.next(), CHANGE);
      assertEquals(hub.lines, []);
    } finally {
      Deno.watchFs = watchFs;
    }
  },
);

boundedTest(
  "Hub looks at the files itself if the system reports no changes",
  async () => {
    using _watch = replaceWatch(() => []);
    await using hub = await connected();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Deno.writeTextFile(hub.files.in("a.css"), "22");
    assertEquals(await hub.next(), CHANGE);
    assertEquals(hub.lines.length, 1);
    assertMatch(
      hub.lines[0]!,
      /^The system didn't report a change of .*a\.css;/,
    );
    await Deno.writeTextFile(hub.files.in("a.css"), "333");
    const start = performance.now();
    assertMatch(await hub.next(), /"g":3/);
    assert(performance.now() - start < 3_000);
  },
);

boundedTest(
  "Hub looks at the files itself if the system can't watch them",
  async () => {
    using _watch = replaceWatch(() => new Error("No space left on device"));
    await using hub = await connected();
    await Deno.writeTextFile(hub.files.in("a.css"), "22");
    assertEquals(await hub.next(), CHANGE);
    assertEquals(hub.lines.length, 1);
    assertMatch(hub.lines[0]!, /^Cannot watch .*: No space left on device;/);
  },
);

boundedTest("EventStream ends if its client is too slow", async () => {
  await using hub = await connected();
  const names = Array.from({ length: 500 }, () => "x".repeat(500));
  for (let g = 2; g < 10; g++) hub.stream.send({ g, files: [names] });
  assertEquals(await hub.stream.read(), new Uint8Array());
});

/** Waits for a change of these URL paths, and returns how long it took in milliseconds. */
async function untilChange(
  stream: EventStream,
  names: string,
): Promise<number> {
  const start = performance.now();
  const decoder = new TextDecoder();
  for (let text = ""; !text.includes(names);) {
    const bytes = await stream.read();
    assert(bytes.length > 0);
    text = decoder.decode(bytes);
  }
  return performance.now() - start;
}

boundedTest(
  "Hub notices a change of a file that a symlink points to",
  async () => {
    await using outside = await folder({ "o.html": "1", "dir/d.html": "1" });
    await using files = await folder({
      "real/a.html": "1",
      ".hidden/h.html": "1",
    });
    await Deno.symlink("real/a.html", files.in("a.html"));
    await Deno.symlink("real", files.in("linked"));
    await Deno.symlink(".hidden/h.html", files.in("h.html"));
    await Deno.symlink(outside.in("o.html"), files.in("o.html"));
    await Deno.symlink(outside.in("dir"), files.in("dir"));
    const lines: string[] = [];
    const hub = new Hub([files], (line) => lines.push(line));
    const paths = ["a.html", "linked/a.html", "h.html", "o.html", "dir/d.html"];
    for (const name of paths) {
      const path = files.in(name);
      hub.note(path, await Deno.stat(path), [`/${name}`]);
    }
    hub.note(files.in("linked/new.html"), null, ["/linked/new.html"]);
    const { signal } = new AbortController();
    const stream = hub.connect(1, { signal, stopping: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await Deno.writeTextFile(files.in("real/a.html"), "22");
    const first = await untilChange(stream, '[["/a.html"],["/linked/a.html"]]');
    assert(first < 900, `${first}`);
    await Deno.writeTextFile(files.in("real/new.html"), "1");
    await untilChange(stream, '["/linked/new.html"]');
    for (
      const [path, name] of [
        [files.in(".hidden/h.html"), "h.html"],
        [outside.in("o.html"), "o.html"],
        [outside.in("dir/d.html"), "dir/d.html"],
      ] as const
    ) {
      await Deno.writeTextFile(path, "333");
      const duration = await untilChange(stream, `[["/${name}"]]`);
      assert(duration < 2_000, `${name}: ${duration}`);
    }
    // Another target, then a change of that one.
    await Deno.writeTextFile(files.in("real/b.html"), "b");
    await Deno.remove(files.in("o.html"));
    await Deno.symlink("real/b.html", files.in("o.html"));
    await untilChange(stream, '[["/o.html"]]');
    await Deno.writeTextFile(files.in("real/b.html"), "bb");
    const last = await untilChange(stream, '[["/o.html"]]');
    assert(last < 900, `${last}`);
    stream.close();
    assertEquals(lines, []);
  },
  Deno.build.os === "windows",
);
