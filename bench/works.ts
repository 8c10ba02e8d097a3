// The works: requests, the responses to them, and how servers are measured with them.

import type { Request } from "./exchange.ts";
import type { Unit } from "./figures.ts";
import type { Program } from "./servers.ts";
import { FILES, LISTED } from "./site.ts";

/** Requests for a load generator, and the response to each of them. */
export interface Requests {
  readonly paths: readonly string[];
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Adds the validators that a browser with a cached copy sends. */
  readonly conditional?: true;
  readonly pipelined?: number;
  /** Keeps the connections of ab, which speaks HTTP/1.0. */
  readonly keepAlive?: true;
  readonly connections: number;
  readonly status: number;
  /** What the body must contain. */
  readonly contains?: string;
}

/** How a work is measured. */
export type Method =
  /** Keep-alive connections. */
  | { readonly kind: "wrk"; readonly requests: Requests }
  /** With ab: a new connection for each request, or `keepAlive`. */
  | { readonly kind: "ab"; readonly requests: Requests }
  /** Single requests for a folder that no cache holds. */
  | { readonly kind: "cold-listing"; readonly requests: Requests }
  /** A busy client beside idle connections. */
  | { readonly kind: "idle"; readonly connections: number }
  /** From the start of the process to the first response. */
  | { readonly kind: "start" }
  /** Resident memory after many requests. */
  | { readonly kind: "memory"; readonly first: number; readonly last: number };

/** Something to measure. */
export interface Work {
  readonly name: string;
  readonly description: string;
  readonly unit: Unit;
  readonly method: Method;
  /** The peers that are measured; by default all whose response is as it must be. */
  readonly peers?: readonly string[];
  /** Peers that are measured besides. */
  readonly limits?: readonly string[];
  readonly tls?: true;
  readonly program?: Program;
  /** Whether the servers forward all requests to another one, an nginx. */
  readonly proxied?: true;
  /** Whether it is measured only if it is named: it takes minutes. */
  readonly onlyNamed?: true;
}

/** The fields of a navigation, in the order of a browser. */
const BROWSER: Readonly<Record<string, string>> = {
  "Connection": "keep-alive",
  "Upgrade-Insecure-Requests": "1",
  "User-Agent":
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Accept":
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
  "Sec-Fetch-Site": "none",
  "Sec-Fetch-Mode": "navigate",
  "Sec-Fetch-User": "?1",
  "Sec-Fetch-Dest": "document",
  "Accept-Encoding": "gzip, deflate, br, zstd",
  "Accept-Language": "en-US,en;q=0.9",
};

/** The request for the small file. */
export const SMALL: Request = { path: "/1k.txt" };

const LIMITS = ["bare", "bare-stat"];
const NGINX = ["nginx", "nginx-no-sendfile", "nginx-cached"];

/** Requests for one path over 32 connections. */
function requests(path: string, more: Partial<Requests> = {}): Requests {
  return { paths: [path], connections: 32, status: 200, ...more };
}

function wrk(
  name: string,
  description: string,
  requests: Requests,
  more: Partial<Work> = {},
): Work {
  const method = { kind: "wrk", requests } as const;
  return { name, description, unit: "req/s", method, ...more };
}

function files(): Work[] {
  const inTurn = Array.from({ length: FILES }, (_, n) => `/files/${n}.txt`);
  return [
    wrk("small", "1 KB file", requests("/1k.txt"), { limits: LIMITS }),
    wrk(
      "browser",
      "1 KB file, asked for with the ten fields of a browser",
      requests("/1k.txt", { headers: BROWSER }),
      { limits: LIMITS },
    ),
    wrk("files", `${FILES} files of 1 KB in turn`, {
      ...requests(""),
      paths: inTurn,
    }),
    wrk("64k", "64 KiB file", requests("/64k.bin")),
    ...[1, 8].map((connections) =>
      wrk(
        `100m-${connections}`,
        `100 MB file over ${connections} connection${
          connections > 1 ? "s" : ""
        }`,
        requests("/100m.bin", { connections }),
        { unit: "MB/s", limits: ["bare"] },
      )
    ),
  ];
}

function responses(): Work[] {
  return [
    {
      name: "connections",
      description: "1 KB file, a new connection for each request (ab -c16)",
      unit: "req/s",
      method: {
        kind: "ab",
        requests: requests("/1k.txt", { connections: 16 }),
      },
      limits: LIMITS,
    },
    wrk("404", "a missing file", requests("/missing.txt", { status: 404 })),
    wrk(
      "304",
      "1 KB file, asked for with its validators",
      requests("/1k.txt", { status: 304, conditional: true }),
    ),
    wrk(
      "206",
      "the first 100 bytes of a 1 KB file",
      requests("/1k.txt", { status: 206, headers: { Range: "bytes=0-99" } }),
    ),
    // wrk waits for as many bytes as Content-Length says, also after a HEAD request.
    {
      name: "head",
      description: "HEAD of a 1 KB file, with keep-alive (ab -i -k -c32)",
      unit: "req/s",
      method: {
        kind: "ab",
        requests: requests("/1k.txt", { method: "HEAD", keepAlive: true }),
      },
    },
    wrk(
      "pipelined",
      "1 KB file, 16 requests at once on each connection",
      requests("/1k.txt", { pipelined: 16 }),
    ),
  ];
}

function listings(): Work[] {
  const listing = { connections: 4, contains: `file-${LISTED - 1}.txt` };
  return [
    wrk(
      "listing",
      `the listing of ${LISTED} files, over 4 connections`,
      requests("/list/", listing),
    ),
    {
      name: "listing-cold",
      description: `one listing of ${LISTED} files, after the folder changed`,
      unit: "ms",
      method: { kind: "cold-listing", requests: requests("/list/", listing) },
    },
  ];
}

function variants(): Work[] {
  const subclass = (program: Program, description: string) =>
    wrk(`subclass-${program}`, description, requests("/1k.txt"), {
      program,
      peers: ["nginx", "bare-stat"],
    });
  return [
    subclass(
      "end-headers",
      "1 KB file from a SimpleHTTPRequestHandler that overrides end_headers()",
    ),
    subclass(
      "do-get",
      "a BaseHTTPRequestHandler whose do_GET() writes 1 KB, beside a 1 KB file",
    ),
    wrk("tls", "1 KB file over TLS", requests("/1k.txt"), {
      tls: true,
      peers: ["nginx", "bare-stat"],
    }),
    wrk(
      "tls-100m",
      "100 MB file over TLS, 1 connection",
      requests("/100m.bin", { connections: 1 }),
      { unit: "MB/s", tls: true, peers: ["nginx", "bare"] },
    ),
    wrk("proxy", "1 KB file of an nginx, forwarded", requests("/1k.txt"), {
      proxied: true,
      peers: ["nginx", "http-server", "vite"],
    }),
    wrk(
      "proxy-100m",
      "100 MB file of an nginx, forwarded over 1 connection",
      requests("/100m.bin", { connections: 1 }),
      { unit: "MB/s", proxied: true, peers: ["nginx", "http-server", "vite"] },
    ),
  ];
}

function lifetimes(): Work[] {
  const idle = (
    connections: number,
    peers: string[],
    more: Partial<Work> = {},
  ): Work => ({
    name: `idle-${connections}`,
    description: `1 KB file over 1 connection beside ${connections} idle ones`,
    unit: "req/s",
    method: { kind: "idle", connections },
    peers,
    ...more,
  });
  const peers = [
    ...NGINX,
    "lighttpd",
    "deno-serve",
    "http-server",
    "bare-stat",
  ];
  return [
    idle(1_000, [...peers, "cpython"]),
    // A thread for each of 10,000 connections is more than many machines allow.
    // The command line closes the oldest of more than 4,096 idle connections.
    idle(10_000, peers, { program: "crowd" }),
    {
      name: "start",
      description: "from the start of the process to the first response",
      unit: "ms",
      method: { kind: "start" },
      limits: ["deno-hello", "bare"],
    },
    {
      name: "memory",
      description: "resident memory after 5,000,000 requests",
      unit: "MB",
      method: { kind: "memory", first: 100_000, last: 5_000_000 },
      peers: ["nginx"],
      onlyNamed: true,
    },
  ];
}

/** The table of works. */
export const WORKS: readonly Work[] = [
  ...files(),
  ...responses(),
  ...listings(),
  ...variants(),
  ...lifetimes(),
];

/**
 * The works of a name: that work, or all whose names begin with it, as `idle` does for
 * `idle-1000` and `idle-10000`.
 *
 * @param name The name.
 */
export function worksOf(name: string): Work[] {
  const exact = WORKS.filter((work) => work.name === name);
  return exact.length > 0
    ? exact
    : WORKS.filter((work) => work.name.startsWith(`${name}-`));
}

/** Whether a peer takes part in a work. */
export function measures(
  work: Work,
  peer: { readonly name: string; readonly onlyNamed?: true },
): boolean {
  if (work.limits?.includes(peer.name)) return true;
  if (work.peers !== undefined) return work.peers.includes(peer.name);
  return !peer.onlyNamed;
}
