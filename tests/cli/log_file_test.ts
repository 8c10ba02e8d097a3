// The file of `--log-file`, as a class and in the command.

import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { LogFile } from "../../cli/log_file.ts";
import { startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { captureConsole } from "../_lib/captured_console.ts";

/** A file on a disk that a test fills and clears. */
class Disk {
  text = "";
  /** The free space, in bytes. */
  room = Infinity;
  closed = 0;

  writeSync(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, this.room);
    if (count === 0) throw new Error("No space left on device (os error 28)");
    this.room -= count;
    this.text += new TextDecoder().decode(bytes.subarray(0, count));
    return count;
  }

  close(): void {
    this.closed++;
  }
}

/** Runs with such files instead of real ones, and returns the lines printed to standard error. */
function printed(disks: readonly Disk[], run: () => void): string[] {
  const { openSync } = Deno;
  using output = captureConsole("error");
  const rest = [...disks];
  Deno.openSync = () => {
    const disk = rest.shift();
    if (disk === undefined) throw new Deno.errors.NotFound("No such folder");
    return disk as unknown as Deno.FsFile;
  };
  try {
    run();
  } finally {
    Deno.openSync = openSync;
  }
  return [...output.lines];
}

/** Writes all of a text, like the log. */
function write(file: LogFile, text: string): void {
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
}

const LOST =
  "httpserver: Cannot log to 'log': No space left on device (os error 28); lines are lost until there is space";

Deno.test("LogFile drops lines while the disk is full, and reports it once", () => {
  const disk = new Disk();
  const lines = printed([disk], () => {
    using file = new LogFile("log");
    write(file, "one\n");
    disk.room = 0;
    for (let n = 0; n < 100; n++) write(file, "lost\n");
    disk.room = Infinity;
    write(file, "two\n");
    write(file, "three\n");
  });
  assertEquals(lines, [LOST]);
  assertEquals(
    disk.text,
    "one\nhttpserver: 500 bytes of the log are missing: No space left on device (os error 28)\ntwo\nthree\n",
  );
  assertEquals(disk.closed, 1);
});

Deno.test("LogFile ends a line that was cut by the full disk", () => {
  const disk = new Disk();
  const lines = printed([disk], () => {
    using file = new LogFile("log");
    disk.room = 2;
    write(file, "one\n");
    disk.room = Infinity;
    write(file, "two\n");
    disk.room = 0;
    write(file, "lost again\n");
  });
  // The disk was full twice, so it is reported twice.
  assertEquals(lines, [LOST, LOST]);
  assertMatch(disk.text, /^on\nhttpserver: 2 bytes of .*\ntwo\n$/);
});

Deno.test("LogFile.reopen() continues with the file that has the name now", () => {
  const [first, second] = [new Disk(), new Disk()];
  const lines = printed([first, second], () => {
    using file = new LogFile("log");
    write(file, "one\n");
    file.reopen();
    write(file, "two\n");
    // There is no such file: the old one is better than none.
    file.reopen();
    write(file, "three\n");
  });
  assertEquals([first.text, second.text], ["one\n", "two\nthree\n"]);
  assertEquals([first.closed, second.closed], [1, 1]);
  assertEquals(lines, [
    "httpserver: Cannot log to 'log': No such folder; the old file is kept",
  ]);
});

Deno.test("LogFile refuses a file that can't be opened", () => {
  assertThrows(
    () => new LogFile("/no/such/log"),
    Error,
    "Cannot log to '/no/such/log': No such file",
  );
});

/** Sends requests until the log has a line about one, for five seconds at most. Returns how many. */
async function logged(url: string, path: string): Promise<number> {
  const name = new URL(url).pathname;
  for (let tries = 1; tries < 250; tries++) {
    const response = await fetch(url);
    await response.body?.cancel();
    const text = await Deno.readTextFile(path).catch(() => "");
    if (text.includes(`"GET ${name} `)) return tries;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${path} has no line about ${name}`);
}

Deno.test("the command reopens its log on SIGHUP", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using files = await folder({ "www/a.txt": "a" });
  const log = files.in("log");
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "-d", files.in("www"), "--log-file", log, "0"],
  );
  const url = `http://127.0.0.1:${serving.port}`;
  await logged(`${url}/first`, log);
  await Deno.rename(log, `${log}.1`);
  serving.interrupt("SIGHUP");
  await logged(`${url}/second`, log);
  const { code, stderr } = await serving.stop("SIGTERM");
  assertEquals([code, stderr], [0, ""]);
  const old = await Deno.readTextFile(`${log}.1`);
  assertMatch(old, /"GET \/first /);
  assertEquals((await Deno.readTextFile(log)).includes("/first"), false);
});

Deno.test("the command loses no line of its workers when it reopens its log", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using files = await folder({ "www/a.txt": "a" });
  const log = files.in("log");
  await using serving = await startCommand(
    [
      ...["-b", "127.0.0.1", "-d", files.in("www"), "--workers", "2"],
      ...["--log-file", log, "0"],
    ],
  );
  const url = `http://127.0.0.1:${serving.port}`;
  const before = await logged(`${url}/first`, log);
  await Deno.rename(log, `${log}.1`);
  serving.interrupt("SIGHUP");
  const after = await logged(`${url}/second`, log);
  const { code, stderr } = await serving.stop("SIGTERM");
  assertEquals([code, stderr], [0, ""]);
  const old = await Deno.readTextFile(`${log}.1`);
  const lines = (old + await Deno.readTextFile(log)).trimEnd().split("\n");
  for (const line of lines) {
    assertMatch(
      line,
      /^127\.0\.0\.1 - - .*(?: 404 -|, message File not found)$/,
    );
  }
  assertMatch(old, /"GET \/first /);
  const count = (name: string) =>
    lines.filter((line) => line.includes(`"GET ${name} `)).length;
  assertEquals([count("/first"), count("/second")], [before, after]);
});

Deno.test(
  "the command keeps serving while its log is on a full disk, and recovers",
  {
    ignore: Deno.build.os !== "linux",
  },
  async () => {
    await using files = await folder({ "www/a.txt": "a" });
    const log = files.in("log");
    await Deno.symlink("/dev/full", log);
    await using serving = await startCommand(
      ["-b", "127.0.0.1", "-d", files.in("www"), "--log-file", log, "0"],
    );
    const url = `http://127.0.0.1:${serving.port}`;
    for (let n = 0; n < 50; n++) {
      const response = await fetch(`${url}/a.txt`);
      assertEquals(await response.text(), "a");
      // Several requests, so that it writes several times.
      if (n % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await Deno.remove(log);
    serving.interrupt("SIGHUP");
    await logged(`${url}/later`, log);
    const { code, stderr } = await serving.stop("SIGTERM");
    assertEquals(code, 0);
    assertMatch(
      stderr,
      /^httpserver: Cannot log to '[^']+': No space left on device [^\n]+\n$/,
    );
    assertMatch(
      await Deno.readTextFile(log),
      /^httpserver: \d{4,} bytes of the log are missing: No space/,
    );
  },
);
