// The space that uploads take: of the file system, and of the limit for all of them.

import type { Refused } from "./interfaces.ts";
import type { UploadLimits } from "./options.ts";
import { refuseSpace, type Space } from "./plan.ts";

/** After how many bytes the file system is looked at again: other programs fill it, too. */
const LOOK_AFTER = 32 * 1024 * 1024;

/** What the uploads of a site have taken, in bytes. */
export interface Totals {
  taken: number;
}

/** How many bytes the running uploads still need, by the number of their file system. */
const reserved = new Map<number, number>();

function reserve(device: number, bytes: number): void {
  const all = (reserved.get(device) ?? 0) + bytes;
  if (all > 0) reserved.set(device, all);
  else reserved.delete(device);
}

/** The space of one upload. */
export class SpaceClaim implements Disposable {
  readonly #folder: string;
  readonly #device: number;
  readonly #limits: UploadLimits;
  readonly #totals: Totals;
  /** How many of its bytes are reserved. */
  #left = 0;
  #used = 0;
  #sinceLook = 0;
  #isOver = false;

  private constructor(
    folder: string,
    device: number,
    limits: UploadLimits,
    totals: Totals,
  ) {
    this.#folder = folder;
    this.#device = device;
    this.#limits = limits;
    this.#totals = totals;
  }

  /**
   * Claims space.
   *
   * @param folder The folder to write to.
   * @param device The number of its file system.
   * @param size How many bytes are needed; `undefined` if that is unknown.
   * @param limits The limits.
   * @param totals What the uploads of the site have taken. It is updated.
   * @returns The claim; or why there is none.
   */
  static async make(
    folder: string,
    device: number,
    size: number | undefined,
    limits: UploadLimits,
    totals: Totals,
  ): Promise<SpaceClaim | Refused> {
    const claim = new SpaceClaim(folder, device, limits, totals);
    // Reserved before the look, so that two uploads can't be promised the same space.
    claim.#add(size ?? 0);
    const fault = await claim.#look();
    if (fault === undefined) return claim;
    claim[Symbol.dispose]();
    return fault;
  }

  /**
   * Takes some of the space, before it is written to.
   *
   * @param bytes How many bytes are written.
   * @returns Why they must not be.
   */
  use(bytes: number): Promise<Refused | undefined> | Refused | undefined {
    const missing = bytes - this.#left;
    if (missing > 0) this.#add(missing);
    this.#left -= bytes;
    reserve(this.#device, -bytes);
    this.#used += bytes;
    this.#sinceLook += bytes;
    if (this.#sinceLook >= LOOK_AFTER) return this.#look();
    return this.#totals.taken > this.#limits.maxTotal
      ? refuseSpace(undefined, 0, this.#limits, this.#totals.taken)
      : undefined;
  }

  /** Keeps what was used: the file is stored. */
  keep(): void {
    this.#totals.taken += this.#used;
    this[Symbol.dispose]();
  }

  /** Gives the space back. */
  [Symbol.dispose](): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#totals.taken -= this.#used + this.#left;
    reserve(this.#device, -this.#left);
  }

  #add(bytes: number): void {
    this.#left += bytes;
    this.#totals.taken += bytes;
    reserve(this.#device, bytes);
  }

  async #look(): Promise<Refused | undefined> {
    this.#sinceLook = 0;
    const found = await spaceOf(this.#folder);
    const left = this.#left;
    const others = (reserved.get(this.#device) ?? 0) - left;
    const space = found && { ...found, reserved: others };
    const taken = this.#totals.taken - left;
    return refuseSpace(space, left, this.#limits, taken);
  }
}

/** The space of the file system that a folder is on; `undefined` if that can't be found out. */
async function spaceOf(
  folder: string,
): Promise<Omit<Space, "reserved"> | undefined> {
  const permission = { name: "sys", kind: "statfs" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  const { statfs } = globalThis.process.getBuiltinModule("node:fs").promises;
  try {
    const { bavail, blocks, bsize, ffree, files } = await statfs(folder);
    return {
      free: bavail * bsize,
      total: blocks * bsize,
      // Some file systems report 0 for both: they have no such limit.
      files: files === 0 ? undefined : ffree,
    };
  } catch (error) {
    // Not every file system has these numbers; a write to a full one fails by itself.
    if (error instanceof Error && "code" in error) return undefined;
    throw error;
  }
}
