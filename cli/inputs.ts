// What the arguments name on this machine: files to read, and folders that must be there.
// Faults are found here, before anything listens.

import { CGI_DIRECTORIES } from "../handlers/cgi/handler.ts";
import { statSync } from "../handlers/file_stat.ts";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { repr } from "../text/repr.ts";
import type { CommandLine, CommandLineTls } from "./arguments.ts";
import type { TestOptions } from "./serve.ts";
import { UsageError } from "./usage_error.ts";

/**
 * The options for HTTPS. Without a password, a key that needs one is refused; there is
 * never a question on the terminal.
 *
 * @param tls What the arguments say; `undefined` for plain HTTP.
 * @returns The options for `test()`.
 * @throws {SyntaxError} Where the password can't be read.
 */
export function tlsOptions(tls: CommandLineTls | undefined): TestOptions {
  if (tls === undefined) return {};
  const { cert, key, passwordFile } = tls;
  return {
    tls_cert: cert,
    ...(key !== undefined && { tls_key: key }),
    ...(passwordFile !== undefined &&
      { tls_password: readPassword(passwordFile).trim() }),
  };
}

/**
 * Adds the users to the options of a site: those of a file or of the environment. There is
 * no argument for a password: every user of the machine can read those.
 *
 * @param commandLine What the arguments say.
 * @returns The options with the users, or the same.
 * @throws {SyntaxError} Where there is no such variable.
 * @throws {Error} Where the file can't be read.
 */
export function withUsers(
  { site, usersFile, usersVariable }: CommandLine,
): StaticFileOptions {
  const users = usersFile !== undefined
    ? readUsers(usersFile)
    : usersVariable !== undefined
    ? readVariable("users-env", usersVariable)
    : undefined;
  return users === undefined ? site : { ...site, users };
}

/**
 * Checks that the folders can be served: else only each request would show it.
 *
 * @param site The options.
 * @throws {Error} A folder is missing, is not a folder, can't be read, or is not permitted.
 */
export function checkFolders(
  { directory = ".", mounts = {}, listing = true }: StaticFileOptions,
): void {
  for (const folder of [directory, ...Object.values(mounts)]) {
    checkFolder(String(folder), listing);
  }
}

/**
 * Checks that scripts can be run, if there are any.
 *
 * @param site The options.
 * @throws {Deno.errors.NotCapable} No script may be run, or nothing is known about the user.
 */
export function checkScripts({ directory = "." }: StaticFileOptions): void {
  const scripts = CGI_DIRECTORIES.flatMap((name) =>
    filesIn(`${directory}${name}`)
  );
  if (scripts.length === 0) return;
  if (!scripts.some((command) => isPermitted({ name: "run", command }))) {
    throw new Deno.errors.NotCapable(
      `Cannot run the scripts in ${
        repr(String(directory))
      }: run again with --allow-run`,
    );
  }
  if (
    Deno.build.os !== "windows" && !isPermitted({ name: "sys", kind: "uid" })
  ) {
    throw new Deno.errors.NotCapable(
      "Cannot run scripts without knowing the user: run again with --allow-sys=uid",
    );
  }
}

/**
 * Tells of a page that is not there yet: a build may still make it.
 *
 * @param site The options.
 * @returns A warning; `undefined` for none.
 */
export function missingPage(
  { directory = ".", spa = false }: StaticFileOptions,
): string | undefined {
  if (spa === false) return undefined;
  const page = spa === true ? "index.html" : spa;
  return statSync(`${directory}/${page}`)?.isFile
    ? undefined
    : `there is no ${page} yet for navigations`;
}

function readVariable(option: string, name: string): string {
  // No variable has an empty name, nor one with these.
  const value = name === "" || /[=\0]/.test(name)
    ? undefined
    : Deno.env.get(name);
  if (value !== undefined) return value;
  throw new UsageError(
    `argument --${option}: there is no variable ${repr(name)}`,
  );
}

/** As in CPython, a password file that can't be read is a wrong argument. */
function readPassword(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new UsageError(
      `argument --tls-password-file: Cannot read ${repr(file)}: ${
        reasonOf(error, "file")
      }`,
    );
  }
}

function readUsers(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new Error(
      `Cannot read the users in ${repr(file)}: ${reasonOf(error, "file")}`,
      { cause: error },
    );
  }
}

function checkFolder(folder: string, listing: boolean): void {
  const cannot = (reason: string) =>
    new TypeError(`Cannot serve ${repr(folder)}: ${reason}`);
  let real: string;
  try {
    if (!Deno.statSync(folder).isDirectory) throw cannot("it is not a folder");
    // The point at its end takes the right to enter it.
    Deno.statSync(`${folder}/.`);
    real = Deno.realPathSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannot(reasonOf(error, "folder"));
  }
  if (!isPermitted({ name: "read", path: real })) {
    // The runtime judges a file by where it really is.
    throw cannot(
      `it is ${repr(real)}; run again with --allow-read=${shellWord(real)}`,
    );
  }
  // Windows does not open folders.
  if (!listing || Deno.build.os === "windows") return;
  try {
    Deno.openSync(folder).close();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannot(`${error.message}; without a listing, add --no-listing`);
  }
}

/** Whether a permission is there, or somebody can be asked for it now. */
function isPermitted(permission: Deno.PermissionDescriptor): boolean {
  const { state } = Deno.permissions.requestSync(permission);
  return state === "granted";
}

/**
 * The paths of the files in a folder of scripts; none if there is no such folder.
 *
 * @throws {Error} The folder can't be read.
 */
function filesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter((entry) => !entry.isDirectory)
      .map(({ name }) => `${Deno.realPathSync(folder)}/${name}`);
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return [];
    if (!isSystemError(error)) throw error;
    throw new Error(
      `Cannot look for scripts in ${repr(folder)}: ${error.message}`,
      { cause: error },
    );
  }
}

/** Whether an error is of the system, and not of a missing permission or of this program. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error &&
    !(error instanceof TypeError || error instanceof Deno.errors.NotCapable);
}

/** A path as a shell takes it for one word. */
function shellWord(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path)
    ? path
    : `'${path.replaceAll("'", "'\\''")}'`;
}

function reasonOf(error: Error, what: string): string {
  return error instanceof Deno.errors.NotFound
    ? `there is no such ${what}`
    : error.message;
}
