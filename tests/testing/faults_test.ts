// The options of faults, and which requests they are applied to.

import { assertEquals, assertThrows } from "@std/assert";
import { Fault, type FaultKind, Faults } from "../../testing/faults.ts";
import { pureTest } from "../_lib/pure.ts";
import { requestOf } from "./_request.ts";

pureTest("a fault has defaults for each setting", () => {
  assertEquals(new Fault("delay", {}).plan, {
    kind: "delay",
    ms: 1_000,
    before: "head",
  });
  assertEquals(new Fault("cut", { after: 10 }).plan, {
    kind: "cut",
    after: 10,
  });
});

const wrong: [kind: string, options: object, message: string][] = [
  ["slow", {}, 'Unknown fault "slow": it must be one of delay, dribble'],
  ["toString", {}, "Unknown fault"],
  ["cut", { afer: 1 }, 'The fault "cut" has no option "afer"'],
  ["silence", { after: 1 }, 'has no option "after"'],
  ["cut", { after: 1.5 }, '"after" must be an integer of at least 0'],
  ["reset", { after: NaN }, '"after" must be an integer'],
  ["delay", { ms: 60_001 }, '"ms" must be an integer from 0 to 60000'],
  ["delay", { before: "tail" }, '"before" must be "head" or "body"'],
  ["dribble", { bytes: 0 }, '"bytes" must be an integer of at least 1'],
  ["dribble", { every: -1 }, '"every" must be an integer'],
  ["wrong-length", { by: 0 }, '"by" must not be 0'],
  ["cut", { times: 0 }, '"times" must be an integer of at least 1'],
  ["cut", { path: "/a?b" }, "Cannot match the path"],
  ["refuse", { method: "GET" }, 'Cannot limit "refuse"'],
];

for (const [kind, options, message] of wrong) {
  pureTest(`Fault rejects ${kind} with ${JSON.stringify(options)}`, () => {
    const error = assertThrows(() => new Fault(kind as FaultKind, options));
    assertEquals((error as Error).message.includes(message), true, `${error}`);
  });
}

pureTest("a request takes the first fault that is for it", () => {
  const faults = new Faults();
  faults.add(new Fault("silence", { path: "/a" }));
  faults.add(new Fault("reset", { times: Infinity }));
  const kinds = ["/b", "/a", "/a"].map((path) =>
    faults.take(requestOf("GET", path))?.kind
  );
  assertEquals(kinds, ["reset", "silence", "reset"]);
  faults.clear();
  assertEquals(faults.take(requestOf("GET", "/b")), undefined);
});

pureTest('only connections take "refuse", and they take nothing else', () => {
  const faults = new Faults();
  faults.add(new Fault("cut", {}));
  faults.add(new Fault("refuse", {}));
  assertEquals(faults.take(undefined)?.kind, "refuse");
  assertEquals(faults.take(undefined), undefined);
  assertEquals(faults.take(requestOf("GET", "/"))?.kind, "cut");
});

pureTest(
  "unmet() lists faults that were never applied, unless removed or for all requests",
  () => {
    const faults = new Faults();
    const removed = new Fault("cut", {});
    removed.remove();
    faults.add(removed);
    faults.add(new Fault("cut", { method: "PUT", path: "/a", times: 2 }));
    faults.add(new Fault("cut", { times: Infinity }));
    faults.add(new Fault("refuse", {}));
    assertEquals(faults.unmet(), ["cut for PUT /a", "refuse"]);
    faults.take(requestOf("PUT", "/a"));
    faults.take(undefined);
    assertEquals(faults.unmet(), []);
  },
);
