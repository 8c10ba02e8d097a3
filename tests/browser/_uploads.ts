// What a person does in an upload area, and sees there.

import type { Page } from "playwright-core";
import { stopWatching } from "../../handlers/static/live/entrance.ts";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { endUploads } from "../../handlers/static/upload/entrance.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { type Site, site } from "./_site.ts";

/** The state of uploads. Tests of a process have one at a time. */
let state: Folder | undefined;

/** Serves a site that receives files. */
export async function uploadSite(
  files: Readonly<Record<string, string>> = {},
  options: StaticFileOptions = {},
): Promise<Site> {
  state ??= await folder();
  Deno.env.set("XDG_STATE_HOME", state.path);
  const served = await site(files, { upload: true, ...options });
  return {
    ...served,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      await endUploads();
      stopWatching();
      await state?.[Symbol.asyncDispose]();
      state = undefined;
    },
  };
}

/** The rows of the upload area: each name and its state. */
export function rows(page: Page): Promise<string[][]> {
  return page.evaluate(`
    [...document.querySelectorAll("#uploads li")].map((row) => [
      row.querySelector("bdi").textContent,
      row.querySelector(".state").textContent,
    ])
  `);
}

/** Waits until the upload area reports this. */
export async function untilReport(page: Page, text: string): Promise<void> {
  await page.locator("#upload-status").filter({ hasText: text }).waitFor()
    .catch(async (error) => {
      const shown = await page.locator("#upload-status").textContent();
      const all = JSON.stringify([shown, ...await rows(page)]);
      throw new Error(`Not reported: ${text}; but ${all}`, { cause: error });
    });
}

type DragEvent = "dragEnter" | "dragOver" | "drop" | "dragCancel";

/** Drags files and folders over a page, and drops them. */
export async function dropFiles(
  page: Page,
  paths: string[],
  events: readonly DragEvent[] = ["dragEnter", "dragOver", "drop"],
): Promise<void> {
  const protocol = await page.context().newCDPSession(page);
  for (const type of events) {
    await protocol.send("Input.dispatchDragEvent", {
      type,
      x: 300,
      y: 400,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
  }
  await protocol.detach();
}

/** The names in a folder. */
export async function namesIn(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  return entries.map(({ name }) => name).sort();
}

/** A connection between a browser and a server that can be cut. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /**
   * Cuts the next connections that carry many bytes to the server.
   *
   * @param after How many bytes each of them carries before.
   * @param times How many connections.
   */
  cut(after: number, times: number): void;
  /** How many connections were cut. */
  readonly count: number;
}

/** Forwards connections to a server. */
export function openLine(to: number): Line {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let [after, times, count] = [0, 0, 0];
  const open = new Set<Deno.TcpConn>();
  const join = async (client: Deno.TcpConn) => {
    const server = await Deno.connect({ hostname: "127.0.0.1", port: to });
    open.add(client).add(server);
    const close = () => {
      for (const each of [client, server]) {
        if (open.delete(each)) each.close();
      }
    };
    const down = copy(server, client, () => true);
    let carried = 0;
    const up = copy(client, server, (size) => {
      carried += size;
      if (times === 0 || carried < after) return true;
      times--;
      count++;
      return false;
    });
    // A side that ends, or is cut, ends the other one.
    await Promise.race([down, up]);
    close();
    await Promise.all([down, up]);
  };
  const joined = (async () => {
    const all: Promise<void>[] = [];
    for await (const client of listener) all.push(join(client));
    await Promise.all(all);
  })();
  return {
    port: listener.addr.port,
    cut(bytes, connections) {
      [after, times] = [bytes, connections];
    },
    get count() {
      return count;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const each of open) each.close();
      open.clear();
      await joined;
    },
  };
}

/** Copies until the end, an error, or until `pass()` returns `false`. */
async function copy(
  from: Deno.TcpConn,
  to: Deno.TcpConn,
  pass: (size: number) => boolean,
): Promise<void> {
  const buffer = new Uint8Array(65_536);
  try {
    for (;;) {
      const size = await from.read(buffer);
      if (size === null || !pass(size)) return;
      for (let at = 0; at < size;) {
        at += await to.write(buffer.subarray(at, size));
      }
    }
  } catch (error) {
    // The other direction has ended.
    const isClosed = error instanceof Deno.errors.BadResource ||
      error instanceof Deno.errors.Interrupted ||
      error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe;
    if (!isClosed) throw error;
  }
}
