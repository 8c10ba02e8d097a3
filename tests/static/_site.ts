// A temporary folder served by `StaticFileHandler` over a real socket. Its files are old, because a
// recently changed file has a weak validator and is not cached.

import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { decodeLatin1, encodeLatin1 } from "../../text/latin1.ts";
import { partial } from "../../handlers/partial.ts";
import {
  StaticFileHandler,
  type StaticFileOptions,
} from "../../handlers/static/mod.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { type Answer, serve, type Served } from "../_serve.ts";

/** The modification time of all files. */
export const CHANGED = new Date("2024-03-01T12:00:00Z");

/** That time as an HTTP date. */
export const CHANGED_DATE = "Fri, 01 Mar 2024 12:00:00 GMT";

/** Compresses text, for a file in `folder()`. */
export function inCoding(coding: "br" | "gzip" | "zstd", text: string): string {
  const compress = {
    br: brotliCompressSync,
    gzip: gzipSync,
    zstd: zstdCompressSync,
  }[coding];
  return decodeLatin1(new Uint8Array(compress(encodeLatin1(text))));
}

/** A file with a precompressed one in each coding. */
export const SIBLINGS = {
  "a.js": "plain",
  "a.js.br": inCoding("br", "plain"),
  "a.js.zst": inCoding("zstd", "plain"),
  "a.js.gz": inCoding("gzip", "plain"),
};

/** A handler without a log that speaks HTTP/1.1. */
export class Quiet extends StaticFileHandler {
  override log_message(_template: string, ..._args: unknown[]): void {}
}

/** A served folder. */
export interface Site extends AsyncDisposable {
  readonly folder: Folder;
  readonly served: Served;
  /** Sends a GET with these fields, such as "Range: bytes=0-1". */
  get(target: string, ...fields: string[]): Promise<Answer>;
  /** Sends a request with a method and these fields. */
  ask(method: string, target: string, ...fields: string[]): Promise<Answer>;
  /** Creates a file as old as the others, or of another age. */
  age(name: string, changed?: Date): Promise<void>;
}

/** Serves these files of Latin-1 text; a name that ends with "/" is a folder. */
export async function site(
  files: Readonly<Record<string, string>>,
  options: StaticFileOptions = {},
  Handler: typeof StaticFileHandler = Quiet,
): Promise<Site> {
  const made = await folder(files);
  const age = (name: string, changed = CHANGED) =>
    Deno.utime(made.in(name), changed, changed);
  for (const name of Object.keys(files)) await age(name);
  const served = serve(
    partial(Handler, { directory: made.path, ...options }),
  );
  const ask = (method: string, target: string, ...fields: string[]) =>
    served.ask(
      [
        `${method} ${target} HTTP/1.1`,
        "Host: localhost",
        "Connection: close",
        ...fields,
        "",
        "",
      ].join("\r\n"),
    );
  return {
    folder: made,
    served,
    ask,
    get: (target, ...fields) => ask("GET", target, ...fields),
    age,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}

/** The names of a response's fields. */
export function names(answer: Answer): string[] {
  return answer.fields.map((field) => field.slice(0, field.indexOf(":")));
}

/** Advances the clock by so many milliseconds, so that recent files are old. */
export function pretendLater(time: number): Disposable {
  const { now } = Date;
  Date.now = () => now() + time;
  return {
    [Symbol.dispose]() {
      Date.now = now;
    },
  };
}

/** Counts the calls of `Deno.statSync()`. */
export function countLooks(): Disposable & { readonly count: number } {
  const { statSync } = Deno;
  let count = 0;
  Deno.statSync = (path) => {
    count++;
    return statSync(path);
  };
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]() {
      Deno.statSync = statSync;
    },
  };
}
