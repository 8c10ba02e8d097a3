// The delay that many connections cause for others: `deno task load` has the figures, and
// more clients.

import { assert } from "@std/assert";
import { MAX_SLOWDOWN, slowdown } from "../../tools/load.ts";
import { fault } from "./_rig.ts";

/** Below this, a median is noise, in milliseconds. */
const NOISE = 0.5;

for (const [kind, count] of [["slow", 100], ["idle", 300]] as const) {
  fault(
    `an honest client is as quick next to ${count} ${kind} ones`,
    async () => {
      const { alone, beside } = await slowdown(kind, count);
      const most = Math.max(alone * MAX_SLOWDOWN, NOISE);
      assert(beside <= most, `${beside} ms beside them, ${alone} ms alone`);
    },
  );
}
