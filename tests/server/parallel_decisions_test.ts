// The decisions of `serveParallel()`: how many workers, when one is replaced, and what they
// tell the server.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  cacheBudget,
  divideCaches,
  setCacheSize,
} from "../../cache/shared_budget.ts";
import {
  intervalsFor,
  MAX_MISSED,
  nextPulse,
  type Pulse,
  replacementAfter,
  shareOf,
  workerCount,
} from "../../server/parallel/decisions.ts";
import { LogChannel } from "../../server/parallel/log_channel.ts";
import { plainError, restoredError } from "../../server/parallel/protocol.ts";
import { pureTest } from "../_lib/pure.ts";

const MIB = 1_048_576;

pureTest(
  "workerCount() takes an integer from 1 to 256, or the number of cores",
  () => {
    assertEquals(workerCount(1, 8), 1);
    assertEquals(workerCount(256, 8), 256);
    assertEquals(workerCount("auto", 8), 8);
    assertEquals(workerCount("auto", 0), 1);
    assertEquals(workerCount("auto", 1_000), 256);
    for (const count of [0, -1, 1.5, 257, NaN, Infinity]) {
      assertThrows(() => workerCount(count, 8), RangeError, `not ${count}`);
    }
  },
);

pureTest(
  "shareOf() divides a limit, and leaves at least one for each worker",
  () => {
    assertEquals(shareOf(4_096, 4), 1_024);
    assertEquals(shareOf(10, 4), 3);
    assertEquals(shareOf(1, 4), 1);
    assertEquals(shareOf(Infinity, 4), Infinity);
  },
);

pureTest(
  "replacementAfter() waits twice as long after each death at once, then gives up",
  () => {
    const delays: number[] = [];
    let deaths = 0;
    for (;;) {
      const next = replacementAfter(deaths, 999);
      if (next === undefined) break;
      delays.push(next.delay);
      deaths = next.deaths;
    }
    assertEquals(delays, [100, 200, 400, 800, 1_600]);
  },
);

pureTest(
  "replacementAfter() starts over with a worker that served for a second",
  () => {
    assertEquals(replacementAfter(5, 1_000), { delay: 100, deaths: 0 });
  },
);

pureTest(
  "nextPulse() counts checks without a beat, but not before the first one",
  () => {
    let pulse: Pulse = { beats: 0, missed: 0 };
    const missed = [0, 0, 1, 1, 1, 5, 5].map((beats) => {
      pulse = nextPulse(pulse, beats);
      return pulse.missed;
    });
    assertEquals(missed, [0, 0, 0, 1, 2, 0, 1]);
  },
);

pureTest("intervalsFor() beats several times between two checks", () => {
  for (const timeout of [0.1, 1, 10, 60, Infinity]) {
    const { beat, check } = intervalsFor(timeout);
    assert(beat * 4 <= check && beat <= 1_000, `${timeout}: ${beat} ${check}`);
    assert(check * MAX_MISSED <= timeout * 1_000, `${timeout}: ${check}`);
    assert(check < 2 ** 31, `${timeout}: ${check}`);
  }
  for (const timeout of [0, -1, NaN]) {
    assertThrows(() => intervalsFor(timeout), RangeError, `not ${timeout}`);
  }
});

pureTest(
  "restoredError() keeps class, name, message and stack of an error",
  () => {
    const custom = new Error("own");
    custom.name = "OwnError";
    for (
      const error of [
        new TypeError("type"),
        new Deno.errors.NotFound("missing"),
        custom,
      ]
    ) {
      const restored = restoredError(structuredClone(plainError(error)));
      assert(restored instanceof error.constructor, error.name);
      assertEquals(
        [restored.name, restored.message, restored.stack],
        [error.name, error.message, error.stack],
      );
    }
    assertEquals(restoredError(plainError("text")).message, "text");
  },
);

/** A log whose receiver writes nothing until `written()`. */
function slowLog() {
  const sent: string[] = [];
  let waiting = 0;
  const log = new LogChannel({
    send: (lines) => void sent.push(new TextDecoder().decode(lines)),
    addWaiting: (by) => (waiting += by) - by,
  });
  return {
    sent,
    write: (text: string) => log.writeSync(new TextEncoder().encode(text)),
    written: () => waiting = 0,
  };
}

pureTest(
  "LogChannel drops lines while more than 1 MiB waits to be written, and then says how much",
  () => {
    const { sent, write, written } = slowLog();
    const batch = `${"x".repeat(MIB / 4 - 1)}\n`;
    for (let n = 0; n < 10; n++) assertEquals(write(batch), batch.length);
    assertEquals(sent.length, 5);
    written();
    write("end\n");
    assertEquals(sent.slice(5), [
      `${
        5 * batch.length
      } bytes of the log are missing: it was written too slowly\n`,
      "end\n",
    ]);
  },
);

pureTest("divideCaches() gives the caches of each thread their share", () => {
  const whole = cacheBudget.max;
  divideCaches(4);
  try {
    assertEquals(cacheBudget.max, whole / 4);
    setCacheSize(1_000);
    assertEquals(cacheBudget.max, 250);
  } finally {
    divideCaches(1);
  }
  assertEquals(cacheBudget.max, 1_000);
});
