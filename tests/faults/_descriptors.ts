// Takes every descriptor that a server has, and gives them back.

import { delay, Peer, type Rig, until } from "./_rig.ts";

/** The most descriptors of the server: some are the runtime's own, the rest goes to connections. */
export const DESCRIPTORS = 100;

/** Some more connections than it has descriptors for: those wait, and take each descriptor that becomes free. */
const CLIENTS = 85;

/** When the runtime has opened all that it opens by itself, in milliseconds after its start: it panics where it can't. */
const STARTED = 1_500;

/** Takes every descriptor that the server has left, by connections that send nothing. */
export async function exhaust(
  rig: Rig,
  stack: AsyncDisposableStack,
): Promise<void> {
  await delay(
    Math.max(0, rig.server.started + STARTED - performance.now()),
  );
  for (let n = 0; n < CLIENTS; n++) {
    stack.use(await Peer.connect(rig.port));
  }
  await exhausted(rig);
}

/**
 * Waits until the server has no descriptor left: clients wait, and it takes no more of
 * them in the time in which it tries twice. Inherited descriptors may come on top of the limit.
 */
export async function exhausted({ server }: Rig): Promise<void> {
  for (let [last, now] = [0, 1]; last !== now || now < DESCRIPTORS;) {
    last = server.usage().descriptors;
    await delay(250);
    now = server.usage().descriptors;
  }
}

/** Closes those connections and waits until the server has noticed. */
export async function release(
  rig: Rig,
  stack: AsyncDisposableStack,
): Promise<void> {
  await stack.disposeAsync();
  const used = () => rig.server.usage().descriptors;
  await until(() => used() < DESCRIPTORS / 2, "descriptors are free again");
}
