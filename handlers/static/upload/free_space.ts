// The space that uploads take: of the file system, and of the limit for all of them.

import type { Refused } from "./interfaces.ts";
import type { UploadLimits } from "./options.ts";
import { refuseSpace, type Space } from "./plan.ts";

/**
 * How many bytes of an announced upload are reserved ahead of what was written. Reserving all of
 * it would let one client that announces much and sends nothing keep all others out.
 */
const LOOK_AHEAD = 4 * 1024 * 1024;

/**
 * A reservation lapses if fewer than this many bytes come in this time, in milliseconds: such a
 * client would hold space for hours that others could use now.
 */
const RENEWED_BY = 64 * 1024;
const LAPSES_AFTER = 10_000;

/** What the uploads of a site have taken, in bytes. */
export interface Totals {
  taken: number;
}

/** The running uploads of all sites. */
const claims = new Set<SpaceClaim>();

/** The space of one upload. */
export class SpaceClaim implements Disposable {
  readonly #folder: string;
  readonly #device: number;
  readonly #limits: UploadLimits;
  readonly #totals: Totals;
  /** How many bytes it still needs, if it has announced its size. */
  #needed: number | undefined;
  /** How many of these are reserved. */
  #reserved = 0;
  #used = 0;
  #sinceLook = 0;
  /** When the reservation was renewed, and how many bytes came since. */
  #renewedAt = performance.now();
  #sinceRenewal = 0;

  private constructor(
    folder: string,
    device: number,
    size: number | undefined,
    limits: UploadLimits,
    totals: Totals,
  ) {
    this.#folder = folder;
    this.#device = device;
    this.#needed = size;
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
   * @returns The claim, or the reason for refusing it.
   */
  static async make(
    folder: string,
    device: number,
    size: number | undefined,
    limits: UploadLimits,
    totals: Totals,
  ): Promise<SpaceClaim | Refused> {
    const claim = new SpaceClaim(folder, device, size, limits, totals);
    claims.add(claim);
    // Reserved before the look, so that two uploads can't be promised the same space.
    claim.#reserve(0);
    const fault = await claim.#look(0);
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
  async use(bytes: number): Promise<Refused | undefined> {
    const looks = this.#renew(bytes);
    const reserves = bytes > this.#reserved && this.#needed !== undefined;
    if (reserves) this.#reserve(bytes);
    this.#sinceLook += bytes;
    const fault = looks || reserves || this.#sinceLook >= LOOK_AHEAD
      ? await this.#look(bytes)
      : this.#refuseTotal(bytes);
    if (fault !== undefined) return fault;
    this.#reserved = Math.max(0, this.#reserved - bytes);
    if (this.#needed !== undefined) {
      this.#needed = Math.max(0, this.#needed - bytes);
    }
    this.#used += bytes;
    this.#totals.taken += bytes;
    return undefined;
  }

  /** Keeps what was used: the file is stored. */
  keep(): void {
    claims.delete(this);
  }

  /** Gives the space back. */
  [Symbol.dispose](): void {
    if (claims.delete(this)) this.#totals.taken -= this.#used;
  }

  #reserve(bytes: number): void {
    this.#reserved = Math.min(this.#needed ?? 0, bytes + LOOK_AHEAD);
  }

  /** Whether the client is too slow to keep its reservation. */
  #hasLapsed(): boolean {
    return performance.now() - this.#renewedAt > LAPSES_AFTER;
  }

  /** Renews the reservation. Returns whether it had lapsed: others may have the space now. */
  #renew(bytes: number): boolean {
    this.#sinceRenewal += bytes;
    if (this.#sinceRenewal < RENEWED_BY) return false;
    const hadLapsed = this.#hasLapsed();
    this.#renewedAt = performance.now();
    this.#sinceRenewal = 0;
    return hadLapsed;
  }

  /** How many bytes are reserved for others of the same file system, or the same site. */
  #reservedForOthers(of: "device" | "site"): number {
    let sum = 0;
    for (const other of claims) {
      const counts = other !== this && !other.#hasLapsed() &&
        (of === "device"
          ? other.#device === this.#device
          : other.#totals === this.#totals);
      if (counts) sum += other.#reserved;
    }
    return sum;
  }

  #refuseTotal(bytes: number): Refused | undefined {
    if (this.#limits.maxTotal === Infinity) return undefined;
    return refuseSpace(undefined, bytes, this.#limits, this.#takenByOthers());
  }

  #takenByOthers(): number {
    return this.#totals.taken + this.#reservedForOthers("site");
  }

  /** Looks whether there is space for so many bytes, and for the others that were announced. */
  async #look(bytes: number): Promise<Refused | undefined> {
    this.#sinceLook = 0;
    const found = await spaceOf(this.#folder);
    const reserved = this.#reservedForOthers("device");
    return refuseSpace(
      found && { ...found, reserved },
      Math.max(bytes, this.#needed ?? 0),
      this.#limits,
      this.#takenByOthers(),
    );
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
