// `--trust`: shows the commands that make this machine trust the local authority, asks, and runs them.

// deno-lint-ignore-file no-console

import { PROGRAM } from "../options.ts";
import { fingerprint, hex } from "./authority.ts";
import {
  findAuthority,
  keepAuthority,
  type Kept,
  type Place,
  protectFolder,
  rememberTrust,
} from "./keeper.ts";
import { explained, hostName, placeOfUser } from "./machine.ts";
import { checkWritable } from "./store.ts";
import {
  ANCHORS,
  chromiumDatabase,
  commandText,
  firefoxFolders,
  type TrustFacts,
  type TrustStep,
  trustSteps,
} from "./trust_commands.ts";

/** The longest reply to the question, in bytes. */
const MAX_REPLY = 1_024;

/** What installing needs from its surroundings. */
export interface TrustTools {
  /** Prints a line. */
  print(line: string): void;
  /** Asks a question, and returns the reply; empty at the end of the input. */
  ask(question: string): Promise<string>;
  /** Runs a command, and returns why it failed. */
  run(command: readonly string[]): Promise<string | undefined>;
  /** Writes the files that the commands use. */
  prepare(): Promise<void>;
}

/**
 * Installs the authority, and creates it first if necessary.
 *
 * @returns The exit code: 0 if it is installed, 1 if the user said no or a command failed.
 * @throws {Error} If no certificate can be kept, or nothing on this machine can trust it.
 */
export async function trustAuthority(): Promise<number> {
  const place = placeOfUser();
  const name = hostName();
  try {
    const repaired = await protectFolder(place);
    const kept = await findAuthority(place, name);
    for (const note of [...repaired, ...kept.notes]) {
      console.error(`${PROGRAM}: ${note}`);
    }
    const steps = trustSteps(await factsFor(place, kept));
    if (steps.length === 0) {
      throw new TypeError(
        "Cannot install the CA: this system has no directory for certificates, and certutil is not installed; start with --https and import /.httpserver/ca.crt by hand",
      );
    }
    // Before the question: after a yes, it would be too late to say so.
    if (!kept.isMkcert) await checkWritable(place.folder);
    console.log(
      `The CA ${kept.authority.facts.commonName}, SHA-256\n  ${await fingerprint(
        kept.authority.certificate,
      )}`,
    );
    return await install(steps, {
      print: (line) => console.log(line),
      ask,
      run,
      prepare: async () => {
        const written = await keepAuthority(place, name, kept);
        if (
          hex(written.authority.certificate) !==
            hex(kept.authority.certificate)
        ) {
          throw new TypeError(
            "Cannot install the CA: another process has just made another one; run the command again",
          );
        }
      },
    }, () => rememberTrust(place, kept));
  } catch (error) {
    throw explained(error, place.folder);
  }
}

/**
 * Shows the commands, asks, and runs them. If one fails, the next step is still tried.
 *
 * @param steps The steps.
 * @param tools The surroundings.
 * @param installed Called when all commands have succeeded.
 * @returns The exit code.
 */
export async function install(
  steps: readonly TrustStep[],
  { print, ask, run, prepare }: TrustTools,
  installed: () => Promise<void> = () => Promise.resolve(),
): Promise<number> {
  print("These commands will make this machine trust it:");
  printSteps(steps, ({ commands }) => commands, print);
  const reply = await ask("Run them? [y/N] ");
  if (!/^y(?:es)?$/i.test(reply.trim())) {
    print("Nothing was changed.");
    return 1;
  }
  await prepare();
  let failures = 0;
  for (const { what, commands } of steps) {
    const failure = await firstFailure(commands, run);
    if (failure === undefined) continue;
    failures++;
    print(`Failed for ${what}: ${failure}`);
  }
  if (failures === 0) {
    await installed();
    print("Done. Browsers that are running must be restarted.");
  }
  print("To undo it:");
  printSteps(steps, ({ undo }) => undo, print);
  return failures === 0 ? 0 : 1;
}

async function firstFailure(
  commands: TrustStep["commands"],
  run: TrustTools["run"],
): Promise<string | undefined> {
  for (const command of commands) {
    const failure = await run(command);
    if (failure !== undefined) return `${commandText(command)}: ${failure}`;
  }
  return undefined;
}

function printSteps(
  steps: readonly TrustStep[],
  commandsOf: (step: TrustStep) => TrustStep["commands"],
  print: (line: string) => void,
): void {
  for (const step of steps) {
    print(`  # ${step.what}`);
    for (const command of commandsOf(step)) print(`  ${commandText(command)}`);
  }
}

/** Looks at the system. */
async function factsFor({ os }: Place, kept: Kept): Promise<TrustFacts> {
  const { facts } = kept.authority;
  const home = (os === "windows" ? undefined : Deno.env.get("HOME")) ?? "";
  const isRoot = os !== "windows" && Deno.uid() === 0;
  const tools = isRoot ? [] : ["sudo", "doas"];
  const found = await Promise.all(tools.map(isInstalled));
  return {
    os,
    elevate: tools.filter((_, at) => found[at]).slice(0, 1),
    home,
    certificate: kept.file,
    name: facts.commonName,
    id: hex((facts.keyId ?? new Uint8Array()).subarray(0, 4)),
    anchors: await firstDirectory(Object.keys(ANCHORS)),
    hasCertutil: os === "linux" && await isInstalled("certutil"),
    databases: os === "linux" ? await nssDatabases(home) : [],
  };
}

async function firstDirectory(
  paths: readonly string[],
): Promise<string | undefined> {
  for (const path of paths) if (await exists(path)) return path;
  return undefined;
}

/** Finds the databases of Chromium and of Firefox's profiles. */
async function nssDatabases(home: string): Promise<string[]> {
  const found: string[] = [];
  const add = async (folder: string) => {
    if (await exists(`${folder}/cert9.db`)) found.push(folder);
  };
  await add(chromiumDatabase(home));
  for (const folder of firefoxFolders(home)) {
    if (!await exists(folder)) continue;
    for await (const { name } of Deno.readDir(folder)) {
      await add(`${folder}/${name}`);
    }
  }
  return found;
}

async function isInstalled(program: string): Promise<boolean> {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    if (folder !== "" && await exists(`${folder}/${program}`)) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied
    ) return false;
    throw error;
  }
}

/** Reads a line of standard input. */
async function ask(question: string): Promise<string> {
  await Deno.stdout.write(new TextEncoder().encode(question));
  const bytes = new Uint8Array(MAX_REPLY);
  let length = 0;
  while (length < MAX_REPLY && !bytes.subarray(0, length).includes(0x0a)) {
    const count = await Deno.stdin.read(bytes.subarray(length));
    if (count === null) {
      // Without a reply there is no line end either.
      console.log();
      break;
    }
    length += count;
  }
  const [line = ""] = new TextDecoder().decode(bytes.subarray(0, length))
    .split("\n", 1);
  return line;
}

/** Runs a command on this terminal: `sudo` asks for a password. */
async function run(
  [program = "", ...args]: readonly string[],
): Promise<string | undefined> {
  try {
    const { success, code } = await new Deno.Command(program, { args })
      .spawn().status;
    return success ? undefined : `exit code ${code}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "no such command";
    throw error;
  }
}
