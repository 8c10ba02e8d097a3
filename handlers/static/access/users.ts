// The users who may see the files. Checks take the same time whether or not a user exists.

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
import { type Rights, splitRights } from "./rights.ts";
import { VerifiedCredentials } from "./verified.ts";

/**
 * Parses users from a file or an environment variable.
 *
 * Each line is a user name, a colon, and a password in a format of `parsePassword()`, perhaps
 * followed by a colon and the user's rights. Empty lines and lines that begin with "#" are
 * ignored.
 *
 * @param text The lines.
 * @param source The name of the text in error messages.
 * @returns The users and their passwords.
 * @throws {SyntaxError} A line has no colon, user or password, a user occurs twice, a
 * password is malformed, or there are no users. The message has the line number and never
 * a password.
 *
 * @example Two users
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const users = parseUsers("# guests\nada:hunter2\nbob:s3cret\n");
 * assertEquals([...users.keys()], ["ada", "bob"]);
 * ```
 */
export function parseUsers(
  text: string,
  source = "the users",
): Map<string, KeptPassword> {
  const users = new Map<string, KeptPassword>();
  for (const [index, line] of linesOf(text).entries()) {
    if (line === "" || line.startsWith("#")) continue;
    const bad = (problem: string, cause?: unknown) =>
      new SyntaxError(
        `Cannot read line ${index + 1} of ${source}: ${problem}`,
        {
          cause,
        },
      );
    const colon = line.indexOf(":");
    if (colon < 0) throw bad("it has no colon; write user:password");
    const [user, password] = [line.slice(0, colon), line.slice(colon + 1)];
    if (user === "") throw bad("it has no user");
    if (password === "") throw bad("it has no password");
    if (users.has(user)) throw bad(`${JSON.stringify(user)} is a duplicate`);
    try {
      users.set(user, parsePassword(splitRights(password).password));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      throw bad(error.message.replace(/^.*?: /, ""), error);
    }
  }
  if (users.size === 0) {
    throw new SyntaxError(`Cannot read ${source}: there are no users`);
  }
  return users;
}

/**
 * Parses what the users may do.
 *
 * @param text The lines, which `parseUsers()` has accepted.
 * @returns The rights of those users whose lines end with them.
 *
 * @example One user with rights
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const rights = parseRights("ada:hunter2\nbob:s3cret:write\n");
 * assertEquals([...rights], [["bob", "write"]]);
 * ```
 */
export function parseRights(text: string): ReadonlyMap<string, Rights> {
  const all = new Map<string, Rights>();
  for (const line of linesOf(text)) {
    if (line.startsWith("#")) continue;
    const colon = line.indexOf(":");
    const { rights } = splitRights(line.slice(colon + 1));
    if (rights !== undefined) all.set(line.slice(0, colon), rights);
  }
  return all;
}

function linesOf(text: string): string[] {
  // Some editors begin every file with a byte order mark.
  return text.replace(/^\ufeff/, "").split(/\r?\n/);
}

/** The result of a check; "busy" if too many checks wait. */
export type Verdict = "right" | "wrong" | "busy";

/** Checks whether credentials belong to a user. */
export type CredentialsCheck = (
  credentials: Credentials,
  client: CheckClient,
) => Promise<Verdict>;

/** One queue for all sites of the process, since they share its cores. */
const checks = new CheckQueue();

/**
 * Makes a function that checks credentials.
 *
 * A check that fails takes the same time for every user, including unknown ones, so the
 * time doesn't reveal which users exist. Slow checks wait in a queue in which clients take
 * turns. With more than `MAX_CHECKS` waiting, or `MAX_CHECKS_OF_CLIENT` of one client, the
 * result is "busy" for every user. Correct credentials are remembered for an hour and
 * don't wait: a browser sends them with every request, and a slow hash should only slow
 * down guessing.
 *
 * @param users The users and their passwords, from `parseUsers()`.
 * @param now A clock in milliseconds.
 * @returns The function.
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
      // Another connection may have checked them meanwhile.
      if (verified.has(digest)) return true;
      const matched = await matches(password, kept, slowest);
      if (!matched || kept === NOBODY) return false;
      verified.add(digest);
      return true;
    });
    return isRight === undefined ? "busy" : isRight ? "right" : "wrong";
  };
}

/** Checks a password; always takes as long as the slowest hash of all users. */
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

/** Compared with for a user who doesn't exist. */
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
