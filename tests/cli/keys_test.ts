// Single keys on a terminal: on pseudo-terminals that Python opens.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  copySequence,
  isForeground,
  keysHelp,
  keysIn,
} from "../../cli/keys.ts";
import { denoArguments, runCommand } from "../_command.ts";
import { pureTest } from "../_lib/pure.ts";

type Step =
  | ["wait", pattern: string]
  | ["send", text: string]
  | ["signal", name: string]
  | ["request", type?: string]
  | ["hangup"]
  | ["mode"];

interface Seen {
  /** The terminal's output. */
  readonly output: string;
  readonly code: number;
  /** Whether the terminal's mode was as before at the end. */
  readonly restored: boolean | null;
  /** Whether it was at each "mode". */
  readonly modes: readonly boolean[];
}

/** The command, serving on a free port. */
const COMMAND = [
  Deno.execPath(),
  ...denoArguments("mod.ts"),
  ...["-b", "127.0.0.1", "-q", "0"],
];

const SHELL = ["bash", "--norc", "--noprofile", "-i"];

/** Whether this machine has Python and bash. */
async function hasPrograms(): Promise<boolean> {
  if (Deno.build.os === "windows") return false;
  for (const program of ["python3", "bash"]) {
    try {
      await new Deno.Command(program, { args: ["--version"] }).output();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }
  return true;
}

const ignore = !await hasPrograms();

/** Runs a command on a terminal, with steps. */
async function onTerminal(
  command: readonly string[],
  steps: readonly Step[],
): Promise<Seen> {
  const child = new Deno.Command("python3", {
    args: [new URL("_pty.py", import.meta.url).pathname],
    env: { NO_COLOR: "1", PS1: "$ ", TERM: "xterm" },
    signal: AbortSignal.timeout(30_000),
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const input = new Blob([JSON.stringify([command, ...steps])]);
  await input.stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Takes the default port, if it is free. */
function listenOnDefault(): Disposable {
  try {
    return Deno.listen({ hostname: "127.0.0.1", port: 8000 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return { [Symbol.dispose]() {} };
  }
}

pureTest("keysIn() skips escape sequences", () => {
  assertEquals(keysIn("hoq"), ["h", "o", "q"]);
  assertEquals(keysIn("\x1b[A\x1bOPh\x1b[1;5Cq\x1b[15~"), ["h", "q"]);
  assertEquals(keysIn("\x1b"), []);
  assertEquals(keysIn("é\n"), ["é", "\n"]);
});

pureTest("keysHelp() has a line for each key", () => {
  const run = () => {};
  const keys = [{ key: "h", help: "help", run }, {
    key: "q",
    help: "quit",
    run,
  }];
  assertEquals(keysHelp(keys), "  h  help\n  q  quit");
});

pureTest("copySequence() is OSC 52 with the text in base64", () => {
  assertEquals(copySequence("http://a/"), "\x1b]52;c;aHR0cDovL2Ev\x07");
});

pureTest(
  "isForeground() compares the process group with the terminal's",
  () => {
    assert(isForeground("17 (deno) S 1 17 9 34816 17 4194304"));
    assert(isForeground("17 (a) 1 2 (b)) S 1 17 9 34816 17 4194304"));
    assert(!isForeground("17 (deno) S 1 17 9 34816 9 4194304"));
    assert(!isForeground("17 (deno) S 1 17 9 0 -1 4194304"));
    // From ps.
    assert(isForeground("  17  17\n"));
    assert(!isForeground("  17  9\n"));
    assert(!isForeground(""));
  },
);

Deno.test("the keys of the command work without Enter, and q ends it with 0", {
  ignore,
}, async () => {
  const { output, code, restored, modes } = await onTerminal(COMMAND, [
    ["wait", "Press h for the keys"],
    ["mode"],
    ["send", "x\x1b[Ah"],
    ["wait", "q  quit"],
    ["send", "c"],
    ["wait", "Copied http"],
    ["request"],
    ["send", "q"],
  ]);
  const port = / port (\d+) /.exec(output)?.[1];
  const url = `http://127.0.0.1:${port}/`;
  assertStringIncludes(output, `${copySequence(url)}  Copied ${url}\r\n[200]`);
  assertEquals(output.match(/show this help/g)?.length, 1);
  assertEquals([code, restored, modes], [0, true, [false]]);
});

Deno.test("the key o opens the site", { ignore }, async () => {
  const shell = ["sh", "-c", 'BROWSER="echo opened" exec "$@"', "sh"];
  const script = [...shell, ...COMMAND];
  // The browser's output is dropped, so only its end shows.
  const { output, code } = await onTerminal(script, [
    ["wait", "Press h"],
    ["send", "o"],
    ["send", "h"],
    ["wait", "quit"],
    ["send", "q"],
  ]);
  assertEquals(code, 0);
  assert(!output.includes("Cannot open"), output);
});

Deno.test("the key r reloads the pages of --live", { ignore }, async () => {
  const { output, code } = await onTerminal([...COMMAND, "--live"], [
    ["wait", "Press h"],
    ["request", "text/html"],
    ["send", "rh"],
    ["wait", "r  reload the pages"],
    ["request", "text/html"],
    ["send", "q"],
  ]);
  // Each page has the number of the last change.
  const numbers = output.matchAll(/live\.js\?k=[0-9a-f]+&amp;g=(\d+)/g);
  assertEquals([...numbers].map(([, number]) => number), ["1", "2"]);
  assertEquals(code, 0);
});

for (
  const [name, steps, code] of [
    ["Ctrl-C", [["send", "\x03"]], 0],
    ["SIGTERM", [["signal", "SIGTERM"]], 0],
    ["SIGHUP", [["signal", "SIGHUP"]], 0],
    ["SIGQUIT", [["signal", "SIGQUIT"]], 131],
    ["SIGALRM", [["signal", "SIGALRM"]], -14],
    ["SIGXCPU", [["signal", "SIGXCPU"]], -24],
  ] satisfies [string, Step[], number][]
) {
  Deno.test(`the command restores the terminal at ${name}`, {
    ignore,
  }, async () => {
    const seen = await onTerminal(COMMAND, [
      ["wait", "Press h"],
      ["mode"],
      ...steps,
    ]);
    assertEquals(seen.modes, [false]);
    assertEquals([seen.code, seen.restored], [code, true]);
  });
}

Deno.test("the command exits with 0 when its terminal is closed", {
  ignore,
}, async () => {
  const seen = await onTerminal(COMMAND, [["wait", "Press h"], ["hangup"]]);
  assertEquals([seen.code, seen.restored], [0, null]);
});

Deno.test(
  "the command takes the next free port on a terminal if no port is given",
  {
    ignore,
  },
  async () => {
    using _listener = listenOnDefault();
    const { output, code } = await onTerminal(COMMAND.slice(0, -1), [
      ["wait", "port 8000 is in use.*; listening on port 8\\d+"],
      ["wait", "Press h"],
      ["send", "q"],
    ]);
    assertEquals(code, 0);
    const finished = await runCommand(["-b", "127.0.0.1"]);
    assertEquals(finished.code, 1, output);
    assertStringIncludes(finished.stderr, "Cannot listen on port 8000");
  },
);

for (const [how, code] of [["throw", 1], ["exit", 3]] as const) {
  Deno.test(`watchKeys() restores the terminal if the process ends by ${how}`, {
    ignore,
  }, async () => {
    const script = denoArguments("tests/cli/_keys.ts");
    const command = [Deno.execPath(), ...script, how];
    const seen = await onTerminal(command, [
      ["wait", "Press h"],
      ["mode"],
      ["send", "x"],
    ]);
    assertEquals(
      [seen.code, seen.restored, seen.modes],
      [code, true, [false]],
    );
  });
}

Deno.test(
  "the command runs on in the background of a shell, and its keys work in the foreground",
  {
    ignore,
  },
  async () => {
    const line = COMMAND.map((word) => `'${word}'`).join(" ");
    const { output, code } = await onTerminal(SHELL, [
      ["send", "before=$(stty -g)\n"],
      ["send", `${line} &\n`],
      ["wait", "Active: "],
      ["request"],
      ["send", "sleep 1; jobs\n"],
      ["wait", "\\[1\\]\\+ +Running"],
      ["send", "fg\n"],
      ["wait", "Press h"],
      ["send", "h"],
      ["wait", "q  quit"],
      ["send", "\x1a"],
      ["wait", "\\[1\\]\\+ +Stopped"],
      ["send", '[ "$before" = "$(stty -g)" ] && echo same $((1))\n'],
      ["wait", "same 1"],
      ["send", "bg\n"],
      ["request"],
      ["send", "sleep 1; jobs\n"],
      ["wait", "\\[1\\]\\+ +Running"],
      ["send", "fg\n"],
      // The echo of fg, and its output.
      ["wait", "fg\r\n[\\s\\S]*?mod\\.ts"],
      ["send", "h"],
      ["wait", "q  quit"],
      ["send", "q"],
      ["wait", "[#$] "],
      ["send", '[ "$before" = "$(stty -g)" ] && echo same $((2))\n'],
      ["wait", "same 2"],
      ["send", "exit 7\n"],
    ]);
    assertEquals(code, 7, output);
  },
);

Deno.test("the command watches no keys with --json", { ignore }, async () => {
  const { output, code, modes } = await onTerminal([...COMMAND, "--json"], [
    ["wait", '"listening".*\n'],
    ["send", "h"],
    ["request"],
    ["mode"],
    ["send", "\x03"],
  ]);
  assertEquals([code, modes], [0, [true]]);
  assert(!output.includes("Press h"), output);
});
