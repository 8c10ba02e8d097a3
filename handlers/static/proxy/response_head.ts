// Reads the head of an upstream's response, and passes interim responses on.

import { ParseError } from "../../../parser/errors.ts";
import { connectionOptions } from "../../../parser/framing.ts";
import { MAX_LINE } from "../../../parser/line_reader.ts";
import { listMembers } from "../../../parser/syntax.ts";
import {
  type ParsedResponse,
  parseResponseHead,
  parseStatusLine,
} from "../../../parser/response.ts";
import { invalidResponse, lostConnection } from "./failure.ts";
import type { ProxiedHandler } from "./interfaces.ts";
import type { RequestPlan } from "./request_fields.ts";
import type { UpstreamConnection } from "./upstream_connection.ts";

/** The head of a final response, or of a 101. */
export type ReceivedHead = ParsedResponse;

/** The most interim responses before the final one. */
const MAX_INTERIM = 100;

/** Fields that `send_interim()` refuses, and those of the connection. */
const NOT_INTERIM: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Reads the head of the final response.
 *
 * @param handler The handler, which sends interim responses.
 * @param connection The connection to the upstream.
 * @param plan What the request asked for.
 * @param continued Called when the upstream sends 100.
 * @returns The head.
 * @throws {UpstreamError} The connection is lost, took too long, or the head is invalid.
 */
export async function readHead(
  handler: ProxiedHandler,
  connection: UpstreamConnection,
  { protocols }: RequestPlan,
  continued: () => void = () => {},
): Promise<ReceivedHead> {
  const { upstream } = connection;
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const head = await readOne(connection, handler.command);
    const { headers, status } = head;
    if (status >= 200) return head;
    // It is still working on it.
    connection.extendRead();
    if (status === 101) {
      const fault = faultOfSwitch(headers, protocols);
      if (fault === undefined) return head;
      throw invalidResponse(upstream, new ParseError(502, fault));
    }
    if (status === 100) {
      continued();
      continue;
    }
    const named = connectionOptions(headers.get_all("Connection", []));
    handler.send_interim(
      status,
      headers.items().filter(([name]) => {
        const key = name.toLowerCase();
        return !NOT_INTERIM.has(key) && !named.has(key);
      }),
    );
  }
  throw invalidResponse(
    upstream,
    new ParseError(502, "More than 100 interim responses"),
  );
}

/** Only protocols that the client named may be spoken (RFC 9110 §7.8). */
function faultOfSwitch(
  headers: ParsedResponse["headers"],
  asked: readonly string[],
): string | undefined {
  if (asked.length === 0) {
    return "101 to a request that asks for no other protocol";
  }
  const chosen = listMembers(headers.get_all("Upgrade", []));
  return chosen.length > 0 &&
      chosen.every((name) => asked.includes(name.toLowerCase()))
    ? undefined
    : "101 with a protocol that the request doesn't ask for";
}

async function readOne(
  connection: UpstreamConnection,
  method: string,
): Promise<ParsedResponse> {
  const { buffer, upstream } = connection;
  try {
    let line = buffer.readLatin1Line(MAX_LINE + 1);
    while (line === undefined) {
      await connection.fill();
      line = buffer.readLatin1Line(MAX_LINE + 1);
    }
    if (buffer.ended && !line.endsWith("\n")) {
      throw lostConnection(
        upstream,
        `${line === "" ? "before" : "in the head of"} its response`,
      );
    }
    const parsed = parseStatusLine(line);
    let block = buffer.readHeaderBlock();
    while (block === undefined) {
      await connection.fill();
      block = buffer.readHeaderBlock();
    }
    if (buffer.ended && !block.endsWith("\n")) {
      throw lostConnection(upstream, "in the head of its response");
    }
    return parseResponseHead(parsed, block, method);
  } catch (error) {
    throw error instanceof ParseError
      ? invalidResponse(upstream, error)
      : error;
  }
}
