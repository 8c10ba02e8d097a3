// Credentials that a slow check has accepted, so that they are not checked again with every
// request. Kept as keyed digests: without the key, which never leaves the process, nobody
// can try passwords on them faster than on the hashes themselves.

import { BoundedMap } from "../../../cache/bounded_map.ts";

/** How many are kept. Each is some 100 bytes; beyond that the least recently used is forgotten. */
export const MAX_VERIFIED = 1_000;

/** How long each is kept, in milliseconds: an hour of requests for one check. */
export const VERIFIED_FOR = 3_600_000;

/** Credentials that were accepted a while ago. */
export class VerifiedCredentials {
  readonly #now: () => number;
  /** When each expires, by its digest; the least recently used first. */
  readonly #expiry = new BoundedMap<number>(MAX_VERIFIED);
  #key: Promise<CryptoKey> | undefined;

  /**
   * Begins without any.
   *
   * @param now A clock in milliseconds.
   */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** How many are kept. */
  get size(): number {
    return this.#expiry.size;
  }

  /**
   * What credentials are kept under.
   *
   * @param user The user.
   * @param password The password.
   * @returns A digest of both.
   */
  async digest(user: string, password: string): Promise<string> {
    this.#key ??= crypto.subtle.generateKey(
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    // No colon is in the user (RFC 7617 §2).
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    const digest = await crypto.subtle.sign("HMAC", await this.#key, bytes);
    return String.fromCharCode(...new Uint8Array(digest));
  }

  /**
   * Whether credentials were accepted and that has not expired. A comparison of keyed digests
   * tells nothing by the time it takes, as nobody can choose them.
   *
   * @param digest What `digest()` gave for them.
   * @returns `true` to accept them again.
   */
  has(digest: string): boolean {
    const expiry = this.#expiry.get(digest);
    if (expiry === undefined) return false;
    if (this.#now() >= expiry) {
      this.#expiry.delete(digest);
      return false;
    }
    // The one used last is evicted last.
    this.#expiry.set(digest, expiry);
    return true;
  }

  /**
   * Keeps credentials that were accepted.
   *
   * @param digest What `digest()` gave for them.
   */
  add(digest: string): void {
    this.#expiry.set(digest, this.#now() + VERIFIED_FOR);
  }
}
