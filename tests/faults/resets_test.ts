// Clients that reset their connections: before they are accepted, and in each phase of
// a request.

import { assertEquals } from "@std/assert";
import { fault, get, Peer, Rig } from "./_rig.ts";

const HEAD = "GET /big.bin HTTP/1.1\r\nHost: a\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n";
const CHUNKED =
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

/** What a client has sent, and how much it has read, when it resets. */
interface Phase {
  readonly name: string;
  readonly sends: string;
  readonly reads?: number;
  /** Whether only the classes read a body here. */
  readonly classes?: boolean;
}

const PHASES: readonly Phase[] = [
  { name: "nothing", sends: "" },
  { name: "half a request line", sends: "GET /big.b" },
  { name: "half a header line", sends: "GET /big.bin HTTP/1.1\r\nHos" },
  { name: "headers without their end", sends: HEAD },
  { name: "a head, unanswered", sends: HEAD + "\r\n" },
  { name: "a head, and has read some", sends: HEAD + "\r\n", reads: 100_000 },
  {
    name: "a head, and has read all",
    sends: get("/small.bin").replace("close", "keep-alive"),
    reads: 1_000,
  },
  {
    name: "ten pipelined heads",
    sends: (HEAD + "\r\n").repeat(10),
    reads: 100_000,
  },
  { name: "half a body", sends: POST + "x".repeat(500_000), classes: true },
  { name: "half a chunk size", sends: CHUNKED + "4", classes: true },
  { name: "half a chunk", sends: CHUNKED + "400\r\nabc", classes: true },
  {
    name: "a body that is not read",
    sends: POST.replace("POST", "PUT") + "x".repeat(100_000),
    classes: true,
  },
];

/** The number of clients that do the same. */
const CLIENTS = 20;

async function resetAll(port: number, phase: Phase): Promise<void> {
  await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      await using peer = await Peer.connect(port);
      peer.send(phase.sends);
      if (phase.reads !== undefined) {
        await peer.receive(phase.reads);
        peer.pause();
      }
      await peer.reset();
    }),
  );
}

fault(
  "the command keeps serving at once after 300 clients that reset before they were accepted",
  async () => {
    await using rig = await Rig.start();
    // While the process is stopped, all of them wait in the backlog.
    rig.server.signal("SIGSTOP");
    for (let n = 0; n < 300; n++) {
      await using peer = await Peer.connect(rig.port);
      peer.send("GET / HT");
      await peer.reset();
    }
    rig.server.signal("SIGCONT");
    await rig.assertUnharmed();
  },
);

fault(
  "the command keeps serving after clients that reset in each phase of a request",
  async (t) => {
    await using rig = await Rig.start();
    for (const phase of PHASES.filter(({ classes }) => !classes)) {
      await t.step(`after ${phase.name}`, async () => {
        await resetAll(rig.port, phase);
        await rig.assertUnharmed();
      });
    }
    assertEquals(tracebacks(rig), []);
  },
);

fault(
  "the classes keep serving after clients that reset in each phase of a request",
  async (t) => {
    await using rig = await Rig.start({ script: "tests/faults/_classes.ts" });
    for (const phase of PHASES) {
      await t.step(`after ${phase.name}`, async () => {
        await resetAll(rig.port, phase);
        await rig.assertUnharmed();
      });
    }
    assertEquals(tracebacks(rig), []);
  },
);

/** Log lines that only unexpected errors produce. */
function tracebacks(rig: Rig): string[] {
  return rig.server.log.split("\n").filter((line) =>
    /^\s+at |Exception|Uncaught/.test(line)
  );
}
