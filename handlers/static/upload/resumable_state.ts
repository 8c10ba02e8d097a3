// What is known of the uploads that can be resumed. It is kept in files, so that every thread of
// `--workers` can resume them; the one that receives the next part is not the one that began.

import { clientNetwork } from "../../../text/ip_address.ts";
import { isMissing } from "../../file_stat.ts";
import { listUnfinished, unlessSystemError } from "./journal.ts";
import { removeTemp } from "./moved.ts";
import { isSystemError, removeIfThere } from "./state_files.ts";
import { takeListed } from "./listings.ts";
import { KEPT_FOR } from "./resumable.ts";
import { chooseSlots, type Slot } from "./slots.ts";
import { uploadsFolder } from "./state_folder.ts";
import { isRunning } from "./turns.ts";

/** How many uploads are tried to be dropped for another one: another thread may just receive them. */
const MAX_TRIES = 8;

/** How often old ones are looked for, in milliseconds. */
const TICK = 60_000;

/** What is known of an upload. */
export interface UploadState {
  /** The path of the unfinished file. */
  readonly temp: string;
  /** The names of the served folder's URL path. */
  readonly prefix: readonly string[];
  /** The path of the served folder, and the names below it. */
  readonly root: string;
  readonly names: readonly string[];
  /** The size of the whole, if it is known. */
  readonly size: number | null;
  /** Who began it; nobody else may resume it. */
  readonly user: string | null;
  /** The digests that the whole must have: algorithm and base64. */
  readonly digests: readonly (readonly [
    algorithm: "sha-256" | "sha-512",
    value: string,
  ])[];
  /** The preconditions of the first request. */
  readonly conditions: readonly (readonly [name: string, value: string])[];
  /** Set once the file is stored. */
  readonly done?: { readonly size: number };
}

/** An upload that this thread has begun. */
interface Kept extends Slot {
  readonly state: UploadState;
  /** The place of its state in the list of what a killed server leaves. */
  readonly listed: Disposable;
}

/** The uploads that this thread has begun, by the names of their targets. The one that was used last is at the end. */
const kept = new Map<string, Kept>();
let timer: ReturnType<typeof setInterval> | undefined;

/** The digits of 128 random bits. */
const TOKEN = /^[0-9a-f]{32}$/;

/**
 * Makes the last name of an upload's target. Who knows it may resume the upload.
 *
 * @returns 128 random bits.
 */
export function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}

/**
 * Names who begins an upload, for the limit of uploads.
 *
 * @param user The user, if any.
 * @param address The client's address.
 * @returns The user, or the client's network.
 */
export function ownerOf(user: string | null, address: string): string {
  return user === null ? clientNetwork(address) : `user ${user}`;
}

/**
 * Makes room for one more upload: drops one that nobody is sending if there are too many.
 *
 * @param owner Who begins it.
 * @returns `false` without a folder for state, and if all are being sent.
 */
export async function makeRoom(owner: string): Promise<boolean> {
  if (uploadsFolder() === undefined) return false;
  const names = chooseSlots(kept, owner, isRunning);
  for (const token of names?.slice(0, MAX_TRIES) ?? []) {
    await dropIdle(token);
    if (chooseSlots(kept, owner, isRunning) === undefined) return true;
  }
  return names === undefined;
}

/** Drops an upload, unless a request for it is running in any thread. */
async function dropIdle(token: string): Promise<void> {
  const state = kept.get(token)?.state;
  if (state === undefined) return;
  using file = state.done === undefined ? await openIfThere(state.temp) : null;
  if (file !== null && !await file.tryLock(true)) return;
  if (!isRunning(token)) await removeUpload(token, state);
}

async function openIfThere(path: string): Promise<Deno.FsFile | null> {
  try {
    return await Deno.open(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/**
 * Keeps the state of an upload, from its beginning.
 *
 * @param token The last name of its target.
 * @param state What is known.
 * @param owner Who begins it.
 * @returns `false` if it can't be kept.
 */
export async function createState(
  token: string,
  state: UploadState,
  owner: string,
): Promise<boolean> {
  const path = await pathOf(token);
  if (path === undefined) return false;
  const listed = await listUnfinished(path);
  try {
    await writeState(path, state);
  } catch (error) {
    listed[Symbol.dispose]();
    // A read-only or full home directory.
    if (isSystemError(error)) return false;
    throw error;
  }
  kept.set(token, { state, owner, isDone: false, listed });
  if (timer === undefined) {
    timer = setInterval(() => void unlessSystemError(removeOld), TICK);
    Deno.unrefTimer(timer);
  }
  return true;
}

/**
 * Reads the state of an upload.
 *
 * @param token The last name of the target, as the client sent it.
 * @returns The state; `undefined` if there is no such upload.
 */
export async function readState(
  token: string,
): Promise<UploadState | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const path = await pathOf(token);
  if (path === undefined) return undefined;
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/**
 * Changes the state of an upload.
 *
 * @param token The last name of its target.
 * @param state What is known now.
 */
export async function updateState(
  token: string,
  state: UploadState,
): Promise<void> {
  const path = await pathOf(token);
  if (path === undefined) return;
  await writeState(path, state);
  const entry = kept.get(token);
  if (entry === undefined) return;
  kept.delete(token);
  kept.set(token, { ...entry, state, isDone: state.done !== undefined });
}

/**
 * Forgets an upload, and removes its unfinished file.
 *
 * @param token The last name of its target.
 * @param state What is known of it.
 */
export async function removeUpload(
  token: string,
  { done, temp }: UploadState,
): Promise<void> {
  const path = await pathOf(token);
  if (path !== undefined) removeIfThere(path);
  if (done === undefined) {
    removeTemp(temp);
    takeListed(temp)?.[Symbol.dispose]();
  }
  kept.get(token)?.listed[Symbol.dispose]();
  kept.delete(token);
  if (kept.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

/** Removes all uploads that this thread has begun: after the end of the server, nobody can resume them. */
export async function removeUploads(): Promise<void> {
  for (const [token, { state }] of kept) {
    await removeUpload(token, state);
  }
}

/** Removes the uploads that got no byte for a while. */
export async function removeOld(): Promise<void> {
  const oldest = Date.now() - KEPT_FOR * 1000;
  for (const [token, { state }] of kept) {
    const path = state.done === undefined ? state.temp : await pathOf(token);
    const changed = path === undefined ? 0 : await changedAt(path);
    if (changed < oldest) await removeUpload(token, state);
  }
}

/** When a file changed; 0 if it is gone. */
async function changedAt(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).mtime?.getTime() ?? 0;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
}

/** Replaced at once: another thread may read it now. */
async function writeState(path: string, state: UploadState): Promise<void> {
  const next = `${path}.${crypto.randomUUID()}`;
  await Deno.writeTextFile(next, JSON.stringify(state), { mode: 0o600 });
  await Deno.rename(next, path);
}

/** The file for an upload. Its name is a hash, so that a list of the folder gives nothing away. */
async function pathOf(token: string): Promise<string | undefined> {
  const folder = uploadsFolder();
  if (folder === undefined) return undefined;
  const bytes = new TextEncoder().encode(token);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `${folder}/${hash.toHex()}.json`;
}
