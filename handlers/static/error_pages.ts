// The site's own error pages: `404.html` and `50x.html` in its main folder.

import { cachedContent } from "../file_cache.ts";
import { isFileError, isUnavailable } from "../file_stat.ts";
import type { ServedFolder } from "./served_folder.ts";

/** Negative cache: path of a missing error page → when to look again. */
const missing = new Map<string, number>();

/** How long that is, in milliseconds: looking for a missing file costs more than the response. */
const MISSING_FOR = 1_000;

/** Reads the site's own page for a status; `undefined` if there is none. */
export function errorPage(
  folder: ServedFolder,
  status: number,
): Uint8Array | undefined {
  if (status !== 404 && status < 500) return undefined;
  const path = folder.join([status === 404 ? "404.html" : "50x.html"]);
  const now = Date.now();
  if (now < (missing.get(path) ?? 0)) return undefined;
  const info = folder.find(path);
  if (info === null || !info.isFile) {
    missing.set(path, now + MISSING_FOR);
    return undefined;
  }
  try {
    return cachedContent(path, info, true);
  } catch (error) {
    // Then the usual page will do.
    if (isFileError(error) || isUnavailable(error)) return undefined;
    throw error;
  }
}
