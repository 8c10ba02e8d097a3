// The output of the command when it listens, and the features that begin there. Each has its
// own module, which is loaded only when used.

// deno-lint-ignore-file no-console

import type { Address } from "../connection/connection.ts";
import { Timer } from "../connection/timers.ts";
import type { Key } from "./keys.ts";
import { PROGRAM } from "./options.ts";
import {
  type Interface,
  listeningRecord,
  startLines,
  type Urls,
  urlsOf,
} from "./start_lines.ts";

/** A server that listens. */
export interface Listening {
  /** Its address; a string for a Unix socket. */
  readonly address: Address | string;
  /** Whether it uses HTTPS. */
  readonly secure: boolean;
  /** Ends it like SIGTERM. */
  stop(): void;
}

/** What to do when the server listens. */
export interface StartOptions {
  /** Print one JSON object, and nothing else. */
  readonly json?: boolean;
  /** Open the site in a browser. */
  readonly open?: boolean;
  /** End when the parent process does. */
  readonly exitWithParent?: boolean;
  /** The path of the site in its URLs. */
  readonly path?: string;
  /** Print a QR code of the URL for other devices. */
  readonly qr?: boolean;
  /** The line that lists the features that are on. */
  readonly active?: string | undefined;
  /** More lines. */
  readonly more?: ((urls: Urls) => readonly string[]) | undefined;
  /** Whether the URL of an address of this machine can be used; by default each can. */
  readonly isUsable?: ((address: string) => boolean) | undefined;
  /** Watch these keys of the terminal, besides the usual ones; `false` for no keys. */
  readonly keys?: readonly Key[] | false;
}

/**
 * Prints where the server listens, and starts what was asked for.
 *
 * @param listening The server.
 * @param options What to print and start.
 * @returns Ends it when disposed.
 */
export function announce(
  { address, secure, stop }: Listening,
  options: StartOptions = {},
): Disposable {
  const ended = new DisposableStack();
  // Once a line is printed, the parent may end.
  const parent = options.exitWithParent ? Deno.ppid : 0;
  const { isUsable = () => true } = options;
  const urls = urlsOf(
    address,
    secure,
    interfaces().filter(({ address }) => isUsable(address)),
    options.path,
  );
  if (options.json) console.log(listeningRecord(address, urls, Deno.pid));
  else printLines(address, urls, options);
  if (options.exitWithParent) {
    load(import("./parent.ts"), ({ onParentEnd }) => {
      if (!ended.disposed) ended.use(onParentEnd(parent, stop));
    });
  }
  const { stdin, stdout } = Deno;
  const { json = false, keys = [] } = options;
  if (!json && keys && stdin.isTerminal() && stdout.isTerminal()) {
    watchKeysOf(ended, urls, stop, keys);
  }
  if (options.open) {
    load(import("./open_url.ts"), ({ openUrl }) => openUrl(urlOf(urls.all)));
  }
  return ended;
}

/** The best of some URLs. */
function urlOf([url]: readonly string[]): string {
  if (url !== undefined) return url;
  throw new TypeError(
    "Cannot open a Unix socket in a browser: it has no URL; open the proxy's",
  );
}

function printLines(
  address: Address | string,
  urls: Urls,
  { active, more, qr }: StartOptions,
): void {
  const lines = startLines(address, urls, Deno.stdout.isTerminal());
  if (active !== undefined) lines.push(active);
  if (more !== undefined) lines.push(...more(urls));
  console.log(lines.join("\n"));
  if (qr) {
    load(import("./qr.ts"), ({ printQr }) => {
      printQr(urlOf([...urls.network, ...urls.all]));
    });
  }
}

/**
 * Watches the keys of the terminal once the start is over. A feature adds its own with
 * `StartOptions.keys`, as `{ key: "r", help: "reload the pages", run }`.
 */
function watchKeysOf(
  ended: DisposableStack,
  { all }: Urls,
  stop: () => void,
  more: readonly Key[],
): void {
  const open = {
    key: "o",
    help: "open the site in a browser",
    run: async () => (await import("./open_url.ts")).openUrl(urlOf(all)),
  };
  const quit = { key: "q", help: "quit", run: stop };
  ended.adopt(
    new Timer(() =>
      load(import("./keys.ts"), ({ copySequence, watchKeys }) => {
        const copy = {
          key: "c",
          help: "copy the URL",
          run: () => {
            const url = urlOf(all);
            console.log(`${copySequence(url)}  Copied ${url}`);
          },
        };
        if (ended.disposed) return;
        const watch = watchKeys([open, copy, ...more, quit]);
        if (watch !== undefined) ended.use(watch);
      }), 0),
    (timer) => timer.stop(),
  );
}

/** Runs a feature once its module is loaded. Its failure doesn't stop the server. */
function load<Module>(
  loading: Promise<Module>,
  run: (module: Module) => unknown,
): void {
  loading.then(run).catch((error) => {
    console.error(
      `${PROGRAM}: ${error instanceof Error ? error.message : error}`,
    );
  });
}

/**
 * Lists this machine's network interfaces.
 *
 * @returns The interfaces; none if that is not permitted.
 */
export function interfaces(): readonly Interface[] {
  // Don't prompt for a mere convenience.
  const permission = { name: "sys", kind: "networkInterfaces" } as const;
  const { state } = Deno.permissions.querySync(permission);
  return state === "granted" ? Deno.networkInterfaces() : [];
}
