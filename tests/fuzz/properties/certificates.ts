// Damaged certificate and key files, which are refused before anything listens.

import { assert } from "@std/assert";
import { readCertificate } from "../../../server/certificate.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/certificates.json" with { type: "json" };
import { mutate, type Random } from "../_random.ts";

const FOLDER = new URL("../../data/tls/", import.meta.url);

/** Certificates and keys, matching and not. */
const PAIRS = [
  ["ssl_cert.pem", "ssl_key.pem"],
  ["ssl_cert.pem", "ssl_key.passwd.pem"],
  ["keycert.pem", "keycert.passwd.pem"],
  ["p384_cert.pem", "p384_key.pem"],
  ["ed25519_cert.pem", "ed25519_key.pem"],
  ["ssl_cert.pem", "pkcs8_aes128.pem"],
  ["rsa_cert.pem", "sec1_key.pem"],
] as const;

/** Where and how a file is changed. */
interface Change {
  readonly at: number;
  readonly cut: number;
  readonly text: string;
}

interface Files {
  readonly pair: number;
  readonly cert: readonly Change[];
  readonly key: readonly Change[];
}

function anyChanges(random: Random): Change[] {
  return random.list(2, (r) => ({
    at: r.int(3_000),
    cut: r.pick([0, 1, 1, 4, 64]),
    text: mutate(r, r.pick(["", "A", "MII", "-----", "\n"]), [
      "A",
      "/",
      "=",
      "\n",
      "\0",
      "é",
    ]),
  }));
}

function changed(name: string, changes: readonly Change[]): string {
  let text = Deno.readTextFileSync(new URL(name, FOLDER));
  for (const { at, cut, text: inserted } of changes) {
    const place = at % (text.length + 1);
    text = text.slice(0, place) + inserted + text.slice(place + cut);
  }
  return text;
}

const damaged = property(
  "readCertificate() reads damaged files or throws one of its errors",
  (random): Files => ({
    pair: random.int(PAIRS.length),
    cert: random.oneIn(2) ? [] : anyChanges(random),
    key: anyChanges(random),
  }),
  ({ pair, cert, key }) => {
    const [certName, keyName] = PAIRS[pair % PAIRS.length]!;
    const folder = Deno.makeTempDirSync({ prefix: "httpserver-fuzz-" });
    try {
      const [certfile, keyfile] = [`${folder}/cert.pem`, `${folder}/key.pem`];
      Deno.writeTextFileSync(certfile, changed(certName, cert));
      Deno.writeTextFileSync(keyfile, changed(keyName, key));
      const { value, error } = attempt(
        () => readCertificate({ certfile, keyfile, password: "somepass" }),
        SyntaxError,
        TypeError,
        RangeError,
      );
      if (error !== undefined) {
        assert(/^Cannot (?:read|use) the /.test(error.message), error.message);
        assert(!/somepass/.test(error.message));
      } else assert(value!.key.includes("PRIVATE KEY"));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  },
  40,
);

/** Properties of certificate and key files. */
export const CERTIFICATES: Subject = {
  name: "certificates",
  properties: [damaged],
  corpus,
};
