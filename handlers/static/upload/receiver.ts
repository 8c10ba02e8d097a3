// Receives the files of one request, and stores them.

import { refuseError } from "./file_errors.ts";
import { lockFile } from "./file_lock.ts";
import { SpaceClaim, type Totals } from "./free_space.ts";
import { Hashes } from "./hashes.ts";
import type {
  Announced,
  Digest,
  FileReceiver,
  FileUpload,
  Refused,
  StoredFile,
  UploadPolicy,
} from "./interfaces.ts";
import { refuseNames } from "./names.ts";
import type { UploadLimits } from "./options.ts";
import { findPlace, makeFolders, type UploadPlace } from "./place.ts";
import { type Plan, planName, refuseFolders, refuseSize } from "./plan.ts";
import { publishNew, publishNumbered } from "./publish.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import { TempFile } from "./temp_file.ts";
import { type Evaluate, NO_CONDITIONS } from "./validators.ts";

const FOLDER_GONE: Refused = Object.freeze({
  kind: "refused",
  status: 409,
  reason: "The folder was renamed or removed",
});

/** What the files of a request have in common. */
export interface ReceiverSettings {
  /** The served folder. */
  readonly served: ServedFolder;
  /** The names of the request's folder below it. */
  readonly folder: readonly string[];
  readonly os: "posix" | "windows";
  /** Whether a name in the served folder is that of a file which changes the site. */
  readonly reserves: (name: string) => boolean;
  readonly limits: UploadLimits;
  readonly totals: Totals;
  /** Evaluates the preconditions of the request, if it has any. */
  readonly evaluate?: Evaluate | undefined;
}

/** Receives the files of one request. */
export class Receiver implements FileReceiver {
  readonly folder: readonly string[];
  readonly policy: UploadPolicy;
  readonly drop: boolean;
  readonly #settings: ReceiverSettings;

  /**
   * Prepares to receive files.
   *
   * @param settings What the files have in common.
   */
  constructor(settings: ReceiverSettings) {
    this.folder = settings.folder;
    this.policy = settings.limits.policy;
    this.drop = settings.limits.drop;
    this.#settings = settings;
  }

  /** See `FileReceiver`. */
  open(
    names: readonly string[],
    announced: Announced = {},
  ): Promise<Upload | Refused> {
    return refuseError(() => this.#open([...this.folder, ...names], announced));
  }

  /**
   * Goes on with a file.
   *
   * @param opened The unfinished file, and how many bytes it has.
   * @param names The names of its path below the served folder. They were checked.
   * @param announced The size of the whole, and the digests of the rest.
   * @returns The file, which the caller disposes; or why it is refused.
   */
  reopen(
    { temp, size: received }: {
      readonly temp: TempFile;
      readonly size: number;
    },
    names: readonly string[],
    { size, digests = [] }: Announced,
  ): Promise<Upload | Refused> {
    return refuseError(async () => {
      const { limits, totals } = this.#settings;
      const fault = refuseSize(size, limits.maxSize);
      if (fault !== undefined) return fault;
      const { dev } = await Deno.stat(temp.path);
      const left = size === undefined
        ? undefined
        : Math.max(0, size - received);
      const claim = await SpaceClaim.make(temp.path, dev, left, limits, totals);
      if ("kind" in claim) return claim;
      const publish = () => this.#publish(temp, names);
      return new Upload(temp, claim, {
        size,
        digests,
        limits,
        publish,
        received,
      });
    });
  }

  async #open(
    names: readonly string[],
    { size, digests = [] }: Announced,
  ): Promise<Upload | Refused> {
    const { limits, totals } = this.#settings;
    const found = await this.#plan(names);
    if (found.kind === "refused") return found;
    const fault = refuseSize(size, limits.maxSize);
    if (fault !== undefined) return fault;
    const { parent, device } = found.place;
    const claim = await SpaceClaim.make(parent, device, size, limits, totals);
    if ("kind" in claim) return claim;
    try {
      const temp = await TempFile.create(parent);
      const publish = () => this.#publish(temp, names);
      return new Upload(temp, claim, {
        size,
        digests,
        limits,
        publish,
        received: 0,
      });
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
  }

  /** Decides whether a file of these names is received. */
  async #plan(
    names: readonly string[],
  ): Promise<
    | {
      readonly kind: "found";
      readonly place: UploadPlace;
      readonly plan: Plan;
    }
    | Refused
  > {
    const { served, os, reserves, evaluate } = this.#settings;
    const fault = refuseNames(names, os, reserves);
    if (fault !== undefined) return fault;
    const place = await findPlace(served, names);
    if (place.kind === "refused") return place;
    const conditions = await evaluate?.(place.path, place.info) ??
      NO_CONDITIONS;
    const depth = refuseFolders(place.missing.length);
    if (depth !== undefined) return depth;
    const plan = planName(place.existing, this.policy, conditions);
    return plan.kind === "refused" ? plan : { kind: "found", place, plan };
  }

  /** Gives a file its name. Everything is looked at again, since it may have changed meanwhile. */
  async #publish(
    temp: TempFile,
    names: readonly string[],
  ): Promise<Published | Refused> {
    const { evaluate, served } = this.#settings;
    // Creating the folder again would hide from its owner that it was renamed.
    if (!await temp.isInPlace()) return FOLDER_GONE;
    const before = await findPlace(served, names);
    if (before.kind === "refused") return before;
    // Without preconditions, the last one wins anyway.
    using _lock = evaluate !== undefined && before.existing === "file"
      ? await lockFile(before.path)
      : undefined;
    const found = await this.#plan(names);
    if (found.kind === "refused") return found;
    const { place, plan } = found;
    const fault = await makeFolders(place);
    if (fault !== undefined) return fault;
    switch (plan.how) {
      case "create": {
        if (!await publishNew(temp.path, place.path)) {
          const reason = "There is a file of this name";
          return { kind: "refused", status: plan.taken, reason };
        }
        temp.wasRenamed();
        return { kind: "published", names, replaced: false };
      }
      case "rename": {
        const name = await publishNumbered(temp.path, place.path);
        if (typeof name !== "string") return name;
        temp.wasRenamed();
        const all = [...names.slice(0, -1), name];
        return { kind: "published", names: all, replaced: false };
      }
      case "replace": {
        const { info } = place;
        // Who may read the file stays the same, but it can't be executed.
        if (info !== null && info.mode !== null) {
          await Deno.chmod(temp.path, info.mode & 0o666);
        }
        await Deno.rename(temp.path, place.path);
        temp.wasRenamed();
        return { kind: "published", names, replaced: info !== null };
      }
    }
  }
}

/** A file that has got its name. */
export interface Published {
  readonly kind: "published";
  readonly names: readonly string[];
  readonly replaced: boolean;
}

interface UploadSettings extends Announced {
  readonly digests: readonly Digest[];
  readonly limits: UploadLimits;
  readonly publish: () => Promise<Published | Refused>;
  /** How many bytes there are already. */
  readonly received: number;
}

/** See `FileUpload`. */
export class Upload implements FileUpload {
  received: number;
  readonly #temp: TempFile;
  readonly #claim: SpaceClaim;
  readonly #settings: UploadSettings;
  readonly #hashes: Hashes;

  constructor(temp: TempFile, claim: SpaceClaim, settings: UploadSettings) {
    this.#temp = temp;
    this.#claim = claim;
    this.#settings = settings;
    this.received = settings.received;
    this.#hashes = new Hashes(settings.digests);
  }

  /** The unfinished file. */
  get temp(): TempFile {
    return this.#temp;
  }

  /** See `FileUpload`. */
  write(bytes: Uint8Array): Promise<Refused | undefined> {
    return refuseError(async () => {
      const after = this.received + bytes.length;
      const fault = refuseSize(after, this.#settings.limits.maxSize) ??
        await this.#claim.use(bytes.length);
      if (fault !== undefined) return fault;
      await this.#temp.write(bytes);
      this.received = after;
      this.#hashes.update(bytes);
      return undefined;
    });
  }

  /** See `FileUpload`. */
  finish(): Promise<StoredFile | Refused> {
    return refuseError(async () => {
      const { received } = this;
      const { size = received, publish } = this.#settings;
      if (size !== received) {
        return {
          kind: "refused",
          status: 400,
          reason: "The file has another size than announced",
        };
      }
      const fault = this.#hashes.check();
      if (fault !== undefined) return fault;
      await this.#temp.sync();
      const published = await publish();
      if (published.kind === "refused") return published;
      this.#claim.keep();
      const { names, replaced } = published;
      const isWhole = this.#settings.received === 0;
      const etag = isWhole ? this.#hashes.etag() : undefined;
      return { kind: "stored", names, replaced, size: received, etag };
    });
  }

  /**
   * Compares the digests of what was received, after its last bytes.
   *
   * @returns The refusal if one is wrong.
   */
  check(): Refused | undefined {
    return this.#hashes.check();
  }

  /**
   * Keeps what was received, to go on with it later. If that has a wrong digest, only what was
   * there before.
   *
   * @returns The refusal for a wrong digest.
   */
  async suspend(): Promise<Refused | undefined> {
    const fault = this.#hashes.check();
    if (fault !== undefined) {
      this.received = this.#settings.received;
      await this.#temp.truncate(this.received);
    }
    this.#claim.keep();
    this.#temp.suspend();
    return fault;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#claim[Symbol.dispose]();
    this.#temp[Symbol.dispose]();
    return Promise.resolve();
  }
}
