// Runs the load generators wrk and ab, and parses their output.

import type { Processes } from "./processes.ts";

/** What a load generator counted. */
export interface Load {
  readonly requests: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Socket errors, timeouts and responses of the wrong length. */
  readonly failures: number;
  /** Responses that are neither 2xx nor 3xx. */
  readonly rejections: number;
}

/** What wrk sends. */
export interface WrkRequests {
  /** Requested in turn. */
  readonly paths: readonly string[];
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** How many requests are sent at once. */
  readonly pipelined?: number;
}

/** How long a load generator waits for one response, in seconds. */
const PATIENCE = 20;

/** How much longer than asked a load generator may run, in seconds. */
const OVERTIME = 40;

/**
 * The script that makes wrk send these requests and print its figures in full: its own
 * summary is rounded.
 *
 * @param requests What to send.
 */
export function wrkScript(requests: WrkRequests): string {
  const { paths, method = "GET", headers = {}, pipelined = 1 } = requests;
  const lines = [
    `wrk.method = ${lua(method)}`,
    ...Object.entries(headers).map(([name, value]) =>
      `wrk.headers[${lua(name)}] = ${lua(value)}`
    ),
    ...(paths.length > 1 ? inTurn(paths) : [`wrk.path = ${lua(paths[0]!)}`]),
    ...(pipelined > 1 ? pipeline(pipelined) : []),
    `function done(s)
  local e = s.errors
  io.write(string.format(
    "bench requests=%d bytes=%d micros=%d failures=%d rejections=%d\\n",
    s.requests, s.bytes, s.duration,
    e.connect + e.read + e.write + e.timeout, e.status))
end`,
  ];
  return lines.join("\n") + "\n";
}

function inTurn(paths: readonly string[]): string[] {
  // Without a request() function, wrk calls no Lua code per request.
  return [
    `local paths = { ${paths.map(lua).join(", ")} }`,
    `local requests, at = {}, 0
function init()
  for i, path in ipairs(paths) do requests[i] = wrk.format(nil, path) end
end
function request()
  at = at % #requests + 1
  return requests[at]
end`,
  ];
}

function pipeline(count: number): string[] {
  return [
    `local batch
function init()
  batch = string.rep(wrk.format(), ${count})
end
function request() return batch end`,
  ];
}

/** A Lua string. */
function lua(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * Parses the line that the script of `wrkScript()` prints.
 *
 * @throws {Error} The output has no such line.
 */
export function parseWrk(output: string): Load {
  const line = /^bench (.*)$/m.exec(output)?.[1];
  if (line === undefined) {
    throw new Error(`wrk printed no figures: ${lastLine(output)}`);
  }
  const fields = new Map(
    line.split(" ").map((field) => field.split("=") as [string, string]),
  );
  const count = (name: string) => Number(fields.get(name) ?? NaN);
  return {
    requests: count("requests"),
    bytes: count("bytes"),
    seconds: count("micros") / 1e6,
    failures: count("failures"),
    rejections: count("rejections"),
  };
}

/**
 * Parses what ab prints.
 *
 * @throws {Error} The output lacks the number of requests or the time.
 */
export function parseAb(output: string): Load {
  const field = (name: string) => {
    const found = new RegExp(`^${name}:\\s+([0-9.]+)`, "m").exec(output);
    return found === null ? undefined : Number(found[1]);
  };
  const requests = field("Complete requests");
  const seconds = field("Time taken for tests");
  if (requests === undefined || seconds === undefined) {
    throw new Error(`ab printed no figures: ${lastLine(output)}`);
  }
  return {
    requests,
    seconds,
    bytes: field("Total transferred") ?? 0,
    failures: (field("Failed requests") ?? 0) + (field("Write errors") ?? 0),
    rejections: field("Non-2xx responses") ?? 0,
  };
}

function lastLine(output: string): string {
  return output.trim().split("\n").at(-1) || "nothing at all";
}

/**
 * Runs wrk.
 *
 * @param processes What ends it.
 * @param url The server.
 * @param script The file with the script of `wrkScript()`.
 */
export async function runWrk(
  processes: Processes,
  url: string,
  script: string,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Load> {
  const output = await processes.run([
    "wrk",
    "-t1",
    `-c${connections}`,
    `-d${seconds}s`,
    "--timeout",
    `${PATIENCE}s`,
    "-s",
    script,
    url,
  ], seconds + OVERTIME);
  return parseWrk(output);
}

/**
 * Runs ab.
 *
 * @param processes What ends it.
 * @param url The URL to request.
 * @param options Its own options: without `-k`, it makes a new connection for each request.
 */
export async function runAb(
  processes: Processes,
  url: string,
  options: readonly string[],
  { connections, seconds }: { connections: number; seconds: number },
): Promise<Load> {
  const output = await processes.run([
    "ab",
    "-q",
    "-r",
    ...options,
    `-c${connections}`,
    `-t${seconds}`,
    // -t sets the number of requests to 50,000, so -n must come after it.
    `-n${seconds * 100_000}`,
    `-s${PATIENCE}`,
    url,
  ], seconds + OVERTIME);
  return parseAb(output);
}
