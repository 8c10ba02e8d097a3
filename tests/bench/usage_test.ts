import { assert, assertEquals } from "@std/assert";
import {
  isRunning,
  parseOpenFiles,
  parseResident,
  parseStat,
  readTree,
  readUsage,
  treeOf,
} from "../../bench/usage.ts";

Deno.test("parseStat() reads past a name with spaces and parentheses", () => {
  const stat = "42 (a) S 1 (b) S 7 42 42 0 -1 4194304 1 2 3 4 " +
    "100 20 3 1 20 0 1 0 5555 1000 200\n";
  assertEquals(parseStat(stat), {
    pid: 42,
    parent: 7,
    ticks: 124,
    started: 5555,
    zombie: false,
  });
});

Deno.test("parseResident() is in bytes, and 0 for a process without memory", () => {
  assertEquals(parseResident("Name:\ta\nVmRSS:\t    1234 kB\n"), 1_263_616);
  assertEquals(parseResident("Name:\tzombie\nState:\tZ\n"), 0);
});

Deno.test("parseOpenFiles() reads both limits", () => {
  const limits = (values: string) =>
    `Limit                     Soft Limit           Hard Limit           Units
Max open files            ${values} files
`;
  assertEquals(parseOpenFiles(limits("1024   20000")), {
    soft: 1024,
    hard: 20_000,
  });
  assertEquals(parseOpenFiles(limits("1024   unlimited")), {
    soft: 1024,
    hard: Infinity,
  });
});

Deno.test("treeOf() finds children of children, in any order", () => {
  const process = (pid: number, parent: number) => ({
    pid,
    parent,
    ticks: 0,
    started: 0,
    zombie: false,
  });
  const processes = [
    process(4, 3),
    process(3, 2),
    process(2, 1),
    process(5, 1),
  ];
  assertEquals(treeOf(2, processes).map(({ pid }) => pid), [2, 3, 4]);
  assertEquals(treeOf(9, processes), []);
});

Deno.test({
  name: "readUsage() counts this process, and nothing for one that has ended",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { cpu, memory } = readUsage(Deno.pid);
    assert(cpu > 0);
    assert(memory > 1_000_000);
    const child = new Deno.Command("true").spawn();
    await child.status;
    assertEquals(readUsage(child.pid), { cpu: 0, memory: 0 });
  },
});

Deno.test({
  name: "isRunning() tells a process from a later one with its id",
  ignore: Deno.build.os !== "linux",
  fn() {
    const [self] = readTree(Deno.pid);
    assert(isRunning(self!));
    assertEquals(isRunning({ ...self!, started: self!.started - 1 }), false);
  },
});
