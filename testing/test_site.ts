// `TestSite`: an ephemeral server with the requests that it received and expects.

import type { RequestHandlerClass } from "../handlers/types.ts";
import {
  type Expectation,
  type ExpectationGroup,
  Expectations,
} from "./expectations.ts";
import { Failures, section } from "./failures.ts";
import {
  Fault,
  type FaultKind,
  type FaultOptions,
  type Faults,
} from "./faults.ts";
import type { RequestMatcher } from "./pattern.ts";
import type { Recorder } from "./recorded_exchange.ts";
import { type RecordedRequest, RequestLog } from "./recorded_request.ts";
import { ExpectedOnlyHandler, recordingHandler } from "./recording_handler.ts";
import { TestServer } from "./test_server.ts";
import { Waits } from "./waits.ts";
import type { WireListener } from "./wire.ts";

/** How long `waitFor()` waits, in milliseconds. */
const DEFAULT_TIMEOUT = 5_000;

/** The most requests that the error of `waitFor()` lists. */
const MAX_LISTED = 20;

/** Options of `serve()`. */
export interface ServeOptions {
  /**
   * Whether requests and errors are logged to standard error.
   *
   * @default {false}
   */
  readonly log?: boolean;
  /**
   * Whether `close()` and disposal throw as `check()` does.
   *
   * @default {false}
   */
  readonly check?: boolean;
  /**
   * Whether bodies are recorded: the handler then runs once the body has arrived, or 16 MiB of
   * it. Without it, the handler runs at once and `body` is empty.
   *
   * @default {true}
   */
  readonly recordBodies?: boolean;
}

/** Options of `TestSite.waitFor()`. */
export interface WaitOptions {
  /**
   * How long to wait, in milliseconds.
   *
   * @default {5000}
   */
  readonly timeout?: number;
}

/** A running server for a test; created by `serve()`. */
export class TestSite implements AsyncDisposable {
  /** The port it listens on. */
  readonly port: number;
  /** Its URL without a path, such as "http://127.0.0.1:49152". */
  readonly url: string;
  readonly #listener: WireListener;
  readonly #server: TestServer;
  readonly #serving: Promise<void>;
  readonly #checks: boolean;
  readonly #log = new RequestLog();
  readonly #expectations = new Expectations();
  readonly #faults: Faults;
  readonly #unmatched = new Failures();
  readonly #failures = new Failures();
  readonly #waits = new Waits();
  #closed: Promise<void> | undefined;

  /**
   * Starts to serve.
   *
   * @internal
   * @param Handler The handler class; without one, only expectations respond.
   * @param listener The listener.
   * @param faults The faults of the listener.
   * @param options The options.
   */
  constructor(
    Handler: RequestHandlerClass | undefined,
    listener: WireListener,
    faults: Faults,
    options: ServeOptions,
  ) {
    const { log = false, check = false, recordBodies = true } = options;
    this.#checks = check;
    this.#faults = faults;
    this.#listener = listener;
    this.port = listener.addr.port;
    this.url = `http://127.0.0.1:${this.port}`;
    const recorder: Recorder = {
      log,
      bodies: recordBodies,
      handles: Handler !== undefined,
      received: (request) => {
        this.#log.add(request);
        this.#waits.look();
      },
      changed: () => this.#waits.look(),
      fault: (request) => this.#faults.take(request),
      find: (request) => this.#expectations.find(request),
      unmatched: (request) => {
        const text = this.#expectations.explain(request);
        this.#unmatched.add(text.trimEnd());
        return text;
      },
      failed: (what, error) => this.#failures.add(`${what}: ${error}`),
    };
    this.#server = new TestServer(
      listener,
      recordingHandler(Handler ?? ExpectedOnlyHandler, recorder),
      recorder,
    );
    this.#serving = this.#server.serve_forever();
    this.#serving.catch((error) => recorder.failed("The server ended", error));
  }

  /**
   * The requests that were received, oldest first, each as soon as its body has arrived. The
   * newest 1000 are kept, or fewer if they take more than 64 MiB.
   */
  get requests(): RecordedRequest[] {
    return this.#log.requests;
  }

  /**
   * Expects requests, any number of them unless `once()` is called.
   *
   * A request goes to the next expectation of a group, else to a one-shot one, else to a permanent
   * one, and among several to the first declared. Without a match, it goes to the handler of the
   * site. Without a handler it gets 500 with a list of the expectations, and why each doesn't match.
   *
   * @param matcher Which requests: their parts, or a function that accepts them. By default all.
   * @returns The expectation, to set its response.
   * @throws {TypeError} If a path has a query.
   *
   * @example
   * ```ts
   * import { serve } from "@x/httpserver/testing";
   * import { assertEquals } from "@std/assert";
   *
   * await using site = await serve();
   * site.expect({ path: "/busy" }).once().respond({ status: 503 });
   * site.expect({ path: /^\/b/ }).respond({ body: "ok" });
   * const statuses = [];
   * for (const path of ["/busy", "/busy", "/bread", "/tea"]) {
   *   const response = await fetch(site.url + path);
   *   await response.body?.cancel();
   *   statuses.push(response.status);
   * }
   * assertEquals(statuses, [503, 200, 200, 500]);
   * ```
   */
  expect(matcher: RequestMatcher = {}): Expectation {
    return this.#expectations.expect(matcher);
  }

  /**
   * Starts a group of requests that are expected in an order, each once.
   *
   * @returns The group; call its `expect()` for each.
   */
  inOrder(): ExpectationGroup {
    return this.#expectations.inOrder();
  }

  /**
   * Breaks the response to the next request, or to more with `times`.
   *
   * `"silence"`, `"garbage"`, and `"cut"` and `"reset"` without `after` send nothing of the
   * response, so neither the handler nor an expectation gets the request. With the other faults
   * they do, and bytes are counted from the first of the response.
   *
   * @typeParam Kind The kind of fault.
   * @param kind What to do; `FaultSettings` describes each kind.
   * @param options Its settings, and to which requests it is applied.
   * @returns The fault, which can be removed.
   * @throws {TypeError} If an option is unknown or wrong.
   * @throws {RangeError} If a number is out of range.
   *
   * @example
   * ```ts
   * import { serve } from "@x/httpserver/testing";
   * import { assertRejects } from "@std/assert";
   *
   * await using site = await serve();
   * site.expect().respond({ body: "whole" });
   * site.fault("wrong-length", { by: 3, path: "/a" });
   * const response = await fetch(`${site.url}/a`);
   * await assertRejects(() => response.text());
   * ```
   */
  fault<Kind extends FaultKind>(
    kind: Kind,
    options?: FaultOptions<Kind>,
  ): Fault {
    const fault = new Fault(kind, options ?? {});
    this.#faults.add(fault);
    return fault;
  }

  /**
   * Waits until a number of requests has been received since the start or `reset()`.
   *
   * @param count The number.
   * @param options How long to wait.
   * @returns The requests that are kept.
   * @throws {Deno.errors.TimedOut} If fewer have arrived in time.
   */
  waitFor(count: number, options?: WaitOptions): Promise<RecordedRequest[]>;
  /**
   * Waits until a request that a function accepts has been received. It is called again when the
   * request gets its `status`.
   *
   * @param accepts The function.
   * @param options How long to wait.
   * @returns The first request that it accepts.
   * @throws {Deno.errors.TimedOut} If none has arrived in time.
   */
  waitFor(
    accepts: (request: RecordedRequest) => boolean,
    options?: WaitOptions,
  ): Promise<RecordedRequest>;
  waitFor(
    wanted: number | ((request: RecordedRequest) => boolean),
    options: WaitOptions = {},
  ): Promise<RecordedRequest[] | RecordedRequest> {
    const { timeout = DEFAULT_TIMEOUT } = options;
    return typeof wanted === "number"
      ? this.#waits.until(
        () => this.#log.count >= wanted ? this.requests : undefined,
        timeout,
        () => this.#missing(`${wanted} requests`, timeout),
      )
      : this.#waits.until(
        () => this.requests.find(wanted),
        timeout,
        () => this.#missing("a matching request", timeout),
      );
  }

  /** Forgets requests, expectations, faults and failures. Connections stay open. */
  reset(): void {
    this.#log.clear();
    this.#expectations.clear();
    this.#faults.clear();
    this.#unmatched.clear();
    this.#failures.clear();
  }

  /**
   * Checks that everything went as expected.
   *
   * @throws {Error} An `AssertionError` that lists requests that no expectation matched, one-shot
   * and ordered expectations that no request met, faults that were not applied, and errors that
   * the handler threw.
   */
  check(): void {
    const sections = [
      ...section("Requests without an expectation", this.#unmatched.lines),
      ...section("Expected but not received", this.#expectations.unmet()),
      ...section("Faults that were not applied", this.#faults.unmet()),
      ...section("Errors", this.#failures.lines),
    ];
    if (sections.length === 0) return;
    const error = new Error(sections.join("\n"));
    error.name = "AssertionError";
    throw error;
  }

  /**
   * Closes the site: the listener, all connections and what a fault waits for. Handlers that run
   * get a second to end.
   *
   * @returns A promise that fulfills once everything is closed.
   * @throws {Error} As `check()`, if the option `check` is set.
   */
  async close(): Promise<void> {
    await (this.#closed ??= this.#close());
    if (this.#checks) this.check();
  }

  /** Closes the site, as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#waits.close();
    await this.#server.server_close();
    await this.#listener.ended();
    // A failure is recorded.
    await Promise.allSettled([this.#serving]);
  }

  #missing(what: string, timeout: number): string {
    const { count } = this.#log;
    const lines = this.requests.slice(-MAX_LISTED)
      .map((request) => `- ${request}: ${request.status ?? "no status"}`);
    return [
      `Waited ${timeout} ms for ${what}; received ${count}`,
      ...lines,
    ].join("\n");
  }
}
