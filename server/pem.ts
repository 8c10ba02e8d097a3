// The text format of certificates and keys (RFC 7468): blocks between BEGIN and END lines.
// Pure: doesn't interpret the contents.

/** One block of a PEM file. */
export interface PemBlock {
  /** The label, such as "CERTIFICATE". */
  readonly label: string;
  /** The lines between BEGIN and END: base64, after header fields in old keys. */
  readonly lines: readonly string[];
}

const BEGIN = /^-----BEGIN ([ -,.-~]+)-----$/;

/**
 * Finds the blocks of a file. Text between blocks is a comment (RFC 7468 §2).
 *
 * @param text The text of the file.
 * @returns The blocks in order, without those that lack an END line.
 */
export function pemBlocks(text: string): PemBlock[] {
  const blocks: PemBlock[] = [];
  let label: string | undefined;
  let lines: string[] = [];
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    const begun = BEGIN.exec(line)?.[1];
    if (begun !== undefined) {
      label = begun;
      lines = [];
    } else if (label !== undefined && line === `-----END ${label}-----`) {
      blocks.push({ label, lines });
      label = undefined;
    } else if (label !== undefined) {
      lines.push(line);
    }
  }
  return blocks;
}

/**
 * Formats a block.
 *
 * @param block The block.
 * @returns The lines, each with its line end.
 */
export function pemText(block: PemBlock): string {
  const { label, lines } = block;
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""]
    .join("\n");
}

/**
 * Decodes a block without header fields.
 *
 * @param block The block.
 * @returns The bytes; `undefined` if it is not base64.
 */
export function pemBytes(block: PemBlock): Uint8Array | undefined {
  try {
    return Uint8Array.from(
      atob(block.lines.join("")),
      (character) => character.charCodeAt(0),
    );
  } catch (error) {
    // `atob()` throws it for invalid base64 only.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
