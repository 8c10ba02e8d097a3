/**
 * A server for one test: it records requests, responds as expected, and breaks responses on
 * the wire. For `Deno.test`, other test runners under Deno, and scripts.
 *
 * @example A client that must survive a lost connection
 * ```ts
 * import { serve } from "@x/httpserver/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * await using site = await serve();
 * site.expect({ path: "/tea" }).respond({ body: "hot" });
 * site.fault("reset", { path: "/tea" });
 *
 * await assertRejects(() => fetch(`${site.url}/tea`));
 * const response = await fetch(`${site.url}/tea`);
 * assertEquals(await response.text(), "hot");
 * assertEquals(site.requests.map(({ fault }) => fault), ["reset", undefined]);
 * ```
 *
 * @module
 */

export type { Address } from "../connection/connection.ts";
export { HTTPMessage } from "../parser/headers.ts";
export {
  Expectation,
  ExpectationGroup,
  type Reply,
  type ReplySource,
} from "./expectations.ts";
export {
  Fault,
  type FaultKind,
  type FaultOptions,
  type FaultPlan,
  type FaultScope,
  type FaultSettings,
} from "./faults.ts";
export type {
  NamedMatchers,
  RequestMatcher,
  RequestPattern,
  TextMatcher,
} from "./pattern.ts";
export { type RecordedHead, RecordedRequest } from "./recorded_request.ts";
export type { RequestHandlerClass } from "../handlers/types.ts";
export { serve } from "./serve.ts";
export { type ServeOptions, TestSite, type WaitOptions } from "./test_site.ts";
