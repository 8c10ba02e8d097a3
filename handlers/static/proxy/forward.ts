// Forwards one request to an upstream and its response to the client: the order of the steps.

import { Connection } from "../../../connection/connection.ts";
import { markDisconnect } from "../../../connection/errors.ts";
import { denoError } from "../../../connection/runtime.ts";
import { TOKEN, UNSENDABLE } from "../../../parser/syntax.ts";
import { repr } from "../../../text/repr.ts";
import { watchClient } from "../access/client_watch.ts";
import { compileLocalHosts } from "../access/local_host.ts";
import { authorityOf } from "../lookup/target.ts";
import { UpstreamError } from "./failure.ts";
import type {
  Forwards,
  ProxiedExchange,
  ProxiedHandler,
  ProxySettings,
  Route,
} from "./interfaces.ts";
import { closePools, poolOf, takeConnection } from "./pool.ts";
import { RequestBody } from "./request_body.ts";
import { isLoop, planRequest, type RequestPlan } from "./request_fields.ts";
import { relayBody } from "./response_body.ts";
import { keptFor } from "./response_fields.ts";
import { readHead, type ReceivedHead } from "./response_head.ts";
import { isIdempotent, maySendAgain } from "./retry.ts";
import { sendHead } from "./send_head.ts";
import { upstreamTarget } from "./target.ts";
import { tunnel } from "./tunnel.ts";
import type { UpstreamConnection } from "./upstream_connection.ts";

/** The name of this process in Via. It is unique, so that a loop is noticed. */
const PSEUDONYM = `httpserver-${crypto.randomUUID().slice(0, 8)}`;

/** How long to wait after a client has ended its side, in milliseconds: it may still read. */
const LEAVE_TIME = 500;

/** How long a client waits for 100 before the body is asked for anyway, in milliseconds: some upstreams never send it. */
const CONTINUE_TIME = 1_000;

/** A request that is being forwarded. */
interface Job {
  readonly handler: ProxiedHandler;
  readonly exchange: ProxiedExchange;
  readonly route: Route;
  readonly plan: RequestPlan;
  /** Request line and fields. */
  readonly head: string;
  readonly body: RequestBody;
  /** The connection that it is on. */
  connection: UpstreamConnection | undefined;
  /** Whether the client has disconnected. */
  hasLeft: boolean;
  isOver: boolean;
  watching: Disposable | undefined;
}

/** Forwards the requests of a site. */
export class Forwarder implements Forwards {
  readonly #settings: ProxySettings;
  readonly #isLocal: (host: string | null) => boolean;

  /**
   * Connects to nothing yet.
   *
   * @param settings The site.
   */
  constructor(settings: ProxySettings) {
    this.#settings = settings;
    this.#isLocal = compileLocalHosts(settings.hosts);
  }

  /** Closes the kept-open connections to all upstreams of this process. */
  close(): void {
    closePools();
  }

  /**
   * Forwards a request, and sends the response or an error.
   *
   * @param handler The handler.
   * @param exchange The request. It was admitted.
   * @param route Where to.
   * @param target The target to ask for. Default: that of the request.
   */
  async forward(
    handler: ProxiedHandler,
    exchange: ProxiedExchange,
    route: Route,
    target: string = handler.path,
  ): Promise<void> {
    const { command, headers } = handler;
    const path = upstreamTarget(target, route);
    // Any website can resolve its own name to this machine, and would get what the upstream sends.
    if (!this.#isLocal(authorityOf(handler.path) ?? headers.get("Host"))) {
      return handler.send_error(421, undefined, "Allow this name with --host");
    }
    if (path === undefined) {
      return handler.send_error(400, "Bad request target");
    }
    if (isLoop(headers, PSEUDONYM)) {
      return handler.send_error(
        508,
        undefined,
        "The proxy forwards requests to itself",
      );
    }
    if (!TOKEN.test(command)) return handler.send_error(501);
    const plan = planRequest(headers, contextOf(handler, exchange, route));
    const job: Job = {
      handler,
      exchange,
      route,
      plan,
      head: headText(command, path, plan),
      body: new RequestBody(handler.rfile, plan.framing),
      connection: undefined,
      hasLeft: false,
      isOver: false,
      watching: undefined,
    };
    try {
      await this.#run(job);
    } catch (error) {
      fail(job, error);
    } finally {
      job.isOver = true;
      job.body.stop();
      job.watching?.[Symbol.dispose]();
      // One that can be used again is no longer the job's.
      job.connection?.close();
    }
  }

  async #run(job: Job): Promise<void> {
    const { handler: { command }, plan, route: { upstream } } = job;
    if (job.body.sent) watch(job);
    const isSafe = isIdempotent(command) && job.body.sent;
    const kind = plan.upgrades ? "new" : isSafe ? "any" : "fresh";
    let head = await this.#attempt(job, kind);
    head ??= await this.#attempt(job, "new");
    if (head === undefined) return;
    const { connection } = job;
    if (head.status === 101) return await this.#switch(job, head);
    using _ending = endWithServer(job, head);
    const output = sendHead(job, head, this.#settings);
    const trailers = await relayBody(connection!, head.framing, output);
    if (plan.trailers && trailers.length > 0) setTrailers(job, trailers);
    if (!head.keepAlive || !job.body.sent || connection!.buffer.length > 0) {
      return;
    }
    job.connection = undefined;
    poolOf(upstream, this.#settings).give(connection!, keptFor(head.headers));
  }

  /** Sends the request, and reads the head of the final response. Returns `undefined` if the request may be sent again. */
  async #attempt(
    job: Job,
    kind: "any" | "fresh" | "new",
  ): Promise<ReceivedHead | undefined> {
    const { body, handler, route: { upstream } } = job;
    const connection = await takeConnection(upstream, this.#settings, kind);
    job.connection = connection;
    if (job.hasLeft) throw clientLeft();
    try {
      await connection.write(job.head);
      const head = await this.#converse(job, connection);
      connection.freeRead();
      return head;
    } catch (error) {
      connection.close();
      const { received, reused } = connection;
      const attempt = { received, reused, bodyBegun: body.begun };
      if (
        error instanceof UpstreamError && error.status !== 504 &&
        !job.hasLeft && body.fault === undefined &&
        maySendAgain({ ...attempt, method: handler.command })
      ) return undefined;
      throw error;
    }
  }

  /** Sends the body and reads the head, in parallel. */
  async #converse(
    job: Job,
    connection: UpstreamConnection,
  ): Promise<ReceivedHead> {
    const { body, handler, plan } = job;
    if (body.sent) {
      connection.limitRead();
      return await readHead(handler, connection, plan);
    }
    let hasHead = false;
    const send = () => {
      if (body.begun || hasHead) return;
      void body.send(connection).then(() => {
        if (!hasHead) connection.limitRead();
        if (body.sent) watch(job);
      });
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    const proceed = () => {
      clearTimeout(timer);
      handler.send_interim(100);
      send();
    };
    if (plan.expects) timer = setTimeout(proceed, CONTINUE_TIME);
    else send();
    try {
      return await readHead(handler, connection, plan, () => {
        if (plan.expects && !body.begun) proceed();
      });
    } finally {
      hasHead = true;
      clearTimeout(timer);
    }
  }

  async #switch(job: Job, head: ReceivedHead): Promise<void> {
    const { connection, handler } = job;
    // Only one reads from the client.
    job.watching?.[Symbol.dispose]();
    sendHead(job, head, this.#settings);
    await tunnel(handler, connection!);
  }
}

/** Closes the connection to the upstream when the client disconnects. */
function watch(job: Job): void {
  const { connection } = job.handler;
  if (job.isOver || !(connection instanceof Connection)) return;
  job.watching = watchClient(connection, () => {
    job.hasLeft = true;
    job.connection?.close();
  }, LEAVE_TIME);
}

/** Ends a stream of events when the server closes: it would go on for ever. */
function endWithServer(
  job: Job,
  { headers }: ReceivedHead,
): Disposable | null {
  const type = headers.get("Content-Type", "");
  if (!/^text\/event-stream\b/i.test(type)) return null;
  const { signal } = job.handler.connection;
  const end = () => {
    job.hasLeft = true;
    job.connection?.close();
  };
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  return {
    [Symbol.dispose]: () => signal.removeEventListener("abort", end),
  };
}

function contextOf(
  handler: ProxiedHandler,
  exchange: ProxiedExchange,
  { upstream }: Route,
): Parameters<typeof planRequest>[1] {
  const { client_address: [peer], headers, forwarded } = handler;
  const { follow } = exchange.site;
  return {
    method: handler.command,
    http11: handler.request_version >= "HTTP/1.1" &&
      handler.protocol_version >= "HTTP/1.1",
    authority: upstream.authority,
    peer,
    trusted: follow !== undefined &&
      follow(peer, headers.get("X-Forwarded-For")).proxies > 0,
    scheme: forwarded.scheme,
    host: forwarded.host,
    ownPassword: exchange.user !== null,
    pseudonym: PSEUDONYM,
  };
}

function headText(
  command: string,
  path: string,
  { fields }: RequestPlan,
): string {
  let text = `${command} ${path} HTTP/1.1\r\n`;
  for (const [name, value] of fields) {
    // A subclass may have changed `headers`.
    if (!TOKEN.test(name) || UNSENDABLE.test(value)) {
      throw new TypeError(
        `Cannot forward the header ${repr(name)}: its name or value is invalid`,
      );
    }
    text += `${name}: ${value}\r\n`;
  }
  return text + "\r\n";
}

function setTrailers(
  { handler: { wfile } }: Job,
  trailers: readonly (readonly [string, string])[],
): void {
  if ("setTrailers" in wfile && typeof wfile.setTrailers === "function") {
    wfile.setTrailers(trailers);
  }
}

/**
 * Responds to an error of the upstream, or ends a response that has begun.
 *
 * @throws {Error} Errors of the client, and all that are not expected.
 */
function fail({ body, exchange, handler, hasLeft }: Job, error: unknown): void {
  if (body.fault !== undefined) throw body.fault.reason;
  if (hasLeft) throw clientLeft();
  if (!(error instanceof UpstreamError)) throw error;
  handler.log_error("%s", `Proxy: ${error.message}`);
  if (handler.response.sent) throw markDisconnect(error);
  exchange.logged = true;
  exchange.fields = null;
  const { message, status } = error;
  // The page ends the sentence. A URL begins in lower case.
  const sentence = /^(?:https?|unix):/.test(message)
    ? message
    : message.charAt(0).toUpperCase() + message.slice(1);
  handler.send_error(status, undefined, sentence);
}

function clientLeft(): unknown {
  return markDisconnect(
    denoError("ConnectionAborted", "The client has disconnected"),
  );
}
