import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions } from "../../bench/options.ts";

const PEERS = ["ours", "nginx", "cpython"];

function works(...args: string[]): string[] {
  return parseOptions(args, PEERS).works.map(({ name }) => name);
}

Deno.test("parseOptions() measures every work except the longest by default", () => {
  const names = works();
  assertEquals(names.includes("small"), true);
  assertEquals(names.includes("start"), true);
  assertEquals(names.includes("memory"), false);
});

Deno.test("parseOptions() takes a work or a group of works", () => {
  assertEquals(works("--work", "memory"), ["memory"]);
  assertEquals(works("--work", "tls"), ["tls"]);
  assertEquals(works("--work", "100m"), ["100m-1", "100m-8"]);
  assertEquals(works("--work=idle", "--work", "small", "--work=small"), [
    "small",
    "idle-1000",
    "idle-10000",
  ]);
});

Deno.test("parseOptions() reads peers, checkouts and numbers", () => {
  const { peers, checkouts, rounds, seconds, format, action, install } =
    parseOptions(
      [
        ...["--peer", "nginx", "--peer=cpython", "--ours", "../before"],
        ...["--rounds", "3", "--seconds", "1", "--json", "--install"],
      ],
      PEERS,
    );
  assertEquals(
    { peers, checkouts, rounds, seconds, format, action, install },
    {
      peers: ["nginx", "cpython"],
      checkouts: ["../before"],
      rounds: 3,
      seconds: 1,
      format: "json",
      action: "measure",
      install: true,
    },
  );
});

Deno.test("parseOptions() refuses unknown names, bad numbers and two formats", () => {
  const cases = [
    [["--work", "smal"], "--work must be one of small,"],
    [["--peer", "apache"], "--peer must be one of nginx, cpython"],
    [["--peer", "ours"], "--peer must be one of nginx, cpython"],
    [["--rounds", "0"], "--rounds must be a number from 1 to 100"],
    [["--seconds", "1.5"], "--seconds must be a number from 1 to 300"],
    [["--json", "--markdown"], "exclude each other"],
    [["--fast"], "--fast"],
    [["small"], "small"],
  ] as const;
  for (const [args, message] of cases) {
    assertThrows(() => parseOptions(args, PEERS), Error, message);
  }
});
