// What many connections cost everybody else, and the machine: `deno task load` has the
// figures, and more clients.

import { assert } from "@std/assert";
import {
  idleMemory,
  MAX_IDLE_MEMORY,
  MAX_SLOWDOWN,
  slowdown,
} from "../../tools/load.ts";
import { fault } from "./_rig.ts";

/** Below this, in milliseconds, a median is the noise of the machine. */
const NOISE = 0.5;

for (const [kind, count] of [["slow", 200], ["idle", 500]] as const) {
  fault(
    `an honest client is as quick beside ${count} ${kind} ones`,
    async () => {
      const { alone, beside } = await slowdown(kind, count);
      const most = Math.max(alone * MAX_SLOWDOWN, NOISE);
      assert(beside <= most, `${beside} ms beside them, ${alone} ms alone`);
    },
  );
}

const IDLE = [
  ["idle", 2_000, "a connection that was served"],
  ["uploaded", 2_000, "a connection that took an upload"],
] as const;

for (const [kind, count, name] of IDLE) {
  fault(`${name} costs at most 16 KiB of memory while it is idle`, async () => {
    const bytes = await idleMemory(kind, count);
    assert(bytes <= MAX_IDLE_MEMORY, `It costs ${bytes} bytes`);
  });
}
