// Serves mixed load with faults for a long time, and checks every status and byte: `deno
// task soak [--minutes N] [--seed S] [--clients N] [--kills N]`. Then kills servers in the
// middle of uploads.
//
// Passes if all responses were correct; if after a pause at the end no server has more
// descriptors or children than before the load; if peak resident memory in the last third
// exceeds that of the middle third by at most 10 % and 16 MiB; if each server exits
// with code 0 without logging a traceback; and if no upload that was not complete has left
// anything.

// deno-lint-ignore-file no-console

import { ServerProcess, until } from "../tests/faults/_rig.ts";
import { killUploads } from "../tests/faults/_upload_kills.ts";
import { Chance } from "./soak/chance.ts";
import { SoakClient } from "./soak/client.ts";
import { FAULTS } from "./soak/faults.ts";
import { ARCHIVES } from "./soak/archives.ts";
import { UPLOADS } from "./soak/uploads.ts";
import { type Kind, KINDS, type ServerName } from "./soak/requests.ts";
import { addSibling, SoakSite } from "./soak/site.ts";
import { Tally, Watch } from "./soak/tally.ts";

/** How much higher memory may peak in the last third than in the middle one. */
const GROWTH = 1.1;

/** And by how many more bytes: one step of the young generation. */
const STEP = 16 * 1024 * 1024;

/** One in this many actions is a fault. */
const FAULT_EVERY = 12;

/** How often the changing file changes, in milliseconds. */
const CHANGE = 150;

/** How often the log is rotated, in milliseconds. */
const ROTATION = 5_000;

/** How often memory is sampled, in milliseconds. */
const SAMPLE = 500;

const TLS = "tests/data/tls";
const root = new URL("..", import.meta.url).pathname;

interface Options {
  readonly minutes: number;
  readonly seed: number;
  readonly clients: number;
  readonly kills: number;
}

interface Served {
  readonly name: ServerName;
  readonly process: ServerProcess;
  readonly watch: Watch;
  /** Its descriptors and children before the load. */
  before: { descriptors: number; children: number };
}

function parseOptions(args: readonly string[]): Options {
  const options = { minutes: 10, seed: 1, clients: 24, kills: 100 };
  for (let n = 0; n < args.length; n += 2) {
    const name = args[n]!.replace(/^--/, "");
    const value = Number(args[n + 1]);
    if (!(name in options) || !(value > 0)) {
      throw new TypeError(
        `Cannot run: ${
          args[n]
        } must be --minutes, --seed, --clients or --kills, with a number`,
      );
    }
    Object.assign(options, { [name]: value });
  }
  return options;
}

async function start(site: SoakSite, log: string): Promise<Served[]> {
  const folder = ["-d", site.path];
  const certificate = ["--tls-cert", `${root}${TLS}/ssl_cert.pem`];
  const key = ["--tls-key", `${root}${TLS}/ssl_key.pem`];
  const commands = {
    static: {
      args: [
        ...folder,
        ...["--archive", "--upload-policy", "overwrite", "--log-file", log],
      ],
    },
    https: { args: [...folder, "--archive", ...certificate, ...key, "-q"] },
    cgi: { args: [...folder, "--cgi", "-q"] },
    classes: { script: "tests/faults/_classes.ts", args: [site.path] },
  };
  const served: Served[] = [];
  for (const [name, options] of Object.entries(commands)) {
    served.push({
      name: name as ServerName,
      process: await ServerProcess.start(options),
      watch: new Watch(),
      before: { descriptors: 0, children: 0 },
    });
  }
  return served;
}

const caCerts = [Deno.readTextFileSync(`${root}${TLS}/ssl_cert.pem`)];

async function connect({ name, process }: Served): Promise<SoakClient> {
  const address = { hostname: "127.0.0.1", port: process.port };
  return new SoakClient(
    name === "https"
      ? await Deno.connectTls({ ...address, caCerts })
      : await Deno.connect(address),
  );
}

/** Lists the kinds for a server, each repeated by its weight. */
function weighted(name: ServerName): Kind[] {
  return [...KINDS, ...ARCHIVES, ...UPLOADS].filter(({ servers }) =>
    servers.includes(name)
  )
    .flatMap((kind) => Array.from({ length: kind.weight }, () => kind));
}

interface Soak {
  readonly served: readonly Served[];
  readonly site: SoakSite;
  readonly tally: Tally;
  until: number;
}

/** Runs one client until the time is over, on a few connections in turn. */
async function work(soak: Soak, chance: Chance): Promise<void> {
  while (performance.now() < soak.until) {
    const server = chance.of(soak.served);
    if (chance.oneIn(FAULT_EVERY)) await misbehave(soak, server, chance);
    else await behave(soak, server, chance);
  }
}

async function misbehave(
  { tally }: Soak,
  { name, process }: Served,
  chance: Chance,
): Promise<void> {
  const fault = chance.of(FAULTS);
  try {
    await fault.run(process.port, chance);
    tally.passed(fault.name, 0);
  } catch (error) {
    tally.failed(`${fault.name} at ${name}`, error);
  }
}

async function behave(
  soak: Soak,
  server: Served,
  chance: Chance,
): Promise<void> {
  const kinds = weighted(server.name);
  // The last one is the one that fails; the others show how the connection was used before.
  const trail: string[] = ["connect"];
  try {
    using client = await connect(server);
    const most = chance.of([1, 1, 5, 30]);
    for (let n = 0; n < most && client.reusable; n++) {
      if (performance.now() > soak.until) return;
      const kind = chance.of(kinds);
      trail.push(kind.name);
      const bytes = await kind.run({ client, chance, site: soak.site });
      soak.tally.passed(kind.name, bytes);
    }
  } catch (error) {
    const kind = `${trail.pop()} at ${server.name}`;
    soak.tally.failed(kind, error, trail.slice(1));
  }
}

/** Runs each kind once, so that everything loaded on demand is loaded before the load. */
async function warmUp({ served, site, tally }: Soak): Promise<void> {
  const chance = new Chance(0);
  for (const server of served) {
    for (const kind of new Set(weighted(server.name))) {
      using client = await connect(server);
      try {
        await kind.run({ client, chance, site });
      } catch (error) {
        tally.failed(`${kind.name} at ${server.name}`, error);
      }
    }
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (const server of served) server.before = server.process.usage();
}

/** Changes files, rotates the log and samples memory until disposed. */
function disturb(soak: Soak, log: string, began: number): Disposable {
  const timers = [
    setInterval(() => soak.site.change(), CHANGE),
    setInterval(() => {
      const { process } = soak.served[0]!;
      if (process.end !== undefined) return;
      Deno.renameSync(log, `${log}.1`);
      process.signal("SIGHUP");
    }, ROTATION),
    setInterval(() => {
      const at = performance.now() - began;
      for (const { process, watch } of soak.served) {
        if (process.end === undefined) watch.add(at, process.usage().memory);
        else soak.until = 0;
      }
    }, SAMPLE),
  ];
  return { [Symbol.dispose]: () => timers.forEach(clearInterval) };
}

/** Checks for leaks, ends the servers, and returns the faults. */
async function conclude(soak: Soak, took: number): Promise<string[]> {
  const faults: string[] = [];
  const rows = [["server", "fds", "after", "MB middle", "MB last", "exit"]];
  for (const { name, process, watch, before } of soak.served) {
    if (process.end !== undefined) {
      const end = JSON.stringify(process.end);
      faults.push(
        `${name} ended by itself: ${end}\n${process.log.slice(-2_000)}`,
      );
      continue;
    }
    let now = process.usage();
    const clean = () => {
      now = process.usage();
      return now.descriptors <= before.descriptors && now.children === 0;
    };
    await until(clean, "nothing is left", 15_000)
      .catch(() => faults.push(`${name} keeps ${JSON.stringify(now)}`));
    const [middle, last] = [
      watch.peak(1 / 3, 2 / 3, took),
      watch.peak(2 / 3, 1, took),
    ];
    if (last > middle * GROWTH + STEP) {
      faults.push(`${name} grew from ${middle} to ${last} bytes`);
    }
    const { code } = await process.stop();
    if (code !== 0) faults.push(`${name} ended with exit code ${code}`);
    if (/Uncaught|Exception|panicked/.test(process.log)) {
      faults.push(`${name} logged: ${process.log.slice(-2_000)}`);
    }
    const cells = [
      before.descriptors,
      now.descriptors,
      mega(middle),
      mega(last),
      code,
    ];
    rows.push([name, ...cells.map(String)]);
  }
  for (const [name, ...cells] of rows) {
    console.log(
      name!.padEnd(12) + cells.map((cell) => cell.padStart(11)).join(""),
    );
  }
  return faults;
}

/** The uploads that were not stored, but have left something. */
function unfinishedIn({ path }: SoakSite): string[] {
  return [...Deno.readDirSync(`${path}/uploaded`)]
    .filter(({ name }) => name.startsWith(".") || !/^\d/.test(name))
    .map(({ name }) => `an upload has left ${name}`);
}

/** Kills servers in the middle of uploads. */
async function killServers(kills: number, chance: Chance): Promise<string[]> {
  const { damaged, left, stored, unfinished } = await killUploads(
    kills,
    () => chance.below(1_000_000) / 1_000_000,
  );
  console.log(
    `${kills} servers killed: ${stored} files stored, ${unfinished} unfinished\n`,
  );
  return [
    ...damaged.map((name) => `${name} is not whole`),
    ...left.map((name) => `a killed server has left ${name}`),
  ];
}

function mega(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

async function main(args: readonly string[]): Promise<number> {
  const { minutes, seed, clients, kills } = parseOptions(args);
  using site = new SoakSite();
  await addSibling(site);
  const log = site.beside("access.log");
  await using stack = new AsyncDisposableStack();
  const served = await start(site, log);
  for (const { process } of served) stack.use(process);
  const tally = new Tally();
  const soak: Soak = { served, site, tally, until: Infinity };
  await warmUp(soak);
  const began = performance.now();
  {
    using _disturbed = disturb(soak, log, began);
    soak.until = began + minutes * 60_000;
    await Promise.all(Array.from(
      { length: clients },
      (_, n) => work(soak, new Chance(seed * 1_000 + n)),
    ));
  }
  const took = performance.now() - began;
  console.log(`${minutes} minutes, seed ${seed}, ${clients} clients\n`);
  console.log(`${tally.table()}\n`);
  const faults = [
    ...tally.failures,
    ...await conclude(soak, took),
    ...unfinishedIn(site),
    ...await killServers(kills, new Chance(seed)),
  ];
  console.log(`\n${faults.join("\n")}`);
  console.log(faults.length === 0 ? "passed" : "FAILED");
  return faults.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
