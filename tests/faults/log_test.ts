// A log that can't be written: the server serves on, and says so once.

import { assert, assertEquals } from "@std/assert";
import { delay, fault, Rig, until } from "./_rig.ts";

fault(
  "a full disk under --log-file costs log lines only, and standard error says so",
  async () => {
    await using rig = await Rig.start({ args: ["--log-file", "/dev/full"] });
    for (let n = 0; n < 5; n++) {
      for (let m = 0; m < 20; m++) await rig.assertHonestServed();
      // Log lines are written in batches: each has a failure of its own.
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
