// The steps between the arrival of a request and the look at its files.

import { HTTPMessage } from "../parser/headers.ts";
import type { SimpleHTTPRequestHandler } from "./simple.ts";

/** The methods and fields that such a step may be. */
export type Steps = Pick<
  SimpleHTTPRequestHandler,
  | "MessageClass"
  | "do_GET"
  | "do_HEAD"
  | "handle"
  | "handle_one_request"
  | "parse_request"
  | "send_head"
  | "translate_path"
>;

/**
 * Whether a handler runs no code of a subclass before it looks at its files. Such code may change
 * them, so the handler must not use what an earlier request of the turn has seen. Checked on the
 * instance, since a method may be a field.
 *
 * @param handler The handler.
 * @param ours The prototype of the class.
 * @returns `true` if no step is replaced.
 */
export function hasOwnSteps(handler: Steps, ours: Steps): boolean {
  return handler.MessageClass === HTTPMessage &&
    handler.do_GET === ours.do_GET && handler.do_HEAD === ours.do_HEAD &&
    handler.handle === ours.handle &&
    handler.handle_one_request === ours.handle_one_request &&
    handler.parse_request === ours.parse_request &&
    handler.send_head === ours.send_head &&
    handler.translate_path === ours.translate_path;
}
