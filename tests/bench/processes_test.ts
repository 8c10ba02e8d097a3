import { assertEquals, assertRejects } from "@std/assert";
import { Processes } from "../../bench/processes.ts";
import { isRunning, type Process, readTree } from "../../bench/usage.ts";

/** Waits until a process has a child, at most five seconds. */
async function treeWithChild(pid: number): Promise<Process[]> {
  for (let tries = 0; tries < 250; tries++) {
    const tree = readTree(pid);
    if (tree.length > 1) return tree;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("The process started no child");
}

Deno.test({
  name: "Processes.end() ends a process that ignores SIGTERM, and its children",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const processes = new Processes();
      // The shell waits for its child, and both ignore the signal.
      const program = "trap '' TERM; sleep 60; true";
      const log = `${folder}/log`;
      const child = processes.start(["sh", "-c", program], folder, log);
      const tree = await treeWithChild(child.pid);
      await processes.end(child);
      assertEquals(tree.map(isRunning), tree.map(() => false));
      // It has ended already.
      await processes.end(child);
      await processes.endAll();
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "Processes.start() appends the output to a file",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const processes = new Processes();
      const log = `${folder}/a log`;
      for (const text of ["one", "two"]) {
        const program = `echo "$0"; pwd >&2`;
        const command = ["sh", "-c", program, text] as const;
        await processes.start(command, folder, log).status;
      }
      assertEquals(
        await Deno.readTextFile(log),
        `one\n${folder}\ntwo\n${folder}\n`,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "Processes.run() returns the output, and says why a command failed",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const processes = new Processes();
    assertEquals(await processes.run(["echo", "figures"], 10), "figures\n");
    await assertRejects(
      () => processes.run(["sh", "-c", "echo no port >&2; exit 1"], 10),
      Error,
      "sh failed: no port",
    );
    await assertRejects(
      () => processes.run(["sleep", "60"], 0.1),
      Error,
      "sleep took over 0.1 seconds",
    );
  },
});
