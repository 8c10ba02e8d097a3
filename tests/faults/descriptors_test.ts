// A process that runs out of file descriptors logs it, loses nothing, and recovers.

import { assert, assertEquals } from "@std/assert";
import {
  ask,
  delay,
  fault,
  get,
  Peer,
  Rig,
  ServerProcess,
  SMALL,
  until,
} from "./_rig.ts";
import type { StartOptions } from "./_rig.ts";
import { DESCRIPTORS, exhaust, exhausted, release } from "./_descriptors.ts";

const tls = new URL("../data/tls/", import.meta.url).pathname;

/** The arguments for HTTPS. */
const SECURE = [
  ...["--tls-cert", `${tls}ssl_cert.pem`],
  ...["--tls-key", `${tls}ssl_key.pem`],
];

/** A request that keeps its connection open. */
function kept(path: string, method = "GET"): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

/** The log lines about descriptors. */
function descriptorLines(log: string): string[] {
  return log.split("\n").filter((line) => /descriptor|open files/i.test(line));
}

/** Sends a request on an open connection and waits for the head of the response. */
async function headOf(peer: Peer, request: string): Promise<string> {
  const before = peer.text.length;
  peer.send(request);
  const end = () => peer.text.indexOf("\r\n\r\n", before);
  await until(() => end() >= 0 || peer.ended, `a head comes for ${request}`);
  return peer.text.slice(before, end());
}

/** The responses on existing connections, one each, while no descriptor is free. */
async function heads(
  options: StartOptions,
  requests: readonly string[],
): Promise<{ heads: string[]; log: string }> {
  await using rig = await Rig.start({ ...options, descriptors: DESCRIPTORS });
  await using stack = new AsyncDisposableStack();
  const peers: Peer[] = [];
  for (const _ of requests) {
    const peer = stack.use(await Peer.connect(rig.port));
    await headOf(peer, kept("/small.bin"));
    await peer.receive(SMALL.length);
    peers.push(peer);
  }
  await exhaust(rig, stack);
  const heads: string[] = [];
  for (const [n, request] of requests.entries()) {
    await exhausted(rig);
    const peer = peers[n]!;
    const head = await headOf(peer, request);
    heads.push(head);
    // Its descriptor goes to one of the waiting clients.
    if (/^connection: close/im.test(head)) await peer.end();
  }
  await release(rig, stack);
  await rig.assertUnharmed();
  // Files can be opened again.
  for (const path of ["/", "/big.bin"]) {
    assertEquals((await ask(rig.port, get(path))).status, 200, path);
  }
  const { log } = rig.server;
  assertEquals(await rig.server.stop(), { code: 0, signal: null });
  return { heads, log };
}

function assertUnavailable(head: string): void {
  assert(/^HTTP\/1\.[01] 503 /.test(head), head);
  assert(/^retry-after: *\d+$/im.test(head), head);
  assert(!/^(?:etag|last-modified|expires):/im.test(head), head);
}

fault("the command accepts again as soon as descriptors are free", async () => {
  await using rig = await Rig.start({ descriptors: DESCRIPTORS });
  await using stack = new AsyncDisposableStack();
  await exhaust(rig, stack);
  await release(rig, stack);
  await rig.assertUnharmed();
});

for (const args of [[], SECURE]) {
  const scheme = args.length > 0 ? "HTTPS" : "HTTP";
  fault(
    `the command with ${scheme} survives running out of descriptors right after its start`,
    async () => {
      await using server = await ServerProcess.start({
        args,
        descriptors: DESCRIPTORS,
      });
      await using stack = new AsyncDisposableStack();
      for (let n = 0; n < DESCRIPTORS; n++) {
        stack.use(await Peer.connect(server.port));
      }
      await until(
        () => descriptorLines(server.log).length > 0,
        "the log reports it",
      );
      // The runtime opens its own files half a second after the start.
      await delay(1_000);
      assertEquals(server.end, undefined, server.log);
      await stack.disposeAsync();
      assertEquals(await server.stop(), { code: 0, signal: null });
    },
  );
}

fault(
  "the log reports that connections can't be accepted, at most once a second",
  async () => {
    await using rig = await Rig.start({ descriptors: DESCRIPTORS });
    await using stack = new AsyncDisposableStack();
    const began = performance.now();
    await exhaust(rig, stack);
    const lines = () => descriptorLines(rig.server.log).length;
    await until(() => lines() > 0, "the log tells it");
    await release(rig, stack);
    await rig.assertUnharmed();
    const seconds = (performance.now() - began) / 1000;
    assert(lines() <= seconds + 1, rig.server.log);
  },
);

fault(
  "the command responds with 503 if it has no descriptor to open a file",
  async () => {
    const requests = ["/big.bin", "/"].map((path) => kept(path));
    const { heads: found, log } = await heads({}, requests);
    for (const head of found) assertUnavailable(head);
    assert(descriptorLines(log).length > 0, log);
  },
);

fault(
  "SimpleHTTPRequestHandler responds with 503 if it has no descriptor to open a file",
  async () => {
    const requests = ["/big.bin", "/"].map((path) => kept(path));
    const script = "tests/faults/_classes.ts";
    const { heads: found } = await heads({ script }, requests);
    for (const head of found) assertUnavailable(head);
  },
);

fault(
  "a handler that throws while no descriptor is free only fails its own response",
  async () => {
    const script = "tests/faults/_classes.ts";
    const { heads: found, log } = await heads({ script }, [
      kept("/", "DELETE"),
    ]);
    assert(/^HTTP\/1\.1 500 /.test(found[0]!), found[0]);
    assert(log.includes("a handler that fails"), log);
  },
);

fault("a missing file stays 404 while no descriptor is free", async () => {
  const { heads: found } = await heads({}, [kept("/missing")]);
  assert(/^HTTP\/1\.1 404 /.test(found[0]!), found[0]);
});
