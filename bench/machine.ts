// The machine and the versions that a run's figures depend on.

import { loadTools, type Server, type Tool } from "./servers.ts";

/** Describes the machine. */
export function describeMachine(): Record<string, string> {
  const cpus = Deno.readTextFileSync("/proc/cpuinfo");
  return {
    processor: /^model name\s*:\s*(.*)$/m.exec(cpus)?.[1] ?? Deno.build.arch,
    cores: String(navigator.hardwareConcurrency),
    system: `${Deno.build.os} ${Deno.osRelease()}`,
    load: Deno.loadavg().map((load) => load.toFixed(2)).join(" "),
    date: new Date().toISOString(),
  };
}

/**
 * Finds out the versions of what takes part.
 *
 * @param servers The servers.
 */
export function versionsOf(
  servers: readonly Server[],
): Record<string, string> {
  const versions: Record<string, string> = {};
  for (const { name, root } of servers) {
    if (root !== undefined) versions[name] = commit(root);
  }
  for (const tool of [...loadTools(), ...servers.map(({ needs }) => needs)]) {
    versions[tool.name] ??= versionOf(tool);
  }
  return versions;
}

/** The commit of a checkout. */
function commit(root: string): string {
  const args = ["-C", root, "describe", "--always", "--dirty"];
  return firstLine("git", args) || "unknown";
}

function versionOf({ path, version, npm }: Tool): string {
  if (path === undefined) return "missing";
  // Not all programs of npm know their version.
  if (npm !== undefined) return npmVersion(path, npm);
  const line = firstLine(path, version);
  return /\d+(?:\.\d+)+\S*/.exec(line)?.[0] ?? line;
}

function npmVersion(path: string, name: string): string {
  const file = path.replace(/\.bin\/.*/, `${name}/package.json`);
  return JSON.parse(Deno.readTextFileSync(file)).version;
}

/** The first line that a command prints; empty if it can't be run. */
function firstLine(program: string, args: readonly string[]): string {
  try {
    const { stdout, stderr } = new Deno.Command(program, { args: [...args] })
      .outputSync();
    const decoder = new TextDecoder();
    // nginx prints its version on standard error.
    const text = decoder.decode(stdout) || decoder.decode(stderr);
    return text.trim().split("\n", 1)[0]!;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "";
  }
}
