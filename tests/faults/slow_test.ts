// Clients that are slow or silent: they delay nobody, and each deadline ends them.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { delay, digest, fault, get, Peer, Rig, until } from "./_rig.ts";

const CLASSES = "tests/faults/_classes.ts";

/** The handler's `timeout` in tests that wait for a deadline, in seconds. */
const TIMEOUT = 1;

/** How late a deadline may show, in milliseconds, including a machine's pauses. */
const LATE = 4_000;

const POST = "POST / HTTP/1.1\r\nHost: a\r\n";
const CHUNKED = `${POST}Transfer-Encoding: chunked\r\n\r\n`;
const TIMED_OUT = /^HTTP\/1\.1 408 /;

/** Sends text piece by piece until all is sent or the server closes the connection. */
async function dribble(
  peer: Peer,
  text: string,
  pause: number,
  size = 1,
): Promise<void> {
  for (let at = 0; at < text.length && !peer.ended; at += size) {
    peer.send(text.slice(at, at + size));
    await delay(pause);
  }
}

/** Sends text and waits until the server closes the connection, about one timeout later. */
async function sendAndWait(port: number, text: string): Promise<string> {
  await using peer = await Peer.connect(port);
  peer.send(text);
  return await assertEnds(peer);
}

/** Asserts that the server closes the connection about one timeout from now. */
async function assertEnds(peer: Peer): Promise<string> {
  const began = performance.now();
  const text = await peer.end(LATE);
  const took = performance.now() - began;
  assert(took > TIMEOUT * 900, `It took ${took} ms only`);
  return text;
}

fault(
  "slow and silent clients of the command delay no other client",
  async () => {
    await using rig = await Rig.start();
    await using stack = new AsyncDisposableStack();
    const stop = { ended: false };
    const running: Promise<void>[] = [];
    const each = [
      "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n".repeat(10),
      get("/small.bin", "X-Long: " + "x".repeat(500)),
    ];
    for (let n = 0; n < 60; n++) {
      const peer = stack.use(await Peer.connect(rig.port));
      if (n % 3 === 0) continue;
      if (n % 3 === 1) {
        peer.pause();
        peer.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
      } else running.push(endless(peer, each[n % 2]!, stop));
    }
    for (let n = 0; n < 10; n++) {
      await rig.assertHonestServed();
      await delay(30);
    }
    stop.ended = true;
    await Promise.all(running);
    await stack.disposeAsync();
    await rig.assertUnharmed();
  },
);

async function endless(
  peer: Peer,
  text: string,
  stop: { readonly ended: boolean },
): Promise<void> {
  for (let at = 0; at < text.length && !stop.ended && !peer.ended; at++) {
    peer.send(text[at]!);
    await delay(5);
  }
}

/** What a slow client does to a server with a short timeout, and the expected outcome. */
const DEADLINES: Readonly<Record<string, (port: number) => Promise<void>>> = {
  async "a request line has to arrive within one timeout, even byte by byte"(
    port,
  ) {
    assertMatch(await dribbled(port, "GET /" + "a".repeat(1_000)), TIMED_OUT);
  },

  async "headers have to arrive within one timeout, even byte by byte"(
    port,
  ) {
    const head = get("/small.bin", "X-Long: " + "x".repeat(1_000));
    assertMatch(await dribbled(port, head), TIMED_OUT);
  },

  async "each head has its own deadline"(port) {
    await using peer = await Peer.connect(port);
    const head = "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n";
    for (let n = 1; n <= 4; n++) {
      // Each takes over a third of the timeout, and all together more than one.
      await dribble(peer, head, 40, Math.ceil(head.length / 10));
      const responded = () => peer.text.split("HTTP/1.1 200 ").length === n + 1;
      await until(responded, `response ${n} comes`);
    }
    assertEquals(peer.ended, false);
  },

  async "a body may come slowly as long as it comes"(port) {
    const text = "slow and steady, over a second and a half";
    const head = `${POST}Content-Length: ${text.length}\r\n\r\n`;
    await assertTaken(port, head, text, text);
  },

  async "a chunked body may come slowly as long as it comes"(port) {
    const text = "slow and steady";
    const chunks = [...text].map((letter) => `1\r\n${letter}\r\n`).join("");
    await assertTaken(port, CHUNKED, `${chunks}0\r\n\r\n`, text);
  },

  async "a client that stops in the middle of a request gets 408"(port) {
    const requests = [
      "GET /small.bin HT",
      "GET /small.bin HTTP/1.1\r\nHost: a\r\nX-",
      `${POST}Content-Length: 100\r\n\r\nsome`,
      CHUNKED,
      `${CHUNKED}1`,
      `${CHUNKED}5\r\nab`,
      `${CHUNKED}2\r\nab\r\n0\r\nX: `,
    ];
    await Promise.all(requests.map(async (text) => {
      assertMatch(await sendAndWait(port, text), TIMED_OUT, text);
    }));
  },

  async "a client that sends nothing is closed without a response"(port) {
    assertEquals(await sendAndWait(port, ""), "");
  },

  async "an idle client is closed without a further response"(port) {
    const text = await sendAndWait(
      port,
      "GET /small.bin HTTP/1.1\r\nHost: a\r\n\r\n",
    );
    assertEquals(text.match(/HTTP\/1\.1 \d+/g), ["HTTP/1.1 200"]);
  },

  async "a body that nobody reads is drained for five seconds at most"(port) {
    await using peer = await Peer.connect(port);
    peer.send("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n");
    const began = performance.now();
    const sent = dribble(peer, "x".repeat(1_000), 100);
    assertMatch(await peer.end(), /^HTTP\/1\.1 204 /);
    const took = performance.now() - began;
    assert(took > 4_000 && took < 7_500, `It took ${took} ms`);
    await sent;
  },
};

fault(
  "every deadline of the classes ends only slow clients",
  async () => {
    await using rig = await Rig.start({
      script: CLASSES,
      args: [`${TIMEOUT}`],
    });
    // In parallel, since most of the time is spent waiting.
    const results = await Promise.allSettled(
      Object.values(DEADLINES).map((run) => run(rig.port)),
    );
    const failures = Object.keys(DEADLINES).flatMap((name, n) => {
      const result = results[n]!;
      return result.status === "rejected" ? [`${name}: ${result.reason}`] : [];
    });
    assertEquals(failures, []);
    await rig.assertUnharmed();
  },
);

fault(
  "a client that reads nothing times out, and its file is closed",
  async () => {
    await using rig = await Rig.start({
      script: CLASSES,
      args: [`${TIMEOUT}`],
    });
    await using peer = await Peer.connect(rig.port);
    peer.pause();
    peer.send("GET /big.bin HTTP/1.1\r\nHost: a\r\n\r\n");
    // It is still connected on its side.
    await delay(TIMEOUT * 1000);
    await rig.assertUnharmed();
  },
);

async function dribbled(port: number, text: string): Promise<string> {
  await using peer = await Peer.connect(port);
  const sent = dribble(peer, text, 30);
  const response = await assertEnds(peer);
  await sent;
  return response;
}

async function assertTaken(
  port: number,
  head: string,
  body: string,
  text: string,
): Promise<void> {
  await using peer = await Peer.connect(port);
  peer.send(head);
  await dribble(peer, body, 40);
  const expected = await digest(new TextEncoder().encode(text));
  await until(() => peer.text.includes(expected) || peer.ended, "it responds");
  assertMatch(peer.text, new RegExp(expected));
}
