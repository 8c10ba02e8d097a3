// Notices that a client leaves while its request waits, and nothing is read or written.

import type { Connection } from "../../../connection/connection.ts";
import { isTimeout } from "../../../connection/errors.ts";

/**
 * How long a client is kept after it has ended its side, in milliseconds, as in CGI. Most
 * have left then, but one that only sends no more still reads the response.
 */
const LEAVE_TIME = 1_000;

/** How many bytes are read ahead at most: some 64 clients wait at the same time. */
const READ_AHEAD = 65_536;

/**
 * Watches for a client to leave. A server that stops gracefully still responds to clients
 * that wait, so it counts only once the connection is closed.
 *
 * @param connection The client's connection. Nobody else may read from it meanwhile.
 * @param leave Called when the client has left, maybe more than once.
 * @returns What ends the watch when it is disposed.
 */
export function watchClient(
  connection: Pick<Connection, "onClose" | "rfile">,
  leave: () => void,
): Disposable {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closing = connection.onClose(leave);
  const watch = async () => {
    try {
      const ended = await connection.rfile.untilEnd(READ_AHEAD, () => !over);
      if (ended && !over) timer = setTimeout(leave, LEAVE_TIME);
    } catch (error) {
      // A reset, for one. The next read of the connection throws again.
      if (!over && !isTimeout(error)) leave();
    }
  };
  void watch();
  return {
    [Symbol.dispose]() {
      over = true;
      clearTimeout(timer);
      closing[Symbol.dispose]();
    },
  };
}
