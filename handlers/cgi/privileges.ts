// What a script may do and know: as whom it runs, and what of the server's environment
// it sees.

/** A user and a group by their numbers. */
export interface ScriptUser {
  /** The user's number. */
  readonly uid: number;
  /** The number of the user's group. */
  readonly gid: number;
}

const NOBODY = /^nobody:[^:\n]*:([0-9]{1,10}):([0-9]{1,10}):/m;

/**
 * Finds the user "nobody".
 *
 * @param passwd The text of a passwd file.
 * @returns Its numbers, `undefined` where there is no such user, or it is root itself.
 */
export function findNobody(passwd: string): ScriptUser | undefined {
  const [, uid, gid] = NOBODY.exec(passwd) ?? [];
  return uid === undefined || Number(uid) === 0
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}

/**
 * As whom a script is to run.
 *
 * @returns "self" where the server is not root; else nobody's numbers.
 * @throws {Deno.errors.PermissionDenied} Where the server is root and there is no such user.
 */
export function scriptUser(): ScriptUser | "self" {
  // Not known on Windows.
  if (Deno.uid() !== 0) return "self";
  const user = findNobody(Deno.readTextFileSync("/etc/passwd"));
  if (user !== undefined) return user;
  throw new Deno.errors.PermissionDenied(
    "Cannot run a script as root: there is no user nobody to run it as",
  );
}

/**
 * What of the server's environment a script sees.
 *
 * @param names The names of the variables, or "all".
 * @returns Those that are set.
 */
export function passedVariables(
  names: readonly string[] | "all",
): Record<string, string> {
  if (names === "all") return Deno.env.toObject();
  const variables: Record<string, string> = {};
  for (const name of names) {
    const value = Deno.env.get(name);
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}
