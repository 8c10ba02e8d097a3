// A log that can't be written: the server keeps serving, and reports it once.

import { assert, assertEquals } from "@std/assert";
import { delay, fault, Rig, until } from "./_rig.ts";

fault(
  "a full disk under --log-file only loses log lines, and standard error reports it",
  async () => {
    await using rig = await Rig.start({ args: ["--log-file", "/dev/full"] });
    for (let n = 0; n < 5; n++) {
      for (let m = 0; m < 20; m++) await rig.assertHonestServed();
      // Log lines are written in batches, and each batch fails separately.
      await delay(60);
    }
    await rig.assertUnharmed();
    await until(() => rig.server.log !== "", "standard error says so");
    const lines = rig.server.log.trimEnd().split("\n");
    assertEquals(lines.length, 1, rig.server.log);
    assert(/\/dev\/full|log/i.test(lines[0]!), lines[0]);
    assertEquals(await rig.server.stop(), { code: 0, signal: null });
  },
);
