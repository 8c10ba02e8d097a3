// The hashes of a file that is being received: those to compare with the digests that the client
// announced, and that of its entity tag.

import type * as NodeCrypto from "node:crypto";
import { ContentHash } from "../representation/content_hash.ts";
import { MAX_IN_MEMORY } from "../representation/content_tags.ts";
import type { Digest, Refused } from "./interfaces.ts";

const WRONG_DIGEST: Refused = Object.freeze({
  kind: "refused",
  status: 400,
  reason: "The content doesn't have the announced digest",
});

/** How much of a file is read at once, in bytes. */
const READ_SIZE = 256 * 1024;

/** The hashes of one file. */
export class Hashes {
  readonly #expected: readonly Expected[];
  #fault: Refused | undefined;
  #isChecked = false;
  #content: ContentHash | undefined = new ContentHash();
  #size = 0;

  /**
   * Starts to hash.
   *
   * @param digests The digests that the content must have.
   */
  constructor(digests: readonly Digest[]) {
    this.#expected = digests.map(({ algorithm, value }) => ({
      hash: nodeCrypto().createHash(algorithm.replace("-", "")),
      value,
    }));
  }

  /**
   * Adds bytes.
   *
   * @param bytes The next bytes.
   */
  update(bytes: Uint8Array): void {
    for (const { hash } of this.#expected) hash.update(bytes);
    this.#size += bytes.length;
    // Only the tag of a small file depends on its content.
    if (this.#size > MAX_IN_MEMORY) this.#content = undefined;
    this.#content?.update(bytes);
  }

  /**
   * Compares the digests, after the last bytes.
   *
   * @returns The refusal if one is wrong.
   */
  check(): Refused | undefined {
    if (this.#isChecked) return this.#fault;
    this.#isChecked = true;
    const areRight = this.#expected.every(({ hash, value }) =>
      hash.digest().equals(value)
    );
    if (!areRight) this.#fault = WRONG_DIGEST;
    return this.#fault;
  }

  /**
   * Returns the entity tag. Call it once.
   *
   * @returns The tag if it is strong from the beginning.
   */
  etag(): string | undefined {
    return this.#content && `"${this.#content.digest()}"`;
  }
}

/**
 * Compares the digests of a whole file.
 *
 * @param path The file.
 * @param digests The digests that it must have.
 * @returns The refusal if one is wrong.
 */
export async function checkFile(
  path: string,
  digests: readonly Digest[],
): Promise<Refused | undefined> {
  if (digests.length === 0) return undefined;
  const hashes = new Hashes(digests);
  using file = await Deno.open(path);
  const buffer = new Uint8Array(READ_SIZE);
  for (;;) {
    const count = await file.read(buffer);
    if (count === null) return hashes.check();
    hashes.update(buffer.subarray(0, count));
  }
}

interface Expected {
  readonly hash: NodeCrypto.Hash;
  readonly value: Uint8Array;
}

function nodeCrypto(): typeof NodeCrypto {
  return globalThis.process.getBuiltinModule("node:crypto");
}
