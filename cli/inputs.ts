// What the arguments name on this machine: files to read, and folders that must be there.
// Faults are found here, before anything listens.

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
      { tls_password: readFile("tls-password-file", passwordFile).trim() }),
  };
}

/**
 * Adds the users to the options of a site: those of a file or of the environment. There is
 * no argument for a password: every user of the machine can read those.
 *
 * @param commandLine What the arguments say.
 * @returns The options with the users, or the same.
 * @throws {SyntaxError} Where there is no such file or variable.
 */
export function withUsers(
  { site, usersFile, usersVariable }: CommandLine,
): StaticFileOptions {
  const users = usersFile !== undefined
    ? readFile("users", usersFile)
    : usersVariable !== undefined
    ? readVariable("users-env", usersVariable)
    : undefined;
  return users === undefined ? site : { ...site, users };
}

/**
 * Checks that the folders are there: else that would only show as a 404 to the first client.
 *
 * @param site The options.
 * @throws {TypeError} Where one is not.
 */
export function checkFolders(
  { directory = ".", mounts = {} }: StaticFileOptions,
): void {
  for (const folder of [directory, ...Object.values(mounts)]) {
    checkFolder(String(folder));
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

function readFile(option: string, file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) {
      throw error;
    }
    throw new UsageError(
      `argument --${option}: Cannot read ${repr(file)}: ${
        reasonOf(error, "file")
      }`,
    );
  }
}

function checkFolder(folder: string): void {
  try {
    if (Deno.statSync(folder).isDirectory) {
      // The point at its end takes the right to enter it.
      Deno.statSync(`${folder}/.`);
      return;
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable || !(error instanceof Error)) {
      throw error;
    }
    throw new TypeError(
      `Cannot serve ${repr(folder)}: ${reasonOf(error, "folder")}`,
    );
  }
  throw new TypeError(`Cannot serve ${repr(folder)}: it is not a folder`);
}

function reasonOf(error: Error, what: string): string {
  return error instanceof Deno.errors.NotFound
    ? `there is no such ${what}`
    : error.message;
}
