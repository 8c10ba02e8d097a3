// `serveParallel()`: several workers on one port.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { logTo } from "../../connection/log.ts";
import {
  type ParallelOptions,
  type ParallelServer,
  serveParallel,
} from "../../server/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { type Data, PIECES } from "./_parallel_handler.ts";
import { CA, FILES } from "./_tls.ts";

const MODULE = import.meta.resolve("./_parallel_handler.ts");

/** How long a test waits for a replacement, in milliseconds. */
const PATIENCE = 10_000;

/** What `/slow` sends. */
const ALL = ".".repeat(PIECES);

const data: Data = { greeting: "hello" };

/** Collects the log until it is disposed of. */
function collectLog(): Disposable & { readonly text: string } {
  let text = "";
  logTo({
    writeSync(bytes) {
      text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  });
  return {
    get text() {
      return text;
    },
    [Symbol.dispose]: () => logTo(Deno.stderr),
  };
}

function start(options: ParallelOptions = {}): Promise<ParallelServer> {
  return serveParallel(["127.0.0.1", 0], MODULE, {
    workers: 2,
    data,
    ...options,
  });
}

/** Requests a path on a new connection, and returns the worker's ID. */
async function ask(
  { url }: ParallelServer,
  path = "",
  client?: Deno.HttpClient,
): Promise<string> {
  const response = await fetch(url + path, {
    headers: { connection: "close" },
    ...(client && { client }),
  });
  const [greeting, id] = (await response.text()).split(" ");
  assertEquals([response.status, greeting], [200, "hello"]);
  return id!;
}

/** Requests until workers have responded that are not among the known ones. Each must succeed. */
async function askNew(
  server: ParallelServer,
  known: ReadonlySet<string>,
): Promise<Set<string>> {
  const end = performance.now() + PATIENCE;
  const found = new Set<string>();
  while (performance.now() < end) {
    found.add(await ask(server));
    if (found.difference(known).size > 0) return found;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("No other worker has responded");
}

/** The IDs of all workers. */
async function askAll(server: ParallelServer): Promise<Set<string>> {
  const ids = new Set<string>();
  const end = performance.now() + PATIENCE;
  while (ids.size < server.workers && performance.now() < end) {
    for (const id of await Promise.all([ask(server), ask(server)])) ids.add(id);
  }
  assertEquals(ids.size, server.workers);
  return ids;
}

function listensOn({ addr: [hostname, port] }: ParallelServer): boolean {
  try {
    Deno.listen({ hostname, port }).close();
    return false;
  } catch (error) {
    assertInstanceOf(error, Deno.errors.AddrInUse);
    return true;
  }
}

boundedTest(
  "serveParallel() shares a free port and one log of whole lines among its workers",
  async () => {
    using log = collectLog();
    const server = await start();
    assertEquals(server.workers, 2);
    assertEquals(server.url, `http://127.0.0.1:${server.addr[1]}/`);
    const ids = new Set<string>();
    const asking = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; n < 50; n++) ids.add(await ask(server, `${client}/${n}`));
    });
    await Promise.all(asking);
    assertEquals(ids.size, 2);
    await server.shutdown();
    await server.finished;
    const lines = log.text.split("\n");
    assertEquals(lines.pop(), "");
    assertEquals(lines.length, 400);
    for (const line of lines) {
      assertMatch(
        line,
        /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/\d\/\d+ HTTP\/1\.1" 200 -$/,
      );
    }
    assertEquals(new Set(lines.map((line) => line.split('"')[1])).size, 400);
    assertEquals(listensOn(server), false);
  },
);

boundedTest(
  "serveParallel() replaces a worker with an uncaught error, which finishes its other responses",
  async () => {
    using log = collectLog();
    await using server = await start();
    const known = await askAll(server);
    // Some of them are the dying worker's.
    const slow = await Promise.all(
      Array.from({ length: 4 }, () => fetch(`${server.url}slow`)),
    );
    const dead = await ask(server, "throw");
    assert(known.has(dead));
    await askNew(server, known);
    assert(!(await askAll(server)).has(dead));
    const bodies = await Promise.all(slow.map((response) => response.text()));
    assertEquals(bodies, slow.map(() => ALL));
    assertMatch(
      log.text,
      /^Worker [12] died; starting another in 0\.[12] s: Error: thrown by a timer\n {4}at .*_parallel_handler\.ts/m,
    );
  },
);

boundedTest(
  "serveParallel() replaces a worker that exits or closes itself, and no later request fails",
  async () => {
    using log = collectLog();
    await using server = await start();
    for (const end of ["exit", "close"]) {
      const known = await askAll(server);
      await assertRejects(() => ask(server, end), TypeError);
      await askNew(server, known);
      assertEquals(known.difference(await askAll(server)).size, 1, end);
    }
    assertEquals(
      log.text.match(
        /^Worker .* its code called Deno\.exit\(\) or close\(\)$/mg,
      )
        ?.length,
      2,
      log.text,
    );
  },
);

boundedTest(
  "serveParallel() replaces a blocked worker, which still responds once it is free",
  async () => {
    using log = collectLog();
    await using server = await start({ hangTimeout: 0.5 });
    const known = await askAll(server);
    const blocked = ask(server, "block");
    await askNew(server, known);
    assertMatch(
      log.text,
      /^Worker [12] died; .*: it was blocked for 0\.5 seconds$/m,
    );
    const id = await blocked;
    assert(known.has(id));
    assert(!(await askAll(server)).has(id));
  },
);

boundedTest(
  "serveParallel() rejects `finished` if a worker dies at once again and again",
  async () => {
    using log = collectLog();
    const module = `data:text/javascript,${
      encodeURIComponent(`
      export default class { handle() {} }
      setTimeout(() => { throw new Error("no use"); }, 50);
    `)
    }`;
    const server = await serveParallel(["127.0.0.1", 0], module, {
      workers: 1,
    });
    const error = await assertRejects(() => server.finished);
    assertInstanceOf(error, Error);
    assertEquals(
      error.message,
      "Cannot keep worker 1 running: it died again and again: no use",
    );
    assertEquals(log.text.match(/starting another/g)?.length, 5);
    assertEquals(listensOn(server), false);
  },
);

boundedTest(
  "shutdown() of serveParallel() lets responses finish, and refuses new connections",
  async () => {
    using _log = collectLog();
    const stop = new AbortController();
    const server = await start({ signal: stop.signal });
    const slow = await Promise.all(
      Array.from({ length: 4 }, () => fetch(`${server.url}slow`)),
    );
    stop.abort();
    const stopped = server.shutdown();
    const bodies = await Promise.all(slow.map((response) => response.text()));
    assertEquals(bodies, slow.map(() => ALL));
    await stopped;
    await server.finished;
    await assertRejects(() => ask(server), TypeError);
  },
);

boundedTest(
  "shutdown() of serveParallel() cuts responses after the grace period",
  async () => {
    using _log = collectLog();
    const server = await start({ gracePeriod: 0.1 });
    const slow = await fetch(`${server.url}slow`);
    await server.shutdown();
    await assertRejects(() => slow.text());
  },
);

boundedTest(
  "serveParallel() divides connections and memory among its workers",
  async () => {
    using _log = collectLog();
    await using server = await start({ maxConnections: 99 });
    const response = await fetch(`${server.url}shares`);
    assertEquals(await response.text(), `50 ${64 * 1024 * 1024}`);
  },
);

boundedTest("serveParallel() terminates TLS in each worker", async () => {
  using _log = collectLog();
  await using server = await start(FILES);
  assertMatch(server.url, /^https:/);
  using client = Deno.createHttpClient({ caCerts: [...CA] });
  const ids = new Set<string>();
  for (let n = 0; n < 40 && ids.size < 2; n++) {
    ids.add(await ask(server, "", client));
  }
  assertEquals(ids.size, 2);
});

boundedTest(
  "serveParallel() rejects with the error of a worker that can't start",
  async () => {
    const serving = (module: string | URL, options: ParallelOptions = {}) =>
      serveParallel(["127.0.0.1", 0], module, { workers: 2, ...options });
    const throwing = "data:text/javascript,throw new RangeError('no handler')";
    await assertRejects(() => serving(throwing), RangeError, "no handler");
    await assertRejects(
      () => serving("data:text/javascript,export default 1"),
      TypeError,
      "its default export must be a handler class, or a function that returns one",
    );
    await assertRejects(
      () => serving(MODULE, { data, certfile: "missing.pem" }),
      Deno.errors.NotFound,
      "missing.pem",
    );
    await assertRejects(() => serving(MODULE, { data: () => {} }));
  },
);

boundedTest(
  "serveParallel() refuses invalid arguments, and leaves the address free",
  async () => {
    const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = free.addr;
    free.close();
    const at = (options: ParallelOptions, module = MODULE) =>
      serveParallel(["127.0.0.1", port], module, options);
    await assertRejects(() => at({ workers: 0 }), RangeError, '"workers"');
    await assertRejects(() => at({ hangTimeout: 0 }), RangeError);
    await assertRejects(
      () => at({}, "./handler.ts"),
      TypeError,
      'write import.meta.resolve("./handler.ts")',
    );
    await assertRejects(
      () => at({ signal: AbortSignal.abort() }),
      DOMException,
      "aborted",
    );
    await assertRejects(
      // @ts-expect-error: the address must be a host and a port.
      () => serveParallel("/tmp/socket", MODULE),
      TypeError,
      "Unix socket",
    );
    using _log = collectLog();
    await using server = await at({ workers: 1, data });
    await assertRejects(() => at({}), Deno.errors.AddrInUse);
    assertEquals(await ask(server) !== "", true);
  },
);
