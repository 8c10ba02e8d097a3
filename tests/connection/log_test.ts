// Writing the log. Standard error is replaced, so that nothing is printed.

import { assertEquals } from "@std/assert";
import { flushLog, gatherLog, writeLog } from "../../connection/log.ts";
import * as closedLog from "../../connection/log.ts?closed";
import { test } from "./_memory.ts";

/** Runs with `write` in place of writes to standard error. */
async function withStderr(
  write: (bytes: Uint8Array) => number,
  run: () => void | Promise<void>,
): Promise<void> {
  const { writeSync } = Deno.stderr;
  Deno.stderr.writeSync = write;
  try {
    await run();
  } finally {
    Deno.stderr.writeSync = writeSync;
  }
}

/** Runs and collects the writes to standard error. */
async function collecting(
  run: (writes: string[]) => void | Promise<void>,
): Promise<void> {
  const writes: string[] = [];
  await withStderr((bytes) => {
    writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }, () => run(writes));
}

test("writeLog() writes at once while no server runs", () =>
  collecting((writes) => {
    writeLog("one\n");
    writeLog("two é\n");
    assertEquals(writes, ["one\n", "two é\n"]);
  }));

test("gatherLog() writes lines together, in order, without a further call", () =>
  collecting(async (writes) => {
    using _hold = gatherLog();
    writeLog("one\n");
    writeLog("two\n");
    assertEquals(writes, []);
    for (let tries = 0; writes.length === 0 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assertEquals(writes, ["one\ntwo\n"]);
  }));

test("gatherLog() writes the buffered lines when its hold is released", () =>
  collecting((writes) => {
    {
      using _hold = gatherLog();
      writeLog("one\n");
    }
    assertEquals(writes, ["one\n"]);
    writeLog("two\n");
    assertEquals(writes, ["one\n", "two\n"]);
  }));

test("gatherLog() gathers until the last of several holds is released", () =>
  collecting((writes) => {
    using _first = gatherLog();
    const second = gatherLog();
    second[Symbol.dispose]();
    second[Symbol.dispose]();
    writeLog("one\n");
    assertEquals(writes, []);
    flushLog();
    assertEquals(writes, ["one\n"]);
  }));

test("writeLog() bounds the gathered lines", () =>
  collecting((writes) => {
    using _hold = gatherLog();
    const line = "x".repeat(999) + "\n";
    for (let n = 0; n < 40; n++) writeLog(line);
    assertEquals(writes.length, 1);
    assertEquals(writes[0]!.length % 1000, 0);
  }));

test("flushLog() writes nothing if nothing is buffered", () =>
  collecting((writes) => {
    flushLog();
    assertEquals(writes, []);
  }));

test("writeLog() continues after a partial write to standard error", async () => {
  let written = "";
  await withStderr((bytes) => {
    const size = Math.min(3, bytes.length);
    written += new TextDecoder().decode(bytes.subarray(0, size));
    return size;
  }, () => writeLog("one two three\n"));
  assertEquals(written, "one two three\n");
});

test("writeLog() loses one batch, but no later one, if a pipe is full", async () => {
  const writes: string[] = [];
  let full = true;
  await withStderr((bytes) => {
    if (full) throw new Deno.errors.WouldBlock("full");
    writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }, () => {
    writeLog("lost\n");
    full = false;
    writeLog("kept\n");
  });
  assertEquals(writes, ["kept\n"]);
});

test("writeLog() gives up if nobody reads standard error any more", async () => {
  let calls = 0;
  await withStderr(() => {
    calls++;
    throw new Deno.errors.BrokenPipe("closed");
  }, () => {
    closedLog.writeLog("one\n");
    closedLog.writeLog("two\n");
  });
  assertEquals(calls, 1);
});

Deno.test({
  name: "gatherLog() writes what waits when the process exits",
  sanitizeOps: true,
  sanitizeResources: true,
  fn: async () => {
    const log = import.meta.resolve("../../connection/log.ts");
    const code = `import { gatherLog, writeLog } from "${log}";
    gatherLog(); writeLog("last words\\n"); Deno.exit(3);`;
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", "--no-config", code],
      signal: AbortSignal.timeout(20_000),
    }).output();
    assertEquals(new TextDecoder().decode(output.stderr), "last words\n");
    assertEquals(output.code, 3);
  },
});
