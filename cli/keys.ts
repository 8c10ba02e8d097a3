// Single keys on a terminal. The terminal is read in short polls (`stty min 0`) rather than with
// a read that waits: such a read would stop the process as soon as a shell puts it into the
// background (SIGTTIN), and changing the mode there would stop it too (SIGTTOU).

// deno-lint-ignore-file no-console

import { PROGRAM } from "./options.ts";

/** How often the terminal is read, in milliseconds. */
const POLL = 100;

/** A gap between polls after which the process may have been stopped, in milliseconds. */
const GAP = 1_000;

/** The exit code for SIGQUIT, which would end the process before the terminal is restored. */
const QUIT_CODE = 131;

/** Further signals that would. They are raised again, for their usual effect. */
const DEADLY = [
  "SIGABRT",
  "SIGALRM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGVTALRM",
  "SIGXCPU",
] as const;

/** A key and its action. */
export interface Key {
  /** The character. */
  readonly key: string;
  /** Its line in the help, such as "open the site in a browser". */
  readonly help: string;
  /** Called when it is pressed. A failure is printed. */
  run(): unknown;
}

/**
 * Finds the keys in what a terminal sent. Escape sequences, such as those of arrows, count as
 * nothing. Pure.
 *
 * @param text The text.
 * @returns The characters.
 */
export function keysIn(text: string): string[] {
  // deno-lint-ignore no-control-regex
  const sequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]?|O?.?)/gs;
  return [...text.replace(sequence, "")];
}

/**
 * The text that lists the keys. Pure.
 *
 * @param keys The keys.
 * @returns A line for each.
 */
export function keysHelp(keys: readonly Key[]): string {
  return keys.map(({ key, help }) => `  ${key}  ${help}`).join("\n");
}

/**
 * The sequence that makes a terminal copy a text (OSC 52). Pure.
 *
 * @param text The text, in ASCII.
 * @returns The sequence.
 */
export function copySequence(text: string): string {
  return `\x1b]52;c;${btoa(text)}\x07`;
}

/**
 * Whether a process is in the foreground of its terminal, by its `/proc/PID/stat` or by
 * "pgid tpgid" from `ps`. Pure.
 *
 * @param text The text.
 * @returns `true` if the process groups are the same.
 */
export function isForeground(text: string): boolean {
  // The command's name, in parentheses, may contain anything.
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 1).trim().split(/\s+/);
  const [group, foreground] = end < 0 ? fields : [fields[2], fields[5]];
  return group !== undefined && group === foreground;
}

/**
 * Watches the keys of the terminal, whenever this process is in its foreground.
 *
 * @param keys The keys; `h` is added.
 * @returns Restores the terminal when disposed; `undefined` if a permission is missing, or
 * on Windows.
 */
export function watchKeys(keys: readonly Key[]): Disposable | undefined {
  const { os } = Deno.build;
  const run = { name: "run", command: "stty" } as const;
  const { state } = Deno.permissions.querySync(run);
  if (os === "windows" || state !== "granted") return undefined;
  try {
    const watch = new KeyWatch(keys);
    return watch;
  } catch (error) {
    // Reading /proc takes all permissions.
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

class KeyWatch implements Disposable {
  readonly #keys: readonly Key[];
  readonly #buffer = new Uint8Array(64);
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #listeners: readonly (readonly [Deno.Signal, () => void])[];
  readonly #restore = () => this.#leave();
  /** Whether the terminal sends single keys. */
  #active = false;
  #reading = false;
  #greeted = false;
  /** When the last poll ran, and whether the process was in the foreground. */
  #polled = -Infinity;
  #foreground = false;

  constructor(keys: readonly Key[]) {
    const help = {
      key: "h",
      help: "show this help",
      run: () => console.log(keysHelp(this.#keys)),
    };
    this.#keys = [help, ...keys];
    this.#foreground = inForeground();
    this.#listeners = [
      ["SIGTSTP", () => this.#suspend()],
      // Perhaps in the background.
      ["SIGCONT", () => this.#polled = -Infinity],
      ["SIGQUIT", () => this.#quit()],
      ...DEADLY.map((signal) => [signal, () => this.#die(signal)] as const),
    ];
    for (const [signal, listener] of this.#listeners) {
      Deno.addSignalListener(signal, listener);
    }
    globalThis.addEventListener("unload", this.#restore);
    this.#timer = setInterval(() => void this.#poll(), POLL);
    void this.#poll();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    for (const [signal, listener] of this.#listeners) {
      Deno.removeSignalListener(signal, listener);
    }
    globalThis.removeEventListener("unload", this.#restore);
    this.#leave();
  }

  async #poll(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      if (!this.#isForeground()) this.#active = false;
      else if (this.#active || this.#enter()) await this.#read();
    } catch (error) {
      this[Symbol.dispose]();
      if (isGone(error)) return;
      console.error(`${PROGRAM}: no more keys: ${messageOf(error)}`);
    } finally {
      this.#reading = false;
    }
  }

  /** Looks again only if that is cheap, or the process may have been stopped. */
  #isForeground(): boolean {
    const now = performance.now();
    const stopped = now - this.#polled > GAP;
    this.#polled = now;
    if (stopped || Deno.build.os === "linux") this.#foreground = inForeground();
    return this.#foreground;
  }

  /** Makes the terminal send single keys, and reads return at once. Ctrl-C still sends SIGINT. */
  #enter(): boolean {
    Deno.stdin.setRaw(true, { cbreak: true });
    this.#active = true;
    const { success } = new Deno.Command("stty", {
      args: ["min", "0", "time", "0"],
      stdin: "inherit",
      stdout: "null",
      stderr: "null",
    }).outputSync();
    if (!success) {
      this[Symbol.dispose]();
      return false;
    }
    if (!this.#greeted) console.log("  Press h for the keys");
    this.#greeted = true;
    return true;
  }

  #leave(): void {
    if (!this.#active) return;
    this.#active = false;
    try {
      if (inForeground()) Deno.stdin.setRaw(false);
    } catch (error) {
      // After a hangup there is no terminal to restore.
      if (!isGone(error)) throw error;
    }
  }

  /** Stops at Ctrl-Z, with the terminal as it was. */
  #suspend(): void {
    this.#leave();
    Deno.kill(Deno.pid, "SIGSTOP");
  }

  #quit(): void {
    this.#leave();
    Deno.exit(QUIT_CODE);
  }

  #die(signal: Deno.Signal): void {
    this[Symbol.dispose]();
    Deno.kill(Deno.pid, signal);
  }

  async #read(): Promise<void> {
    const size = await Deno.stdin.read(this.#buffer);
    // Nothing was typed.
    if (size === null) return;
    const text = new TextDecoder().decode(this.#buffer.subarray(0, size));
    for (const typed of keysIn(text)) {
      const key = this.#keys.find(({ key }) => key === typed);
      try {
        await key?.run();
      } catch (error) {
        console.error(`${PROGRAM}: ${messageOf(error)}`);
      }
    }
  }
}

/** Whether this process is in the foreground of its terminal. */
function inForeground(): boolean {
  if (Deno.build.os === "linux") {
    return isForeground(Deno.readTextFileSync("/proc/self/stat"));
  }
  const { success, stdout } = new Deno.Command("ps", {
    args: ["-o", "pgid=,tpgid=", "-p", String(Deno.pid)],
    stderr: "null",
  }).outputSync();
  return success && isForeground(new TextDecoder().decode(stdout));
}

/** Whether the terminal was closed: EIO, for which Deno has no class. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EIO";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
