// Reads files and checks folders that the arguments name, so that errors show before the
// server listens.

import { CGI_DIRECTORIES } from "../handlers/cgi/handler.ts";
import { statSync } from "../handlers/file_stat.ts";
import { randomSecret } from "../handlers/static/access/secret.ts";
import { parseUsers } from "../handlers/static/access/users.ts";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import { repr } from "../text/repr.ts";
import type { CommandLine, CommandLineTls } from "./arguments.ts";
import type { TestOptions } from "./serve.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Returns the options for HTTPS. Never prompts for the password of a key.
 *
 * @param tls The files; `undefined` for plain HTTP.
 * @returns The options for `test()`.
 * @throws {SyntaxError} If the password file can't be read.
 */
export function tlsOptions(tls: CommandLineTls | undefined): TestOptions {
  if (tls === undefined) return {};
  const { cert, key, passwordFile } = tls;
  return {
    tls_cert: cert,
    redirect_http: true,
    ...(key !== undefined && { tls_key: key }),
    ...(passwordFile !== undefined &&
      { tls_password: readPassword(passwordFile).trim() }),
  };
}

/**
 * Adds to the options of a site the users from a file or the environment, and a new secret.
 * Neither can be an argument, since every user of the machine can read those.
 *
 * @param commandLine The arguments.
 * @returns The options, with the users and the secret if there are any.
 * @throws {SyntaxError} If the variable is not set, or a line is malformed.
 * @throws {Error} If the file can't be read.
 */
export function withSecrets(commandLine: CommandLine): StaticFileOptions {
  const site = withUsers(commandLine);
  return commandLine.secret ? { ...site, secret: randomSecret() } : site;
}

function withUsers(
  { site, usersFile, usersVariable }: CommandLine,
): StaticFileOptions {
  if (usersFile !== undefined) {
    const users = readUsers(usersFile);
    checkUsers("users", users, repr(usersFile));
    return { ...site, users };
  }
  if (usersVariable === undefined) return site;
  const users = readVariable("users-env", usersVariable);
  checkUsers("users-env", users, `the variable ${repr(usersVariable)}`);
  return { ...site, users };
}

/**
 * Adds the certificates of `--proxy-ca` to the options of a site.
 *
 * @param commandLine The arguments.
 * @returns The arguments, with the certificates if there are any.
 * @throws {Error} If the file can't be read, or has no certificate.
 */
export function withProxyCa(commandLine: CommandLine): CommandLine {
  const { proxyCaFile: file, site } = commandLine;
  if (file === undefined) return commandLine;
  const cannot = (why: string, cause?: unknown) =>
    new Error(`Cannot use the certificates in ${repr(file)}: ${why}`, {
      cause,
    });
  let proxyCa: string;
  try {
    proxyCa = Deno.readTextFileSync(file);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannot(reasonOf(error, "file"), error);
  }
  if (!proxyCa.includes("-----BEGIN CERTIFICATE-----")) {
    throw cannot("there is no certificate in PEM format");
  }
  return { ...commandLine, site: { ...site, proxyCa } };
}

/** The site would find the same errors, but can't name the file or the variable. */
function checkUsers(option: string, users: string, source: string): void {
  try {
    parseUsers(users, source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`argument --${option}: ${error.message}`);
  }
}

/**
 * Replaces the path among the arguments by the options to serve it.
 *
 * @param commandLine The arguments.
 * @returns The arguments, with the directory or file in the options of the site.
 * @throws {SyntaxError} If there is no such directory or file, or an option needs a
 * directory.
 */
export function withPath(commandLine: CommandLine): CommandLine {
  const { path, cgi, site, portFallback } = commandLine;
  if (path === undefined) return commandLine;
  const info = statPath(path);
  if (info === null) {
    // Without a port, it may have been meant as one.
    throw new UsageError(
      portFallback === "terminal"
        ? `argument port: invalid int value: ${
          repr(path)
        }, and there is no such file or directory; give a port from 0 to 65535, a directory or a file`
        : `argument path: there is no file or directory ${repr(path)}`,
    );
  }
  if (info.isDirectory) {
    return { ...commandLine, site: { ...site, directory: path } };
  }
  const other = cgi
    ? "cgi"
    : site.spa
    ? "spa"
    : site.archive
    ? "archive"
    : site.cleanUrls
    ? "clean-urls"
    : site.rules
    ? "rules"
    : site.upload && "upload";
  if (!info.isFile || other) {
    throw new UsageError(
      `argument ${repr(path)}: ${
        info.isFile
          ? `--${other} needs a directory`
          : "it is neither a directory nor a file"
      }`,
    );
  }
  return { ...commandLine, site: fileOptions(path, site) };
}

/** Returns the options for a single file. */
function fileOptions(path: string, site: StaticFileOptions): StaticFileOptions {
  const { mounts = {} } = site;
  const backslash = Deno.build.os === "windows" ? path.lastIndexOf("\\") : -1;
  const start = Math.max(path.lastIndexOf("/"), backslash) + 1;
  const directory = path.slice(0, start);
  const file = path.slice(start);
  return {
    // Naming a symlink or a dotfile means to serve it, and nothing else could be reached.
    ...(Object.keys(mounts).length === 0 &&
      { symlinks: "follow", dotFiles: "allow" }),
    ...site,
    directory: directory === "" ? "." : directory,
    file,
  };
}

/**
 * Checks that the folders can be served, rather than fail at each request.
 *
 * @param site The options.
 * @throws {Error} If a folder is missing, is not a folder, can't be read, or is not
 * permitted.
 */
export function checkFolders(
  { directory = ".", file, mounts = {}, listing = true }: StaticFileOptions,
): void {
  if (file === undefined) checkFolder(String(directory), listing);
  else checkFile(`${directory}/${file}`);
  for (const folder of Object.values(mounts)) {
    checkFolder(String(folder), listing);
  }
}

/**
 * Checks that files can be stored in the folders.
 *
 * @param site The options.
 * @throws {Error} If a folder is read-only, or writing to it is not permitted.
 */
export function checkWritable(
  { directory = ".", mounts = {} }: StaticFileOptions,
): void {
  for (const folder of [directory, ...Object.values(mounts)].map(String)) {
    const real = Deno.realPathSync(folder);
    const cannot = (reason: string) =>
      new TypeError(`Cannot receive files in ${repr(folder)}: ${reason}`);
    if (!isPermitted({ name: "write", path: real })) {
      throw cannot(`run again with --allow-write=${shellWord(real)}`);
    }
    try {
      // Nothing else tells a read-only file system, or what an access list allows.
      const name = { dir: real, prefix: ".httpserver-" };
      Deno.removeSync(Deno.makeTempFileSync(name));
    } catch (error) {
      if (!isSystemError(error)) throw error;
      throw cannot(error.message);
    }
  }
}

/**
 * Checks that scripts can be run, if there are any.
 *
 * @param site The options.
 * @throws {Deno.errors.NotCapable} If running scripts or reading the user ID is not
 * permitted.
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
 * Warns if the SPA page doesn't exist. A build may still create it.
 *
 * @param site The options.
 * @returns The warning; `undefined` if the page exists.
 */
export function missingPage(
  { directory = ".", spa = false }: StaticFileOptions,
): string | undefined {
  if (spa === false) return undefined;
  const page = spa === true ? "index.html" : spa;
  return statSync(`${directory}/${page}`)?.isFile
    ? undefined
    : `there is no ${page} yet to serve for page loads`;
}

/**
 * Says where the upload page is, if an index page is shown in its place.
 *
 * @param site The options.
 * @returns The line; `undefined` if the listing is at the URL of the site.
 */
export function hiddenUploads(
  { directory = ".", listing = true, upload = false }: StaticFileOptions,
): string | undefined {
  const isDrop = typeof upload === "object" && upload.drop === true;
  if (!upload || isDrop || !listing) return undefined;
  const page = ["index.html", "index.htm"].find((name) =>
    statSync(`${directory}/${name}`)?.isFile
  );
  return page === undefined
    ? undefined
    : `${page} is shown instead of the upload page; add ?upload to the URL`;
}

/**
 * Says that there are files of rules which are not applied.
 *
 * @param site The options.
 * @returns The line; `undefined` without such files, or if they are applied.
 */
export function ignoredRules(
  { directory = ".", file, mounts = {}, rules }: StaticFileOptions,
): string | undefined {
  if (rules !== undefined) return undefined;
  const folders = [
    ...file === undefined ? [directory] : [],
    ...Object.values(mounts),
  ];
  const files = folders.flatMap((folder) =>
    ["_redirects", "_headers"].filter((name) =>
      statSync(`${folder}/${name}`)?.isFile
    )
  );
  if (files.length === 0) return undefined;
  const names = [...new Set(files)].join(" and ");
  return `the rules in ${names} are not applied; use --rules netlify or --rules cloudflare`;
}

/** Returns the stat result of a path; `null` if it doesn't exist. */
function statPath(path: string): Deno.FileInfo | null {
  // Deno.statSync() throws a TypeError for a NUL.
  if (path === "" || path.includes("\0")) return null;
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return null;
    throw new Error(`Cannot serve ${repr(path)}: ${error.message}`, {
      cause: error,
    });
  }
}

function readVariable(option: string, name: string): string {
  // These names are never set, and Deno.env.get() throws for them.
  const value = name === "" || /[=\0]/.test(name)
    ? undefined
    : Deno.env.get(name);
  if (value !== undefined) return value;
  throw new UsageError(
    `argument --${option}: the environment variable ${repr(name)} is not set`,
  );
}

/** As in CPython, an unreadable password file is an invalid argument. */
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
    if (!Deno.statSync(folder).isDirectory) {
      throw cannot("it is not a directory");
    }
    // The trailing "/." requires permission to enter the folder.
    Deno.statSync(`${folder}/.`);
    real = Deno.realPathSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannot(reasonOf(error, "directory"));
  }
  if (!isPermitted({ name: "read", path: real })) {
    // Deno checks permissions on the resolved path.
    throw cannot(
      `it is ${repr(real)}; run again with --allow-read=${shellWord(real)}`,
    );
  }
  if (!listing || canOpen(folder)) return;
  try {
    Deno.readDirSync(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw cannot(`${error.message}; without a listing, add --no-listing`);
  }
}

function checkFile(file: string): void {
  try {
    Deno.openSync(file).close();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new TypeError(
      `Cannot serve ${repr(file)}: ${reasonOf(error, "file")}`,
      { cause: error },
    );
  }
}

/** Whether a folder can be opened, which is cheaper than to read it. It never can be on Windows, nor inside an executable. */
function canOpen(folder: string): boolean {
  try {
    Deno.openSync(folder).close();
    return true;
  } catch {
    // `readDirSync()` has the right error.
    return false;
  }
}

/** Whether a permission is granted, if necessary by a prompt. */
function isPermitted(permission: Deno.PermissionDescriptor): boolean {
  const { state } = Deno.permissions.requestSync(permission);
  return state === "granted";
}

/**
 * Returns the paths of the files in a folder of scripts; an empty array if it doesn't
 * exist.
 *
 * @throws {Error} If the folder can't be read.
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

/** Whether an error comes from the system, not from a missing permission or a bug. */
function isSystemError(error: unknown): error is Error {
  return error instanceof Error &&
    !(error instanceof TypeError || error instanceof Deno.errors.NotCapable);
}

/** Quotes a path for a shell if necessary. */
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
