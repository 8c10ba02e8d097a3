// Notices changes and sends them to the open pages. Watches only while pages are open: what
// changed before is found by comparing the files that they depend on.

import { Connection } from "../../../connection/connection.ts";
import { watchClient } from "../access/client_watch.ts";
import { Batch } from "./batch.ts";
import { Changes, type Message } from "./changes.ts";
import { EventStream } from "./event_stream.ts";
import { type FileState, KnownFiles, type Verdict } from "./known_files.ts";
import { noticedPath } from "./notices.ts";
import { type WatchedFolder, Watcher } from "./watcher.ts";

/**
 * The most browsers that are connected at once. A browser with more tabs has one connection. One
 * more ends the oldest connection, whose browser then connects again and has missed nothing.
 */
const MAX_CLIENTS = 100;

/** How long the files are still watched after the last page was closed, in milliseconds: a reload closes it too. */
const LINGER = 2_000;

/** How often the root folders are looked at, in milliseconds. */
const TICK = 500;

/** After how many ticks clients get a comment. */
const BEAT = 30;

/** After how many ticks the files are looked at whose changes the system doesn't report. */
const POLL = 2;

/** After how many ticks some files are looked at, whether or not the system has reported changes. */
const PROBE = 4;

/** How many files are looked at then. */
const PROBED = 32;

/** How many files are looked at each second if the system doesn't report their changes. */
const POLLED = 2_000;

/** How late a tick is after the process was stopped, in milliseconds: changes may be lost then. */
const STOPPED = 5_000;

/** A file that was looked at. */
interface Seen {
  readonly path: string;
  readonly info: FileState | null;
  readonly verdict: Verdict;
}

/** The changes of a site's files, and the browsers that get them. */
export class Hub {
  /** The files that responses depended on. */
  readonly known: KnownFiles = new KnownFiles();
  readonly #changes = new Changes();
  readonly #batch = new Batch();
  readonly #clients = new Set<EventStream>();
  readonly #folders: readonly WatchedFolder[];
  readonly #watcher: Watcher;
  readonly #say: (line: string) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ticking: ReturnType<typeof setInterval> | undefined;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #ticks = 0;
  #lastTick = 0;
  #polls = false;
  #isLooking = false;
  #isReporting = false;
  /** The files that had changed at the last probe, though no change was reported. */
  #suspects = new Set<string>();

  /**
   * Watches nothing yet.
   *
   * @param folders The folders of the site.
   * @param say Writes a line for the person at the terminal.
   */
  constructor(folders: readonly WatchedFolder[], say: (line: string) => void) {
    this.#say = say;
    this.#folders = folders;
    this.#watcher = new Watcher(folders, {
      changed: (paths) => this.#add(paths),
      failed: (folder, error) =>
        this.#poll(folder, error instanceof Error ? error.message : `${error}`),
      isWanted: (path) => this.known.has(path),
    });
  }

  /** The number of the last change. */
  get generation(): number {
    return this.#changes.last;
  }

  /**
   * Connects a browser.
   *
   * @param seen The number of the last change that it has seen.
   * @param connection Its connection.
   * @returns The stream of changes.
   */
  connect(
    seen: number,
    connection: { readonly signal: AbortSignal; readonly stopping?: boolean },
  ): EventStream {
    for (const oldest of this.#clients) {
      if (this.#clients.size < MAX_CLIENTS) break;
      oldest.dismiss();
    }
    let watching: Disposable | undefined;
    const stream: EventStream = new EventStream(() => {
      connection.signal.removeEventListener("abort", close);
      watching?.[Symbol.dispose]();
      this.#leave(stream, connection.stopping === true);
    });
    const close = () => stream.close();
    this.#clients.add(stream);
    this.#start();
    for (const message of this.#changes.since(seen)) stream.send(message);
    connection.signal.addEventListener("abort", close);
    if (connection.signal.aborted) stream.close();
    else if (connection instanceof Connection) {
      // Browsers don't half-close. Otherwise only the next write would fail.
      watching = watchClient(connection, close, 0);
    }
    return stream;
  }

  /**
   * Notes a file that a response depends on.
   *
   * @param path Its path.
   * @param info Its stat result; `null` if it doesn't exist.
   * @param names Its URL paths, the canonical one first.
   */
  note(path: string, info: FileState | null, names: readonly string[]): void {
    const noticed = this.known.has(path)
      ? undefined
      : noticedPath(path, this.#folders);
    this.known.note(path, info, names, Date.now(), noticed);
  }

  /** Reloads all open pages. */
  reload(): void {
    this.#send(this.#changes.add("all"));
  }

  /** Stops watching at once. */
  stop(): void {
    clearTimeout(this.#lingering);
    clearTimeout(this.#timer);
    clearInterval(this.#ticking);
    this.#lingering = this.#timer = this.#ticking = undefined;
    this.#watcher.close();
  }

  #start(): void {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    if (this.#ticking !== undefined) return;
    this.#ticking = setInterval(() => this.#tick(), TICK);
    this.#lastTick = performance.now();
    if (!this.#polls) this.#watcher.look();
    // What has changed since it was sent, before the watch was open.
    this.#add("all");
  }

  #leave(stream: EventStream, isStopping: boolean): void {
    if (!this.#clients.delete(stream) || this.#clients.size > 0) return;
    if (isStopping) return this.stop();
    this.#lingering = setTimeout(() => this.stop(), LINGER);
    Deno.unrefTimer(this.#lingering);
    if (this.#ticking !== undefined) Deno.unrefTimer(this.#ticking);
  }

  #send(message: Message): void {
    for (const client of this.#clients) client.send(message);
  }

  #add(paths: readonly string[] | "all"): void {
    this.#batch.add(paths, performance.now());
    this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isReporting) return;
    if (this.#ticking === undefined || this.#batch.isEmpty) return;
    const delay = Math.max(0, this.#batch.due - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#isReporting = true;
      this.#run(
        this.#report().finally(() => {
          this.#isReporting = false;
          this.#schedule();
        }),
      );
    }, delay);
  }

  /** Runs asynchronous work that nothing awaits. */
  #run(work: Promise<void>): void {
    work.catch((error) => this.#say(`Live reload failed: ${error}`));
  }

  /** Reports the batch, unless it has grown meanwhile. */
  async #report(): Promise<void> {
    const batch = this.#batch;
    const { size } = batch;
    if (performance.now() < batch.due) return;
    const changed = await this.#look(
      this.known.touchedBy(batch.paths),
      (path) => batch.has(path) || batch.has(this.known.noticed(path) ?? path),
    );
    const now = performance.now();
    const isRemoved = changed.some(({ verdict }) => verdict === "removed");
    if (now < batch.due || (isRemoved && batch.holdForRemoval(now))) return;
    const hasGrown = batch.size > size;
    batch.clear();
    // Some files may have changed after they were looked at.
    if (hasGrown) batch.add("all", now);
    const names = changed.map(({ path, info }) =>
      // A file that is removed may be made again, where a symlink points to.
      this.known.update(
        path,
        info,
        Date.now(),
        info === null ? undefined : noticedPath(path, this.#folders),
      )
    );
    if (names.length > 0) this.#send(this.#changes.add(names));
  }

  /** Looks at files, and returns those that have changed. */
  async #look(
    paths: readonly string[],
    isNoticed: (path: string) => boolean = () => false,
  ): Promise<Seen[]> {
    const changed: Seen[] = [];
    for (const path of paths) {
      const info = await statOrNull(path);
      if (info === undefined) continue;
      const verdict = this.known.compare(path, info, isNoticed(path));
      if (verdict !== "same") changed.push({ path, info, verdict });
    }
    return changed;
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#lastTick > STOPPED) this.#add("all");
    this.#lastTick = now;
    this.#ticks++;
    if (!this.#polls) this.#watcher.look();
    if (this.#ticks % BEAT === 0) {
      for (const client of this.#clients) client.beat();
    }
    if (this.#ticks % POLL === 0) this.#run(this.#probe());
  }

  /**
   * Looks at the files that nothing watches, since a symlink points to them, and at those that were
   * sent last. Looks at all if the system doesn't report changes, as in folders of a virtual
   * machine's host and in network file systems.
   */
  async #probe(): Promise<void> {
    if (this.#isLooking || !this.#batch.isEmpty) return;
    this.#isLooking = true;
    try {
      const { known } = this;
      const isDue = this.#ticks % PROBE === 0;
      const paths = this.#polls
        ? known.latest(POLLED)
        : [...known.unwatched(POLLED), ...known.latest(isDue ? PROBED : 0)];
      const looked = await this.#look([...new Set(paths)]);
      if (!this.#batch.isEmpty) return;
      const changed = looked.map(({ path }) => path);
      const watched = changed.filter((path) => known.noticed(path) !== null);
      if (isDue) this.#suspect(watched);
      const unnoticed = this.#polls
        ? changed
        : changed.filter((path) => known.noticed(path) === null);
      if (unnoticed.length > 0) this.#add(unnoticed);
    } finally {
      this.#isLooking = false;
    }
  }

  /** Notes files that have changed though no change was reported, and polls if it is the second time. */
  #suspect(changed: readonly string[]): void {
    const missed = changed.find((path) => this.#suspects.has(path));
    this.#suspects = new Set(changed);
    if (missed !== undefined) this.#poll(missed);
  }

  #poll(path: string, error?: string): void {
    if (this.#polls) return;
    this.#polls = true;
    this.#watcher.close();
    const why = error === undefined
      ? `The system didn't report a change of ${path}`
      : `Cannot watch ${path}: ${error}`;
    this.#say(
      `${why}; the files of open pages are compared each second instead`,
    );
  }
}

/** Stats a file: `null` if it is missing, `undefined` if it can't be read just now. */
async function statOrNull(path: string): Promise<FileState | null | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    return error instanceof Deno.errors.NotFound ||
        error instanceof Deno.errors.NotADirectory
      ? null
      : undefined;
  }
}
