// Installs missing programs, for `--install`.

import { CACHE, loadTools, type Server, type Tool } from "./servers.ts";

/** What installs one kind of package. */
interface Installer {
  readonly packages: readonly string[];
  readonly command: readonly [string, ...string[]];
}

/** The tools that are not installed. */
export function missingTools(servers: readonly Server[]): Tool[] {
  const tools = [...loadTools(), ...servers.map(({ needs }) => needs)];
  const missing = new Map<string, Tool>();
  for (const tool of tools) {
    if (tool.path === undefined) missing.set(tool.name, tool);
  }
  return [...missing.values()];
}

/**
 * The commands that install tools.
 *
 * @param tools The missing tools.
 * @param cache The folder for packages of npm.
 */
export function installCommands(
  tools: readonly Tool[],
  cache: string,
): Installer[] {
  const debian = tools.flatMap(({ debian }) => debian ?? []);
  const npm = tools.flatMap(({ npm }) => npm ?? []);
  const apt = ["install", "--yes", "--no-install-recommends"];
  const options = ["--prefix", cache, "--no-audit", "--no-fund"];
  const installers: Installer[] = [
    { packages: debian, command: ["apt-get", ...apt, ...debian] },
    { packages: npm, command: ["npm", "install", ...options, ...npm] },
  ];
  return installers.filter(({ packages }) => packages.length > 0);
}

/**
 * Installs what servers and load generators need. Debian packages need root.
 *
 * @param servers The servers.
 * @param note Gets a line for each command.
 */
export async function install(
  servers: readonly Server[],
  note: (text: string) => void,
): Promise<void> {
  await Deno.mkdir(CACHE, { recursive: true });
  const commands = installCommands(missingTools(servers), CACHE);
  if (commands.length === 0) note("nothing is missing");
  for (const { command } of commands) {
    note(command.join(" "));
    const [program, ...args] = command;
    try {
      const { success } = await new Deno.Command(program, {
        args,
        // A package must not start its server as a service.
        env: { RUNLEVEL: "1", DEBIAN_FRONTEND: "noninteractive" },
        stdin: "null",
        stdout: "null",
        stderr: "inherit",
        signal: AbortSignal.timeout(600_000),
      }).output();
      if (!success) note(`${program} failed: its peers are left out`);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      note(`${program} is missing`);
    }
  }
}
