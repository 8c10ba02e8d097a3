// Misbehaving clients of a soak test. No outcome is right for them; the test is that other
// clients don't notice.

import { BIG_SIZE, delay, Peer } from "../../tests/faults/_rig.ts";
import type { Chance } from "./chance.ts";
import { head } from "./requests.ts";

/** A kind of misbehavior. */
export interface Fault {
  readonly name: string;
  run(port: number, chance: Chance): Promise<void>;
}

const WHOLE = head("GET", "/big.bin");
const PUT = head(
  "PUT",
  "/uploaded/cut.bin",
  "Content-Length: 1000000",
);
const POST = head("POST", "/", "Content-Length: 1000000");

/** Resets in the middle of a request. */
async function resetMidRequest(port: number, chance: Chance): Promise<void> {
  await using peer = await Peer.connect(port);
  const text = chance.of([
    WHOLE,
    POST + "x".repeat(5_000),
    PUT + "x".repeat(200_000),
  ]);
  peer.send(text.slice(0, chance.below(text.length)));
  if (chance.oneIn(2)) await delay(chance.below(20));
  await peer.reset();
}

/** Resets in the middle of a response. */
async function resetMidResponse(port: number, chance: Chance): Promise<void> {
  await using peer = await Peer.connect(port);
  peer.send(WHOLE);
  await peer.receive(1 + chance.below(BIG_SIZE / 4));
  await peer.reset();
}

/** Reads nothing for a while, then disconnects. */
async function stall(port: number, chance: Chance): Promise<void> {
  await using peer = await Peer.connect(port);
  peer.pause();
  peer.send(chance.of([WHOLE, WHOLE.slice(0, 30), POST, PUT + "x", ""]));
  await delay(500 + chance.below(3_000));
}

/** Sends a head byte by byte, possibly incompletely. */
async function dribble(port: number, chance: Chance): Promise<void> {
  await using peer = await Peer.connect(port);
  const text = head("GET", "/small.bin");
  const end = chance.below(text.length + 1);
  for (let at = 0; at < end && !peer.ended; at++) {
    peer.send(text[at]!);
    await delay(5);
  }
}

/** Ends its side in the middle of a request. */
async function halfClose(port: number, chance: Chance): Promise<void> {
  await using peer = await Peer.connect(port);
  const text = chance.of([POST, PUT]) + "x".repeat(1_000);
  peer.send(text.slice(0, chance.below(text.length)));
  peer.endWrite();
  await peer.end(30_000);
}

/** Sends garbage instead of HTTP. */
async function garbage(port: number, chance: Chance): Promise<void> {
  await using peer = await Peer.connect(port);
  const bytes = Uint8Array.from(
    { length: 1 + chance.below(3_000) },
    () => chance.below(256),
  );
  peer.send(bytes);
  peer.endWrite();
  await peer.end(30_000);
}

/** All kinds. */
export const FAULTS: readonly Fault[] = [
  { name: "(reset in a request)", run: resetMidRequest },
  { name: "(reset in a response)", run: resetMidResponse },
  { name: "(stall)", run: stall },
  { name: "(dribble)", run: dribble },
  { name: "(half-close)", run: halfClose },
  { name: "(garbage)", run: garbage },
];
