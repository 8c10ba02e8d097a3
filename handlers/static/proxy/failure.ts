// Errors of an upstream, with the status to respond with and a sentence for people. Pure.

import { ParseError } from "../../../parser/errors.ts";
import type { Upstream } from "./interfaces.ts";

/** An error of an upstream. */
export class UpstreamError extends Error {
  /** The name of the class. */
  override readonly name: string = "UpstreamError";
  /** The status of the response: 504 for a timeout, else 502. */
  readonly status: 502 | 504;

  /**
   * Creates an error.
   *
   * @param status The status of the response.
   * @param message What has happened and what to do. It names the upstream.
   * @param cause The error that caused this one.
   */
  constructor(status: 502 | 504, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

/** The names of Deno's error classes that say why a connection failed. */
const REASONS: Readonly<Record<string, (upstream: Upstream) => string>> = {
  ConnectionRefused: ({ name }) =>
    `nothing listens at ${name}; start it, or check --proxy`,
  NotFound: ({ name, socket }) =>
    `there is no socket ${
      socket ?? name
    }; start the upstream, or check --proxy`,
  NotCapable: ({ name, host, port, socket }) =>
    `Deno may not connect to ${name}; run again with ${
      socket === undefined
        ? `--allow-net=${host.includes(":") ? `[${host}]` : host}:${port}`
        : `--allow-read=${socket} --allow-write=${socket}`
    }`,
};

/**
 * Explains why an upstream can't be connected to.
 *
 * @param upstream The upstream.
 * @param error What connecting threw.
 * @returns The error to report.
 *
 * @example Nothing listens
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const upstream = {
 *   name: "http://localhost:3000",
 *   secure: false,
 *   host: "localhost",
 *   port: 3000,
 *   authority: "localhost:3000",
 * };
 * const cause = Object.assign(new Error("refused"), { name: "ConnectionRefused" });
 * assertEquals(
 *   connectError(upstream, cause).message,
 *   "nothing listens at http://localhost:3000; start it, or check --proxy",
 * );
 * ```
 */
export function connectError(
  upstream: Upstream,
  error: unknown,
): UpstreamError {
  const { name, message } = error instanceof Error
    ? error
    : new Error(String(error));
  const reason = REASONS[name]?.(upstream) ??
    (upstream.secure && /certificate|tls|corrupt|Cert/i.test(message)
      ? `cannot open a TLS connection to ${upstream.name}: ${message}; check its certificate and --proxy-ca`
      : `cannot connect to ${upstream.name}: ${message}; check --proxy`);
  return new UpstreamError(502, reason, error);
}

/**
 * Explains that connecting to an upstream took too long.
 *
 * @param upstream The upstream.
 * @param seconds How long it took.
 * @returns The error to report.
 */
export function connectTimeout(
  { name }: Upstream,
  seconds: number,
): UpstreamError {
  return new UpstreamError(
    504,
    `${name} accepted no connection within ${seconds} seconds; check --proxy`,
  );
}

/**
 * Explains that an upstream was silent, or read nothing, for too long.
 *
 * @param upstream The upstream.
 * @param seconds How long.
 * @returns The error to report.
 */
export function silence({ name }: Upstream, seconds: number): UpstreamError {
  return new UpstreamError(
    504,
    `${name} was silent for ${seconds} seconds; find out what it waits for, or raise --proxy-timeout`,
  );
}

/**
 * Explains that the connection to an upstream has ended.
 *
 * @param upstream The upstream.
 * @param when When it ended, such as "before its response".
 * @param cause What the socket threw, if anything.
 * @returns The error to report.
 */
export function lostConnection(
  { name }: Upstream,
  when: string,
  cause?: unknown,
): UpstreamError {
  const how = cause === undefined ? "closed" : "lost";
  return new UpstreamError(
    502,
    `${name} ${how} the connection ${when}; see its log`,
    cause,
  );
}

/**
 * Explains that a response can't be understood.
 *
 * @param upstream The upstream.
 * @param error What the parser threw.
 * @returns The error to report.
 * @throws {unknown} The error, if it is not one of the parser.
 */
export function invalidResponse(
  { name, secure }: Upstream,
  error: unknown,
): UpstreamError {
  if (!(error instanceof ParseError)) throw error;
  // A TLS alert: the server can't read a request in plain text.
  const hint = !secure && /'\\x15\\x03/.test(error.message)
    ? "; it seems to speak HTTPS"
    : "";
  const more = error.explain === undefined ? "" : `: ${error.explain}`;
  return new UpstreamError(
    502,
    `${name} sent an invalid response: ${error.message}${more}${hint}`,
    error,
  );
}
