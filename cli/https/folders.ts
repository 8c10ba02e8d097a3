// Where the certificates are kept. Pure.

/** Returns the value of an environment variable. */
export type Environment = (name: string) => string | undefined;

/**
 * The folder of this program's certificates.
 *
 * @param os The operating system.
 * @param env The environment.
 * @returns The path.
 * @throws {TypeError} If the user has no folder for data.
 */
export function dataFolder(os: string, env: Environment): string {
  const parent = userData(os, env);
  if (parent !== undefined) return join(os, parent, "httpserver");
  const name = os === "windows" ? "LOCALAPPDATA" : "HOME";
  throw new TypeError(
    `Cannot keep the certificates: ${name} is not set; set it, or use --tls-cert`,
  );
}

/**
 * The folder of mkcert's authority.
 *
 * @param os The operating system.
 * @param env The environment.
 * @returns The path; `undefined` if mkcert can't have one.
 */
export function mkcertFolder(
  os: string,
  env: Environment,
): string | undefined {
  const given = env("CAROOT");
  if (given) return given;
  const parent = userData(os, env);
  return parent && join(os, parent, "mkcert");
}

/** The folder in which programs keep the data of a user. */
function userData(
  os: string,
  env: Environment,
): string | undefined {
  if (os === "windows") return env("LOCALAPPDATA") || undefined;
  const home = env("HOME") || undefined;
  if (os === "darwin") return home && `${home}/Library/Application Support`;
  const given = env("XDG_DATA_HOME");
  // A relative path is invalid, and ignored.
  if (given?.startsWith("/")) return given;
  return home && `${home}/.local/share`;
}

/**
 * Joins a folder and a name.
 *
 * @param os The operating system.
 * @param folder The folder.
 * @param name The name.
 * @returns The path.
 */
export function join(
  os: string,
  folder: string,
  name: string,
): string {
  return `${folder}${os === "windows" ? "\\" : "/"}${name}`;
}

/**
 * The folder that contains a folder.
 *
 * @param folder The path of the folder.
 * @returns The path; that of the folder itself if it is in no other one.
 */
export function parentOf(folder: string): string {
  const isSeparator = (at: number) => /[\\/]/.test(folder[at] ?? "");
  let end = folder.length;
  while (isSeparator(end - 1)) end--;
  while (end > 0 && !isSeparator(end - 1)) end--;
  if (end === 0) return folder;
  while (isSeparator(end - 1)) end--;
  const parent = folder.slice(0, end);
  // The root of a drive ends with a separator.
  return parent === "" ? "/" : parent.endsWith(":") ? `${parent}\\` : parent;
}
