// The target to ask an upstream for, and the way back from its paths to ours. The target is built
// from the parsed one, so it can neither name another host nor end the request line. Pure.

import { unquote } from "../../../text/quote.ts";
import { splitTarget } from "../lookup/target.ts";
import type { Route } from "./interfaces.ts";

/** What separates names on some system, or after another round of decoding. */
const SEPARATORS = /[/\\]/;

/** Characters that have a meaning for some servers, or that a request line can't have. */
const UNSAFE = /[^!-~]|\\/g;

/**
 * Builds the target to ask an upstream for.
 *
 * @param target The target of the request, in any form.
 * @param route The route. The path is below its prefix.
 * @returns Path and query; `undefined` if an upstream could take the path for one that is not below
 * the prefix.
 *
 * @example The path of the URL takes the place of the prefix
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const upstream = { name: "http://a", secure: false, host: "a", port: 80, authority: "a" };
 * const route = { prefix: ["api"], base: "/v1", upstream };
 * assertEquals(upstreamTarget("/api/x%2Fy?z", route), "/v1/x%2Fy?z");
 * assertEquals(upstreamTarget("/api/..%2Fadmin", route), undefined);
 * ```
 */
export function upstreamTarget(
  target: string,
  { prefix, base }: Pick<Route, "prefix" | "base">,
): string | undefined {
  const { segments, query } = splitTarget(target);
  if (segments.some(climbs)) return undefined;
  const kept = base === undefined ? segments : segments.slice(prefix.length);
  const path = kept.map((segment) => "/" + segment.replace(UNSAFE, encoded));
  // The upstream, too, could take two slashes for a host, as in a redirect.
  const whole = ((base ?? "") + path.join("")).replace(/^\/+/, "/");
  return (whole || "/") + query.replace(UNSAFE, encoded);
}

/** Whether a segment has an encoded ".." that a server may resolve once it has decoded slashes. */
function climbs(segment: string): boolean {
  if (!segment.includes("%") && !segment.includes(";")) {
    return segment.includes("\\") && climbsDecoded(segment);
  }
  return climbsDecoded(unquote(segment));
}

function climbsDecoded(text: string): boolean {
  // Java's servers drop what follows ";".
  return text.split(SEPARATORS)
    .some((name) => name.split(";", 1)[0] === "..");
}

/** Targets are Latin-1 text, one character a byte. */
function encoded(character: string): string {
  const code = character.charCodeAt(0) & 0xff;
  return "%" + code.toString(16).toUpperCase().padStart(2, "0");
}

/**
 * Maps a path of an upstream to the URL path at which this server offers it.
 *
 * @param path The path, perhaps with a query and fragment. It begins with a slash.
 * @param route The route.
 * @returns The path here; unchanged if it is outside of what the route offers.
 *
 * @example The way back
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const route = { prefix: ["api"], base: "/v1" };
 * assertEquals(pathHere("/v1/login?a", route), "/api/login?a");
 * assertEquals(pathHere("/other", route), "/other");
 * ```
 */
export function pathHere(
  path: string,
  { prefix, base }: Pick<Route, "prefix" | "base">,
): string {
  // A path with two slashes in front would be a host.
  const plain = path.replace(/^[/\\]+/, "/");
  if (base === undefined || !plain.startsWith(base)) return plain;
  const rest = plain.slice(base.length);
  if (rest !== "" && !/^[/?#]/.test(rest)) return plain;
  const mount = prefix.map((name) => "/" + encodeURIComponent(name)).join("");
  return (mount + rest).replace(/^[/\\]*/, "/");
}
