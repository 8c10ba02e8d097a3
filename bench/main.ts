// Measures this server and its peers on this machine: `deno task bench --help`.

// deno-lint-ignore-file no-console

import type { Figures, LeftOut, WorkFigures } from "./figures.ts";
import { install, missingTools } from "./install.ts";
import type { Context } from "./instance.ts";
import { describeMachine, versionsOf } from "./machine.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { Processes } from "./processes.ts";
import { markdownReport, textReport } from "./report.ts";
import { measureWork } from "./rounds.ts";
import { loadTools, type Server, servers } from "./servers.ts";
import { Site } from "./site.ts";
import { WORKS } from "./works.ts";

/** Progress goes to standard error: standard output holds the report alone. */
function note(text: string): void {
  console.error(text);
}

/** The servers of these options. */
function chosenServers({ peers, checkouts }: Options): Server[] {
  const roots = checkouts.map((path) => Deno.realPathSync(path));
  const names = new Set(roots.map((root) => root.split("/").at(-1)));
  if (names.size < roots.length) {
    throw new Error("The folders of --ours must have different names");
  }
  return servers(roots).filter(({ name, root }) =>
    root !== undefined || peers.length === 0 || peers.includes(name)
  );
}

function list(chosen: readonly Server[]): string {
  const lines = ["Works:"];
  for (const { name, description } of WORKS) {
    lines.push(`  ${name.padEnd(22)} ${description}`);
  }
  lines.push("", "Servers:");
  for (const { name, description, needs } of chosen) {
    const missing = needs.path === undefined ? " (missing)" : "";
    lines.push(`  ${name.padEnd(22)} ${description}${missing}`);
  }
  const missing = missingTools(chosen).map(({ name }) => name);
  if (missing.length > 0) lines.push("", `Missing: ${missing.join(", ")}`);
  return lines.join("\n") + "\n";
}

async function measureAll(
  context: Context,
  { works, rounds }: Options,
  chosen: readonly Server[],
): Promise<{ works: WorkFigures[]; leftOut: LeftOut[] }> {
  const leftOut: LeftOut[] = missingTools(chosen).map(({ name }) => ({
    server: name,
    reason: "it is not installed: see --install",
  }));
  const present = chosen.filter(({ needs }) => needs.path !== undefined);
  const measured: WorkFigures[] = [];
  for (const work of works) {
    const result = await measureWork(context, work, present, rounds, note);
    measured.push(result.figures);
    leftOut.push(...result.leftOut);
  }
  return { works: measured, leftOut };
}

/** Aborts its signal and ends all processes at Ctrl-C or SIGTERM. */
function onInterrupt(
  processes: Processes,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const listener = () => {
    controller.abort();
    // Measurements that wait for a process fail now, and the run unwinds.
    void processes.endAll();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, listener);
    },
  };
}

/** Measures everything; `undefined` if the user interrupts it. */
async function measure(
  options: Options,
  chosen: readonly Server[],
): Promise<Figures | undefined> {
  const processes = new Processes();
  using interrupt = onInterrupt(processes);
  const { signal } = interrupt;
  const site = await Site.make();
  try {
    const { rounds, seconds } = options;
    const machine = describeMachine();
    const context = { processes, site, seconds, signal };
    const measured = await measureAll(context, options, chosen);
    signal.throwIfAborted();
    return {
      machine,
      versions: versionsOf(chosen),
      command: ["deno task bench", ...Deno.args].join(" "),
      rounds,
      seconds,
      ...measured,
    };
  } catch (error) {
    if (!signal.aborted) throw error;
    return undefined;
  } finally {
    await processes.endAll();
    await site[Symbol.asyncDispose]();
  }
}

function format(figures: Figures, { format }: Options): string {
  if (format === "json") return JSON.stringify(figures, null, 2) + "\n";
  return format === "markdown" ? markdownReport(figures) : textReport(figures);
}

async function main(args: readonly string[]): Promise<number> {
  let options;
  try {
    options = parseOptions(args, servers().map(({ name }) => name));
    chosenServers(options);
  } catch (error) {
    note(`${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (options.action === "help") {
    console.log(HELP.trimEnd());
    return 0;
  }
  if (options.install) await install(chosenServers(options), note);
  // What was installed is found now.
  const chosen = chosenServers(options);
  if (options.action === "list") {
    console.log(list(chosen).trimEnd());
    return 0;
  }
  const lacking = loadTools().filter(({ path }) => path === undefined);
  if (lacking.length > 0) {
    const names = lacking.map(({ name }) => name).join(" and ");
    note(`Cannot measure without ${names}: use --install`);
    return 1;
  }
  const figures = await measure(options, chosen);
  if (figures === undefined) return 130;
  console.log(format(figures, options).trimEnd());
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
