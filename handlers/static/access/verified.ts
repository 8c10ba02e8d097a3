// Credentials that passed a slow check, so they are not checked again with every request.
// They are kept as keyed digests. Without the key, which never leaves the process, guessing
// passwords from them is not faster than from the hashes themselves.

import { BoundedMap } from "../../../cache/bounded_map.ts";

/** How many are kept, about 100 bytes each. The least recently used is evicted first. */
export const MAX_VERIFIED = 1_000;

/** How long each is kept, in milliseconds: one check per hour. */
export const VERIFIED_FOR = 3_600_000;

/** A cache of correct credentials. */
export class VerifiedCredentials {
  readonly #now: () => number;
  /** Digest → expiry time; the least recently used first. */
  readonly #expiry = new BoundedMap<number>(MAX_VERIFIED);
  #key: Promise<CryptoKey> | undefined;

  /**
   * Creates an empty cache.
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
   * Computes the key for credentials.
   *
   * @param user The user name.
   * @param password The password.
   * @returns A digest of both.
   */
  async digest(user: string, password: string): Promise<string> {
    this.#key ??= crypto.subtle.generateKey(
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    );
    // The user name has no colon (RFC 7617 §2).
    const bytes = new TextEncoder().encode(`${user}:${password}`);
    const digest = await crypto.subtle.sign("HMAC", await this.#key, bytes);
    return String.fromCharCode(...new Uint8Array(digest));
  }

  /**
   * Whether credentials were accepted and have not expired. The comparison need not be
   * timing-safe, since clients can't choose keyed digests.
   *
   * @param digest The result of `digest()`.
   * @returns `true` to accept the credentials again.
   */
  has(digest: string): boolean {
    const expiry = this.#expiry.get(digest);
    if (expiry === undefined) return false;
    if (this.#now() >= expiry) {
      this.#expiry.delete(digest);
      return false;
    }
    // Mark it as recently used.
    this.#expiry.set(digest, expiry);
    return true;
  }

  /**
   * Adds credentials that were accepted.
   *
   * @param digest The result of `digest()`.
   */
  add(digest: string): void {
    this.#expiry.set(digest, this.#now() + VERIFIED_FOR);
  }
}
