// The list of unfinished files and the states of uploads, so that those of a killed server can be
// removed. Each thread has
// one while it receives files. It holds a lock on it, which the system releases when the process
// ends, however it does: a list that can be locked has no owner. A process ID could belong to
// another process by now.

import { isMissing } from "../../file_stat.ts";
import { uploadsFolder } from "./state_folder.ts";
import { KEPT_FOR } from "./resumable.ts";
import { removeTemp } from "./moved.ts";
import { isSystemError, removeIfThere } from "./state_files.ts";
import { isTempName } from "./temp_names.ts";

const LIST = ".list";

/** The largest list that is read, in bytes: some ten thousand files. A longer one is of no use. */
const MAX_LIST = 16 * 1024 * 1024;

/** After how many bytes another list is begun. Lines are only added, so that one could grow forever. */
const FULL_LIST = 1024 * 1024;

/** The name of an upload's state. */
const STATE = /^[0-9a-f]{64}\.json$/;

const encoder = new TextEncoder();

/** The list of this thread. */
class Journal {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #open = new Set<string>();
  #size = 0;
  /** Whether the list was removed. */
  isOver = false;

  constructor(path: string, file: Deno.FsFile) {
    this.#path = path;
    this.#file = file;
  }

  /** Whether another list has to be begun. */
  get isFull(): boolean {
    return this.#size >= FULL_LIST;
  }

  /** Lists a file, before it is created. */
  add(path: string): void {
    this.#open.add(path);
    const line = encoder.encode(JSON.stringify(path) + "\n");
    this.#size += line.length;
    this.#file.writeSync(line);
  }

  /** Removes a file from the list, and an empty list. */
  delete(path: string): void {
    this.#open.delete(path);
    if (this.#open.size > 0 || this.isOver) return;
    this.isOver = true;
    // In this order: an unlocked list is one of a dead process.
    removeIfThere(this.#path);
    this.#file.close();
  }
}

let journal: Promise<Journal | undefined> | undefined;
let swept: Promise<void> | undefined;

/**
 * Lists an unfinished file, or the state of an upload. Call it before the file is created.
 *
 * @param path The file's path.
 * @returns Removes it from the list, once the file is stored or removed.
 */
export async function listUnfinished(path: string): Promise<Disposable> {
  await (swept ??= sweep());
  for (;;) {
    const opening = journal ??= openJournal();
    const list = await opening;
    // Meanwhile, the last file of the list may have been stored.
    if (list?.isOver || list?.isFull) {
      if (journal === opening) journal = undefined;
      continue;
    }
    list?.add(path);
    return { [Symbol.dispose]: () => list?.delete(path) };
  }
}

/**
 * Removes the unfinished files of servers that were killed.
 *
 * @returns A promise, which is fulfilled also if that is not possible.
 */
export function sweepOnce(): Promise<void> {
  return swept ??= sweep();
}

async function openJournal(): Promise<Journal | undefined> {
  const folder = uploadsFolder();
  if (folder === undefined) return undefined;
  const base = `${folder}/${Deno.pid}-${crypto.randomUUID()}`;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const file = await Deno.open(base, {
      write: true,
      createNew: true,
      mode: 0o600,
    });
    // Only then it has a name that a sweep looks for.
    await file.lock(true);
    await Deno.rename(base, base + LIST);
    return new Journal(base + LIST, file);
  } catch (error) {
    // A read-only home directory: the files are removed unless the server is killed.
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

async function sweep(): Promise<void> {
  const folder = uploadsFolder();
  if (folder === undefined) return;
  const lists: string[] = [];
  const states: string[] = [];
  await unlessSystemError(async () => {
    for await (const { name } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (name.endsWith(LIST)) lists.push(path);
      else states.push(path);
    }
  });
  // A list that can't be read or removed must not keep the others.
  for (const path of lists) await unlessSystemError(() => sweepList(path));
  // What is known of an upload that can be resumed ends with its file.
  const oldest = Date.now() - KEPT_FOR * 1000;
  for (const path of states) {
    await unlessSystemError(async () => {
      const { mtime } = await Deno.stat(path);
      if ((mtime?.getTime() ?? 0) > oldest || await hasFile(path)) return;
      removeIfThere(path);
    });
  }
}

/**
 * Does work that may be left for later.
 *
 * @param work The work. If the system refuses a part of it, the rest is not done.
 */
export async function unlessSystemError(
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** Removes the files of a list that has no owner, then the list. */
async function sweepList(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  if (!await file.tryLock(true)) return;
  const { size } = await file.stat();
  if (size <= MAX_LIST) {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size;) {
      const count = await file.read(bytes.subarray(at));
      if (count === null) break;
      at += count;
    }
    const lines = new TextDecoder().decode(bytes).split("\n");
    // The last line may be cut, but then its file was not created.
    for (const line of lines.slice(0, -1)) removeListed(line);
  }
  removeIfThere(path);
}

/** Whether the unfinished file of an upload is there. */
async function hasFile(state: string): Promise<boolean> {
  const known = parse(await Deno.readTextFile(state));
  const temp = known !== null && typeof known === "object" && "temp" in known
    ? known.temp
    : undefined;
  if (typeof temp !== "string") return false;
  try {
    return (await Deno.lstat(temp)).isFile;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function removeListed(line: string): void {
  const path = parse(line);
  if (typeof path !== "string") return;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const isState = STATE.test(name) && path === `${uploadsFolder()}/${name}`;
  if (isState) removeIfThere(path);
  else if (isTempName(name)) removeTemp(path);
}

/** Parses a file that may be damaged, for example after a power failure. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
