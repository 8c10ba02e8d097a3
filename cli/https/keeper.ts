// Keeps the authority and the certificates of servers in the user's folder for data, and makes those
// that are missing, expire soon, or don't fit any more. An authority of mkcert takes precedence.

import {
  type Authority,
  authorityText,
  certificateText,
  fingerprint,
  hex,
  issueLeaf,
  LEAF_LIFETIME,
  makeAuthority,
  readAuthority,
  readLeaf,
} from "./authority.ts";
import { join } from "./folders.ts";
import { namesFor, namesKey, permittedFor, sameNames } from "./names.ts";
import type { Chosen, Machine } from "./names.ts";
import { isKeptFromOthers, keepPrivate } from "./ownership.ts";
import { locked, readIfThere, removeOld, writeAtomically } from "./store.ts";

/** The files in the folder. */
const OWN = { pem: "ca.pem", certificate: "ca.crt", trusted: "trusted" };
const MKCERT = { certificate: "rootCA.pem", key: "rootCA-key.pem" };

/** The files with the certificates of servers. */
const LEAF = /^server-[0-9a-f]{16}\.pem$/;

/** Where the files are, and what time it is. */
export interface Place {
  /** The folder of this program. */
  readonly folder: string;
  /** The folder of mkcert; `undefined` to ignore it. */
  readonly mkcert: string | undefined;
  /** The operating system. */
  readonly os: string;
  /** The time, in milliseconds since 1970. */
  readonly now: number;
  /** The ID of this user; `undefined` to accept files of every owner. */
  readonly uid: number | undefined;
}

/** An authority, and where its certificate is. */
export interface Kept {
  readonly authority: Authority;
  /** The file of the certificate (PEM). */
  readonly file: string;
  /** Whether it is mkcert's. */
  readonly isMkcert: boolean;
  /** Whether it is only in memory yet. */
  readonly isNew: boolean;
  /** What the user should know. */
  readonly notes: readonly string[];
}

/** The certificate of a server. */
export interface Certified extends Kept {
  /** The file with the certificate and its key. */
  readonly leaf: string;
  /** Its names, and those that are left out. */
  readonly names: Chosen;
}

/**
 * Makes the folder and the key of the authority private, if they exist.
 *
 * @param place Where they are.
 * @returns What the user should know.
 * @throws {TypeError} If another user could read or replace the key.
 */
export async function protectFolder(
  { folder, os, uid }: Place,
): Promise<string[]> {
  return await keepPrivate(folder, join(os, folder, OWN.pem), uid);
}

/**
 * Returns the authority; without a usable one, creates one in memory.
 *
 * @param place Where to look.
 * @param hostName The name of this machine.
 * @returns The authority.
 * @throws {Error} If a file can't be read.
 */
export async function findAuthority(
  place: Place,
  hostName: string,
): Promise<Kept> {
  const notes: string[] = [];
  const theirs = await findMkcert(place, notes);
  if (theirs !== undefined) return theirs;
  const file = join(place.os, place.folder, OWN.certificate);
  const path = join(place.os, place.folder, OWN.pem);
  const text = await readIfThere(path);
  const common = { file, isMkcert: false, notes };
  if (text !== undefined) {
    try {
      const authority = readAuthority(text, place.now);
      return { ...common, authority, isNew: false };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      notes.push(newNote(path, error));
    }
  }
  const authority = await makeAuthority(
    hostName,
    permittedFor(hostName),
    place.now,
  );
  return { ...common, authority, isNew: true };
}

/**
 * Writes an authority that is new, unless another process has made one meanwhile.
 *
 * @param place Where.
 * @param hostName The name of this machine.
 * @param kept The authority.
 * @returns The one to use.
 * @throws {Error} If it can't be written.
 */
export async function keepAuthority(
  place: Place,
  hostName: string,
  kept: Kept,
): Promise<Kept> {
  if (!kept.isNew) {
    if (!kept.isMkcert) await restoreCertificate(place, kept);
    return kept;
  }
  return await locked(place.folder, async () => {
    const other = await findAuthority(place, hostName);
    if (!other.isNew) return other;
    await writeOwn(place, kept.authority);
    return { ...kept, isNew: false };
  });
}

/**
 * Writes the file with the certificate alone again, if it was removed or replaced, or if another
 * user could still do so before the commands of `--trust` read it.
 */
async function restoreCertificate(
  { uid }: Place,
  { authority, file }: Kept,
): Promise<void> {
  const text = certificateText(authority.certificate);
  const isSafe = await isKeptFromOthers(file, uid);
  if (!isSafe || await readIfThere(file) !== text) {
    await writeAtomically(file, text, 0o644);
  }
}

/**
 * Returns the certificate of a server, and makes the missing files.
 *
 * @param place Where the files are.
 * @param machine The names of the machine.
 * @returns The certificate.
 * @throws {Error} If a file can't be read or written.
 */
export async function certify(
  place: Place,
  machine: Machine,
): Promise<Certified> {
  const notes = await protectFolder(place);
  const found = await findAuthority(place, machine.hostName);
  const made = await keepAuthority(place, machine.hostName, found);
  const kept = { ...made, notes: [...notes, ...made.notes] };
  try {
    return await leafOf(place, machine, kept);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return await leafOf(
      place,
      machine,
      await replace(place, machine, kept, error),
    );
  }
}

/**
 * Whether the user has installed an authority with `--trust`, or with mkcert.
 *
 * @param place Where the files are.
 * @param kept The authority.
 * @returns Whether it is trusted.
 */
export async function isTrusted(place: Place, kept: Kept): Promise<boolean> {
  if (kept.isMkcert) return true;
  const text = await readIfThere(join(place.os, place.folder, OWN.trusted));
  return text?.trim() === await fingerprint(kept.authority.certificate);
}

/**
 * Remembers that an authority is installed.
 *
 * @param place Where the files are.
 * @param kept The authority.
 */
export async function rememberTrust(place: Place, kept: Kept): Promise<void> {
  if (kept.isMkcert) return;
  const text = await fingerprint(kept.authority.certificate);
  await writeAtomically(
    join(place.os, place.folder, OWN.trusted),
    text + "\n",
    0o600,
  );
}

async function findMkcert(
  { mkcert, os, now }: Place,
  notes: string[],
): Promise<Kept | undefined> {
  if (mkcert === undefined) return undefined;
  const file = join(os, mkcert, MKCERT.certificate);
  try {
    const certificate = await readIfThere(file);
    const key = await readIfThere(join(os, mkcert, MKCERT.key));
    if (certificate === undefined || key === undefined) return undefined;
    const authority = readAuthority(certificate + key, now);
    return { authority, file, isMkcert: true, isNew: false, notes };
  } catch (error) {
    if (!(error instanceof SyntaxError) && !isDenied(error)) throw error;
    notes.push(
      `did not use mkcert's CA of ${file}: ${(error as Error).message}`,
    );
    return undefined;
  }
}

/** Reads or issues the certificate of a server. */
async function leafOf(
  place: Place,
  machine: Machine,
  kept: Kept,
): Promise<Certified> {
  const { authority } = kept;
  const names = namesFor(machine, authority.facts.permitted);
  // A file for each set of names: servers with other options, or in other networks, must not
  // replace each other's certificates.
  const key = `${namesKey(names)} ${hex(authority.certificate)}`;
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new TextEncoder().encode(key),
  );
  const id = hex(new Uint8Array(digest, 0, 8));
  const leaf = join(place.os, place.folder, `server-${id}.pem`);
  // A key that others could read is no secret any more.
  const isSecret = await isKeptFromOthers(leaf, place.uid, "any");
  const text = isSecret ? await readIfThere(leaf) ?? "" : "";
  const had = readLeaf(text, authority, place.now);
  if (had === undefined || !sameNames(had, names)) {
    const issued = await issueLeaf(authority, names, place.now);
    await locked(place.folder, async () => {
      await writeAtomically(leaf, issued, 0o600);
      await removeOld(place.folder, LEAF, place.now - LEAF_LIFETIME);
    });
  }
  return { ...kept, leaf, names };
}

/** Replaces an authority whose key can't be used; one of mkcert is not ours to replace. */
async function replace(
  place: Place,
  { hostName }: Machine,
  kept: Kept,
  error: SyntaxError,
): Promise<Kept> {
  if (kept.isMkcert) {
    const without = { ...place, mkcert: undefined };
    const own = await findAuthority(without, hostName);
    const note = `did not use mkcert's CA of ${kept.file}: ${error.message}`;
    return {
      ...await keepAuthority(without, hostName, own),
      notes: [...kept.notes, note],
    };
  }
  return await locked(place.folder, async () => {
    const path = join(place.os, place.folder, OWN.pem);
    const notes = [...kept.notes, newNote(path, error)];
    const other = await findAuthority(place, hostName);
    // Another process may have replaced it already.
    if (!other.isNew && !isSame(other, kept)) return { ...other, notes };
    const permitted = permittedFor(hostName);
    const authority = await makeAuthority(hostName, permitted, place.now);
    await writeOwn(place, authority);
    return { ...kept, authority, notes };
  });
}

function isSame({ authority: a }: Kept, { authority: b }: Kept): boolean {
  return hex(a.certificate) === hex(b.certificate) && hex(a.key) === hex(b.key);
}

function newNote(file: string, { message }: SyntaxError): string {
  return `made a new CA, since that of ${file} can't be used: ${message}`;
}

/** Writes the certificate last: who sees it can rely on the key. */
async function writeOwn(
  { os, folder }: Place,
  authority: Authority,
): Promise<void> {
  await writeAtomically(
    join(os, folder, OWN.pem),
    authorityText(authority),
    0o600,
  );
  await writeAtomically(
    join(os, folder, OWN.certificate),
    certificateText(authority.certificate),
    0o644,
  );
}

function isDenied(error: unknown): boolean {
  return error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotCapable;
}
