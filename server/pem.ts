// The text form of certificates and keys (RFC 7468): blocks between BEGIN and END lines.
// Pure: text in, blocks out. What is inside is for others to judge.

/** One block of a PEM file. */
export interface PemBlock {
  /** What it holds, such as "CERTIFICATE". */
  readonly label: string;
  /** The lines between BEGIN and END: base64, in old keys after header fields. */
  readonly lines: readonly string[];
}

const BEGIN = /^-----BEGIN ([ -,.-~]+)-----$/;

/**
 * Finds the blocks of a file; what stands between them is explanation (RFC 7468 2).
 *
 * @param text The text of the file.
 * @returns Its blocks in order; one that has no END line is none.
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
 * Writes a block.
 *
 * @param block The block.
 * @returns Its lines, each with its line end.
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
 * @returns Its bytes; `undefined` where it is not base64.
 */
export function pemBytes(block: PemBlock): Uint8Array | undefined {
  try {
    return Uint8Array.from(
      atob(block.lines.join("")),
      (character) => character.charCodeAt(0),
    );
  } catch (error) {
    // All that `atob()` throws says that the text is not base64.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}
