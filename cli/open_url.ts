// Opens a URL in a browser, for `--open` and the key `o`.

// deno-lint-ignore-file no-console

import { PROGRAM } from "./options.ts";

/** How long a command may take to fail, in milliseconds; a browser may run for hours. */
const FAILS_WITHIN = 2_000;

/**
 * Lists the commands that open a URL, the preferred one first. Pure.
 *
 * @param os The operating system.
 * @param browser The value of `$BROWSER`: commands separated by colons, each with `%s` for
 * the URL, or the URL is added.
 * @param url The URL.
 * @returns The commands and their arguments.
 */
export function openCommands(
  os: typeof Deno.build.os,
  browser: string | undefined,
  url: string,
): string[][] {
  const given = (browser ?? "").split(os === "windows" ? ";" : ":")
    .map((text) => text.split(/\s+/).filter((word) => word !== ""))
    .filter((words) => words.length > 0)
    .map((words) =>
      words.some((word) => word.includes("%s"))
        ? words.map((word) => word.replaceAll("%s", url))
        : [...words, url]
    );
  const own = os === "windows"
    // The empty argument is the title of a window.
    ? ["cmd", "/c", "start", "", url]
    : [os === "darwin" ? "open" : "xdg-open", url];
  return [...given, own];
}

/**
 * Opens a URL in a browser. A failure is one line on standard error.
 *
 * @param url The URL.
 */
export async function openUrl(url: string): Promise<void> {
  const env = Deno.permissions.querySync({ name: "env", variable: "BROWSER" });
  const browser = env.state === "granted" ? Deno.env.get("BROWSER") : undefined;
  const failures: string[] = [];
  for (const command of openCommands(Deno.build.os, browser, url)) {
    const failure = await run(command);
    if (failure === undefined) return;
    failures.push(`${command[0]}: ${failure}`);
  }
  console.error(`${PROGRAM}: Cannot open ${url}: ${failures.join("; ")}`);
}

/** Runs a command, and returns why it failed. */
async function run(
  [command = "", ...args]: readonly string[],
): Promise<string | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const child = new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    const { promise: runs, resolve } = Promise.withResolvers<undefined>();
    timer = setTimeout(resolve, FAILS_WITHIN, undefined);
    const status = await Promise.race([child.status, runs]);
    return status === undefined || status.success
      ? undefined
      : `exit code ${status.code}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no such command";
    return error instanceof Error ? error.message.split("\n", 1)[0] : "failed";
  } finally {
    clearTimeout(timer);
  }
}
