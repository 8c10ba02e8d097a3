// The framing corpus: some hundred inputs, good, lenient and hostile, with the expected
// outcome, which must not depend on how the network splits them.

import { assert, assertEquals, equal } from "@std/assert";
import { encodeLatin1 } from "../../../text/latin1.ts";
import { serve } from "../../_serve.ts";
import { BODY_LENGTH } from "./body_length.ts";
import { CANARY, expected, type Role, type WireCase } from "./_case.ts";
import { CHUNKED } from "./chunked.ts";
import { CONNECTION } from "./connection.ts";
import { FIELDS } from "./fields.ts";
import { MESSAGE } from "./message.ts";
import { type Log, recorderOf } from "./_recorder.ts";
import { REQUEST_LINE } from "./request_line.ts";
import { boundaries, bytewise, run, runOnSocket } from "./_run.ts";
import { pureTest } from "../../_lib/pure.ts";

const CORPUS: Readonly<Record<string, readonly WireCase[]>> = {
  "RFC 9112 §2": MESSAGE,
  "RFC 9112 §3": REQUEST_LINE,
  "RFC 9112 §5": FIELDS,
  "RFC 9112 §6": BODY_LENGTH,
  "RFC 9112 §7": CHUNKED,
  "RFC 9112 §8-9": CONNECTION,
};

const ALL: readonly WireCase[] = Object.values(CORPUS).flat();

pureTest("the corpus has some hundred different cases", () => {
  assert(ALL.length >= 250, `${ALL.length} cases`);
  for (const cases of Object.values(CORPUS)) {
    const names = cases.map(({ name }) => name);
    assertEquals(new Set(names).size, names.length);
  }
});

/** How many connections are open at once over sockets. */
const IN_PARALLEL = 8;

/** All bytes that the client sends. */
function inputOf({ send, ends }: WireCase): Uint8Array {
  return encodeLatin1(ends ? send : send + CANARY);
}

/** Runs a case in one piece, byte by byte, and in two pieces at each boundary. */
async function runEveryWay(wireCase: WireCase, role: Role): Promise<void> {
  const log: Log = new Map();
  const Handler = recorderOf(role, log);
  const bytes = inputOf(wireCase);
  const { seen, statuses } = expected(wireCase, role);
  const attempt = async (pieces: Iterable<Uint8Array>, how: string) =>
    assertEquals(
      await run(Handler, log, pieces),
      { seen, statuses },
      `${role}, ${how}`,
    );

  await attempt([bytes], "in one piece");
  await attempt(bytewise(bytes), "byte by byte");
  // The end of a body does not depend on its reader; that much is tested above.
  if (role === "ignores" || (role === "site" && !wireCase.site)) return;
  for (const at of boundaries(bytes, wireCase.send.length)) {
    const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
    await attempt(pieces, `split at ${at}`);
  }
}

for (const [section, cases] of Object.entries(CORPUS)) {
  for (const wireCase of cases) {
    Deno.test({
      name: `${section}: ${wireCase.name}`,
      permissions: { read: ["."] },
      timeout: 20_000,
      async fn() {
        await runEveryWay(wireCase, "reads");
        await runEveryWay(wireCase, "ignores");
        await runEveryWay(wireCase, "site");
      },
    });
  }
}

/** Describes how a case differs over a socket; `undefined` if it doesn't. */
async function faultOnSocket(
  wireCase: WireCase,
  role: Role,
  port: number,
  log: Log,
): Promise<string | undefined> {
  const { seen, statuses } = expected(wireCase, role);
  const got = await runOnSocket(port, log, inputOf(wireCase), wireCase.ends);
  if (equal(got, { seen, statuses })) return;
  return `${wireCase.name}: ${JSON.stringify(got).slice(0, 500)}`;
}

for (const role of ["reads", "site"] as const) {
  Deno.test(`the whole corpus has the same outcome over sockets (${role})`, async () => {
    const log: Log = new Map();
    await using server = serve(recorderOf(role, log));
    const faults: string[] = [];
    const left = ALL.values();
    await Promise.all(Array.from({ length: IN_PARALLEL }, async () => {
      for (const wireCase of left) {
        const fault = await faultOnSocket(wireCase, role, server.port, log);
        if (fault !== undefined) faults.push(fault);
      }
    }));
    assertEquals(faults, []);
    assertEquals(server.takeErrors(), []);
  });
}
