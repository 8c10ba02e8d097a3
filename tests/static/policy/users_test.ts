import { assertEquals, assertThrows } from "@std/assert";
import {
  compileUsers,
  parseUsers,
} from "../../../handlers/static/policy/users.ts";

const HASHED =
  "$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0MTIzNA$.PdAGtRURaPnL4tLZaYuTitR7QwZRFuX5EVqWgWkSIQ";
const PASSWORD = "p\xe4ssword";

function test(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, permissions: "none", fn });
}

test("parseUsers() reads a user a line", () => {
  const users = parseUsers(
    "# who\r\n\r\nada:a:b\nj\xfcrgen: c \n#x:y\nbob:{PLAIN}#",
  );
  assertEquals([...users], [
    ["ada", { kind: "plain", password: "a:b" }],
    ["j\xfcrgen", { kind: "plain", password: " c " }],
    ["bob", { kind: "plain", password: "#" }],
  ]);
});

test("parseUsers() passes over a byte order mark", () => {
  assertEquals([...parseUsers("\ufeffada:b").keys()], ["ada"]);
});

test("parseUsers() names the line of a fault, and never a password", () => {
  const rows: [string, string][] = [
    ["", "Cannot read the users: none"],
    ["# ada:b", "Cannot read the users: none"],
    ["ada:x\nsecret", "line 2 of the users: it has no colon"],
    [":secret", "line 1 of the users: it has no user"],
    ["ada:", "line 1 of the users: it has no password"],
    ["ada:x\n\nada:secret", 'line 3 of the users: "ada" is there already'],
    ["ada:{SHA}secret", 'line 1 of the users: "{SHA}" begins no known form'],
    ["ada:$2y$05$secret", 'line 1 of the users: "$2y$" begins no known form'],
  ];
  for (const [text, message] of rows) {
    const error = assertThrows(() => parseUsers(text), SyntaxError, message);
    assertEquals(error.message.includes("secret"), false);
  }
});

test("compileUsers() knows its users by their passwords", async () => {
  const isUser = compileUsers(parseUsers(
    `plain:pl:ain\nhashed:${HASHED}\ndigest:{SHA256}NHgme1YSeRtAmIkGs6eJfrarUB4EuV7TL5nQr99mnZw=`,
  ));
  const rows: [string, string, boolean][] = [
    ["plain", "pl:ain", true],
    ["hashed", PASSWORD, true],
    ["digest", PASSWORD, true],
    ["plain", "", false],
    ["plain", "pl:ain ", false],
    ["plain", PASSWORD, false],
    ["hashed", "password", false],
    ["hashed", HASHED, false],
    ["digest", "pl:ain", false],
    ["Plain", "pl:ain", false],
    ["nobody", "pl:ain", false],
    ["nobody", "", false],
    ["", "", false],
    ["__proto__", "pl:ain", false],
    ["constructor", "", false],
  ];
  // Twice: the second time some of them are remembered.
  for (const [user, password, expected] of [...rows, ...rows]) {
    assertEquals(await isUser({ user, password }), expected, user + password);
  }
});

test("compileUsers() works as hard for a user who does not exist", async () => {
  const asked: [string, number][] = [];
  const { deriveBits } = crypto.subtle;
  // What a wrong password costs is told by the iterations, not by a clock.
  crypto.subtle.deriveBits = function (algorithm, key, length) {
    const { iterations } = algorithm as Pbkdf2Params;
    asked.at(-1)![1] += iterations;
    return deriveBits.call(this, algorithm, key, length);
  };
  try {
    const slower = HASHED.replace("$1000$", "$3000$");
    const isUser = compileUsers(
      parseUsers(`plain:a\nfast:${HASHED}\nslow:${slower}`),
    );
    for (const user of ["plain", "fast", "slow", "nobody"]) {
      asked.push([user, 0]);
      assertEquals(await isUser({ user, password: "wrong" }), false);
    }
    assertEquals(asked, [
      ["plain", 3000],
      ["fast", 3000],
      ["slow", 3000],
      ["nobody", 3000],
    ]);

    asked.push(["fast", 0]);
    assertEquals(await isUser({ user: "fast", password: PASSWORD }), true);
    asked.push(["fast again", 0]);
    assertEquals(await isUser({ user: "fast", password: PASSWORD }), true);
    assertEquals(asked.at(-1), ["fast again", 0]);
    asked.push(["fast, but wrong", 0]);
    assertEquals(await isUser({ user: "fast", password: "wrong" }), false);
    assertEquals(asked.at(-1), ["fast, but wrong", 3000]);
  } finally {
    crypto.subtle.deriveBits = deriveBits;
  }
});

test("compileUsers() computes one slow hash at a time", async () => {
  const { deriveBits } = crypto.subtle;
  let running = 0;
  let most = 0;
  crypto.subtle.deriveBits = async function (algorithm, key, length) {
    most = Math.max(most, ++running);
    try {
      return await deriveBits.call(this, algorithm, key, length);
    } finally {
      running--;
    }
  };
  try {
    const isUser = compileUsers(parseUsers(`ada:${HASHED}`));
    const passwords = ["a", "b", PASSWORD, "c", PASSWORD];
    assertEquals(
      await Promise.all(
        passwords.map((password) => isUser({ user: "ada", password })),
      ),
      [false, false, true, false, true],
    );
    assertEquals(most, 1);
  } finally {
    crypto.subtle.deriveBits = deriveBits;
  }
});
