// PEM files and encrypted keys; damaged ones are refused with a documented error.

import { assert, assertEquals } from "@std/assert";
import { decryptKey } from "../../../server/encrypted_key.ts";
import { pemBlocks, pemBytes, pemText } from "../../../server/pem.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/pem.json" with { type: "json" };
import { mutate, soup, texts } from "../_random.ts";

const files = texts(
  [
    "-----BEGIN CERTIFICATE-----",
    "-----END CERTIFICATE-----",
    "-----BEGIN A-----",
    "-----END A-----",
    "\n",
    "\r\n",
    "\r",
    "AAAA",
    "=",
    " ",
    "Proc-Type: 4,ENCRYPTED",
    "-----",
  ],
  [
    "-----BEGIN A-----\nAAAA\n-----END A-----\n",
    "x\n-----BEGIN A-----\r\nAA==\r\n-----END A-----",
  ],
);

const blocks = property(
  "pemBlocks() finds the same blocks after pemText() wrote them",
  files,
  (text) => {
    const found = pemBlocks(text);
    assertEquals(pemBlocks(found.map(pemText).join("")), found);
    for (const block of found) {
      assert(text.includes(`BEGIN ${block.label}`));
      const bytes = pemBytes(block);
      const base64 = block.lines.join("").replace(/[\t\n\f\r ]/g, "");
      if (bytes !== undefined) {
        assert(/^[A-Za-z0-9+/]*={0,2}$/.test(base64), base64);
      }
    }
  },
);

const labels = property(
  "pemText() writes a block that pemBlocks() finds",
  (random) => ({
    label: random.pick(["CERTIFICATE", "PRIVATE KEY", "A B C"]),
    lines: random.list(4, soup(["AAAA", "a=", "x: y"], 2, ["+"])),
  }),
  ({ label, lines }) => {
    if (!["CERTIFICATE", "PRIVATE KEY", "A B C"].includes(label)) return;
    assertEquals(pemBlocks("x\n" + pemText({ label, lines }) + "y"), [{
      label,
      lines,
    }]);
  },
);

/** Short handmade structures in DER: numbers of every size, nested ones, wrong lengths. */
const DER = [
  "300b0609608648016503040102",
  "3030301c06092a864886f70d01050d300f300906092a864886f70d01050c30023000041000112233445566778899aabbccddeeff",
  "305130 3d06092a864886f70d01050d3030301b06092a864886f70d01050c300e0408000102030405060702020400301106052b0e030207 0408 0001020304050607 0410 00112233445566778899aabbccddeeff",
  "30803080",
  "",
  "00",
  "30",
  "3084ffffffff",
  "1f8f8f8f01",
].map((hex) => hex.replaceAll(" ", ""));

const keys = property(
  "decryptKey() decrypts a key or throws one of its errors",
  (random) =>
    mutate(random, random.pick(DER), [
      "00",
      "ff",
      "30",
      "02",
      "04",
      "06",
      "80",
      "0",
      "7f",
    ]),
  (hex) => {
    const digits = hex.replace(/[^0-9a-f]/g, "");
    const der = Uint8Array.from(
      digits.match(/../g) ?? [],
      (pair) => parseInt(pair, 16),
    );
    const { error } = attempt(
      () => decryptKey(der, "secret", "the key"),
      SyntaxError,
      TypeError,
      RangeError,
    );
    if (error !== undefined) {
      assert(error.message.startsWith("Cannot read the key: "), error.message);
    }
  },
);

/** Properties of PEM files and keys. */
export const PEM: Subject = {
  name: "pem",
  properties: [blocks, labels, keys],
  corpus,
};
