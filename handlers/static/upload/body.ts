// Reads the body of an upload. One piece is in memory at a time, and the next one is read only
// after it was written, so a fast client waits for a slow disk.

import type { FileUpload, Refused, UploadHandler } from "./interfaces.ts";
import { pacedReader } from "./pace.ts";
import type { Turn } from "./turns.ts";

/** How much of a body is read at once, in bytes. */
const READ_SIZE = 256 * 1024;

/** How reading has ended. */
export type Received = "end" | Refused;

const INTERRUPTED: Refused = Object.freeze({
  kind: "refused",
  status: 409,
  reason: "Another request goes on with this upload",
});

/**
 * Writes the body of a request to a file.
 *
 * @param handler The handler.
 * @param upload The file.
 * @param turn Ends when another request goes on with the upload.
 * @returns "end" if the body was read to its end; else why not.
 * @throws {Error} The client has left, or was too slow.
 */
export async function receiveBytes(
  { rfile }: UploadHandler,
  upload: FileUpload,
  turn?: Turn,
): Promise<Received> {
  const read1 = pacedReader(rfile);
  for (;;) {
    const read = read1(READ_SIZE);
    const bytes = await (turn === undefined ? read : turn.until(read));
    if (bytes === undefined) return INTERRUPTED;
    if (bytes.length === 0) return "end";
    const fault = await upload.write(bytes);
    if (fault !== undefined) return fault;
  }
}
