// The users who may see the files: read from lines of "user:password", and checked in
// the same time whether a user exists or not.

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import type { Credentials } from "./basic_auth.ts";
import { type CheckClient, CheckQueue } from "./check_queue.ts";
import {
  type HashedPassword,
  hashIfPlain,
  type KeptPassword,
  parsePassword,
  pbkdf2,
  sha256,
} from "./password.ts";
import { VerifiedCredentials } from "./verified.ts";

/**
 * Reads users from the text of a file or of an environment variable.
 *
 * Each line is a user, a colon, and a password in one of the forms that
 * `parsePassword()` reads. Empty lines, and lines that begin with "#", are passed over.
 *
 * @param text The lines.
 * @returns The users with their passwords.
 * @throws {SyntaxError} A line has no colon, no user or no password, a user comes twice, a
 * password is malformed, or there is no user at all. The message names the line and never
 * repeats a password.
 *
 * @example Two users
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const users = parseUsers("# guests\nada:hunter2\nbob:s3cret\n");
 * assertEquals([...users.keys()], ["ada", "bob"]);
 * ```
 */
export function parseUsers(text: string): Map<string, KeptPassword> {
  const users = new Map<string, KeptPassword>();
  // Some editors begin every file with a byte order mark.
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const bad = (what: string, cause?: unknown) =>
      new SyntaxError(`Cannot read line ${index + 1} of the users: ${what}`, {
        cause,
      });
    const colon = line.indexOf(":");
    if (colon < 0) throw bad("it has no colon");
    const [user, password] = [line.slice(0, colon), line.slice(colon + 1)];
    if (user === "") throw bad("it has no user");
    if (password === "") throw bad("it has no password");
    if (users.has(user)) throw bad(`${JSON.stringify(user)} is there already`);
    try {
      users.set(user, parsePassword(password));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw bad(error.message.replace(/^.*?: /, ""), error);
    }
  }
  if (users.size === 0) throw new SyntaxError("Cannot read the users: none");
  return users;
}

/** What a check of credentials comes to: "busy" where so many wait that it was not made. */
export type Verdict = "right" | "wrong" | "busy";

/** Tells whether credentials are those of a user. */
export type CredentialsCheck = (
  credentials: Credentials,
  client: CheckClient,
) => Promise<Verdict>;

/** One queue for all sites of the process, as they share its cores. */
const checks = new CheckQueue();

/**
 * Makes a check of credentials against users.
 *
 * A check that fails costs the same for every user, one who does not exist too: whoever
 * tries names learns nothing from the time it takes. Slow checks wait in a queue, in which
 * clients take turns. It is bounded: beyond `MAX_CHECKS`, or `MAX_CHECKS_OF_CLIENT` for one
 * client, the verdict is "busy", whoever the user is. What was right is remembered for an
 * hour and never waits: a browser sends its password with every request, and a slow hash is
 * meant to slow down only those who guess.
 *
 * @param users The users with their passwords, as `parseUsers()` gives them.
 * @param now A clock in milliseconds.
 * @returns The check.
 *
 * @example One user
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const check = compileUsers(parseUsers("ada:hunter2"), () => performance.now());
 * const client = { address: "192.0.2.1" };
 * assertEquals(await check({ user: "ada", password: "hunter2" }, client), "right");
 * assertEquals(await check({ user: "bob", password: "hunter2" }, client), "wrong");
 * ```
 */
export function compileUsers(
  users: ReadonlyMap<string, KeptPassword>,
  now: () => number,
): CredentialsCheck {
  let slowest = 0;
  for (const kept of users.values()) {
    slowest = Math.max(slowest, iterationsOf(kept));
  }
  const verified = new VerifiedCredentials(now);
  let hashed: Promise<ReadonlyMap<string, HashedPassword>> | undefined;

  return async ({ user, password }, client) => {
    const known = await (hashed ??= hashAll(users));
    const kept = known.get(user) ?? NOBODY;
    if (slowest === 0) {
      const isRight = await matches(password, kept, 0);
      return isRight && kept !== NOBODY ? "right" : "wrong";
    }
    const digest = await verified.digest(user, password);
    if (verified.has(digest)) return "right";
    const isRight = await checks.run(client, digest, async () => {
      // Meanwhile another connection may have had it checked.
      if (verified.has(digest)) return true;
      const matched = await matches(password, kept, slowest);
      if (!matched || kept === NOBODY) return false;
      verified.add(digest);
      return true;
    });
    return isRight === undefined ? "busy" : isRight ? "right" : "wrong";
  };
}

/** Checks a password in the time that the slowest of all takes. */
async function matches(
  password: string,
  kept: HashedPassword,
  slowest: number,
): Promise<boolean> {
  const isRight = kept.kind === "sha256"
    ? timingSafeEqual(await sha256(password), kept.digest)
    : timingSafeEqual(
      await pbkdf2(password, kept.salt, kept.iterations),
      kept.hash,
    );
  const missing = slowest - iterationsOf(kept);
  if (missing > 0) await pbkdf2(password, new Uint8Array(16), missing);
  return isRight;
}

/** What is compared with for a user who does not exist. */
const NOBODY: HashedPassword = {
  kind: "sha256",
  digest: new Uint8Array(32),
};

async function hashAll(
  users: ReadonlyMap<string, KeptPassword>,
): Promise<ReadonlyMap<string, HashedPassword>> {
  const hashed = new Map<string, HashedPassword>();
  for (const [user, kept] of users) hashed.set(user, await hashIfPlain(kept));
  return hashed;
}

function iterationsOf(kept: KeptPassword): number {
  return kept.kind === "pbkdf2" ? kept.iterations : 0;
}
