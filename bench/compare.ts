// Compares requests per second with other servers: `deno task bench [seconds] [rounds]`.
//
// Needs `wrk`; skips servers that are not installed. The servers take turns, since
// machines are noisy, and each figure is the median of its rounds. Compare the ratios:
// the absolute numbers depend on the machine.

// deno-lint-ignore-file no-console

interface Peer {
  readonly name: string;
  /** The command that serves `folder` at `port`, or `undefined` if it is not installed. */
  readonly command: (folder: string, port: number) => [string, ...string[]];
}

const root = new URL("..", import.meta.url).pathname;
const importMap = `--import-map=${root}tools/npm_std.json`;
const deno = Deno.execPath();

const PEERS: readonly Peer[] = [
  {
    name: "nginx",
    command: (
      folder,
      port,
    ) => ["nginx", "-p", folder, "-c", writeNginxConfig(folder, port)],
  },
  {
    name: "httpserver",
    command: (folder, port) => {
      const args = [
        "-p",
        "HTTP/1.1",
        "-b",
        "127.0.0.1",
        "-d",
        `${folder}/www`,
        String(port),
      ];
      return [deno, "run", "-A", importMap, `${root}mod.ts`, ...args];
    },
  },
  {
    name: "@std/http file-server",
    command: (folder, port) => {
      const args = ["--quiet", "--host", "127.0.0.1", "-p", String(port)];
      const program = "jsr:@std/http@1/file-server";
      return [
        deno,
        "run",
        "-A",
        "--no-lock",
        program,
        ...args,
        `${folder}/www`,
      ];
    },
  },
  {
    name: "sirv",
    command: (folder, port) => {
      const args = ["--quiet", "--host", "127.0.0.1", "--port", String(port)];
      return [
        deno,
        "run",
        "-A",
        "--no-lock",
        "npm:sirv-cli@3",
        `${folder}/www`,
        ...args,
      ];
    },
  },
  {
    name: "python3 -m http.server",
    command: (folder, port) => {
      const args = [
        "-p",
        "HTTP/1.1",
        "-b",
        "127.0.0.1",
        "-d",
        `${folder}/www`,
        String(port),
      ];
      return ["python3", "-m", "http.server", ...args];
    },
  },
];

function writeNginxConfig(folder: string, port: number): string {
  const path = `${folder}/nginx.conf`;
  Deno.writeTextFileSync(
    path,
    `daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/nginx.err;
events { worker_connections 1024; }
http {
  access_log ${folder}/nginx.log; sendfile on; keepalive_requests 1000000000;
  types { text/plain txt; }
  server { listen 127.0.0.1:${port}; root ${folder}/www; }
}
`,
  );
  return path;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function isUp(port: number, running: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 100 && running(); tries++) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/1k.txt`);
      await response.body?.cancel();
      return response.ok;
    } catch {
      // Not listening yet.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  return false;
}

async function start(
  peer: Peer,
  folder: string,
): Promise<{ port: number; end(): Promise<void> }> {
  const port = freePort();
  const [program, ...args] = peer.command(folder, port);
  const child = new Deno.Command(program, {
    args,
    stdout: "null",
    stderr: "null",
  }).spawn();
  let running = true;
  const status = child.status.finally(() => running = false);
  const end = async () => {
    if (running) child.kill("SIGTERM");
    await status;
  };
  if (await isUp(port, () => running)) return { port, end };
  await end();
  throw new Error(`Cannot measure ${peer.name}: it does not respond`);
}

async function measure(port: number, seconds: number): Promise<number> {
  // Warm up: JIT compilers must not count.
  await load(port, 1);
  return await load(port, seconds);
}

async function load(port: number, seconds: number): Promise<number> {
  const url = `http://127.0.0.1:${port}/1k.txt`;
  const args = ["-t1", "-c32", `-d${seconds}s`, url];
  const { stdout } = await new Deno.Command("wrk", { args }).output();
  const text = new TextDecoder().decode(stdout);
  const found = /Requests\/sec:\s+([0-9.]+)/.exec(text);
  if (found === null) throw new Error("Cannot measure: wrk gave no figure");
  return Number(found[1]);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

async function compare(seconds: number, rounds: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    // An nginx worker may run as another user.
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(`${folder}/www`);
    await Deno.writeTextFile(`${folder}/www/1k.txt`, "x".repeat(1024));
    const figures = new Map<string, number[]>();
    for (let round = 0; round < rounds; round++) {
      for (const peer of PEERS) {
        try {
          const { port, end } = await start(peer, folder);
          const rate = await measure(port, seconds).finally(end);
          figures.set(peer.name, [...figures.get(peer.name) ?? [], rate]);
        } catch (error) {
          if (round === 0) {
            console.log(`${peer.name}: left out (${(error as Error).message})`);
          }
        }
      }
    }
    const nginx = median(figures.get("nginx") ?? []);
    for (const [name, rates] of figures) {
      const rate = median(rates);
      const ratio = Number.isNaN(nginx)
        ? ""
        : `${(rate / nginx).toFixed(2)} of nginx`;
      console.log(
        `${name.padEnd(24)} ${
          rate.toFixed(0).padStart(8)
        } requests/s  ${ratio}`,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const [seconds = "5", rounds = "3"] = Deno.args;
  console.log("1 KB file, wrk -t1 -c32, keep-alive");
  await compare(Number(seconds), Number(rounds));
}
