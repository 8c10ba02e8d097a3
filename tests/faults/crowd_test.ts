// What many connections cost everybody else, and the machine: `deno task load` has the
// figures, and more clients.

import { assert } from "@std/assert";
import { MAX_SLOWDOWN, slowdown } from "../../tools/load.ts";
import { denoArguments } from "../_command.ts";
import { fault, Site } from "./_rig.ts";

/** Below this, in milliseconds, a median is the noise of the machine. */
const NOISE = 0.5;

for (const [kind, count] of [["slow", 100], ["idle", 300]] as const) {
  fault(
    `an honest client is as quick beside ${count} ${kind} ones`,
    async () => {
      const { alone, beside } = await slowdown(kind, count);
      const most = Math.max(alone * MAX_SLOWDOWN, NOISE);
      assert(beside <= most, `${beside} ms beside them, ${alone} ms alone`);
    },
  );
}

/** What an idle connection may keep alive, in bytes: about half of its share of the resident memory, which `deno task load` measures. */
const MAX_LIVE = 9_000;

for (const kind of ["idle", "uploaded"]) {
  fault(
    `a connection keeps at most ${MAX_LIVE} bytes alive once it was served (${kind})`,
    async () => {
      using site = new Site();
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          ...denoArguments("tests/faults/_heap.ts", [
            "-A",
            "--v8-flags=--expose-gc",
          ]),
          site.path,
          kind,
          "500",
        ],
        stderr: "inherit",
      }).output();
      const bytes = Number(new TextDecoder().decode(stdout).trim());
      assert(bytes > 0 && bytes <= MAX_LIVE, `It keeps ${bytes} bytes`);
    },
  );
}
