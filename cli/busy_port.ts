// A port that is in use: which process holds it, and which port is free. Loaded when that
// happens.

import { repr } from "../text/repr.ts";

/** How many of the following ports are tried. */
const MAX_TRIES = 100;

/** The state of a listening socket in `/proc/net/tcp`. */
const LISTEN = "0A";

/** A process. */
export interface Holder {
  readonly pid: number;
  readonly name: string;
}

/**
 * Finds the listening sockets of a port in the text of `/proc/net/tcp` or `tcp6`. Pure.
 *
 * @param text The text.
 * @param port The port.
 * @returns The inodes of the sockets.
 */
export function listenersOf(text: string, port: number): string[] {
  const suffix = ":" + port.toString(16).toUpperCase().padStart(4, "0");
  return text.split("\n").slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = "", , state]) =>
      state === LISTEN && local.endsWith(suffix)
    )
    .map((fields) => fields[9] ?? "");
}

/**
 * Says what holds a port. Pure.
 *
 * @param port The port.
 * @param holder The process, if it is known.
 * @returns The text.
 */
export function busyText(port: number, holder: Holder | undefined): string {
  const by = holder === undefined
    ? ""
    : ` by ${repr(holder.name)} (process ${holder.pid})`;
  return `port ${port} is in use${by}`;
}

/**
 * Listens on the next free port.
 *
 * @typeParam Server The result.
 * @param port The port that is in use.
 * @param listen Listens on a port.
 * @returns The result of the first port that is free; `undefined` if none of the next 100 is.
 */
export function listenOnNext<Server>(
  port: number,
  listen: (port: number) => Server,
): Server | undefined {
  const last = Math.min(port + MAX_TRIES, 65_535);
  for (let next = port + 1; next <= last; next++) {
    try {
      return listen(next);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  return undefined;
}

/**
 * Explains why a port can't be used, and what to do.
 *
 * @param hostname The address to listen on.
 * @param port The port.
 * @returns The message.
 */
export function explainBusy(hostname: string, port: number): string {
  const text = busyText(port, holderOf(port)).replace(/^port \d+ /, "it ");
  const free = freePort(hostname, port);
  const advice = free === undefined
    ? "choose another, or 0 for a free one"
    : `port ${free} is free: choose it, or add --port-fallback`;
  return `Cannot listen on port ${port}: ${text}; ${advice}`;
}

/** Finds the next free port, without the permission to use it if need be. */
function freePort(hostname: string, port: number): number | undefined {
  try {
    return listenOnNext(port, (next) => {
      Deno.listen({ hostname, port: next }).close();
      return next;
    });
  } catch {
    // Another port may be forbidden. The message is about the first one.
    return undefined;
  }
}

/**
 * Finds the process that listens on a port. Linux only; needs permission for `/proc`, and
 * sees only the processes of this user.
 *
 * @param port The port.
 * @returns The process, if it can be found.
 */
export function holderOf(port: number): Holder | undefined {
  if (Deno.build.os !== "linux" || !mayReadProc()) return undefined;
  const sockets = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
      attempt(() => listenersOf(Deno.readTextFileSync(path), port)) ?? []
    ).map((inode) => `socket:[${inode}]`),
  );
  if (sockets.size === 0) return undefined;
  const pids = attempt(() => [...Deno.readDirSync("/proc")]) ?? [];
  for (const { name: pid } of pids.filter(({ name }) => /^\d+$/.test(name))) {
    const holds = attempt(() =>
      [...Deno.readDirSync(`/proc/${pid}/fd`)].some(({ name }) =>
        sockets.has(
          attempt(() => Deno.readLinkSync(`/proc/${pid}/fd/${name}`)) ?? "",
        )
      )
    );
    if (!holds) continue;
    const name = attempt(() => Deno.readTextFileSync(`/proc/${pid}/comm`));
    return { pid: Number(pid), name: (name ?? "?").trim() };
  }
  return undefined;
}

function mayReadProc(): boolean {
  const { state } = Deno.permissions.querySync({ name: "read", path: "/proc" });
  return state === "granted";
}

/** Runs a look at another process, which may have ended, or belong to another user. */
function attempt<Result>(run: () => Result): Result | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
