// `privateFiles` for handlers that serve files as CPython does.

import { absolutePath, fromFileUrl } from "../../text/file_paths.ts";
import { isUnavailable, statSync } from "../file_stat.ts";
import type { SimpleHTTPRequestHandler } from "../simple.ts";
import { PrivateFiles } from "./lookup/private_files.ts";
import { ServedFolder } from "./lookup/served_folder.ts";

/** A class of file handlers. */
// deno-lint-ignore no-explicit-any -- required for mixin base classes (TS2545).
type FileHandlerClass = new (...args: any[]) => SimpleHTTPRequestHandler;

/**
 * Creates a subclass that serves files as CPython does, except some.
 *
 * @typeParam Base The class.
 * @param Handler The class to extend.
 * @param files The files, and folders with everything in them.
 * @returns The subclass.
 */
export function withoutFiles<Base extends FileHandlerClass>(
  Handler: Base,
  files: readonly (string | URL)[],
): Base {
  const { os } = Deno.build;
  const paths = files.map((file) =>
    absolutePath(
      typeof file === "string" ? file : fromFileUrl(file, os),
      os,
      () => Deno.cwd(),
    )
  );
  const served = new ServedFolder("/", "follow", new PrivateFiles(paths));
  return class extends Handler {
    override translate_path(path: string): string {
      const local = super.translate_path(path);
      const whole = absolutePath(local, os, () => Deno.cwd());
      // No file name has a NUL, so that is 404.
      return isServed(served, whole) ? local : local + "\0";
    }
  };
}

function isServed(served: ServedFolder, path: string): boolean {
  try {
    const info = statSync(path);
    return info === null || served.allows(path, info);
  } catch (error) {
    // The handler finds out, and responds with 503.
    if (isUnavailable(error)) return true;
    throw error;
  }
}
