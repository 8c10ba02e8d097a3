// The process of a script: exit code, pipes and kill().

import { assertEquals, assertRejects } from "@std/assert";
import { scriptUser } from "../../handlers/cgi/privileges.ts";
import { ScriptProcess } from "../../handlers/cgi/script_process.ts";
import { test } from "./_scripts.ts";

/** Runs a line of sh and closes the process after `use`. */
async function withShell(
  line: string,
  use: (script: ScriptProcess) => Promise<void>,
): Promise<void> {
  const script = new ScriptProcess({
    file: "/bin/sh",
    args: ["-c", line],
    env: {},
    cwd: "/",
    user: scriptUser(),
  });
  try {
    await use(script);
  } finally {
    await script.close();
  }
}

/** Reads all output of a script. */
async function outputOf(script: ScriptProcess): Promise<string> {
  let text = "";
  for (;;) {
    const piece = await script.read();
    if (piece === undefined) return text;
    text += new TextDecoder().decode(piece);
  }
}

for (
  const [line, code] of [
    ["true", 0],
    ["exit 3", 3],
    ["exit 255", 255],
    ["kill -TERM $$", -15],
    ["kill -KILL $$", -9],
  ] as const
) {
  test(`ScriptProcess.exitCode of \`${line}\` is ${code}, as in Python`, () =>
    withShell(line, async (script) => {
      assertEquals(await script.exitCode, code);
      assertEquals(script.killed, false);
    }));
}

test("ScriptProcess.read() returns the output, then undefined every time", () =>
  withShell("echo hello", async (script) => {
    assertEquals(await outputOf(script), "hello\n");
    assertEquals(await script.read(), undefined);
  }));

test("ScriptProcess.stdin reaches the script", () =>
  withShell("cat", async (script) => {
    await script.stdin.write(new TextEncoder().encode("hello"));
    await script.stdin.close();
    assertEquals(await outputOf(script), "hello");
  }));

test("ScriptProcess.kill() can be called twice", () =>
  withShell("echo up; exec sleep 60", async (script) => {
    await script.read();
    script.kill();
    script.kill();
    assertEquals(script.killed, true);
    assertEquals(await script.exitCode, -15);
    script.kill();
  }));

test("ScriptProcess.kill() kills a script that ignores SIGTERM", () =>
  withShell("trap '' TERM; echo up; sleep 60", async (script) => {
    await script.read();
    script.kill();
    assertEquals(await script.exitCode, -9);
  }));

test("ScriptProcess.close() kills a running script, and can be called twice", () =>
  withShell("sleep 60", async (script) => {
    await script.close();
    assertEquals(await script.exitCode, -15);
  }));

test("ScriptProcess.readErrors() reports up to maxLines lines, and that there are more", async () => {
  const lines: string[] = [];
  await withShell("printf 'a\\nb\\nc\\nd' >&2", async (script) => {
    script.readErrors(2, (line) => lines.push(line));
    await script.exitCode;
  });
  assertEquals(lines, ["a", "b", "further lines are not logged"]);
});

test("ScriptProcess.close() throws an error of the readErrors() callback", async () => {
  await assertRejects(
    () =>
      withShell("echo oops >&2", async (script) => {
        script.readErrors(9, (line) => {
          throw new TypeError(`Cannot log: ${line}`);
        });
        await script.exitCode;
      }),
    TypeError,
    "Cannot log: oops",
  );
});

test("ScriptProcess throws if the system can't start the program", async () => {
  const command = { args: [], env: {}, cwd: "/", user: scriptUser() };
  await assertRejects(
    () =>
      Promise.resolve().then(() =>
        new ScriptProcess({ ...command, file: "/nowhere/at/all" })
      ),
    Deno.errors.NotFound,
  );
});
