// Notices that a client disconnects while its request waits and nothing is read or written.

import type { Connection } from "../../../connection/connection.ts";
import { isTimeout } from "../../../connection/errors.ts";

/**
 * How long to wait after a client has ended its side, in milliseconds, as in CGI. Most
 * clients have disconnected by then, but one that only half-closed still reads the response.
 */
const LEAVE_TIME = 1_000;

/** How many bytes are read ahead at most, per waiting client; about 64 clients can wait. */
const READ_AHEAD = 65_536;

/**
 * Watches for a client to disconnect. During a graceful shutdown waiting clients still get
 * their response, so only a closed connection counts.
 *
 * @param connection The client's connection. Nothing else may read from it meanwhile.
 * @param leave Called when the client has disconnected, possibly more than once.
 * @param patience How long to wait after the client has ended its side, in milliseconds.
 * @returns An object that stops watching when it is disposed.
 */
export function watchClient(
  connection: Pick<Connection, "onClose" | "rfile">,
  leave: () => void,
  patience: number = LEAVE_TIME,
): Disposable {
  let over = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const closing = connection.onClose(leave);
  const watch = async () => {
    try {
      const ended = await connection.rfile.untilEnd(READ_AHEAD, () => !over);
      if (ended && !over) timer = setTimeout(leave, patience);
    } catch (error) {
      // For example a reset. The next read from the connection throws again.
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
