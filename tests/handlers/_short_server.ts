// Serves a folder while the process has no free file descriptor, then again with free ones. Prints
// the responses. Run by unavailable_files_test.ts with a low limit on open files.

// deno-lint-ignore-file no-console

import { partial, SimpleHTTPRequestHandler } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";
import { isCompilerPrepared } from "../../server/stacks.ts";

/** For this long after its start, in milliseconds, the runtime opens files and panics if it can't. */
const STARTED_AFTER = 1_000;

const [directory = "."] = Deno.args;

class Handler extends SimpleHTTPRequestHandler {
  override protocol_version = "HTTP/1.1";
  override closesAfterError(): boolean {
    return false;
  }
}

await using server = new ThreadingHTTPServer(
  ["127.0.0.1", 0],
  partial(Handler, { directory }),
);
const serving = server.serve_forever();
const conn = await Deno.connect({
  hostname: "127.0.0.1",
  port: server.server_port,
});

/** Sends a request on the connection. Returns the status and the value of `Retry-After`. */
async function ask(target: string): Promise<[number, string | null]> {
  await conn.write(
    new TextEncoder().encode(`HEAD ${target} HTTP/1.1\r\nHost: a\r\n\r\n`),
  );
  const buffer = new Uint8Array(4_096);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error(`The server closed after ${head}`);
    head += new TextDecoder().decode(buffer.subarray(0, count));
  }
  return [
    Number(head.split(" ")[1]),
    /^Retry-After: (.*)\r$/mi.exec(head)?.[1] ?? null,
  ];
}

// Not "/a": the file is cached once it is some seconds old, and then needs no descriptor.
await ask("/log");
// Wait until the runtime has opened its own files and the server can create errors safely.
while (!isCompilerPrepared() || performance.now() < STARTED_AFTER) {
  await new Promise((resolve) => setTimeout(resolve, 20));
}
const taken: Deno.FsFile[] = [];
try {
  for (;;) taken.push(Deno.openSync("/dev/null"));
} catch (error) {
  if (!(error instanceof Error && "code" in error && error.code === "EMFILE")) {
    throw error;
  }
}
const duringShortage: unknown[] = [];
for (let n = 0; n < 20; n++) duringShortage.push(await ask(n % 2 ? "/" : "/a"));
for (const file of taken) file.close();
const after = await ask("/a");
console.log(JSON.stringify({ duringShortage, after }));
conn.close();
await server.server_close();
await serving;
