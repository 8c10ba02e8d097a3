// A port that is in use.

import { assert, assertEquals } from "@std/assert";
import {
  busyText,
  explainBusy,
  holderOf,
  listenersOf,
  listenOnNext,
} from "../../cli/busy_port.ts";
import { pureTest } from "../_lib/pure.ts";

const PROC_NET_TCP =
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000000000000000 100 0 0 10 0
   1: 0100007F:1F40 0100007F:D431 01 00000000:00000000 00:00000000 00000000  1000        0 4712 1 0000000000000000 20 4 30 10 -1
   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0000000000000000 100 0 0 10 0
`;

pureTest("listenersOf() finds the listening sockets of a port", () => {
  assertEquals(listenersOf(PROC_NET_TCP, 8000), ["4711"]);
  assertEquals(listenersOf(PROC_NET_TCP, 80), ["4713"]);
  assertEquals(listenersOf(PROC_NET_TCP, 81), []);
  assertEquals(listenersOf("", 80), []);
});

pureTest(
  "busyText() names the process if it is known, without control characters",
  () => {
    assertEquals(busyText(80, undefined), "port 80 is in use");
    assertEquals(
      busyText(80, { pid: 7, name: "a\x1b[2J" }),
      "port 80 is in use by 'a\\x1b[2J' (process 7)",
    );
  },
);

pureTest(
  "listenOnNext() takes the first port that is free, up to 65535",
  () => {
    const tried: number[] = [];
    const listen = (free: number) => (port: number) => {
      tried.push(port);
      if (port !== free) throw new Deno.errors.AddrInUse();
      return port;
    };
    assertEquals(listenOnNext(8000, listen(8002)), 8002);
    assertEquals(tried.splice(0), [8001, 8002]);
    assertEquals(listenOnNext(65_534, listen(1)), undefined);
    assertEquals(tried.splice(0), [65_535]);
    assertEquals(listenOnNext(65_535, listen(1)), undefined);
    assertEquals(listenOnNext(1_000, listen(1)), undefined);
    assertEquals(tried.length, 100);
  },
);

Deno.test("holderOf() finds this process", {
  ignore: Deno.build.os !== "linux",
}, () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  try {
    assertEquals(holderOf(port)?.pid, Deno.pid);
  } finally {
    listener.close();
  }
  assertEquals(holderOf(port), undefined);
});

Deno.test("explainBusy() names a port that is free", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const text = explainBusy("127.0.0.1", listener.addr.port);
  const free = Number(/port (\d+) is free/.exec(text)?.[1]);
  assert(free > listener.addr.port, text);
  Deno.listen({ hostname: "127.0.0.1", port: free }).close();
});
