// What a response depends on besides the request and the files: the hooks and fields of its
// handler, which a subclass may replace at any time.

import { HTTPMessage } from "../../parser/headers.ts";
import type { SimpleHTTPRequestHandler } from "../simple.ts";

/** The fields of a handler that a response depends on. */
export type Ingredients = Pick<
  SimpleHTTPRequestHandler,
  | "close_connection"
  | "error_content_type"
  | "error_message_format"
  | "extensions_map"
  | "extra_response_headers"
  | "idleTimeout"
  | "index_pages"
  | "protocol_version"
  | "responses"
  | "server_version"
  | "sys_version"
>;

/** The methods of a handler that make a response. */
export type Hooks =
  & Pick<
    SimpleHTTPRequestHandler,
    | "MessageClass"
    | "closesAfterError"
    | "copyfile"
    | "date_time_string"
    | "end_headers"
    | "endHeadersChunked"
    | "error_page"
    | "flush_headers"
    | "guess_type"
    | "list_directory"
    | "send_error"
    | "send_head"
    | "send_header"
    | "send_response"
    | "send_response_only"
    | "translate_path"
    | "version_string"
  >
  & { readonly admit: unknown };

/**
 * Takes the fields of a handler.
 *
 * @param handler The handler.
 * @returns Its fields.
 */
export function ingredientsOf(handler: Ingredients): Ingredients {
  return {
    // A copy, since a handler may change the list at any time.
    extra_response_headers: handler.extra_response_headers
      .map(([name, value]) => [name, value]),
    close_connection: handler.close_connection,
    error_content_type: handler.error_content_type,
    error_message_format: handler.error_message_format,
    extensions_map: handler.extensions_map,
    idleTimeout: handler.idleTimeout,
    index_pages: handler.index_pages,
    protocol_version: handler.protocol_version,
    responses: handler.responses,
    server_version: handler.server_version,
    sys_version: handler.sys_version,
  };
}

/**
 * Whether a response would have the same ingredients. Written out, since it runs for each request.
 *
 * @param a Some ingredients, such as a handler.
 * @param b Others.
 * @returns `true` if all are the same.
 */
export function sameIngredients(a: Ingredients, b: Ingredients): boolean {
  return a.close_connection === b.close_connection &&
    a.error_content_type === b.error_content_type &&
    a.error_message_format === b.error_message_format &&
    a.extensions_map === b.extensions_map &&
    haveSameFields(a.extra_response_headers, b.extra_response_headers) &&
    a.idleTimeout === b.idleTimeout &&
    a.index_pages === b.index_pages &&
    a.protocol_version === b.protocol_version &&
    a.responses === b.responses &&
    a.server_version === b.server_version &&
    a.sys_version === b.sys_version;
}

/**
 * Whether the tables of a handler can't change, so that comparing references is enough.
 *
 * @param handler The handler.
 * @returns `false` if one of them is not frozen.
 */
export function hasFrozenTables(handler: Ingredients): boolean {
  return Object.isFrozen(handler.extensions_map) &&
    Object.isFrozen(handler.index_pages) && Object.isFrozen(handler.responses);
}

function haveSameFields(
  a: Ingredients["extra_response_headers"],
  b: Ingredients["extra_response_headers"],
): boolean {
  return a.length === b.length &&
    a.every(([name, value], at) => b[at]![0] === name && b[at]![1] === value);
}

/**
 * Whether every hook that makes a response is the class's own, and no subclass's. Written out,
 * since it runs for each request; on the instance, since a hook may be a field.
 *
 * @param handler The handler.
 * @param ours The prototype of the class.
 * @returns `true` if no hook is replaced.
 */
export function hasOwnHooks(
  handler: Hooks,
  ours: Hooks,
): boolean {
  return handler.MessageClass === HTTPMessage && handler.admit === ours.admit &&
    handler.closesAfterError === ours.closesAfterError &&
    handler.copyfile === ours.copyfile &&
    handler.date_time_string === ours.date_time_string &&
    handler.end_headers === ours.end_headers &&
    handler.endHeadersChunked === ours.endHeadersChunked &&
    handler.error_page === ours.error_page &&
    handler.flush_headers === ours.flush_headers &&
    handler.guess_type === ours.guess_type &&
    handler.list_directory === ours.list_directory &&
    handler.send_error === ours.send_error &&
    handler.send_head === ours.send_head &&
    handler.send_header === ours.send_header &&
    handler.send_response === ours.send_response &&
    handler.send_response_only === ours.send_response_only &&
    handler.translate_path === ours.translate_path &&
    handler.version_string === ours.version_string;
}
