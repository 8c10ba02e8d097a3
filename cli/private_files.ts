// The files that the command itself reads or writes. They are never served: the current directory
// is the usual place for them, and it is the one that is served. Pure.

import type { CommandLine } from "./arguments.ts";

/**
 * Lists the files of the command.
 *
 * @param commandLine The arguments.
 * @returns Their paths.
 */
export function privateFiles(
  { usersFile, proxyCaFile, logFile, configFile, tls }: Pick<
    CommandLine,
    "usersFile" | "proxyCaFile" | "logFile" | "configFile" | "tls"
  >,
): string[] {
  return [
    usersFile,
    tls?.cert,
    tls?.key,
    tls?.passwordFile,
    proxyCaFile,
    logFile,
    configFile,
  ].filter((path) => path !== undefined);
}
