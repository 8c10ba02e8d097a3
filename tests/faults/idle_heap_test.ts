// The memory that many idle connections use: `deno task load` has the figures, and more
// clients.

import { assert } from "@std/assert";
import { denoArguments } from "../_command.ts";
import { fault, Site } from "./_rig.ts";

/** The most memory that an idle connection may keep alive, in bytes: about half of its share of the resident memory, which `deno task load` measures. */
const MAX_LIVE = 9_000;

for (const kind of ["idle", "uploaded"]) {
  fault(
    `a connection keeps at most ${MAX_LIVE} bytes alive after it was served (${kind})`,
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
