import { fromFileUrl } from "@std/path";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  type CertificateFiles,
  readCertificate,
} from "../../server/certificate.ts";

const FOLDER = new URL("../data/tls/", import.meta.url);
const PASSWORD = "somepass";

function path(name: string): string {
  return fromFileUrl(new URL(name, FOLDER));
}

/** Reads a certificate and a key of the test data. */
function read(
  certfile: string,
  keyfile?: string,
  password?: CertificateFiles["password"],
) {
  return readCertificate({
    certfile: path(certfile),
    keyfile: keyfile === undefined ? null : path(keyfile),
    password: password ?? null,
  });
}

/** Asserts that reading fails, with a message that reveals no secret. */
function assertRefused(
  run: () => unknown,
  kind: new (message: string) => Error,
  message: string,
): void {
  const error = assertThrows(run, kind, message) as Error;
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    assertEquals(at.message.includes(PASSWORD), false);
    assertEquals(at.message.includes("MII"), false);
  }
}

const CLEAR: readonly (readonly [cert: string, key?: string])[] = [
  ["keycert.pem"],
  ["keycert.pem", "keycert.pem"],
  ["ssl_cert.pem", "ssl_key.pem"],
  ["ssl_cert.pem", "sec1_key.pem"],
  ["rsa_cert.pem", "rsa_key.pem"],
  ["rsa_cert.pem", "rsa1_key.pem"],
  ["p384_cert.pem", "p384_key.pem"],
  ["ed25519_cert.pem", "ed25519_key.pem"],
];

for (const [cert, key] of CLEAR) {
  Deno.test(`readCertificate() reads ${cert} with ${key ?? "its own key"}`, () => {
    const both = read(cert, key);
    assertMatch(both.cert, /^-----BEGIN CERTIFICATE-----\n/);
    assertMatch(both.key, /^-----BEGIN PRIVATE KEY-----\n/);
  });
}

const ENCRYPTED: readonly (readonly [key: string, cert: string])[] = [
  ["ssl_key.passwd.pem", "ssl_cert.pem"],
  ["keycert.passwd.pem", "keycert.passwd.pem"],
  ["pkcs8_aes128.pem", "ssl_cert.pem"],
  ["pkcs8_aes192_sha1.pem", "ssl_cert.pem"],
  ["pkcs8_des3.pem", "ssl_cert.pem"],
  ["pkcs8_scrypt.pem", "ssl_cert.pem"],
  ["pkcs8_scrypt_des3.pem", "ssl_cert.pem"],
  ["rsa1_des3.pem", "rsa_cert.pem"],
  ["sec1_aes256.pem", "ssl_cert.pem"],
];

for (const [key, cert] of ENCRYPTED) {
  Deno.test(`readCertificate() opens ${key} only with its password`, () => {
    const clear = read(cert, key, PASSWORD).key;
    const plain = cert === "rsa_cert.pem" ? "rsa_key.pem" : "ssl_key.pem";
    assertEquals(clear, read(cert, plain).key);
    assertRefused(
      () => read(cert, key, "badpass"),
      TypeError,
      `Cannot read the key of ${path(key)}: the password is wrong`,
    );
    assertRefused(
      () => read(cert, key),
      TypeError,
      `Cannot read the key of ${
        path(key)
      }: it is encrypted; give its password with the option "password", or --tls-password-file`,
    );
  });
}

Deno.test("readCertificate() refuses a thousand wrong passwords, even if they decrypt to valid padding", () => {
  for (const key of ["pkcs8_aes192_sha1.pem", "sec1_aes256.pem"]) {
    // One wrong password in 256 decrypts to valid padding.
    for (let each = 0; each < 500; each++) {
      assertThrows(
        () => read("ssl_cert.pem", key, `wrong${each}`),
        TypeError,
        "the password is wrong",
      );
    }
  }
});

Deno.test("readCertificate() calls a password function only for an encrypted key", () => {
  let calls = 0;
  const ask = () => {
    calls++;
    return PASSWORD;
  };
  read("ssl_cert.pem", "ssl_key.pem", ask);
  assertEquals(calls, 0);
  read("ssl_cert.pem", "ssl_key.passwd.pem", ask);
  assertEquals(calls, 1);
});

Deno.test("readCertificate() accepts a password as UTF-8 bytes", () => {
  const bytes = new TextEncoder().encode(PASSWORD);
  for (const password of [bytes, () => bytes]) {
    assertEquals(
      read("ssl_cert.pem", "ssl_key.passwd.pem", password),
      read("ssl_cert.pem", "ssl_key.passwd.pem", PASSWORD),
    );
  }
  assertRefused(
    () => read("ssl_cert.pem", "ssl_key.passwd.pem", new Uint8Array([0xff])),
    TypeError,
    "the password is not UTF-8",
  );
});

Deno.test("readCertificate() refuses a password that is neither text nor bytes", () => {
  const password = (() => Promise.resolve(PASSWORD)) as unknown as () => string;
  assertRefused(
    () => read("ssl_cert.pem", "ssl_key.passwd.pem", password),
    TypeError,
    "the password must be a string or a Uint8Array",
  );
});

Deno.test("readCertificate() accepts file: URLs", () => {
  const files = {
    certfile: new URL("ssl_cert.pem", FOLDER),
    keyfile: new URL("ssl_key.pem", FOLDER),
  };
  assertEquals(readCertificate(files), read("ssl_cert.pem", "ssl_key.pem"));
});

const REFUSED: readonly (readonly [
  what: string,
  cert: string,
  key: string | undefined,
  kind: new (message: string) => Error,
  message: string,
])[] = [
  [
    "a certificate that is missing",
    "no.pem",
    "ssl_key.pem",
    Deno.errors.NotFound,
    `Cannot read the certificate of ${path("no.pem")}: `,
  ],
  [
    "a key that is missing",
    "ssl_cert.pem",
    "no.pem",
    Deno.errors.NotFound,
    `Cannot read the key of ${path("no.pem")}: `,
  ],
  [
    "a folder",
    "",
    "ssl_key.pem",
    Error,
    `Cannot read the certificate of ${path("")}: `,
  ],
  [
    "an empty certificate",
    "nullcert.pem",
    undefined,
    SyntaxError,
    `Cannot read the certificate of ${path("nullcert.pem")}: the file is empty`,
  ],
  [
    "an empty key",
    "ssl_cert.pem",
    "nullcert.pem",
    SyntaxError,
    `Cannot read the key of ${path("nullcert.pem")}: the file is empty`,
  ],
  [
    "a malformed certificate",
    "badcert.pem",
    undefined,
    SyntaxError,
    `${path("badcert.pem")}: its CERTIFICATE block 1 is malformed`,
  ],
  [
    "a certificate without a key",
    "ssl_cert.pem",
    undefined,
    SyntaxError,
    `Cannot read the key of ${
      path("ssl_cert.pem")
    }: the file has no PRIVATE KEY block`,
  ],
  [
    "a key without a certificate",
    "ssl_key.pem",
    undefined,
    SyntaxError,
    `Cannot read the certificate of ${
      path("ssl_key.pem")
    }: the file has no CERTIFICATE block`,
  ],
  [
    "swapped files",
    "ssl_key.pem",
    "ssl_cert.pem",
    SyntaxError,
    "certfile and keyfile may be swapped",
  ],
  [
    "the key of another certificate",
    "ssl_cert.pem",
    "p384_key.pem",
    TypeError,
    `Cannot use the key of ${
      path("p384_key.pem")
    }: it does not match the certificate of ${path("ssl_cert.pem")}`,
  ],
  [
    "a key of a kind that the runtime does not support",
    "k1_cert.pem",
    "k1_key.pem",
    TypeError,
    `Cannot use the certificate of ${path("k1_cert.pem")} with the key of ${
      path("k1_key.pem")
    }: `,
  ],
  [
    "an endless device",
    "/dev/zero",
    undefined,
    RangeError,
    "the file is over 1 MiB",
  ],
  [
    "an absurd number of rounds",
    "ssl_cert.pem",
    "pkcs8_rounds.pem",
    RangeError,
    `${
      path("pkcs8_rounds.pem")
    }: it asks for more than 10000000 rounds of PBKDF2`,
  ],
  [
    "an encryption from before PBES2",
    "ssl_cert.pem",
    "pkcs8_pbes1.pem",
    TypeError,
    "its encryption PKCS#12 (1.2.840.113549.1.12.1.3) is not supported",
  ],
  [
    "an old key with a cipher that the runtime does not support",
    "ssl_cert.pem",
    "sec1_camellia.pem",
    TypeError,
    "its encryption CAMELLIA-256-CBC is not supported",
  ],
];

for (const [what, cert, key, kind, message] of REFUSED) {
  Deno.test({
    name: `readCertificate() refuses ${what}`,
    ignore: cert.endsWith("/zero") && Deno.build.os === "windows",
    fn: () => assertRefused(() => read(cert, key, PASSWORD), kind, message),
  });
}

Deno.test("readCertificate() keeps intermediate certificates, and nothing else of the file", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const certfile = `${folder}/chain.pem`;
    const [own, other, key] = ["ssl_cert.pem", "rsa_cert.pem", "ssl_key.pem"]
      .map((name) => Deno.readTextFileSync(path(name)));
    const text = `Explained here\n${key}${own}and here\r\n${other}`;
    await Deno.writeTextFile(certfile, text.replaceAll("\n", "\r\n"));
    assertEquals(readCertificate({ certfile }).cert, own! + other);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readCertificate() refuses an encrypted key whose structure is cut short", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const keyfile = `${folder}/cut.pem`;
    const label = "ENCRYPTED PRIVATE KEY";
    await Deno.writeTextFile(
      keyfile,
      `-----BEGIN ${label}-----\nMIHsMFcG\n-----END ${label}-----\n`,
    );
    assertThrows(
      () =>
        readCertificate({
          certfile: path("ssl_cert.pem"),
          keyfile,
          password: PASSWORD,
        }),
      SyntaxError,
      "its ENCRYPTED PRIVATE KEY block is malformed",
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
