// The servers: ours and its peers, one worker each, with their commands.

import { lighttpdConfig, nginxConfig, type Place } from "./configs.ts";
import { HOST } from "./exchange.ts";
import { OURS } from "./figures.ts";
import type { Command } from "./processes.ts";

/** A program of ours that is not the command line: see `peers/subclass.ts`. */
export type Program = "end-headers" | "do-get" | "crowd";

/** What a server is started with. */
export interface StartOptions extends Place {
  readonly program?: Program | undefined;
}

/** A server to measure. */
export interface Server {
  readonly name: string;
  /** How it is set up. */
  readonly description: string;
  /** The program that must be there. */
  readonly needs: Tool;
  /** The folder of its checkout, if it is this project. */
  readonly root?: string;
  /** Whether it can speak TLS with these commands. */
  readonly tls?: true;
  /** Whether only works that name it measure it. */
  readonly onlyNamed?: true;
  /** Starts a process per connection that nobody waits for, so /proc loses its CPU time. */
  readonly forks?: true;
  /** The command that serves until SIGTERM. */
  command(options: StartOptions): Command;
}

/** A program that a server or a load generator needs. */
export interface Tool {
  readonly name: string;
  /** Its path; `undefined` if it is not installed. */
  readonly path: string | undefined;
  /** The arguments that print its version. */
  readonly version: readonly string[];
  /** The package that holds it. */
  readonly debian?: string;
  readonly npm?: string;
}

/** A folder for the packages of npm. */
export const CACHE = `${
  Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`
}/httpserver-bench`;

/** This checkout. */
export const ROOT = new URL("..", import.meta.url).pathname.replace(/\/$/, "");

/** The folders of programs, also those that only root has in its path. */
const FOLDERS = [
  ...(Deno.env.get("PATH") ?? "").split(":"),
  "/usr/sbin",
  "/sbin",
];

function find(name: string): string | undefined {
  return FOLDERS.map((folder) => `${folder}/${name}`).find(isFile);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory
    ) return false;
    throw error;
  }
}

function debian(name: string, version: string, debian: string): Tool {
  return { name, path: find(name), version: [version], debian };
}

function npm(name: string, npm: string): Tool {
  const path = `${CACHE}/node_modules/.bin/${name}`;
  const found = isFile(path) && find("node") !== undefined;
  return { name, path: found ? path : undefined, version: ["--version"], npm };
}

/** The load generators. */
export function loadTools(): Tool[] {
  return [debian("wrk", "-v", "wrk"), debian("ab", "-V", "apache2-utils")];
}

const DENO: Tool = {
  name: "deno",
  path: Deno.execPath(),
  version: ["--version"],
};

/** `$PYTHON` or `python3`. */
function python(): Tool {
  const command = Deno.env.get("PYTHON") ?? "python3";
  const path = command.includes("/") ? command : find(command);
  return { name: "python3", path, version: ["--version"], debian: "python3" };
}

/** The interpreter itself: a version manager may put a slow script in its place. */
function interpreter({ path }: Tool): string {
  const { stdout } = new Deno.Command(path!, {
    args: ["-c", "import sys; print(sys.executable)"],
  }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}

function write(path: string, text: string): string {
  Deno.writeTextFileSync(path, text);
  return path;
}

/**
 * This project's command line from a checkout, as a user starts it, with the access log
 * in a file.
 */
export function ours(name: string, root: string): Server {
  const run = [
    Deno.execPath(),
    "run",
    "-A",
    `--import-map=${root}/tools/npm_std.json`,
  ] as const;
  return {
    name,
    description: `deno run -A mod.ts --log-file FILE, in ${root}`,
    needs: DENO,
    root,
    tls: true,
    command({ www, folder, port, tls, program, upstream }) {
      if (program !== undefined) {
        const file = `${ROOT}/bench/peers/subclass.ts`;
        return [...run, file, www, `${port}`, program, root];
      }
      const options = ["-b", HOST, "-d", www, "--log-file", `${folder}/log`];
      if (tls !== undefined) {
        options.push("--tls-cert", tls.certificate, "--tls-key", tls.key);
      }
      if (upstream !== undefined) options.push("--proxy", `/=${upstream}`);
      return [...run, `${root}/mod.ts`, ...options, `${port}`];
    },
  };
}

function nginx(
  name: string,
  description: string,
  sendfile: boolean,
  openFileCache = false,
): Server {
  const needs = debian("nginx", "-v", "nginx-light");
  return {
    name,
    description,
    needs,
    tls: true,
    command(options) {
      const { folder } = options;
      const config = write(
        `${folder}/nginx.conf`,
        nginxConfig(options, { sendfile, openFileCache }),
      );
      const log = `${folder}/error.log`;
      return [needs.path!, "-p", folder, "-e", log, "-c", config];
    },
  };
}

function lighttpd(): Server {
  const needs = debian("lighttpd", "-v", "lighttpd");
  return {
    name: "lighttpd",
    description: "access log, listing",
    needs,
    command(options) {
      const config = `${options.folder}/lighttpd.conf`;
      return [needs.path!, "-D", "-f", write(config, lighttpdConfig(options))];
    },
  };
}

function cpython(): Server {
  const needs = python();
  let path: string | undefined;
  return {
    name: "cpython",
    description: "python3 -m http.server -p HTTP/1.1, a thread per connection",
    needs,
    command({ www, port }) {
      path ??= interpreter(needs);
      const options = ["-p", "HTTP/1.1", "-b", HOST, "-d", www, `${port}`];
      return [path, "-m", "http.server", ...options];
    },
  };
}

function busybox(): Server {
  const needs = debian("busybox", "--help", "busybox");
  return {
    name: "busybox",
    description: "busybox httpd -f -vv; a process per connection",
    needs,
    forks: true,
    command({ www, port }) {
      const options = ["-f", "-vv", "-p", `${HOST}:${port}`, "-h", www];
      return [needs.path!, "httpd", ...options];
    },
  };
}

function node(
  name: string,
  tool: Tool,
  description: string,
  options: (options: StartOptions) => string[],
): Server {
  return {
    name,
    description,
    needs: tool,
    command: (start) => [find("node")!, tool.path!, ...options(start)],
  };
}

/** A program of `bench/peers`. */
function program(
  file: string,
  options: readonly string[],
  properties: Pick<Server, "name" | "description" | "tls" | "onlyNamed">,
): Server {
  return {
    ...properties,
    needs: DENO,
    command({ www, port, tls }) {
      const path = `${ROOT}/bench/peers/${file}`;
      const secure = tls === undefined
        ? []
        : [`--cert=${tls.certificate}`, `--key=${tls.key}`];
      const args = [www, `${port}`, ...options, ...secure];
      return [Deno.execPath(), "run", "-A", "--no-config", path, ...args];
    },
  };
}

/** The same site on the runtime's server. */
function toFetch(): Server {
  return {
    name: "to-fetch",
    description: "toFetch(staticFiles()) on Deno.serve, access log in a file",
    needs: DENO,
    command({ www, folder, port }) {
      const map = `--import-map=${ROOT}/tools/npm_std.json`;
      const path = `${ROOT}/bench/peers/to_fetch.ts`;
      const args = [www, `${port}`, `${folder}/log`];
      return [Deno.execPath(), "run", "-A", "--no-config", map, path, ...args];
    },
  };
}

/** The programs of `bench/peers`. */
function programs(): Server[] {
  return [
    toFetch(),
    program("deno_serve.ts", [], {
      name: "deno-serve",
      description: "a file handler on Deno.serve, no log",
    }),
    program("deno_hello.ts", [], {
      name: "deno-hello",
      description: "Deno.serve with a constant body",
      onlyNamed: true,
    }),
    program("bare.ts", [], {
      name: "bare",
      description: "a Deno.listen loop without a parser: the limit",
      tls: true,
      onlyNamed: true,
    }),
    program("bare.ts", ["--stat"], {
      name: "bare-stat",
      description: "the same with one Deno.statSync per request",
      tls: true,
      onlyNamed: true,
    }),
  ];
}

/** The development server, for its proxy. */
function vite(): Server {
  const peer = node(
    "vite",
    npm("vite", "vite"),
    "its development server, for the proxy alone",
    ({ folder, port, upstream }) => {
      const settings = {
        root: folder,
        logLevel: "warn",
        server: { proxy: { "/": upstream } },
      };
      const config = write(
        `${folder}/vite.config.mjs`,
        `export default ${JSON.stringify(settings)};\n`,
      );
      const place = ["--host", HOST, "--port", `${port}`, "--strictPort"];
      return ["--config", config, ...place];
    },
  );
  return { ...peer, onlyNamed: true };
}

/** The peers from npm. */
function nodePeers(): Server[] {
  return [
    node(
      "http-server",
      npm("http-server", "http-server"),
      "defaults, log on standard output",
      ({ www, folder, port, upstream }) =>
        upstream === undefined
          ? [www, "-a", HOST, "-p", `${port}`]
          : [folder, "-a", HOST, "-p", `${port}`, "-P", upstream],
    ),
    vite(),
    node(
      "sirv",
      npm("sirv", "sirv-cli"),
      "sirv-cli with --etag, log on standard output",
      ({ www, port }) => [www, "--etag", "--host", HOST, "--port", `${port}`],
    ),
    node(
      "serve",
      npm("serve", "serve"),
      "defaults, log on standard output",
      ({ www, port }) => [
        "--no-clipboard",
        "--no-port-switching",
        "-l",
        `tcp://${HOST}:${port}`,
        www,
      ],
    ),
  ];
}

/**
 * The table of servers, ours first.
 *
 * @param checkouts Further checkouts of this project.
 */
export function servers(checkouts: readonly string[] = []): Server[] {
  return [
    ours(OURS, ROOT),
    ...checkouts.map((root) => ours(`${OURS}:${root.split("/").at(-1)}`, root)),
    nginx("nginx", "sendfile on, one worker, access log", true),
    nginx("nginx-no-sendfile", "the same with sendfile off", false),
    nginx("nginx-cached", "nginx with open_file_cache", true, true),
    lighttpd(),
    cpython(),
    busybox(),
    ...nodePeers(),
    ...programs(),
  ];
}
