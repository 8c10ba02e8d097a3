// The health and the metrics page: which requests are for them, and what they send.

import type { MaybePromise, WritableFile } from "../../../connection/files.ts";
import { cacheBudget } from "../../../cache/shared_budget.ts";
import { withoutAuthority } from "../../../text/target.ts";
import type { ServerContext } from "../../types.ts";
import { formatMetrics, METRICS_TYPE, RequestCounts } from "./metrics.ts";

/** Removes a secret from the beginning of a path; `undefined` if the path doesn't begin with it. */
interface Secret {
  below(path: string): string | undefined;
}

/** The paths of the pages; `undefined` for those that are off. */
export interface Monitor {
  /** The health page. */
  readonly health: string | undefined;
  /** The metrics page. */
  readonly metrics: string | undefined;
  /** What the path of the metrics page begins with; that of the health page doesn't. */
  readonly secret: Secret | undefined;
}

/** The parts of a handler that sending a page uses. */
interface Sender {
  readonly command: string;
  readonly connection: { readonly stopping: boolean };
  readonly server: ServerContext;
  readonly wfile: WritableFile;
  admit(): MaybePromise<boolean>;
  send_response(code: number): void;
  send_header(keyword: string, value: string): void;
  end_headers(): void;
}

/** The path of each page below the root of the server, unless an option sets another. */
export const DEFAULT_PATHS = {
  health: "/.httpserver/health",
  metrics: "/.httpserver/metrics",
} as const;

/**
 * Compiles the options of both pages.
 *
 * @param health Whether there is a health page, or its path.
 * @param metrics The same for the metrics page.
 * @param secret The secret path, if the site has one.
 * @returns The paths; `undefined` without a page.
 */
export function compileMonitor(
  health: boolean | string,
  metrics: boolean | string,
  secret?: Secret,
): Monitor | undefined {
  if (health === false && metrics === false) return undefined;
  return {
    health: health === true ? DEFAULT_PATHS.health : health || undefined,
    metrics: metrics === true ? DEFAULT_PATHS.metrics : metrics || undefined,
    secret,
  };
}

/**
 * Determines which page a request is for.
 *
 * @param monitor The paths.
 * @param target The request's target.
 * @returns The page, `undefined` for none.
 */
export function monitorPage(
  { health, metrics, secret }: Monitor,
  target: string,
): "health" | "metrics" | undefined {
  const local = withoutAuthority(target);
  const query = local.indexOf("?");
  const path = query < 0 ? local : local.slice(0, query);
  if (path === health) return "health";
  if (metrics === undefined) return undefined;
  const below = secret === undefined ? path : secret.below(path);
  return below === metrics ? "metrics" : undefined;
}

/**
 * Sends one of the pages. The metrics page asks for the password, if the site has one.
 *
 * @param handler The handler.
 * @param page The page.
 * @returns A promise if a password has to be checked.
 */
export function sendMonitorPage(
  handler: Sender,
  page: "health" | "metrics",
): MaybePromise<void> {
  if (page === "health") return sendHealth(handler);
  const admitted = handler.admit();
  return admitted instanceof Promise
    ? admitted.then((admitted) => sendMetrics(handler, admitted))
    : sendMetrics(handler, admitted);
}

function sendHealth(handler: Sender): void {
  const ends = handler.server.draining === true || handler.connection.stopping;
  const text = ends ? "draining\n" : "ok\n";
  send(handler, ends ? 503 : 200, "text/plain; charset=utf-8", text);
}

function sendMetrics(handler: Sender, admitted: boolean): void {
  if (!admitted) return;
  const { server } = handler;
  const text = formatMetrics(countsOf(server), {
    uptime: performance.now() / 1000,
    cacheBytes: cacheBudget.total,
    connections: server.connectionCounts,
  });
  send(handler, 200, METRICS_TYPE, text);
}

/** Sends a page in ASCII that no cache may store. */
function send(
  handler: Sender,
  status: number,
  type: string,
  text: string,
): void {
  handler.send_response(status);
  handler.send_header("Content-Type", type);
  handler.send_header("Content-Length", String(text.length));
  handler.send_header("Cache-Control", "no-store");
  handler.end_headers();
  if (handler.command !== "HEAD") handler.wfile.write(text);
}

/** The counters of each server that has a metrics page. */
const servers = new WeakMap<object, RequestCounts>();

function countsOf(server: ServerContext): RequestCounts {
  const owner = server.owner ?? server;
  let counts = servers.get(owner);
  if (counts === undefined) servers.set(owner, counts = new RequestCounts());
  return counts;
}

/**
 * Counts a request whose response has ended.
 *
 * @param handler The handler.
 * @param exchange When the request came, and what was sent.
 */
export function countRequest(
  handler: {
    readonly command: string;
    readonly response: { readonly code: number };
    readonly server: ServerContext;
  },
  exchange: {
    readonly began: number;
    readonly body: { readonly total: number } | undefined;
  },
): void {
  countsOf(handler.server).add(
    handler.command,
    handler.response.code,
    exchange.body?.total ?? 0,
    (performance.now() - exchange.began) / 1000,
  );
}
