// Kills a server in the middle of uploads, at random points, and looks at the files that remain.

import { startCommand } from "../_command.ts";

/** What a test found. */
export interface KillReport {
  /** How many files were stored. */
  readonly stored: number;
  /** How many unfinished files the killed servers have left, before the next one removed them. */
  readonly unfinished: number;
  /** The files that are not whole. */
  readonly damaged: readonly string[];
  /** What is left after the last server has started and ended. */
  readonly left: readonly string[];
}

const POLICIES = ["error", "rename", "overwrite"] as const;

/** The clients of a round, and the latest time at which the server is killed, in milliseconds. */
const CLIENTS = 6;
const LATEST = 250;

/** How many digits the length at the beginning of each file has. */
const DIGITS = 10;

/**
 * Kills a server.
 *
 * @param rounds How often.
 * @param chance Returns a number from 0 to 1.
 * @returns What is left.
 */
export async function killUploads(
  rounds: number,
  chance: () => number,
): Promise<KillReport> {
  const base = await Deno.makeTempDir({ prefix: "httpserver-kills-" });
  try {
    const served = `${base}/served`;
    await Deno.mkdir(served);
    const env = { XDG_STATE_HOME: `${base}/state` };
    let unfinished = 0;
    for (let round = 0; round < rounds; round++) {
      const policy = POLICIES[round % POLICIES.length]!;
      await killOnce(served, policy, env, chance);
      unfinished += countUnfinished(served);
    }
    await using last = await start(served, "error", env);
    await until(() =>
      countUnfinished(served) === 0 && listsIn(env.XDG_STATE_HOME).length === 0
    );
    await last.stop();
    const names = namesIn(served);
    return {
      stored: names.filter((name) => !name.startsWith(".")).length,
      unfinished,
      damaged: names.filter((name) => !isWhole(`${served}/${name}`)),
      left: [
        ...names.filter((name) => name.startsWith(".")),
        ...listsIn(env.XDG_STATE_HOME),
      ],
    };
  } finally {
    await Deno.remove(base, { recursive: true });
  }
}

function start(
  served: string,
  policy: string,
  env: Record<string, string>,
) {
  const args = ["--upload-policy", policy, "-q", "-d", served, "0"];
  return startCommand(args, { env });
}

async function killOnce(
  served: string,
  policy: string,
  env: Record<string, string>,
  chance: () => number,
): Promise<void> {
  await using server = await start(served, policy, env);
  // The first upload loads the code.
  await send(server.port, "first", chance, 10);
  let isOver = false;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    for (let n = 0; !isOver; n++) {
      const name = `${client}-${n % 3}.bin`;
      // The server is killed at any time.
      await send(server.port, name, chance).catch(() => {});
    }
  });
  await new Promise((resolve) => setTimeout(resolve, chance() * LATEST));
  isOver = true;
  await server.stop("SIGKILL");
  await Promise.all(clients);
}

/** Uploads a file that begins with its length, in pieces. */
async function send(
  port: number,
  name: string,
  chance: () => number,
  size = Math.floor(10 ** (1 + chance() * 5)),
): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const length = String(size + DIGITS).padStart(DIGITS, "0");
  const resumable = chance() < 0.3
    ? "Upload-Complete: ?1\r\nUpload-Draft-Interop-Version: 8\r\n"
    : "";
  const head = `PUT /${name} HTTP/1.1\r\nHost: localhost\r\n${resumable}` +
    `Connection: close\r\nContent-Length: ${size + DIGITS}\r\n\r\n${length}`;
  await writeAll(conn, new TextEncoder().encode(head));
  const piece = new Uint8Array(20_000).fill(0x78);
  for (let left = size; left > 0; left -= piece.length) {
    await writeAll(conn, piece.subarray(0, left));
  }
  const buffer = new Uint8Array(4_096);
  while (await conn.read(buffer) !== null);
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

/** Whether a file has the length that it begins with. */
function isWhole(path: string): boolean {
  const text = Deno.readTextFileSync(path);
  return /^[0-9]{10}x*$/.test(text) &&
    Number(text.slice(0, DIGITS)) === text.length;
}

function countUnfinished(served: string): number {
  return namesIn(served).filter((name) => name.startsWith(".")).length;
}

/** The names in a folder. */
export function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

/** The lists of unfinished files, and the states of uploads. */
function listsIn(state: string): string[] {
  return namesIn(`${state}/httpserver/uploads`)
    .filter((name) => name.endsWith(".list") || name.endsWith(".json"));
}

/** Waits until something holds, for at most five seconds. */
export async function until(holds: () => boolean): Promise<void> {
  const end = performance.now() + 5_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error("It does not hold in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
