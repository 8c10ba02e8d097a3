// Clients of an HTTPS server that disconnect in each phase: before, during and after the handshake.

import { assert, assertEquals } from "@std/assert";
import net from "node:net";
import tls from "node:tls";
import {
  delay,
  digest,
  fault,
  get,
  PATIENCE,
  Peer,
  PROMPT,
  ServerProcess,
  Site,
  SMALL,
  until,
  within,
} from "./_rig.ts";

const folder = new URL("../data/tls/", import.meta.url).pathname;
const CERTIFICATE = `${folder}ssl_cert.pem`;
const KEY = `${folder}ssl_key.pem`;

/** The beginning of a ClientHello: a few bytes of a record of 512. */
const HELLO = "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03";

/** The number of clients that do the same. */
const CLIENTS = 20;

const caCerts = [Deno.readTextFileSync(CERTIFICATE)];

/** Asserts that an honest client receives the small file over TLS. */
async function assertServed(port: number, patience = PROMPT): Promise<void> {
  const exchange = async () => {
    const address = { hostname: "127.0.0.1", port };
    using conn = await Deno.connectTls({ ...address, caCerts });
    await conn.write(new TextEncoder().encode(get("/small.bin")));
    const bytes = await new Response(conn.readable).bytes();
    return bytes.slice(-SMALL.length);
  };
  const body = await within(exchange(), patience, "an honest client");
  assertEquals(await digest(body), await digest(SMALL));
}

/** Connects, finishes the handshake, sends a request, and resets without reading on. */
async function resetAfterHandshake(
  port: number,
  request: string,
): Promise<void> {
  const socket = net.connect({ port, host: "127.0.0.1" });
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const secure = tls.connect({ socket, ca: caCerts, servername: "localhost" });
  // The effect of the reset on its stream does not matter.
  secure.on("error", () => {});
  socket.on("error", () => {});
  const connected = new Promise((resolve) =>
    secure.once("secureConnect", resolve)
  );
  await within(connected, PATIENCE, "the handshake");
  secure.write(request);
  await delay(20);
  socket.resetAndDestroy();
  secure.destroy();
  await closed;
}

const PHASES: Readonly<Record<string, (port: number) => Promise<void>>> = {
  "a reset before the handshake": async (port) => {
    await using peer = await Peer.connect(port);
    await peer.reset();
  },
  "a reset in the handshake": async (port) => {
    await using peer = await Peer.connect(port);
    peer.send(HELLO);
    await delay(10);
    await peer.reset();
  },
  "a request without TLS": async (port) => {
    await using peer = await Peer.connect(port);
    peer.send(get("/small.bin"));
    await peer.end();
  },
  "a half-close in the handshake": async (port) => {
    await using peer = await Peer.connect(port);
    peer.send(HELLO);
    peer.endWrite();
    await peer.end();
  },
  "a reset in a request": (port) =>
    resetAfterHandshake(port, "GET /big.bin HTTP/1.1\r\nHos"),
  "a reset in a response": (port) => resetAfterHandshake(port, get("/big.bin")),
};

fault(
  "the command keeps serving HTTPS after clients that disconnect in each phase",
  async (t) => {
    using site = new Site();
    await using server = await ServerProcess.start({
      args: ["-d", site.path, "--tls-cert", CERTIFICATE, "--tls-key", KEY],
    });
    for (let n = 0; n < 3; n++) await assertServed(server.port, PATIENCE);
    await delay(500);
    const { descriptors } = server.usage();
    for (const [name, run] of Object.entries(PHASES)) {
      await t.step(`after ${name}`, async () => {
        await Promise.all(
          Array.from({ length: CLIENTS }, () => run(server.port)),
        );
        await assertServed(server.port);
        const clean = () => server.usage().descriptors <= descriptors;
        await until(clean, "nothing is left");
      });
    }
    assert(!/Uncaught|Exception/.test(server.log), server.log);
  },
);

fault("silent clients of an HTTPS server delay no other client", async () => {
  using site = new Site();
  await using server = await ServerProcess.start({
    args: ["-d", site.path, "--tls-cert", CERTIFICATE, "--tls-key", KEY],
  });
  await assertServed(server.port, PATIENCE);
  await using stack = new AsyncDisposableStack();
  // More than the limit on handshakes.
  for (let n = 0; n < 300; n++) {
    const peer = stack.use(await Peer.connect(server.port));
    if (n % 2 === 0) peer.send(HELLO);
  }
  for (let n = 0; n < 3; n++) await assertServed(server.port);
});
