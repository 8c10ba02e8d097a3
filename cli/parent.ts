// Notices the end of the process that started this one, for `--exit-with-parent`.

/** How often the parent is looked up, in milliseconds. */
const POLL = 250;

/**
 * Calls a function when the parent process has ended, or when standard input is a pipe and
 * closes.
 *
 * @param parent The ID of the parent process when this one started.
 * @param callback Called once.
 * @returns Ends watching when disposed.
 */
export function onParentEnd(
  parent: number,
  callback: () => void,
): Disposable {
  let ended = false;
  const timer = setInterval(() => {
    // An orphan gets another parent. On Windows it keeps the old one.
    if (Deno.ppid !== parent) end();
  }, POLL);
  const end = () => {
    clearInterval(timer);
    if (!ended) callback();
    ended = true;
  };
  if (hasPipe()) {
    // A read error ends the pipe as well.
    readToEnd().then(end, end);
  }
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      ended = true;
    },
  };
}

/** Whether standard input is a pipe: Node.js makes sockets, others FIFOs. */
function hasPipe(): boolean {
  // Windows can't distinguish a pipe from an empty file.
  if (Deno.build.os === "windows") return !Deno.stdin.isTerminal();
  try {
    const { isFifo, isSocket } = Deno.statSync("/dev/stdin");
    return isFifo === true || isSocket === true;
  } catch {
    // Not permitted, or closed from the start.
    return false;
  }
}

async function readToEnd(): Promise<void> {
  const buffer = new Uint8Array(1_024);
  while (await Deno.stdin.read(buffer) !== null);
}
