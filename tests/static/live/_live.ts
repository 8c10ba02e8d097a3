// A site with live reload, and a client that is connected like a browser.

import {
  reloadPages,
  stopWatching,
} from "../../../handlers/static/live/entrance.ts";
import type {
  StaticFileHandler,
  StaticFileOptions,
} from "../../../handlers/static/mod.ts";
import type { Client } from "../../_serve.ts";
import { Quiet, type Site, site } from "../_site.ts";

/** The field that a browser sends for a page. */
export const PAGE = "Accept: text/html,*/*;q=0.8";

/** The changed files in a message, by their canonical URL paths; "all" reloads every page. */
export type Change = readonly string[] | "all";

/** A connected client. */
export interface Listener extends Disposable {
  /** Waits for the next message. */
  next(): Promise<Change>;
  /** Waits for the next message, and returns all URL paths of each file. */
  names(): Promise<readonly string[][] | undefined>;
  /** Returns all messages that arrive within a while. */
  rest(): Promise<readonly Change[]>;
}

/** A site with live reload. */
export interface LiveSite extends Site {
  /** The secret in the script's URL. */
  key(): Promise<string>;
  /** Requests these targets, the first one as a page, and connects. */
  open(...targets: string[]): Promise<Listener>;
}

/** Serves files with live reload. */
export async function liveSite(
  files: Readonly<Record<string, string>>,
  options: StaticFileOptions = {},
  Handler: typeof StaticFileHandler = Quiet,
): Promise<LiveSite> {
  const served = await site(files, { live: true, ...options }, Handler);
  const facts = async (target: string) => {
    const { body } = await served.get(target, PAGE);
    const [, key = "", generation = ""] =
      /live\.js\?k=([0-9a-f]{32})&amp;g=([0-9]+)/.exec(body) ?? [];
    return { key, generation };
  };
  return {
    ...served,
    key: async () => (await facts("/")).key,
    async open(...targets) {
      const { key, generation } = await facts(targets[0]!);
      for (const target of targets.slice(1)) await served.get(target);
      return listen(await served.served.connect(), key, generation);
    },
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      stopWatching();
    },
  };
}

/** A while: longer than any batch waits without further changes, in milliseconds. */
const REST = 1_500;

async function listen(
  client: Client,
  key: string,
  generation: string,
): Promise<Listener> {
  await client.write(
    `GET /.httpserver/events?k=${key}&since=${generation} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
  );
  await client.readUntil("retry: 500\n\n");
  const names = async () => {
    const event = await client.readUntil("}\n");
    const { files } = JSON.parse(event.slice(event.indexOf("{"))) as {
      files?: string[][];
    };
    return files;
  };
  const next = async (): Promise<Change> => {
    const files = await names();
    return files?.map(([name]) => name!).toSorted() ?? "all";
  };
  return {
    next,
    names,
    async rest() {
      const changes: Change[] = [];
      await new Promise((resolve) => setTimeout(resolve, REST));
      // Marks the end.
      reloadPages();
      for (;;) {
        const change = await next();
        if (change === "all") return changes;
        changes.push(change);
      }
    },
    [Symbol.dispose]: () => client.close(),
  };
}
