import { assertEquals, assertThrows } from "@std/assert";
import { decryptKey } from "../../server/encrypted_key.ts";
import { type PemBlock, pemBlocks, pemBytes } from "../../server/pem.ts";
import { tlsFile } from "./_tls.ts";
import { pureTest } from "../_lib/pure.ts";

function readDer(name: string): Uint8Array {
  const [block] = pemBlocks(Deno.readTextFileSync(tlsFile(name)));
  return pemBytes(block as PemBlock)!;
}

const CLEAR = readDer("ssl_key.pem");
const KEYS: readonly (readonly [name: string, der: Uint8Array])[] = [
  "ssl_key.passwd.pem",
  "pkcs8_aes128.pem",
  "pkcs8_aes192_sha1.pem",
  "pkcs8_des3.pem",
  "pkcs8_scrypt.pem",
  "pkcs8_scrypt_des3.pem",
].map((name) => [name, readDer(name)]);

for (const [name, der] of KEYS) {
  pureTest(`decryptKey() decrypts ${name}, and needs no permission`, () => {
    const key = decryptKey(der, "somepass", "the key");
    assertEquals(new Uint8Array(key), CLEAR);
  });
}

pureTest("decryptKey() refuses a structure that is cut at any byte", () => {
  const [, der] = KEYS[2]!;
  for (let length = 0; length < der.length; length++) {
    assertThrows(
      () => decryptKey(der.subarray(0, length), "somepass", "the key"),
      SyntaxError,
      "Cannot read the key: its ENCRYPTED PRIVATE KEY block is malformed",
    );
  }
});

pureTest(
  "decryptKey() throws one of its errors, or returns other bytes, for a changed byte",
  () => {
    const [, der] = KEYS[2]!;
    // The bytes of the structure, before the salt and the data.
    for (let at = 0; at < 90; at++) {
      const changed = Uint8Array.from(der);
      changed[at]! ^= 1;
      try {
        decryptKey(changed, "somepass", "the key");
      } catch (error) {
        const message = error instanceof Error ? error.message : "";
        assertEquals(message.startsWith("Cannot read the key: "), true);
      }
    }
  },
);

pureTest(
  "decryptKey() refuses scrypt parameters that need too much memory",
  () => {
    const [, der] = KEYS[4]!;
    // The cost of 2^14 is followed by the block size of 8: both are increased.
    const at = der.findIndex((byte, each) =>
      byte === 2 && der[each + 1] === 2 && der[each + 2] === 0x40 &&
      der[each + 4] === 2 && der[each + 5] === 1 && der[each + 6] === 8
    );
    const changed = Uint8Array.from(der);
    changed[at + 2] = 0x7f;
    changed[at + 6] = 0x7f;
    assertThrows(
      () => decryptKey(changed, "somepass", "the key"),
      RangeError,
      "Cannot read the key: it asks for more than",
    );
  },
);
