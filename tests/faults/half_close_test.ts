// Clients that close their own side and still read: complete requests get responses, others don't.

import { assertEquals, assertMatch } from "@std/assert";
import { BIG_SIZE, fault, get, Peer, Rig } from "./_rig.ts";

const SMALL = "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\n";

/** Sends text, closes the sending side, and returns the received status codes. */
async function statuses(port: number, text: string): Promise<string[]> {
  await using peer = await Peer.connect(port);
  peer.send(text);
  peer.endWrite();
  const response = await peer.end();
  return [...response.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, code]) => code!);
}

fault(
  "the command responds only to requests that were complete when the client closed its side",
  async (t) => {
    await using rig = await Rig.start();
    const cases: readonly (readonly [name: string, text: string, string[]])[] =
      [
        ["nothing", "", []],
        ["half a request line", "GET /small.bin HT", []],
        ["a request", SMALL, ["200"]],
        ["a request that closes", get("/small.bin"), ["200"]],
        ["three pipelined requests", SMALL.repeat(3), ["200", "200", "200"]],
        ["a request and a half", SMALL + "GET /sm", ["200"]],
      ];
    for (const [name, text, expected] of cases) {
      await t.step(`after ${name}`, async () => {
        assertEquals(await statuses(rig.port, text), expected);
        await rig.assertUnharmed();
      });
    }
  },
);

fault(
  "a head cut off by its client is not handled as a request",
  async (t) => {
    await using rig = await Rig.start();
    const heads = [
      "GET /small.bin HTTP/1.1\r\n",
      "GET /small.bin HTTP/1.1\r\nHost: a\r\n",
      "GET /small.bin HTTP/1.1\r\nHost: a\r\nRange: bytes=0-1",
      "GET /small.bin HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWRhOmh1bn",
    ];
    for (const text of heads) {
      await t.step(JSON.stringify(text), async () => {
        const [status = "400"] = await statuses(rig.port, text);
        assertEquals(status, "400");
        await rig.assertUnharmed();
      });
    }
  },
);

fault("a client that has ended its side gets a big file whole", async () => {
  await using rig = await Rig.start();
  await using peer = await Peer.connect(rig.port);
  peer.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
  peer.endWrite();
  await peer.end();
  const head = peer.text.indexOf("\r\n\r\n") + 4;
  assertEquals(peer.received - head, BIG_SIZE);
  await rig.assertUnharmed();
});

fault(
  "a body cut off by its client gets 400, and no handler sees it as complete",
  async (t) => {
    await using rig = await Rig.start({ script: "tests/faults/_classes.ts" });
    const chunked = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
    const bodies = [
      `${POST}Content-Length: 5\r\n\r\n`,
      `${POST}Content-Length: 5\r\n\r\nabcd`,
      chunked,
      `${chunked}5`,
      `${chunked}5\r\nabc`,
      `${chunked}5\r\nabcde`,
      `${chunked}5\r\nabcde\r\n`,
      `${chunked}5\r\nabcde\r\n0\r\n`,
      `${chunked}5\r\nabcde\r\n0\r\nX: y\r\n`,
    ];
    for (const text of bodies) {
      await t.step(JSON.stringify(text.slice(POST.length)), async () => {
        await using peer = await Peer.connect(rig.port);
        peer.send(text);
        peer.endWrite();
        assertMatch(await peer.end(), /^HTTP\/1\.1 400 /);
        await rig.assertUnharmed();
      });
    }
  },
);
