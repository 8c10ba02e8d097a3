// The steps between the arrival of a request and the look at its files.

import { HTTPMessage } from "../parser/headers.ts";
/** The methods and fields that such a step may be. */
export interface Steps {
  readonly MessageClass: unknown;
  readonly do_GET: unknown;
  readonly do_HEAD: unknown;
  readonly handle: unknown;
  readonly handle_expect_100: unknown;
  readonly handle_one_request: unknown;
  readonly parse_request: unknown;
  readonly send_head: unknown;
  readonly translate_path: unknown;
}

/** A handler, and its prototype, as `do_*` methods are looked up. */
interface Methods {
  readonly command: string;
  readonly [method: `do_${string}`]: unknown;
}

/**
 * Whether a subclass has added or replaced the `do_*` method for the current request.
 *
 * @param handler The handler.
 * @param ours The prototype of the class.
 * @returns `false` if the class's own method, or none, will be called.
 */
export function overridesMethod(handler: Methods, ours: Methods): boolean {
  const name = `do_${handler.command}` as const;
  const method = handler[name];
  return typeof method === "function" && method !== ours[name];
}

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
    handler.handle_expect_100 === ours.handle_expect_100 &&
    handler.handle_one_request === ours.handle_one_request &&
    handler.parse_request === ours.parse_request &&
    handler.send_head === ours.send_head &&
    handler.translate_path === ours.translate_path;
}
