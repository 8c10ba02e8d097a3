// deno-lint-ignore-file no-console -- the output is under test.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Job, runAll } from "../../tools/test.ts";
import { batchesOf, countsOf, sum } from "../../tools/test_batches.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("batchesOf() runs each file once, by folder, and some alone", () => {
  const files = [
    ...Array.from({ length: 20 }, (_, n) => `tests/static/${n}_test.ts`),
    ...Array.from({ length: 4 }, (_, n) => `tests/server/${n}_test.ts`),
    "tests/faults/a_test.ts",
    "tests/faults/b_test.ts",
    "tests/faults_test.ts",
    "tests/text/slow_test.ts",
  ];
  const { together, alone } = batchesOf(files, [
    "tests/faults",
    "tests/text/slow_test.ts",
  ]);
  const all = [...together, ...alone].flatMap((batch) => batch.files);
  assertEquals([...all].sort(), [...files].sort());
  assertEquals(alone.map((batch) => batch.files), [
    ["tests/faults/a_test.ts"],
    ["tests/faults/b_test.ts"],
    ["tests/text/slow_test.ts"],
  ]);
  const names = together.map((batch) => batch.name);
  assertEquals(names, [
    "tests/static 1",
    "tests/static 2",
    "tests",
    "tests/server",
  ]);
});

pureTest("countsOf() reads the summary", () => {
  const rows: [string, boolean, number, number, number][] = [
    ["ok | 26 passed | 0 failed (3s)\n", true, 26, 0, 0],
    ["ok | 1 passed (3 steps) | 0 failed | 2 ignored (1ms)\n", true, 1, 0, 2],
    ["FAILED | 9 passed | 2 failed | 1 filtered out (8s)\n", false, 9, 2, 0],
    ["\x1b[32mok\x1b[0m | 3 passed | 0 failed (1s)\n", true, 3, 0, 0],
  ];
  for (const [output, success, passed, failed, ignored] of rows) {
    assertEquals(countsOf(output, success), { passed, failed, ignored });
  }
});

pureTest(
  "countsOf() counts a crashed run, or one that reports a failure, as failed",
  () => {
    const rows: [string, boolean][] = [
      ["", true],
      ["", false],
      ["a test ... ok (1ms)\nDeno has panicked.\n", false],
      ["ok | 3 passed | 0 failed (1s)\n", false],
      ["a test prints: ok | 3 passed | 0 failed\n", false],
    ];
    for (const [output, success] of rows) {
      assertEquals(countsOf(output, success).failed, 1, output);
    }
  },
);

pureTest("sum() adds up", () => {
  const one = { passed: 1, failed: 2, ignored: 3 };
  assertEquals(sum([one, one]), { passed: 2, failed: 4, ignored: 6 });
  assertEquals(sum([]), { passed: 0, failed: 0, ignored: 0 });
});

Deno.test("runAll() shows a test that fails without permissions, and counts a run that ends early", async () => {
  const folder = await Deno.makeTempDir();
  const { log } = console;
  let printed = "";
  console.log = (text: string) => void (printed += `${text}\n`);
  try {
    const files = {
      "fails": `Deno.test({ name: "fails", permissions: "none", fn() {
          throw new Error("on purpose"); } });
        Deno.test({ name: "passes", permissions: "none", fn() {} });`,
      "ends": `Deno.test("kills", () => Deno.kill(Deno.pid, "SIGKILL"));`,
    };
    const jobs: Job[] = [];
    for (const [name, text] of Object.entries(files)) {
      const file = `${folder}/${name}_test.ts`;
      await Deno.writeTextFile(file, text);
      jobs.push({ name, args: ["test", "-A", "--no-check", file] });
    }
    assertEquals(sum(await runAll(jobs, 2)), {
      passed: 1,
      failed: 2,
      ignored: 0,
    });
  } finally {
    console.log = log;
    await Deno.remove(folder, { recursive: true });
  }
  assertStringIncludes(printed, "on purpose");
  assertStringIncludes(printed, "FAILED ends: 0 passed, 1 failed");
});

Deno.test(
  "runAll() counts a job that takes too long or leaves a process running as failed",
  {
    ignore: Deno.build.os === "windows",
    timeout: 20_000,
  },
  async () => {
    const { log } = console;
    let printed = "";
    console.log = (text: string) => void (printed += `${text}\n`);
    // It outlives the test, which must not wait for the end of its output.
    const leave =
      `const { pid } = new Deno.Command("sleep", { args: ["60"] }).spawn();
    console.log("left " + pid);`;
    try {
      const counts = await runAll(
        [
          { name: "leaves", args: ["eval", `${leave} Deno.exit();`] },
          {
            name: "hangs",
            args: ["eval", `${leave} setInterval(() => {}, 1);`],
          },
          { name: "goes on", args: ["eval", ""] },
        ],
        1,
        { batch: 3_000, leftover: 200 },
      );
      assertEquals(counts.map(({ failed }) => failed), [1, 1, 1]);
    } finally {
      console.log = log;
      for (const [, pid] of printed.matchAll(/^left (\d+)$/gm)) {
        Deno.kill(Number(pid), "SIGKILL");
      }
    }
    assertEquals(printed.match(/^A process that it started/gm)?.length, 2);
    assertEquals(printed.match(/^It took too long/gm)?.length, 1);
    assertStringIncludes(printed, "FAILED goes on: 0 passed, 1 failed");
  },
);
