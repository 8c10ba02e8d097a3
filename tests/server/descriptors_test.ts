// A server that runs out of file descriptors keeps running, logs it, and recovers.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { denoArguments } from "../_command.ts";
import { Client, delay, test } from "./_harness.ts";

/** Enough to start and to serve some connections. */
const LIMIT = 100;

/** A server in a process with few file descriptors. */
async function start(...args: string[]): Promise<
  AsyncDisposable & { connect(): Promise<Client>; stop(): Promise<string> }
> {
  const file = new URL("_descriptors.ts", import.meta.url).pathname;
  const root = new URL("../data/", import.meta.url).pathname;
  const child = new Deno.Command("sh", {
    args: [
      "-c",
      `ulimit -n ${LIMIT} && exec "$0" "$@"`,
      Deno.execPath(),
      ...denoArguments(file),
      ...args,
    ],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())[Symbol.asyncIterator]() as AsyncIterator<
      string
    >;
  const { value } = await lines.next();
  const port = Number(/port ([0-9]+)/.exec(value ?? "")?.[1]);
  let ended: Promise<string> | undefined;
  const stop = () =>
    ended ??= (async () => {
      // It fails if the process has already ended.
      child.kill("SIGKILL");
      while (!(await lines.next()).done);
      await child.status;
      return await stderr;
    })();
  return {
    connect: async () =>
      new Client(await Deno.connect({ hostname: "127.0.0.1", port })),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

async function get(client: Client, path: string): Promise<[number, string]> {
  await client.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
  const { status, body } = await client.answer();
  return [status, body];
}

for (const args of [[], ["--worker"]]) {
  const where = args.length === 0 ? "" : " in a worker";
  test(
    `a server${where} that is out of descriptors survives a handler that throws, a file and a new client`,
    async () => {
      await using server = await start(...args);
      using taker = await server.connect();
      using thrower = await server.connect();
      using reader = await server.connect();
      for (const client of [taker, thrower, reader]) {
        assertEquals(await get(client, "/hello"), [200, "hello"]);
      }
      // Errors are made safe shortly after the start.
      for (let tries = 0; tries < 100; tries++) {
        if ((await get(taker, "/prepared"))[1] === "true") break;
        await delay(20);
      }
      assertEquals(await get(taker, "/take"), [200, "taken"]);

      using late = await server.connect();
      const response = get(late, "/hello");
      response.catch(() => {/* an earlier assertion failed */});
      assertEquals((await get(reader, "/tls/ssl_cert.pem"))[0], 503);
      // This client closes its connection, which frees a descriptor.
      assertEquals((await get(thrower, "/throw"))[0], 500);
      // It is accepted once a descriptor is free.
      assertEquals(await response, [200, "hello"]);
      let status = 0;
      for (let tries = 0; status !== 200 && tries < 200; tries++) {
        await delay(20);
        using next = await server.connect();
        [status] = await get(next, "/tls/ssl_cert.pem");
      }
      assertEquals(status, 200);

      const log = await server.stop();
      assertMatch(log, /TypeError: thrown on purpose/);
      const lines = log.match(/^Cannot accept connections: Too many open.*$/gm);
      // At most one line per second.
      assert(lines !== null && lines.length <= 3, log);
    },
    Deno.build.os === "windows",
  );
}
