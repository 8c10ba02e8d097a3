// Keeps other users from the key of the authority: checks whose the files are, and repairs their modes.
// On Windows, files have neither.

/** The permissions of other users, and those to write. */
const OTHERS = 0o077;
const OTHERS_WRITE = 0o022;

/** The parts of a file's metadata that decide who can use it. */
type Owned = Pick<Deno.FileInfo, "mode" | "uid">;

/**
 * Checks the folder of the certificates and the file with the key, if they exist, and takes the
 * permissions of other users away.
 *
 * @param folder The folder.
 * @param key The file with the key.
 * @param uid This user; `undefined` to accept every owner.
 * @returns What the user should know.
 * @throws {TypeError} If one belongs to another user than this one and root, or if others can write
 * to it and the mode can't be changed.
 */
export async function keepPrivate(
  folder: string,
  key: string,
  uid: number | undefined,
): Promise<string[]> {
  // The folder first: afterwards, nobody else can replace the key.
  const changed = [
    await repair(folder, 0o700, uid),
    await repair(key, 0o600, uid),
  ];
  const [ofFolder, ofKey] = changed;
  const all = changed.filter((text) => text !== undefined);
  if (all.length === 0) return [];
  const advice = ofKey === undefined
    ? ""
    : `; other users may have its key: to make a new CA, remove ${
      ofFolder === undefined ? "the file" : key
    } and run httpserver --trust`;
  return [`${all.join(", and ")}${advice}`];
}

/**
 * Whether a file belongs to this user or root, and others lack some permissions for it.
 *
 * @param path The file.
 * @param uid This user; `undefined` to accept every owner.
 * @param permissions The permissions: by default those to write.
 * @returns `false` also if the file doesn't exist.
 */
export async function isKeptFromOthers(
  path: string,
  uid: number | undefined,
  permissions: "write" | "any" = "write",
): Promise<boolean> {
  const info = await infoOf(path);
  const bits = permissions === "any" ? OTHERS : OTHERS_WRITE;
  return info !== undefined && !isForeign(info, uid) &&
    ((info.mode ?? 0) & bits) === 0;
}

/** Returns what was wrong, and whether it was changed. */
async function repair(
  path: string,
  wanted: number,
  uid: number | undefined,
): Promise<string | undefined> {
  const info = await infoOf(path);
  if (info === undefined) return undefined;
  if (isForeign(info, uid)) {
    throw new TypeError(
      `Cannot use ${path}: it belongs to another user (uid ${info.uid}), who could read or replace the key of the CA; move it away, or use --tls-cert`,
    );
  }
  const mode = (info.mode ?? 0) & 0o777;
  if ((mode & OTHERS) === 0) return undefined;
  try {
    await Deno.chmod(path, wanted);
    return `changed the mode of ${path} from ${octal(mode)} to ${
      octal(wanted)
    }`;
  } catch (error) {
    // It is root's.
    if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    if ((mode & OTHERS_WRITE) === 0) {
      return `the mode of ${path} is ${
        octal(mode)
      }, and only its owner can change it to ${octal(wanted)}`;
    }
    throw new TypeError(
      `Cannot use ${path}: other users can write to it (mode ${
        octal(mode)
      }), and only its owner can change that; move it away, or use --tls-cert`,
    );
  }
}

function isForeign({ uid }: Owned, own: number | undefined): boolean {
  return own !== undefined && uid !== null && uid !== own && uid !== 0;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, "0");
}

async function infoOf(path: string): Promise<Owned | undefined> {
  try {
    const { mode, uid } = await Deno.stat(path);
    return { mode: uid === null ? null : mode, uid };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
