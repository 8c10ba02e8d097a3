// CGI scripts under faults: none outlives its client or its server, and one that can't
// be started only fails its own response.

import { assertEquals, assertMatch } from "@std/assert";
import { DESCRIPTORS, exhaust, release } from "./_descriptors.ts";
import { ask, fault, get, Peer, Rig, until } from "./_rig.ts";

const SLOW = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\nbegun\\n'
exec sleep 60
`;

const FAST = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\nhello\\n'
`;

const ENDLESS = `#!/bin/sh
printf 'Content-Type: text/plain\\r\\n\\r\\n'
exec cat /dev/zero
`;

const SCRIPTS = { slow: SLOW, fast: FAST, endless: ENDLESS };

async function startCgi(descriptors = 1_024): Promise<Rig> {
  const rig = await Rig.start({ args: ["--cgi"], descriptors });
  const folder = rig.site.in("cgi-bin");
  await Deno.mkdir(folder);
  for (const [name, text] of Object.entries(SCRIPTS)) {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    await Deno.chmod(`${folder}/${name}`, 0o755);
  }
  // The first script makes the runtime open the files that it keeps.
  await assertRuns(rig);
  await rig.warmUp();
  return rig;
}

/** Asserts that a script runs and its output is sent. */
async function assertRuns(rig: Rig): Promise<void> {
  const { status, body } = await ask(rig.port, get("/cgi-bin/fast"));
  assertEquals(status, 200);
  assertEquals(new TextDecoder().decode(body), "hello\n");
}

/** Starts a script and waits until it has sent something. */
async function begin(rig: Rig, name: string): Promise<Peer> {
  const peer = await Peer.connect(rig.port);
  peer.send(`GET /cgi-bin/${name} HTTP/1.1\r\nHost: a\r\n\r\n`);
  await until(() => rig.server.usage().children > 0, "the script runs");
  await peer.receive(1);
  return peer;
}

fault("a CGI script ends with its client, however that goes", async (t) => {
  await using rig = await startCgi();
  await t.step("after a reset", async () => {
    await using peer = await begin(rig, "slow");
    await peer.reset();
    await rig.assertUnharmed();
  });
  await t.step("after a close", async () => {
    await using peer = await begin(rig, "slow");
    await peer[Symbol.asyncDispose]();
    await rig.assertUnharmed();
  });
  await t.step("after a reset by a client that read nothing", async () => {
    await using peer = await begin(rig, "endless");
    peer.pause();
    await peer.reset();
    await rig.assertUnharmed();
  });
});

fault("a CGI script ends with its server at SIGTERM", async () => {
  await using rig = await startCgi();
  await using _peer = await begin(rig, "slow");
  const scripts = rig.server.children();
  assertEquals(scripts.length, 1);
  assertEquals(await rig.server.stop(), { code: 0, signal: null });
  await until(() => scripts.every((pid) => !runs(pid)), "the script ends");
});

fault(
  "a CGI script that can't be started for lack of descriptors gets 503",
  async () => {
    await using rig = await startCgi(DESCRIPTORS);
    await using client = await Peer.connect(rig.port);
    client.send(
      "GET /cgi-bin/fast HTTP/1.1\r\nHost: a\r\nConnection: close\r\n",
    );
    await using stack = new AsyncDisposableStack();
    await exhaust(rig, stack);
    client.send("\r\n");
    const response = await client.end();
    assertMatch(response, /^HTTP\/1\.1 503 /);
    assertMatch(response, /^retry-after: *\d+/im);
    await release(rig, stack);
    await rig.assertUnharmed();
    await assertRuns(rig);
  },
);

/** Whether a process runs; a zombie does not. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return false;
  }
}
