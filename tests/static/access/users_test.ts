import { assertEquals, assertThrows } from "@std/assert";
import { MAX_CHECKS_OF_CLIENT } from "../../../handlers/static/access/check_queue.ts";
import {
  compileUsers,
  parseUsers,
} from "../../../handlers/static/access/users.ts";
import { VERIFIED_FOR } from "../../../handlers/static/access/verified.ts";
import { pureTest } from "../../_lib/pure.ts";

const HASHED =
  "$pbkdf2-sha256$1000$c2FsdHNhbHRzYWx0MTIzNA$.PdAGtRURaPnL4tLZaYuTitR7QwZRFuX5EVqWgWkSIQ";
const PASSWORD = "p\xe4ssword";

/** A check for a single client, as a boolean. */
function checkOf(
  text: string,
): (credentials: { user: string; password: string }) => Promise<boolean> {
  const check = compileUsers(parseUsers(text), () => 0);
  const client = { address: "192.0.2.1" };
  return async (credentials) => await check(credentials, client) === "right";
}

pureTest("parseUsers() reads one user per line", () => {
  const users = parseUsers(
    "# who\r\n\r\nada:a:b\nj\xfcrgen: c \n#x:y\nbob:{PLAIN}#",
  );
  assertEquals([...users], [
    ["ada", { kind: "plain", password: "a:b" }],
    ["j\xfcrgen", { kind: "plain", password: " c " }],
    ["bob", { kind: "plain", password: "#" }],
  ]);
});

pureTest("parseUsers() ignores a byte order mark", () => {
  assertEquals([...parseUsers("\ufeffada:b").keys()], ["ada"]);
});

pureTest(
  "parseUsers() reports the line of an error, and never a password",
  () => {
    const rows: [string, string][] = [
      ["", "Cannot read the users: there are no users"],
      ["# ada:b", "Cannot read the users: there are no users"],
      ["ada:x\nsecret", "line 2 of the users: it has no colon"],
      [":secret", "line 1 of the users: it has no user"],
      ["ada:", "line 1 of the users: it has no password"],
      ["ada:x\n\nada:secret", 'line 3 of the users: "ada" is a duplicate'],
      [
        "ada:{SHA}secret",
        'line 1 of the users: it has an unsupported hash format ("{SHA}")',
      ],
      [
        "ada:$2y$05$secret",
        'line 1 of the users: it has an unsupported hash format ("$2y$")',
      ],
    ];
    for (const [text, message] of rows) {
      const error = assertThrows(() => parseUsers(text), SyntaxError, message);
      assertEquals(error.message.includes("secret"), false);
    }
  },
);

pureTest("compileUsers() accepts users with their passwords", async () => {
  const isUser = checkOf(
    `plain:pl:ain\nhashed:${HASHED}\ndigest:{SHA256}NHgme1YSeRtAmIkGs6eJfrarUB4EuV7TL5nQr99mnZw=`,
  );
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
  // Twice, since some are cached the second time.
  for (const [user, password, expected] of [...rows, ...rows]) {
    assertEquals(await isUser({ user, password }), expected, user + password);
  }
});

pureTest(
  "compileUsers() works as hard for a user who doesn't exist",
  async () => {
    const asked: [string, number][] = [];
    const { deriveBits } = crypto.subtle;
    // Count iterations instead of measuring time.
    crypto.subtle.deriveBits = function (algorithm, key, length) {
      const { iterations } = algorithm as Pbkdf2Params;
      asked.at(-1)![1] += iterations;
      return deriveBits.call(this, algorithm, key, length);
    };
    try {
      const slower = HASHED.replace("$1000$", "$3000$");
      const isUser = checkOf(`plain:a\nfast:${HASHED}\nslow:${slower}`);
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
  },
);

pureTest("compileUsers() computes one slow hash at a time", async () => {
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
    const isUser = checkOf(`ada:${HASHED}`);
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

/** Runs with each slow hash waiting for `finish()`. */
async function withSlowHashes(
  run: (finish: () => void, begun: () => number) => Promise<void>,
): Promise<void> {
  const { subtle } = crypto;
  const { deriveBits } = subtle;
  const restored = new DisposableStack();
  for (const name of ["digest", "generateKey", "importKey", "sign"] as const) {
    const own = subtle[name] as (...args: unknown[]) => Promise<unknown>;
    Object.assign(subtle, {
      [name]: (...args: unknown[]) => counted(own.apply(subtle, args)),
    });
    restored.defer(() => void Object.assign(subtle, { [name]: own }));
  }
  const waiting: (() => void)[] = [];
  let begun = 0;
  subtle.deriveBits = async function (algorithm, key, length) {
    begun++;
    await new Promise<void>((resolve) => waiting.push(resolve));
    return await counted(deriveBits.call(subtle, algorithm, key, length));
  };
  restored.defer(() => void (subtle.deriveBits = deriveBits));
  using _restored = restored;
  await run(() => waiting.shift()?.(), () => begun);
}

/** The number of pending operations of `crypto.subtle`, without blocked hashes. */
let computing = 0;

async function counted<T>(operation: Promise<T>): Promise<T> {
  computing++;
  try {
    return await operation;
  } finally {
    computing--;
  }
}

/** Waits until everything that can continue has done so. */
async function settle(): Promise<void> {
  for (let idle = 0; idle < 3; idle = computing === 0 ? idle + 1 : 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

pureTest(
  "compileUsers() doesn't queue a login that was correct before",
  async () => {
    let now = 0;
    const check = compileUsers(parseUsers(`ada:${HASHED}`), () => now);
    const ada = { user: "ada", password: PASSWORD };
    const client = { address: "192.0.2.1" };
    assertEquals(await check(ada, client), "right");
    await withSlowHashes(async (finish, begun) => {
      const guesses = ["a", "b"].map((password) =>
        check({ user: "ada", password }, { address: "192.0.2.9" })
      );
      await settle();
      // No hash is computed for the same client or another one.
      assertEquals(await check(ada, client), "right");
      assertEquals(await check(ada, { address: "192.0.2.9" }), "right");
      assertEquals(begun(), 1);
      now = VERIFIED_FOR;
      const expired = check(ada, client);
      for (let n = 0; n < 3; n++) {
        await settle();
        finish();
      }
      assertEquals(await expired, "right");
      assertEquals(await Promise.all(guesses), ["wrong", "wrong"]);
      assertEquals(begun(), 3);
    });
  },
);

pureTest(
  "compileUsers() checks once if several connections of a client send the same credentials",
  async () => {
    const check = compileUsers(parseUsers(`ada:${HASHED}`), () => 0);
    const client = { address: "192.0.2.1" };
    await withSlowHashes(async (finish, begun) => {
      const verdicts = Promise.all(
        Array.from(
          { length: 2 * MAX_CHECKS_OF_CLIENT },
          () => check({ user: "ada", password: PASSWORD }, client),
        ),
      );
      await settle();
      finish();
      assertEquals(new Set(await verdicts), new Set(["right"]));
      assertEquals(begun(), 1);
    });
  },
);

pureTest(
  "compileUsers() is busy beyond the limit, whether or not the user exists",
  async () => {
    const check = compileUsers(parseUsers(`ada:${HASHED}`), () => 0);
    const client = { address: "192.0.2.1" };
    await withSlowHashes(async (finish) => {
      const guess = (user: string, n: number) =>
        check({ user, password: `${n}` }, client);
      const first = Array.from(
        { length: 1 + MAX_CHECKS_OF_CLIENT },
        (_, n) => guess("ada", n),
      );
      await settle();
      assertEquals(await guess("ada", 98), "busy");
      assertEquals(await guess("nobody", 99), "busy");
      for (let n = 0; n < first.length; n++) {
        finish();
        await settle();
      }
      assertEquals(new Set(await Promise.all(first)), new Set(["wrong"]));
      const after = guess("ada", 98);
      await settle();
      finish();
      assertEquals(await after, "wrong");
    });
  },
);
