// A folder as `deno compile` embeds it in an executable. Its files have no inodes, may have no
// times, can't be stat'ed when they are open, and its folders can't be opened.

/** The times of an embedded file: its own, none, or 0 for all. */
export type Times = "own" | "null" | "zero";

type Api = Record<string, (path: string, ...rest: unknown[]) => unknown>;

const api = Deno as unknown as Api;

/** Lets a folder look embedded until it is disposed. */
export function embed(folder: string, times: Times): Disposable {
  // Windows has two separators.
  const plain = (path: string) => path.replaceAll("\\", "/");
  const within = (path: string) =>
    (plain(path) + "/").startsWith(plain(folder) + "/");
  const seen = (info: Deno.FileInfo): Deno.FileInfo => {
    const time = times === "null" ? null : times === "zero"
      ? new Date(0)
      // Folders have none.
      : info.isFile
      ? info.mtime
      : new Date(0);
    const all = { mtime: time, ctime: time, atime: time, birthtime: time };
    return { ...info, ...all, ino: 0, dev: 0, mode: 0, nlink: 0 };
  };
  const opened = (path: string, file: Deno.FsFile): Deno.FsFile => {
    if (Deno.lstatSync(path).isDirectory) {
      file.close();
      throw new Error("path is a directory");
    }
    file.statSync = () => {
      throw new Deno.errors.NotSupported("The operation is not supported");
    };
    // deno-lint-ignore require-await -- rejects, as Deno's does.
    file.stat = async () => file.statSync();
    return file;
  };
  const originals: Api = {};
  const replace = (
    name: string,
    by: (path: string, result: never) => unknown,
  ) => {
    const original = originals[name] = api[name]!;
    api[name] = (path, ...rest) => {
      const result = original.call(Deno, path, ...rest);
      if (!within(String(path))) return result;
      return result instanceof Promise
        ? result.then((result) => by(path, result as never))
        : by(path, result as never);
    };
  };
  for (const name of ["stat", "statSync", "lstat", "lstatSync"]) {
    replace(name, (_, info) => seen(info));
  }
  for (const name of ["open", "openSync"]) replace(name, opened);
  return {
    [Symbol.dispose]() {
      Object.assign(api, originals);
    },
  };
}

/** Lets real paths be unknown until it is disposed, as on some drives of Windows. */
export function withoutRealPaths(): Disposable {
  const { realPathSync } = Deno;
  Deno.realPathSync = () => {
    throw new Deno.errors.NotSupported("The operation is not supported");
  };
  return {
    [Symbol.dispose]() {
      Deno.realPathSync = realPathSync;
    },
  };
}
