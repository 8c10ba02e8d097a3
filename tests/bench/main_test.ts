import { assertEquals, assertStringIncludes } from "@std/assert";
import type { Figures } from "../../bench/figures.ts";
import { loadTools } from "../../bench/servers.ts";
import { denoArguments, runCommand } from "../_command.ts";

const file = "bench/main.ts";

/** Nothing can be measured without wrk and ab. */
const ignore = Deno.build.os !== "linux" ||
  loadTools().some(({ path }) => path === undefined);

Deno.test("deno task bench --list names works and servers", async () => {
  const { code, stdout } = await runCommand(["--list"], { file });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "\n  listing-cold ");
  assertStringIncludes(stdout, "\n  nginx-cached ");
});

Deno.test("deno task bench explains an unknown work", async () => {
  const { code, stdout, stderr } = await runCommand(["--work", "x"], { file });
  assertEquals({ code, stdout }, { code: 2, stdout: "" });
  assertStringIncludes(stderr, "--work must be one of small,");
});

/** Starts a run whose temporary files are below a folder. */
function start(folder: string, args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [...denoArguments(file), ...args],
    env: { TMPDIR: folder },
    signal: AbortSignal.timeout(60_000),
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function withFolder(
  use: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The commands that still run and name a folder. */
function commandsWith(folder: string): string[] {
  const commands: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name) || Number(name) === Deno.pid) continue;
    try {
      const command = Deno.readTextFileSync(`/proc/${name}/cmdline`);
      if (command.includes(folder)) commands.push(command);
    } catch (error) {
      // The process has ended meanwhile.
      const ended = error instanceof Deno.errors.NotFound ||
        (error instanceof Error && error.message.includes("os error 3"));
      if (!ended) throw error;
    }
  }
  return commands;
}

function assertNothingLeft(folder: string): void {
  assertEquals([...Deno.readDirSync(folder)], []);
  assertEquals(commandsWith(folder), []);
}

Deno.test({
  name: "deno task bench --json prints figures and leaves no files",
  ignore,
  async fn() {
    await withFolder(async (folder) => {
      const args = ["--work=small", "--peer=deno-serve", "--json"];
      const short = ["--rounds=1", "--seconds=1"];
      const child = start(folder, [...args, ...short]);
      const { code, stdout } = await child.output();
      assertEquals(code, 0);
      const figures: Figures = JSON.parse(new TextDecoder().decode(stdout));
      assertEquals(figures.leftOut, []);
      const { servers } = figures.works[0]!;
      assertEquals(servers.map(({ name }) => name), ["ours", "deno-serve"]);
      for (const { samples: [sample] } of servers) {
        assertEquals(sample!.errors, 0);
        assertEquals(sample!.value > 0 && sample!.memory > 0, true);
      }
      assertNothingLeft(folder);
    });
  },
});

Deno.test({
  name: "deno task bench ends its servers and removes its files at SIGINT",
  ignore,
  async fn() {
    await withFolder(async (folder) => {
      const args = ["--work=small", "--peer=deno-serve", "--seconds=60"];
      const child = start(folder, args);
      const output = new Response(child.stdout).text();
      // The servers run when the first of them warms up.
      for await (
        const text of child.stderr.pipeThrough(new TextDecoderStream())
      ) {
        if (text.includes("deno-serve warms up")) child.kill("SIGINT");
      }
      assertEquals((await child.status).code, 130);
      assertEquals(await output, "");
      assertNothingLeft(folder);
    });
  },
});
