// Proactive negotiation (RFC 9110, 12): lists of members with weights, and what is
// chosen by them. A member that is malformed is left out; the others still count.

import { TOKEN, trimOws } from "../../../parser/syntax.ts";

/** A member of a weighted list. */
export interface Weighted {
  /** The value in lower case, without parameters. */
  readonly value: string;
  /** Its weight, 0 to 1; 0 says "not acceptable". */
  readonly weight: number;
}

// 12.4.2: at most three digits behind the point.
const WEIGHT = /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/;
const MEDIA_RANGE = /^([^/]+)\/([^/]+)$/;

/**
 * Reads a list of values with weights (12.4.2), as Accept and Accept-Encoding have them.
 *
 * Parameters other than the weight are passed over. A quoted string with a comma or a
 * semicolon in it is not known to any of these fields, and counts as malformed.
 *
 * @param value The field's value.
 * @returns The well-formed members, in order; a weight that is absent is 1.
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
 * Chooses the content coding of an answer (12.5.3).
 *
 * The coding of the highest weight wins, by the server's order where weights are equal.
 * `identity`, which is no coding at all, counts where the client names it, itself or by
 * `*`; otherwise it is what is left when nothing else is acceptable. It is also the
 * answer to a client that refuses everything: 12.5.3 lets a server disregard the field,
 * and a body is of more use than a 406.
 *
 * @param value The value of Accept-Encoding, `null` where it is absent. Such a client
 * takes any coding by the letter of the RFC, but those that send nothing mostly know none.
 * @param available The codings that the server can send, best first, in lower case.
 * @returns One of them, or `"identity"`.
 *
 * @example What browsers send
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
    // 8.4.1.3: "x-gzip" is an old name of the same.
    const coding = name === "x-gzip" ? "gzip" : name;
    // Named twice: the first one counts.
    if (!weights.has(coding)) weights.set(coding, weight);
  }
  const rest = weights.get("*") ?? 0;
  let best = "identity";
  let bestWeight = weights.get("identity") ?? rest;
  for (const coding of available) {
    const weight = weights.get(coding) ?? rest;
    // A coding beats `identity` at equal weights, but never a coding before it.
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
 * Tells whether a client wants JSON rather than HTML, as for a directory listing.
 *
 * It does if its Accept field names JSON, and does not rate HTML higher. What is named
 * itself counts more than what only a wildcard takes: `application/json, *\/*` wants
 * JSON, and a browser's list, which takes JSON by its wildcard, wants HTML.
 *
 * @param value The value of Accept, `null` where it is absent.
 * @returns Whether to answer with JSON.
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
