// Sends the head of a forwarded response through the handler's hooks, so that overrides take effect.

import type { WritableFile } from "../../../connection/files.ts";
import type { Field } from "../response/fields.ts";
import type {
  ProxiedExchange,
  ProxiedHandler,
  ProxySettings,
  Route,
} from "./interfaces.ts";
import { responseFields } from "./response_fields.ts";
import type { ReceivedHead } from "./response_head.ts";

const NO_FIELDS: readonly Field[] = Object.freeze([]);

/** A request whose response has begun to arrive. */
interface Responding {
  readonly handler: ProxiedHandler;
  readonly exchange: ProxiedExchange;
  readonly route: Route;
}

/**
 * Sends the head.
 *
 * @param responding The request.
 * @param head The head of the upstream's response.
 * @param settings The fields of the site.
 * @returns Where to write the body; `undefined` if the response has none.
 */
export function sendHead(
  { handler, exchange, route }: Responding,
  head: ReceivedHead,
  settings: Pick<ProxySettings, "fields">,
): WritableFile | undefined {
  const { framing, headers, reason, status } = head;
  const { scheme, host } = handler.forwarded;
  const fields = responseFields(headers, { route, scheme, host });
  if (status !== 101) addPolicies(fields, handler, exchange, settings.fields);
  // RFC 9110 §6.6.1: a recipient adds it.
  if (!headers.has("Date")) fields.push(["Date", handler.date_time_string()]);
  if (status === 101) {
    fields.push(["Upgrade", headers.get_all("Upgrade", []).join(", ")]);
    fields.push(["Connection", "Upgrade"]);
  }
  const isEmpty = status === 205;
  // Events must not wait for more, whatever `wbufsize` is.
  handler.connection.wfile.setBufferSize(0);
  exchange.fields = NO_FIELDS;
  try {
    // As `send_response()`, which would add fields of this server.
    handler.log_request(status);
    handler.send_response_only(status, reason);
    for (const [name, value] of fields) {
      if (isEmpty && /^content-length$/i.test(name)) continue;
      handler.send_header(name, value);
    }
    // RFC 9110 §15.3.6: a 205 has no content.
    if (isEmpty) handler.send_header("Content-Length", "0");
    const unsized = framing.kind === "chunked" || framing.kind === "close";
    if (unsized && !isEmpty) handler.endHeadersChunked();
    else handler.end_headers();
  } catch (error) {
    // A 500 follows, which must get the site's fields.
    exchange.fields = null;
    throw error;
  }
  return isEmpty || handler.command === "HEAD" ? undefined : handler.wfile;
}

/** Adds fields of the site if the upstream has none of the name: it knows better. */
function addPolicies(
  fields: Field[],
  { command: method, headers }: ProxiedHandler,
  { site }: ProxiedExchange,
  ofSite: readonly Field[],
): void {
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  for (const field of ofSite) {
    if (!names.has(field[0].toLowerCase())) fields.push(field);
  }
  if (site.cors === undefined || names.has("access-control-allow-origin")) {
    return;
  }
  const decision = site.cors({ method, headers });
  for (const field of decision.headers) {
    if (!names.has(field[0].toLowerCase())) fields.push(field);
  }
  if (decision.vary.length === 0) return;
  // Besides a Vary of the upstream: its lines are one list (RFC 9110 §5.3).
  fields.push(["Vary", decision.vary.join(", ")]);
}
