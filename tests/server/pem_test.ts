import { assertEquals } from "@std/assert";
import { pemBlocks, pemBytes, pemText } from "../../server/pem.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "pemBlocks() finds blocks in order, and skips the text between them",
  () => {
    const text =
      "why\n-----BEGIN A KEY-----\nAAEC\n-----END A KEY-----\nmore\r\n" +
      " -----BEGIN B-----\r\nAw==\r\n-----END B-----";
    assertEquals(pemBlocks(text), [
      { label: "A KEY", lines: ["AAEC"] },
      { label: "B", lines: ["Aw=="] },
    ]);
  },
);

pureTest("pemBlocks() ignores a block without an end", () => {
  const text = "-----BEGIN A-----\nAAEC\n-----BEGIN B-----\nAw==\n" +
    "-----END A-----\n-----END B-----\n-----BEGIN C-----\nAAEC\n";
  assertEquals(pemBlocks(text).map(({ label }) => label), ["B"]);
  assertEquals(pemBlocks(""), []);
});

pureTest("pemText() writes what pemBlocks() reads", () => {
  const block = { label: "A KEY", lines: ["X: 1", "", "AAEC"] };
  assertEquals(pemBlocks(pemText(block)), [block]);
});

pureTest(
  "pemBytes() decodes base64, and returns undefined for anything else",
  () => {
    const label = "A";
    assertEquals(
      pemBytes({ label, lines: ["AA", "EC"] }),
      new Uint8Array([0, 1, 2]),
    );
    assertEquals(pemBytes({ label, lines: ["not base64!"] }), undefined);
  },
);
