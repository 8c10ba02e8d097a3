import {
  assertEquals,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  hashIfPlain,
  hashPassword,
  parsePassword,
  pbkdf2,
  sha256,
} from "../../../handlers/static/access/password.ts";
import { pureTest } from "../../_lib/pure.ts";

// Made with Python's hashlib.
const PASSLIB =
  "$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0MTIzNA$.PdAGtRURaPnL4tLZaYuTitR7QwZRFuX5EVqWgWkSIQ";
const SHA256 = "{SHA256}NHgme1YSeRtAmIkGs6eJfrarUB4EuV7TL5nQr99mnZw=";

pureTest("parsePassword() treats other text as a plain-text password", () => {
  for (
    const password of ["a", "a:b", "$", "{", "$5", "{a", "a$b$c", " x "].concat(
      "x" + PASSLIB,
      "x" + SHA256,
    )
  ) {
    assertEquals(parsePassword(password), { kind: "plain", password });
  }
  assertEquals(parsePassword("{PLAIN}$2y$05$abc"), {
    kind: "plain",
    password: "$2y$05$abc",
  });
});

pureTest("parsePassword() parses hashes made by Python", async () => {
  const given = "p\xe4ssword";
  assertEquals(parsePassword(SHA256), {
    kind: "sha256",
    digest: await sha256(given),
  });
  const kept = parsePassword(PASSLIB);
  if (kept.kind !== "pbkdf2") throw new Error(`it is ${kept.kind}`);
  assertEquals(kept.iterations, 1000);
  assertEquals(new TextDecoder().decode(kept.salt), "saltsaltsalt1234");
  assertEquals(await pbkdf2(given, kept.salt, 1000), kept.hash);
});

pureTest("parsePassword() rejects other hashes without repeating them", () => {
  for (
    const text of [
      "$2y$05$secretsecretsecret",
      "$2b$12$secret",
      "$apr1$secret$secret",
      "$6$secret$secret",
      "$scrypt$ln=16,r=8,p=1$secret$secret",
      "$argon2id$v=19$secret",
      "{SHA}secret",
      "{SSHA}secret",
      "{SHA256}secret",
      "{SHA256}" + "secret".repeat(9),
      PASSLIB + "secret",
      SHA256 + "secret",
      PASSLIB.slice(0, -1),
      PASSLIB.replace("1000", "0"),
      PASSLIB.replace("1000", "1e3"),
      PASSLIB.replace("1000", "99999999"),
      PASSLIB.replace("c2Fs", "c2F"),
      PASSLIB.replace("c2Fs", "+"),
    ]
  ) {
    const error = assertThrows(
      () => parsePassword(text),
      SyntaxError,
      "Cannot read the password",
    );
    assertEquals(error.message.includes("secret"), false, text);
    assertEquals(error.message.includes("dHNhbHR"), false, text);
  }
});

pureTest("hashIfPlain() returns a hash unchanged", async () => {
  const kept = parsePassword(SHA256);
  assertEquals(await hashIfPlain(kept), kept);
});

pureTest("pbkdf2() derives the same key as other implementations", async () => {
  const salt = new TextEncoder().encode("salt");
  assertEquals(
    (await pbkdf2("password", salt, 4096)).toHex(),
    "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a",
  );
});

pureTest(
  "hashPassword() makes a hash that parsePassword() parses, with a new salt each time",
  async () => {
    const given = "p\xe4ss:word";
    const hashed = await hashPassword(given, 1000);
    assertNotEquals(await hashPassword(given, 1000), hashed);
    const kept = parsePassword(hashed);
    if (kept.kind !== "pbkdf2") throw new TypeError(kept.kind);
    assertEquals([kept.iterations, kept.salt.length], [1000, 16]);
    assertEquals(await pbkdf2(given, kept.salt, 1000), kept.hash);
  },
);

pureTest("hashPassword() uses 600,000 iterations by default", async () => {
  const kept = parsePassword(await hashPassword("x"));
  assertEquals(kept.kind === "pbkdf2" && kept.iterations, 600_000);
});

pureTest(
  "hashPassword() rejects a number of iterations that parsePassword() does not accept",
  async () => {
    for (const iterations of [0, -1, 1.5, NaN, 10_000_001]) {
      await assertRejects(() => hashPassword("x", iterations), RangeError);
    }
  },
);
