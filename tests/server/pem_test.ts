import { assertEquals } from "@std/assert";
import { pemBlocks, pemBytes, pemText } from "../../server/pem.ts";

/** Names a test of a pure function. */
function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

test("pemBlocks() finds blocks in order, and passes over what is between them", () => {
  const text =
    "why\n-----BEGIN A KEY-----\nAAEC\n-----END A KEY-----\nmore\r\n" +
    " -----BEGIN B-----\r\nAw==\r\n-----END B-----";
  assertEquals(pemBlocks(text), [
    { label: "A KEY", lines: ["AAEC"] },
    { label: "B", lines: ["Aw=="] },
  ]);
});

test("pemBlocks() takes a block without its end for none", () => {
  const text = "-----BEGIN A-----\nAAEC\n-----BEGIN B-----\nAw==\n" +
    "-----END A-----\n-----END B-----\n-----BEGIN C-----\nAAEC\n";
  assertEquals(pemBlocks(text).map(({ label }) => label), ["B"]);
  assertEquals(pemBlocks(""), []);
});

test("pemText() writes what pemBlocks() reads", () => {
  const block = { label: "A KEY", lines: ["X: 1", "", "AAEC"] };
  assertEquals(pemBlocks(pemText(block)), [block]);
});

test("pemBytes() decodes base64, and gives undefined for what is none", () => {
  const label = "A";
  assertEquals(
    pemBytes({ label, lines: ["AA", "EC"] }),
    new Uint8Array([0, 1, 2]),
  );
  assertEquals(pemBytes({ label, lines: ["not base64!"] }), undefined);
});
