// Uses up all file descriptors of a server, and frees them.

import { delay, Peer, type Rig, until } from "./_rig.ts";

/** The most descriptors of the server: the runtime needs some, the rest is for connections. */
export const DESCRIPTORS = 100;

/** Some more connections than there are descriptors: these wait, and use each descriptor that becomes free. */
const CLIENTS = 85;

/** When the runtime has opened its own files, in milliseconds after its start: it panics if it can't. */
const STARTED = 1_500;

/** Uses up the remaining descriptors of the server with connections that send nothing. */
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
 * Waits until the server has no descriptor left: clients are waiting, and it accepts none of
 * them in the time of two attempts. The limit may not count inherited descriptors.
 */
export async function exhausted({ server }: Rig): Promise<void> {
  for (let [last, now] = [0, 1]; last !== now || now < DESCRIPTORS;) {
    last = server.usage().descriptors;
    await delay(250);
    now = server.usage().descriptors;
  }
}

/** Closes those connections, and waits until the server has noticed. */
export async function release(
  rig: Rig,
  stack: AsyncDisposableStack,
): Promise<void> {
  await stack.disposeAsync();
  const used = () => rig.server.usage().descriptors;
  await until(() => used() < DESCRIPTORS / 2, "descriptors are free again");
}
