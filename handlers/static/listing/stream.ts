// Generates a folder's listing. Up to 5,000 entries are made at once and cached; more are
// sent while they are read.

import {
  isOutOfReach,
  isUnavailable,
  markFileError,
  modifiedAt,
  statOpened,
  statSync,
} from "../../file_stat.ts";
import { MAX_ENTRIES } from "../../listing.ts";
import { BytesFile, type SourceFile } from "../../source.ts";
import { type HiddenPolicy, isHidden } from "../lookup/hidden.ts";
import type { ListingEntry } from "./entry.ts";
import { jsonFoot, jsonHead, jsonRows } from "./json.ts";
import { sortEntries } from "./order.ts";
import {
  listingFoot,
  listingHead,
  type ListingReadme,
  listingRows,
  type ListingView,
} from "./page.ts";
import { ListingCache, type SeenFile } from "./cache.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import { readUpTo } from "../representation/open_file.ts";
import { StreamFile } from "../representation/stream_file.ts";
import { textOf } from "../representation/text_file.ts";

/** What to list, and how. */
export interface ListingRequest {
  /** The served folder. */
  readonly folder: ServedFolder;
  /** The path of the folder to list. */
  readonly path: string;
  /** How to show it. */
  readonly view: ListingView;
  /** Whether to send JSON. */
  readonly json: boolean;
  /** Whether dotfiles are listed. */
  readonly dotFiles: HiddenPolicy;
  /** Whether the folder is the root, where `.well-known` is never hidden. */
  readonly root: boolean;
  /** Whether an entry of the root is not listed. */
  readonly omits?: ((name: string) => boolean) | undefined;
  /** Called with the path of the folder's README, whose content is part of the page. */
  readonly note?: ((path: string) => void) | undefined;
}

/** How many entries are stat'ed, and sent, at once. */
const BATCH = 500;

/** How long a listing may block other requests, in milliseconds. */
const MAX_HOLD = 20;

/**
 * Folders with more entries are sent while they are read, so that browsers can start to
 * show them; smaller ones are finished sooner.
 */
const MAX_AT_ONCE = 5_000;

/** The largest folder that is read synchronously, in bytes: a few thousand names, and milliseconds. */
const MAX_READ_AT_ONCE = 256 * 1024;

/** How many folders over `MAX_READ_AT_ONCE` are listed at once in this process. */
const MAX_LARGE_LISTINGS = 16;

/** How many folders over `MAX_READ_AT_ONCE` are being listed. */
let largeListings = 0;

/** How much of a README is shown, in bytes. */
const MAX_README = 128 * 1024;

/** The names of a README. The first one of a folder is shown. */
const READMES: readonly RegExp[] = [
  /^readme\.(?:md|markdown)$/i,
  /^readme$/i,
  /^readme\.(?:txt|rst)$/i,
];

/** The names in a folder. */
export interface FolderNames {
  /** The entries, with symlinks resolved, but without sizes and times. */
  readonly entries: readonly ListingEntry[];
  /** Whether the folder has more entries than are listed. */
  readonly truncated: boolean;
}

/**
 * Reads the names in a folder.
 *
 * @param request What to list.
 * @param large Whether to read the names asynchronously, so that other requests are served meanwhile.
 * @param most The most entries to list.
 * @returns The entries.
 * @throws {Error} The folder can't be read.
 */
export async function readEntries(
  request: ListingRequest,
  large: boolean,
  most: number = MAX_ENTRIES,
): Promise<FolderNames> {
  const { path } = request;
  const entries: ListingEntry[] = [];
  const isPrivate = request.folder.privateIn(path);
  const add = (entry: Deno.DirEntry) =>
    isPrivate?.(entry) || addEntry(entries, entry, request, most);
  try {
    if (!large) return { entries, truncated: !addAll(path, add) };
    for await (const entry of Deno.readDir(path)) {
      if (!add(entry)) return { entries, truncated: true };
    }
  } catch (error) {
    throw markFileError(error);
  }
  return { entries, truncated: false };
}

/** Reads a folder synchronously, which takes a third of the time, and without a promise for each name. */
function addAll(path: string, add: (entry: Deno.DirEntry) => boolean): boolean {
  for (const entry of Deno.readDirSync(path)) {
    if (!add(entry)) return false;
  }
  return true;
}

/** Adds an entry that is listed. Returns `false` if there are too many. */
function addEntry(
  entries: ListingEntry[],
  entry: Deno.DirEntry,
  { folder, path, dotFiles, root, omits }: ListingRequest,
  most: number,
): boolean {
  const { name } = entry;
  if (isHidden(root ? [name] : ["", name], dotFiles)) return true;
  if (root && omits?.(name)) return true;
  if (entries.length === most) return false;
  entries.push({ name, kind: kindOf(entry, folder, path) });
  return true;
}

const caches = new WeakMap<ServedFolder, ListingCache>();

/**
 * Opens a folder's listing.
 *
 * @param request What to list.
 * @returns The listing. Its size is `Infinity` if it is generated while it is sent.
 * @throws {Error} The folder can't be read, or too many large ones are being listed; see `isUnavailable()`.
 */
export async function openListing(
  request: ListingRequest,
): Promise<SourceFile> {
  const { folder, path, json, view } = request;
  const cache = caches.get(folder) ?? new ListingCache();
  caches.set(folder, cache);
  const area = view.upload === undefined
    ? ""
    : view.uploadPage
    ? "upload page"
    : "upload";
  const key = `${json} ${view.sort} ${view.order} ${view.view} ${area} ${path}`;
  const kept = cache.get(key, path);
  if (kept !== undefined) {
    const shown = cache.fileOf(key);
    if (shown !== undefined) request.note?.(shown);
    return new BytesFile(kept);
  }
  const large = (statSync(path)?.size ?? Infinity) > MAX_READ_AT_ONCE;
  using stack = new DisposableStack();
  if (large) stack.use(takePlace());
  const names = await readEntries(request, large);
  const readme = json ? undefined : findReadme(names.entries);
  if (readme !== undefined) request.note?.(inside(path, readme));
  if (names.entries.length > MAX_AT_ONCE) {
    return new StreamFile(streamListing(request, names), stack.move());
  }
  return new BytesFile(
    await cache.make(
      key,
      path,
      (note) => streamListing(request, names, note),
    ),
  );
}

/** Counts one more large listing until it is disposed. */
function takePlace(): Disposable {
  if (largeListings >= MAX_LARGE_LISTINGS) {
    throw markFileError(
      new Deno.errors.Busy(
        `${MAX_LARGE_LISTINGS} large folders are being listed`,
      ),
    );
  }
  largeListings++;
  return { [Symbol.dispose]: () => void largeListings-- };
}

/**
 * Generates a listing.
 *
 * @param request What to list.
 * @param names The entries, from `readEntries()`.
 * @param note Called with the file whose content it shows.
 * @returns The bytes, in pieces.
 */
export async function* streamListing(
  request: ListingRequest,
  { entries, truncated }: FolderNames,
  note?: (file: SeenFile) => void,
): AsyncGenerator<Uint8Array> {
  const { view, json } = request;
  const encoder = new TextEncoder();
  const pause = new Pause();
  yield encoder.encode(json ? jsonHead(view.segments) : listingHead(view));
  const byName = view.sort === "name";
  const sorted = byName
    ? sortEntries(entries, view)
    : sortEntries(await detailAll(request, entries, pause), view);
  let [folders, bytes] = [0, 0];
  for (let at = 0; at < sorted.length; at += BATCH) {
    const slice = sorted.slice(at, at + BATCH);
    const batch = byName ? slice.map((entry) => detail(request, entry)) : slice;
    for (const { kind, size = 0 } of batch) {
      if (kind === "folder" || kind === "link-folder") folders++;
      else bytes += size;
    }
    yield encoder.encode(
      json ? jsonRows(batch, at === 0) : listingRows(batch, view),
    );
    if (at + BATCH < sorted.length) await pause.whenDue();
  }
  if (json) {
    yield encoder.encode(jsonFoot(truncated));
    return;
  }
  const readme = await readReadme(request, entries, note);
  const files = sorted.length - folders;
  const totals = { folders, files, bytes, truncated };
  yield encoder.encode(
    listingFoot({ ...view, totals, ...(readme !== undefined && { readme }) }),
  );
}

function kindOf(
  { name, isFile, isDirectory, isSymlink }: Deno.DirEntry,
  folder: ServedFolder,
  path: string,
): ListingEntry["kind"] {
  if (!isSymlink) return isDirectory ? "folder" : isFile ? "file" : "other";
  // A broken symlink, or one to a file that may not be served, can't be opened.
  const target = unlessFailing(() => folder.find(inside(path, name)));
  if (target?.isDirectory) return "link-folder";
  return target?.isFile ? "link-file" : "other";
}

/** The path of an entry. Optimized, since a listing calls it thousands of times. */
function inside(path: string, name: string): string {
  return path.endsWith("/") ? path + name : path + "/" + name;
}

function detail({ path }: ListingRequest, entry: ListingEntry): ListingEntry {
  if (entry.kind === "other") return entry;
  const info = unlessFailing(() => statSync(inside(path, entry.name)));
  if (info === null) return entry;
  const { name, kind } = entry;
  const { size } = info;
  const mtimeMs = modifiedAt(info);
  return mtimeMs === null
    ? { name, kind, size }
    : { name, kind, size, mtimeMs };
}

/** The stat result of an entry; `null` if it fails, since one dead mount must not break the whole listing. */
function unlessFailing(
  look: () => Deno.FileInfo | null,
): Deno.FileInfo | null {
  try {
    return look();
  } catch (error) {
    if (isUnavailable(error) || isOutOfReach(error)) return null;
    throw error;
  }
}

async function detailAll(
  request: ListingRequest,
  entries: readonly ListingEntry[],
  pause: Pause,
): Promise<ListingEntry[]> {
  const detailed: ListingEntry[] = [];
  for (const entry of entries) {
    detailed.push(detail(request, entry));
    if (detailed.length % BATCH === 0) await pause.whenDue();
  }
  return detailed;
}

/** Yields to other requests now and then. */
class Pause {
  #since = performance.now();

  async whenDue(): Promise<void> {
    if (performance.now() - this.#since < MAX_HOLD) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#since = performance.now();
  }
}

/** Finds the README in a folder. Of two with the same priority, the first in the alphabet counts. */
function findReadme(entries: readonly ListingEntry[]): string | undefined {
  let [found, rank]: [string | undefined, number] = [undefined, Infinity];
  for (const { kind, name } of entries) {
    if (!/^readme/i.test(name) || !kind.endsWith("file")) continue;
    const at = READMES.findIndex((pattern) => pattern.test(name));
    if (at < 0 || at > rank || (at === rank && name > found!)) continue;
    [found, rank] = [name, at];
  }
  return found;
}

async function readReadme(
  { folder, path }: ListingRequest,
  entries: readonly ListingEntry[],
  note: (file: SeenFile) => void = () => {},
): Promise<ListingReadme | undefined> {
  const name = findReadme(entries);
  if (name === undefined) return undefined;
  const file = inside(path, name);
  try {
    using opened = await Deno.open(file);
    const info = await statOpened(opened, file);
    if (!info.isFile || !folder.allows(file, info)) return undefined;
    note({ path: file, info });
    const bytes = await readUpTo(opened, MAX_README);
    const text = textOf(bytes, "text/plain");
    if (text === undefined) return undefined;
    const truncated = info.size > bytes.length;
    const isMarkdown = !truncated && READMES[0]!.test(name);
    const html = isMarkdown
      ? (await import("../markdown/readme.ts")).renderReadme(text, file, info)
      : undefined;
    return { name, text, html: await html, truncated };
  } catch (error) {
    // Without its README, the listing is still useful.
    const failed = markFileError(error);
    if (isOutOfReach(failed) || isUnavailable(failed)) return undefined;
    throw error;
  }
}
