// A folder behind `StaticFileHandler`, as the command serves it, and what was asked of it.

import { partial } from "../../handlers/partial.ts";
import {
  StaticFileHandler,
  type StaticFileOptions,
} from "../../handlers/static/mod.ts";
import type { HTTPStatus } from "../../status.ts";
import { folder } from "../handlers/_folder.ts";
import { serve } from "../_serve.ts";

/** Long ago: what was changed just now is not cached. */
const SOME_DAY = new Date("2024-03-01T12:00:00Z");

const DAY = 86_400_000;

/** One request that was answered. */
export interface Seen {
  readonly path: string;
  readonly status: number;
  /** The request's Range; `null` without one. */
  readonly range: string | null;
}

/** A site that is served. */
export interface Site extends AsyncDisposable {
  /** Its address, without a slash at its end. */
  readonly url: string;
  /** The path of something in its folder. */
  in(name: string): string;
  /** What was answered up to now. */
  readonly seen: readonly Seen[];
}

/**
 * Serves these files, in latin-1 text; a name with "/" at its end is a folder. Each was
 * changed a day before the next one.
 */
export async function site(
  files: Readonly<Record<string, string>>,
  options: StaticFileOptions = {},
): Promise<Site> {
  const seen: Seen[] = [];
  class RecordedFiles extends StaticFileHandler {
    override protocol_version = "HTTP/1.1";
    override log_message(): void {}
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
