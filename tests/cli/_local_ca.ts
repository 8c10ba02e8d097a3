// A user's folders for the tests of `--https`, apart from those of the user who runs the tests.

import { type Folder, folder } from "../handlers/_folder.ts";

/** A home directory. */
export interface Home extends Folder {
  /** The environment of a command with this home. */
  readonly env: Record<string, string>;
  /** The folder of the certificates. */
  readonly data: string;
}

/** Creates an empty home directory. */
export async function home(): Promise<Home> {
  const made = await folder();
  const { HOME = "", XDG_CACHE_HOME, DENO_DIR } = Deno.env.toObject();
  return {
    ...made,
    data: made.in(".local/share/httpserver"),
    env: {
      HOME: made.path,
      XDG_DATA_HOME: "",
      CAROOT: "",
      // Or Deno would fetch and compile everything again.
      DENO_DIR: DENO_DIR ?? `${XDG_CACHE_HOME || `${HOME}/.cache`}/deno`,
    },
  };
}

/** Runs a program. */
export async function run(
  program: string,
  ...args: readonly string[]
): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    signal: AbortSignal.timeout(10_000),
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: text(stdout) + text(stderr) };
}

/** Whether a program is installed. */
export function isInstalled(program: string, arg: string): boolean {
  try {
    new Deno.Command(program, { args: [arg], stdin: "null" }).outputSync();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Whether OpenSSL is installed, to check certificates with. */
export const HAS_OPENSSL: boolean = isInstalled("openssl", "version");
