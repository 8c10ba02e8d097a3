// Content negotiation (RFC 9110 §12): weighted lists, and choices based on them. Malformed
// members are ignored; the others still count. `forms.ts` passes the codings, best first: those of
// precompressed files in the order of `siblings.ts` (br, zstd, gzip), then those made on the fly in
// the order of `availableCodings()` in `compression_encoder.ts` (zstd, br, gzip).

import { TOKEN, trimOws } from "../../../parser/syntax.ts";

/** A member of a weighted list. */
export interface Weighted {
  /** The value in lower case, without parameters. */
  readonly value: string;
  /** Its weight, 0 to 1; 0 means "not acceptable". */
  readonly weight: number;
}

// RFC 9110 §12.4.2: at most three digits after the point.
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const MEDIA_RANGE = /^([^/]+)\/([^/]+)$/;

/**
 * Parses a list of values with weights (RFC 9110 §12.4.2), as in Accept and Accept-Encoding.
 *
 * Parameters other than the weight are ignored. A quoted string that contains a comma or a
 * semicolon counts as malformed; none of these fields uses one.
 *
 * @param value The field's value.
 * @returns The well-formed members, in order; the default weight is 1.
 *
 * @example Two codings
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parseWeighted("br, GZIP;q=0.5, zstd;q=2"), [
 *   { value: "br", weight: 1 },
 *   { value: "gzip", weight: 0.5 },
 * ]);
 * ```
 */
export function parseWeighted(value: string): Weighted[] {
  const members: Weighted[] = [];
  for (const text of value.split(",")) {
    const [name = "", ...parameters] = text.split(";");
    const member = trimOws(name).toLowerCase();
    const weight = weightOf(parameters);
    if (weight === undefined || !isValue(member)) continue;
    members.push({ value: member, weight });
  }
  return members;
}

function isValue(text: string): boolean {
  const found = MEDIA_RANGE.exec(text);
  return found === null
    ? TOKEN.test(text)
    : TOKEN.test(found[1]!) && TOKEN.test(found[2]!);
}

function weightOf(parameters: readonly string[]): number | undefined {
  for (const parameter of parameters) {
    const text = trimOws(parameter);
    if (!/^q=/i.test(text)) continue;
    const digits = text.slice(2);
    return WEIGHT.test(digits) ? Number(digits) : undefined;
  }
  return 1;
}

/**
 * Chooses the content coding of a response (RFC 9110 §12.5.3).
 *
 * The coding with the highest weight wins; the server's order decides between equal
 * weights. `identity` (no coding) takes part only if the client lists it or `*`;
 * otherwise it is the fallback. It is also the fallback for a client that refuses
 * everything: §12.5.3 permits that, and a body is more useful than a 406.
 *
 * @param value The value of Accept-Encoding, `null` if it is absent. RFC 9110 then allows
 * any coding, but most clients that don't send the field support none.
 * @param available The codings that the server supports, best first, in lower case.
 * @returns One of them, or `"identity"`.
 *
 * @example Typical values
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * const header = "gzip, deflate, br, zstd";
 * assertEquals(chooseCoding(header, ["br", "gzip"]), "br");
 * assertEquals(chooseCoding("gzip;q=0, *", ["gzip"]), "identity");
 * assertEquals(chooseCoding(null, ["br", "gzip"]), "identity");
 * ```
 */
export function chooseCoding(
  value: string | null,
  available: readonly string[],
): string {
  if (value === null || value === "" || available.length === 0) {
    return "identity";
  }
  const weights = new Map<string, number>();
  for (const { value: name, weight } of parseWeighted(value)) {
    // RFC 9110 §8.4.1.3: "x-gzip" is equivalent to "gzip".
    const coding = name === "x-gzip" ? "gzip" : name;
    // If a coding occurs twice, the first counts.
    if (!weights.has(coding)) weights.set(coding, weight);
  }
  const rest = weights.get("*") ?? 0;
  let best = "identity";
  let bestWeight = weights.get("identity") ?? rest;
  for (const coding of available) {
    const weight = weights.get(coding) ?? rest;
    // At equal weights a coding beats `identity`, but not an earlier coding.
    const better = weight > bestWeight ||
      (weight === bestWeight && best === "identity");
    if (weight > 0 && better) {
      best = coding;
      bestWeight = weight;
    }
  }
  return best;
}

/**
 * Whether a client prefers JSON over HTML, for directory listings.
 *
 * It does if its Accept field lists JSON with at least the weight of a wildcard, and with
 * a higher weight than HTML. `application/json, *\/*` prefers JSON; a browser's list, which
 * accepts JSON only by its wildcard, prefers HTML.
 *
 * @param value The value of Accept, `null` if it is absent.
 * @returns Whether to respond with JSON.
 *
 * @example A script and a browser
 * ```ts
 * import { assert, assertFalse } from "@std/assert";
 *
 * assert(prefersJson("application/json, text/plain, *\/*"));
 * assertFalse(prefersJson("text/html,application/xml;q=0.9,*\/*;q=0.8"));
 * ```
 */
export function prefersJson(value: string | null): boolean {
  if (value === null || !/json/i.test(value)) return false;
  const members = parseWeighted(value);
  const json = weightIn(members, "application/json");
  const html = weightIn(members, "text/html") ??
    weightIn(members, "application/xhtml+xml");
  if (json === undefined || json === 0) return false;
  if (html !== undefined) return json > html;
  return json >= (weightIn(members, "text/*") ?? weightIn(members, "*/*") ?? 0);
}

function weightIn(
  members: readonly Weighted[],
  value: string,
): number | undefined {
  return members.find((member) => member.value === value)?.weight;
}
