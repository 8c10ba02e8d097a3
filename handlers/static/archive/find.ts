// Finds the archive of a folder: everything about it is decided before its first byte is
// sent. Loaded by the first request for an archive.

import { Connection } from "../../../connection/connection.ts";
import { watchClient } from "../access/client_watch.ts";
import type { Exchange, Place } from "../exchange.ts";
import type { Resolved } from "../found.ts";
import { ContentHash } from "../representation/content_hash.ts";
import type { Representation } from "../representation/representation.ts";
import { type Archive, ArchiveFile } from "./archive_file.ts";
import { knownChecksum } from "./checksums.ts";
import { canSendSlices, type Layout } from "./layout.ts";
import { type ArchiveFormat, attachment, rootName } from "./names.ts";
import { Pause } from "./pause.ts";
import { layOutTar } from "./tar.ts";
import { TooLarge, walk, type Walked, type WalkedEntry } from "./walk.ts";
import { layOutZip } from "./zip.ts";

const FORMATS: Readonly<
  Record<
    ArchiveFormat,
    {
      readonly type: string;
      readonly layOut: (entries: readonly WalkedEntry[]) => Layout;
    }
  >
> = {
  zip: { type: "application/zip", layOut: layOutZip },
  tar: { type: "application/x-tar", layOut: layOutTar },
};

/** How many entries are hashed at once. */
const HASHED_AT_ONCE = 500;

/**
 * Finds the archive of a folder.
 *
 * @param exchange The request.
 * @param place Where the folder is.
 * @param format The format.
 * @returns The archive; `undefined` if there is no such folder.
 * @throws {Error} The folder can't be read just now.
 */
export async function findArchive(
  exchange: Exchange,
  { folder, local: path }: Place,
  format: ArchiveFormat,
): Promise<Resolved | undefined> {
  const { site, target } = exchange;
  if (!site.listing) {
    return folder.find(path)?.isDirectory
      ? { kind: "missing", vary: "" }
      : undefined;
  }
  const { names } = target;
  // An archive is passed on, and the secret must not be.
  const name = rootName(
    site.secret === undefined ? names : names.slice(1),
    path,
  );
  let walked: Walked | undefined;
  try {
    walked = await walk({
      folder,
      path,
      name,
      dotFiles: site.dotFiles,
      root: target.segments.length === 0,
      omits: site.rules && ((entry) => site.rules!.reserves(entry)),
      mounts: mountsBelow(exchange),
    });
  } catch (error) {
    if (error instanceof TooLarge) {
      return { kind: "too large", reason: error.message };
    }
    throw error;
  }
  if (walked === undefined) return undefined;
  exchange.now = Date.now();
  const { info, entries: files } = walked;
  const { type, layOut } = FORMATS[format];
  const layout = layOut(files);
  const archive = { folder, files, layout };
  const form = await formOf(exchange, archive, info, format);
  const disposition = attachment(`${name}.${format}`);
  return { kind: "archive", form, type, disposition };
}

/** The paths below the target that are URLs of other folders, so the files there are not served. */
function mountsBelow({ site, target }: Exchange): ReadonlySet<string> {
  const { names } = target;
  const prefixes = site.mounted.map(({ prefix }) => prefix)
    .filter((prefix) =>
      prefix.length > names.length &&
      names.every((name, index) => prefix[index] === name)
    );
  return new Set(
    prefixes.map((prefix) => prefix.slice(names.length).join("/")),
  );
}

async function formOf(
  { request, now }: Exchange,
  archive: Archive,
  info: Deno.FileInfo,
  format: ArchiveFormat,
): Promise<Representation> {
  const { files, layout, folder } = archive;
  const [root] = files;
  const { connection } = request;
  const watched = connection instanceof Connection
    ? { watch: (leave: () => void) => watchClient(connection, leave) }
    : {};
  const settled = files.every((file) => file.settled || file.size === 0);
  const isKnown = (index: number) => knownChecksum(files[index]!) !== undefined;
  const tag = await hashOf(files, format);
  return {
    path: root!.path,
    info,
    size: layout.size,
    etag: settled ? `"${tag}"` : `W/"${tag}-at-${now}"`,
    lastModified: null,
    made: settled ? "stored" : "streamed",
    canSend: (slices) => canSendSlices(layout, slices, isKnown),
    open: (parts) =>
      new ArchiveFile({ files, layout, folder, ...watched }, parts),
  };
}

/** A hash of everything that decides on the archive's bytes. */
async function hashOf(
  files: readonly WalkedEntry[],
  format: ArchiveFormat,
): Promise<string> {
  const pause = new Pause();
  const hash = new ContentHash();
  const encoder = new TextEncoder();
  hash.update(encoder.encode(format));
  for (let at = 0; at < files.length; at += HASHED_AT_ONCE) {
    const facts = files.slice(at, at + HASHED_AT_ONCE).map((file) => [
      file.name,
      file.size,
      file.mtimeMs,
      // A folder's change time says nothing about the archive.
      file.name.endsWith("/") ? null : file.ctimeMs,
      file.mode,
    ]);
    hash.update(encoder.encode(JSON.stringify(facts)));
    await pause.whenDue();
  }
  return hash.digest();
}
