// What a script gets from the server's process: the user that it runs as, and environment variables,
// which `passedVariables()` reads. `variables.ts` is pure: it has the list of their names, and makes
// the variables of the request.

/** A user ID and a group ID. */
export interface ScriptUser {
  /** The user ID. */
  readonly uid: number;
  /** The group ID. */
  readonly gid: number;
}

const NOBODY = /^nobody:[^:\n]*:([0-9]{1,10}):([0-9]{1,10}):/m;

/**
 * Finds the user "nobody".
 *
 * @param passwd The text of a passwd file.
 * @returns Its IDs; `undefined` if there is no such user, or if its user ID is 0.
 */
export function findNobody(passwd: string): ScriptUser | undefined {
  const [, uid, gid] = NOBODY.exec(passwd) ?? [];
  return uid === undefined || Number(uid) === 0
    ? undefined
    : { uid: Number(uid), gid: Number(gid) };
}

/**
 * Returns the user to run scripts as.
 *
 * @returns "self" unless the server runs as root; then the IDs of nobody.
 * @throws {Deno.errors.PermissionDenied} If the server runs as root and there is no user nobody.
 */
export function scriptUser(): ScriptUser | "self" {
  // `null` on Windows.
  if (Deno.uid() !== 0) return "self";
  const user = findNobody(Deno.readTextFileSync("/etc/passwd"));
  if (user !== undefined) return user;
  throw new Deno.errors.PermissionDenied(
    "Cannot run CGI scripts as root: create a user named nobody, or run the server as another user",
  );
}

/**
 * Returns the environment variables of the server to pass to a script.
 *
 * @param names The names of the variables, or "all".
 * @returns The variables that are set.
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
