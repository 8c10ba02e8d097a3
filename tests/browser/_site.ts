// A folder served by `StaticFileHandler` as the command does, and the received requests.

import { partial } from "../../handlers/partial.ts";
import {
  StaticFileHandler,
  type StaticFileOptions,
} from "../../handlers/static/mod.ts";
import type { HTTPStatus } from "../../status.ts";
import { folder } from "../handlers/_folder.ts";
import { serve } from "../_serve.ts";
import { quiet } from "../_lib/quiet.ts";

/** A long time ago: files modified just now are not cached. */
const SOME_DAY = new Date("2024-03-01T12:00:00Z");

const DAY = 86_400_000;

/** One request that got a response. */
export interface Seen {
  readonly path: string;
  readonly status: number;
  /** The request's Range; `null` without one. */
  readonly range: string | null;
}

/** A served site. */
export interface Site extends AsyncDisposable {
  /** Its URL, without a slash at the end. */
  readonly url: string;
  /** The path of a file in its folder. */
  in(name: string): string;
  /** The requests so far. */
  readonly seen: readonly Seen[];
}

/**
 * Serves these files, given in latin-1 text; a name that ends with "/" is a folder. Each
 * has a modification time a day before that of the next one.
 */
export async function site(
  files: Readonly<Record<string, string>>,
  options: StaticFileOptions = {},
): Promise<Site> {
  const seen: Seen[] = [];
  class RecordedFiles extends quiet(StaticFileHandler) {
    override protocol_version = "HTTP/1.1";
    override log_request(code?: number | string | HTTPStatus): void {
      const range = this.headers.get("Range");
      seen.push({ path: this.path, status: Number(code), range });
    }
  }
  const made = await folder(files);
  for (const [index, name] of Object.keys(files).entries()) {
    const date = new Date(SOME_DAY.getTime() + index * DAY);
    await Deno.utime(made.in(name), date, date);
  }
  const served = serve(
    partial(RecordedFiles, { ...options, directory: made.path }),
  );
  return {
    url: `http://127.0.0.1:${served.port}`,
    in: made.in,
    seen,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await made[Symbol.asyncDispose]();
    },
  };
}
