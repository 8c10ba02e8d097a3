// What the metrics page shows: counters of requests, and the page in Prometheus' text format.
// Pure.

/** The methods that are counted by name. Others are one, since clients invent them. */
const METHODS = [
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
] as const;

const OTHER = "other";

/** One more than the largest status code. */
const STATUSES = 1_000;

/** The upper bounds of the histogram's buckets, in seconds: from a cached file to a long download. */
const BOUNDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300] as const;

/** Counts the requests of a server. */
export class RequestCounts {
  /** The counts by method, each by status code. */
  readonly #counts = new Map<string, Uint32Array>();
  /** How many requests took at most each bound, but longer than the previous one. */
  readonly #buckets = new Float64Array(BOUNDS.length + 1);
  #seconds = 0;
  #bytes = 0;

  /**
   * Counts a request.
   *
   * @param method Its method.
   * @param status The status code of its response.
   * @param bytes How many bytes of the response were sent.
   * @param seconds How long it took.
   */
  add(method: string, status: number, bytes: number, seconds: number): void {
    const name = (METHODS as readonly string[]).includes(method)
      ? method
      : OTHER;
    let counts = this.#counts.get(name);
    if (counts === undefined) {
      counts = new Uint32Array(STATUSES);
      this.#counts.set(name, counts);
    }
    counts[status]!++;
    this.#bytes += bytes;
    this.#seconds += seconds;
    let bucket = 0;
    while (bucket < BOUNDS.length && seconds > BOUNDS[bucket]!) bucket++;
    this.#buckets[bucket]!++;
  }

  /** How many bytes were sent. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How long all requests took together, in seconds. */
  get seconds(): number {
    return this.#seconds;
  }

  /** The counts that are not 0, by method and status code. */
  *byStatus(): Iterable<{ method: string; status: number; count: number }> {
    for (const [method, counts] of this.#counts) {
      for (const [status, count] of counts.entries()) {
        if (count > 0) yield { method, status, count };
      }
    }
  }

  /** How many requests took at most each bound; `Infinity` for all. */
  *buckets(): Iterable<{ bound: number; count: number }> {
    let count = 0;
    for (const [at, bound] of [...BOUNDS, Infinity].entries()) {
      count += this.#buckets[at]!;
      yield { bound, count };
    }
  }
}

/** The numbers of the page that are not about requests. */
export interface ServerNumbers {
  /** The time since the process started, in seconds. */
  readonly uptime: number;
  /** What the caches take, in bytes. */
  readonly cacheBytes: number;
  /** The connections; `undefined` if the server doesn't count them. */
  readonly connections: {
    readonly open: number;
    readonly idle: number;
    readonly refused: number;
  } | undefined;
}

/** The media type of the page. */
export const METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/**
 * Formats the page.
 *
 * @param requests The requests.
 * @param server The other numbers.
 * @returns The page, in Prometheus' text format.
 *
 * @example A request that took ten milliseconds
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 *
 * const requests = new RequestCounts();
 * requests.add("GET", 200, 512, 0.01);
 * const page = formatMetrics(requests, {
 *   uptime: 60,
 *   cacheBytes: 0,
 *   connections: { open: 1, idle: 0, refused: 0 },
 * });
 * assertStringIncludes(
 *   page,
 *   'httpserver_requests_total{method="GET",status="200"} 1\n',
 * );
 * ```
 */
export function formatMetrics(
  requests: RequestCounts,
  { uptime, cacheBytes, connections }: ServerNumbers,
): string {
  const page: string[] = [];
  const family = (
    name: string,
    type: "counter" | "gauge" | "histogram",
    help: string,
    samples: Iterable<readonly [suffix: string, value: number]>,
  ) => {
    page.push(`# HELP httpserver_${name} ${help}`);
    page.push(`# TYPE httpserver_${name} ${type}`);
    for (const [suffix, value] of samples) {
      page.push(`httpserver_${name}${suffix} ${value}`);
    }
  };
  family(
    "requests_total",
    "counter",
    "Requests by method and status code.",
    samplesByStatus(requests),
  );
  family(
    "response_bytes_total",
    "counter",
    "Bytes of responses that were sent, heads included.",
    [["", requests.bytes]],
  );
  family(
    "request_duration_seconds",
    "histogram",
    "Time from a request's arrival to the end of its response.",
    samplesOfDuration(requests),
  );
  if (connections !== undefined) {
    const { open, idle, refused } = connections;
    const help = "Open connections, idle ones included.";
    family("open_connections", "gauge", help, [["", open]]);
    family(
      "idle_connections",
      "gauge",
      "Connections that wait for a request.",
      [["", idle]],
    );
    family(
      "refused_connections_total",
      "counter",
      "Connections of addresses that had too many.",
      [["", refused]],
    );
  }
  family(
    "cache_bytes",
    "gauge",
    "Memory of cached files and responses.",
    [["", cacheBytes]],
  );
  family(
    "uptime_seconds",
    "gauge",
    "Time since the process started.",
    [["", uptime]],
  );
  return page.join("\n") + "\n";
}

function* samplesByStatus(
  requests: RequestCounts,
): Iterable<readonly [string, number]> {
  for (const { method, status, count } of requests.byStatus()) {
    yield [`{method="${method}",status="${status}"}`, count];
  }
}

function* samplesOfDuration(
  requests: RequestCounts,
): Iterable<readonly [string, number]> {
  let all = 0;
  for (const { bound, count } of requests.buckets()) {
    const le = bound === Infinity ? "+Inf" : String(bound);
    yield [`_bucket{le="${le}"}`, count];
    all = count;
  }
  yield ["_sum", requests.seconds];
  yield ["_count", all];
}
