// The options for programs that start the command.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { denoArguments } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

/** How long a process may take to end, in milliseconds. */
const PATIENCE = 10_000;

/** The line that says where the command listens. */
interface Listening {
  readonly event: string;
  readonly urls: readonly string[];
  readonly port: number;
  readonly pid: number;
}

/** The command, started by another program. */
class Program implements AsyncDisposable {
  readonly child: Deno.ChildProcess;
  readonly lines: ReadableStreamDefaultReader<string>;
  readonly stderr: Promise<string>;

  constructor(
    args: readonly string[],
    { before = [], stdin = "null" }: {
      before?: readonly string[];
      stdin?: "null" | "piped";
    } = {},
  ) {
    const [command = "", ...rest] = [
      ...before,
      Deno.execPath(),
      ...denoArguments("mod.ts"),
      ...["-b", "127.0.0.1", "--json"],
      ...args,
      "0",
    ];
    this.child = new Deno.Command(command, {
      args: rest,
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stderr = new Response(this.child.stderr).text();
    this.lines = this.child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream())
      .getReader() as ReadableStreamDefaultReader<string>;
  }

  /** The next line as JSON; `undefined` at the end. */
  async next(): Promise<unknown> {
    const { value } = await this.lines.read();
    return value === undefined ? undefined : JSON.parse(value);
  }

  async listening(): Promise<Listening> {
    return await this.next() as Listening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.child.kill("SIGKILL");
    } catch (error) {
      // It has ended.
      if (!(error instanceof TypeError)) throw error;
    }
    while (await this.next() !== undefined);
    await Promise.all([this.child.status, this.stderr]);
  }
}

Deno.test("--json prints the URLs, then an object for each request, and nothing else", async () => {
  await using files = await folder({ "a.txt": "hello" });
  await using program = new Program(["--cors", "-d", files.path]);
  const first = await program.listening();
  const { port } = first;
  assertEquals(first, {
    event: "listening",
    urls: [`http://127.0.0.1:${port}/`],
    port,
    pid: program.child.pid,
  });
  const rows = [
    { method: "GET", path: "/a.txt?q=\x1b[1m", status: 200 },
    { method: "GET", path: "/none", status: 404 },
    { method: "POST", path: "/a.txt", status: 405 },
  ];
  for (const { method, path, status } of rows) {
    const url = `http://127.0.0.1:${port}${path}`;
    const response = await fetch(url, { method });
    await response.body?.cancel();
    assertEquals(response.status, status);
    const record = await program.next() as Record<string, unknown>;
    assertEquals(
      [record.method, record.path, record.status],
      [method, new URL(url).pathname + new URL(url).search, status],
    );
    assertEquals(record.address, "127.0.0.1");
  }
  program.child.kill("SIGINT");
  assertEquals(await program.next(), undefined);
  assertEquals((await program.child.status).code, 0);
  assertEquals(await program.stderr, "");
});

Deno.test("--json prints only the URLs with --quiet", async () => {
  await using program = new Program(["-q"]);
  const { port } = await program.listening();
  await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
  program.child.kill("SIGTERM");
  assertEquals(await program.next(), undefined);
});

Deno.test("--json writes errors to standard error", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using program = new Program(["--", String(listener.addr.port)]);
  assertEquals(await program.next(), undefined);
  assertEquals((await program.child.status).code, 2);
  assertMatch(await program.stderr, /unrecognized arguments: 0\n$/);
});

Deno.test(
  "--exit-with-parent ends the command with 0 when its standard input closes",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using program = new Program(["--exit-with-parent"], {
      stdin: "piped",
    });
    const { port } = await program.listening();
    const input = program.child.stdin.getWriter();
    await input.write(new TextEncoder().encode("ignored"));
    await (await fetch(`http://127.0.0.1:${port}/`)).body?.cancel();
    assert(await program.next() !== undefined);
    await input.close();
    assertEquals((await program.child.status).code, 0);
  },
);

Deno.test(
  "--exit-with-parent ends the command when the process that started it was killed",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    const before = ["sh", "-c", '"$@" & wait', "sh"];
    await using program = new Program(["--exit-with-parent"], { before });
    const { pid } = await program.listening();
    assert(pid !== program.child.pid);
    program.child.kill("SIGKILL");
    const end = AbortSignal.timeout(PATIENCE);
    // Its output ends with it.
    const closed = await Promise.race([
      program.next(),
      new Promise((resolve) =>
        end.addEventListener("abort", () => resolve("late"))
      ),
    ]);
    if (closed === "late") Deno.kill(pid, "SIGKILL");
    assertEquals(closed, undefined);
  },
);

Deno.test("--exit-with-parent ignores a standard input that is not a pipe", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using program = new Program(["--exit-with-parent"]);
  const { port } = await program.listening();
  // More than one look at the parent.
  await new Promise((resolve) => setTimeout(resolve, 700));
  const response = await fetch(`http://127.0.0.1:${port}/`);
  await response.body?.cancel();
  assertEquals(response.status, 200);
  program.child.kill("SIGTERM");
  assertEquals((await program.child.status).code, 0);
});
