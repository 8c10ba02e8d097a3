// A site with uploads, whose state is in a temporary folder.

import type { StaticFileHandler } from "../../../handlers/static/mod.ts";
import type { StaticFileOptions } from "../../../handlers/static/mod.ts";
import { endUploads } from "../../../handlers/static/upload/entrance.ts";
import { encodeLatin1 } from "../../../text/latin1.ts";
import type { Answer } from "../../_serve.ts";
import { Quiet, type Site, site } from "../_site.ts";

/** One for all tests of a process, which may run in parallel. */
const STATE = `${
  Deno.env.get("TMPDIR") ?? "/tmp"
}/httpserver-state-${Deno.pid}`;

/** A site that receives files. */
export interface UploadSite extends Site {
  /** Sends a request with a body in Latin-1. */
  send(
    method: string,
    target: string,
    body: string,
    ...fields: string[]
  ): Promise<Answer>;
  /** Sends a PUT. */
  put(target: string, body: string, ...fields: string[]): Promise<Answer>;
  /** The names of all files and folders, with those of unfinished files. */
  all(): Promise<string[]>;
  /** Reads a file. */
  text(name: string): Promise<string>;
}

/** Serves a folder with uploads. */
export async function uploads(
  files: Readonly<Record<string, string>> = {},
  options: StaticFileOptions = {},
  Handler: typeof StaticFileHandler = Quiet,
): Promise<UploadSite> {
  Deno.env.set("XDG_STATE_HOME", STATE);
  const served = await site(files, { upload: true, ...options }, Handler);
  const send: UploadSite["send"] = (method, target, body, ...fields) =>
    served.ask(
      method,
      target,
      ...hasLength(fields) ? [] : [`Content-Length: ${body.length}`],
      ...fields,
      "",
      body,
    );
  return {
    ...served,
    send,
    put: (target, body, ...fields) => send("PUT", target, body, ...fields),
    all: () => namesIn(served.folder.path),
    text: async (name) => {
      const bytes = await Deno.readFile(served.folder.in(name));
      return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
    },
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await endUploads();
      for (const path of ["/httpserver/uploads", "/httpserver", ""]) {
        await removeIfEmpty(STATE + path);
      }
    },
  };
}

function hasLength(fields: readonly string[]): boolean {
  return fields.some((field) =>
    /^(?:content-length|transfer-encoding):/i.test(field)
  );
}

/** The names of everything in a folder. */
export async function namesIn(path: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    const whole = prefix + name;
    if (!isDirectory) names.push(whole);
    else names.push(...await namesIn(`${path}/${name}`, `${whole}/`));
  }
  return names.sort();
}

/** The lists and states that uploads have left. */
export async function stateFiles(): Promise<string[]> {
  try {
    return await namesIn(`${STATE}/httpserver/uploads`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function removeIfEmpty(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    // Another test uses it.
    if (error instanceof Error && /not empty/i.test(error.message)) return;
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Waits until something holds, for at most three seconds. */
export async function until(
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  for (const end = performance.now() + 3_000;;) {
    if (await holds()) return;
    if (performance.now() > end) throw new Error("It does not hold in time");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The digest of Latin-1 text, as a field's value. */
export async function sha256(text: string): Promise<string> {
  const hash = await crypto.subtle.digest(
    "SHA-256",
    encodeLatin1(text) as Uint8Array<ArrayBuffer>,
  );
  return `sha-256=:${new Uint8Array(hash).toBase64()}:`;
}

/** Mounts a small file system; `undefined` if that is not allowed here. */
export async function mountSmall(
  path: string,
  size = "1m",
): Promise<AsyncDisposable | undefined> {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return undefined;
  const run = (...args: string[]) =>
    new Deno.Command(args[0]!, { args: args.slice(1), stderr: "null" })
      .output();
  const options = ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs"];
  const { success } = await run("mount", ...options, path);
  if (!success) return undefined;
  return {
    async [Symbol.asyncDispose]() {
      await run("umount", path);
    },
  };
}

/** Advances the clock of timeouts by so many milliseconds. */
export function advanceClock(): Disposable & { by(time: number): void } {
  const now = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => now() + ahead;
  return {
    by(time) {
      ahead += time;
    },
    [Symbol.dispose]() {
      performance.now = now;
    },
  };
}
