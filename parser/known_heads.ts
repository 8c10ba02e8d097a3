// Header blocks that came before, letter for letter: a client repeats its fields with every
// request. The parsed form is kept by the exact text, so no two blocks can be mixed up.

import { BoundedMap } from "../cache/bounded_map.ts";
import { type BodyFraming, NO_BODY } from "./framing.ts";

/** What a header block says about the request, apart from its fields. */
export interface HeadFacts {
  /** How the end of the body is known. */
  readonly framing: BodyFraming;
  /**
   * What the client asks of the connection: `false` for "close", otherwise `true` for
   * "keep-alive", otherwise `undefined`.
   */
  readonly keepAlive: boolean | undefined;
  /** Whether the client waits for "100 Continue" before it sends the body. */
  readonly expectContinue: boolean;
  /** Whether the version is HTTP/1.1 or later. */
  readonly http11: boolean;
  /** Whether the version is HTTP/0.9, whose responses have no head. */
  readonly http09: boolean;
  /** Identifies a known block among all of this process; 0 for a block that is not kept. */
  readonly serial: number;
}

/** How many blocks to keep: those of the clients of a busy minute. */
const MAX_KNOWN = 512;

/** The longest block to keep, in bytes. Browsers send some 800. */
const MAX_LENGTH = 2_048;

/** Never kept, so that no credentials stay in memory. */
const CREDENTIALS = /^(?:cookie|(?:proxy-)?authorization):/im;

/** By version, since the facts depend on it. */
const known: ReadonlyMap<string, BoundedMap<HeadFacts>> = new Map(
  ["HTTP/1.1", "HTTP/1.0"].map((version) => [
    version,
    new BoundedMap<HeadFacts>(MAX_KNOWN, MAX_LENGTH),
  ]),
);
let lastSerial = 0;

/**
 * Looks up a block.
 *
 * @param version The version of its request.
 * @param block The block.
 * @returns Its facts; `undefined` if it is not known.
 */
export function knownHead(
  version: string,
  block: string,
): HeadFacts | undefined {
  return known.get(version)?.get(block);
}

/**
 * Keeps the facts of a block of an HTTP/1.1 or HTTP/1.0 request, if it is short, announces no body
 * and has no credentials.
 *
 * @param version The version of its request.
 * @param block The block, which was checked. With HTTP/1.1 it has one valid `Host`.
 * @param facts Its facts.
 * @returns The facts, with a serial number if they were kept.
 */
export function keepHead(
  version: string,
  block: string,
  facts: HeadFacts,
): HeadFacts {
  const blocks = known.get(version);
  if (
    blocks === undefined || block.length > MAX_LENGTH ||
    facts.framing !== NO_BODY || facts.expectContinue || CREDENTIALS.test(block)
  ) return facts;
  const kept = Object.freeze({ ...facts, serial: ++lastSerial });
  blocks.set(block, kept);
  return kept;
}
