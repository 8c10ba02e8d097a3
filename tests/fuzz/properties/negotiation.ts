// Weighted lists, codings and Vary.

import { assert, assertEquals } from "@std/assert";
import {
  chooseCoding,
  parseWeighted,
  prefersJson,
} from "../../../handlers/static/representation/accept.ts";
import { isNavigation } from "../../../handlers/static/lookup/navigation.ts";
import { mergeVary } from "../../../handlers/static/response/vary.ts";
import { HTTPMessage } from "../../../parser/headers.ts";
import { property, type Subject } from "../_lib.ts";
import corpus from "../corpus/negotiation.json" with { type: "json" };
import { soup, texts } from "../_random.ts";

const accepts = texts(
  [
    ..."gzip br zstd x-gzip GZIP identity * ;q=0 ;q=1 ;q=0.5 ;q=0.001 ; q=1.001 ;Q=0.9 ;q= , , text/html application/json */* text/* / html;level=1"
      .split(" "),
    " ",
  ],
  [
    "gzip, deflate, br, zstd",
    "br;q=0.9, gzip;q=0.8, *;q=0",
    "identity;q=0",
    "*",
  ],
);

/** The weight of each coding by RFC 9110 §12.5.3; malformed members do not count. */
function weights(value: string): (coding: string) => number | undefined {
  const known = new Map<string, number>();
  for (const member of value.split(",")) {
    const [name = "", ...parameters] = member.split(";").map((part) =>
      part.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase()
    );
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    if (!/^[!#$%&'*+\-.^_`|~\w]+$/.test(name)) continue;
    if (
      weight !== undefined &&
      !/^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(weight)
    ) continue;
    const coding = name === "x-gzip" ? "gzip" : name;
    if (!known.has(coding)) known.set(coding, Number(weight?.slice(2) ?? 1));
  }
  return (coding) => known.get(coding) ?? known.get("*");
}

const coding = property(
  "chooseCoding() chooses an acceptable coding with the highest weight",
  (random) => ({
    value: accepts(random),
    available: random.list(3, (r) => r.pick(["br", "gzip", "zstd"])),
  }),
  ({ value, available }) => {
    if (new Set(available).size < available.length) return;
    const chosen = chooseCoding(value, available);
    const weightOf = weights(value);
    assert(chosen === "identity" || available.includes(chosen), chosen);
    const weight = weightOf(chosen) ?? 0;
    if (chosen !== "identity") assert(weight > 0, "acceptable");
    for (const other of available) {
      assert(
        (weightOf(other) ?? 0) <= weight || chosen === other ||
          (weightOf(other) ?? 0) === 0,
        other,
      );
    }
    // If it is not mentioned, identity is acceptable, but any named coding comes first.
    if (chosen !== "identity") assert((weightOf("identity") ?? 0) <= weight);
    else {assert(available.every((other) =>
        (weightOf(other) ?? 0) < (weightOf("identity") ?? 0) ||
        !(weightOf(other) ?? 0)
      ));}
  },
  500,
);

const weighted = property(
  "parseWeighted() returns tokens or media ranges with weights from 0 to 1",
  accepts,
  (value) => {
    const members = parseWeighted(value);
    assert(members.length <= value.split(",").length);
    for (const { value: name, weight } of members) {
      assert(/^[^\s,;/]+(?:\/[^\s,;/]+)?$/.test(name), name);
      assertEquals(name, name.toLowerCase());
      assert(weight >= 0 && weight <= 1, String(weight));
    }
  },
);

/** The weight of the first of these types that a field names. */
function weightOf(value: string, ...types: readonly string[]): number {
  const members = parseWeighted(value);
  return members.find((member) => types.includes(member.value))?.weight ?? 0;
}

const json = property(
  "prefersJson() is true for JSON with a weight above 0 and above that of HTML",
  accepts,
  (value) => {
    assertEquals(prefersJson(null), false);
    if (!prefersJson(value)) return;
    assert(weightOf(value, "application/json") > 0);
    const html = weightOf(value, "text/html");
    assert(html === 0 || weightOf(value, "application/json") > html);
  },
);

const navigations = property(
  "isNavigation() is true only for requests that open a page",
  (random) => ({
    method: random.pick(["GET", "HEAD", "POST"]),
    mode: random.pick(["", "", "navigate", "cors", "no-cors"]),
    destination: random.pick(["", "", "document", "image", "iframe"]),
    accept: accepts(random),
    name: random.pick(["", "a", "j.doe", "a.png", "v1.2"]),
  }),
  ({ method, mode, destination, accept, name }) => {
    const headers = new HTTPMessage([
      ...(mode === "" ? [] : [["Sec-Fetch-Mode", mode] as const]),
      ...(destination === "" ? [] : [["Sec-Fetch-Dest", destination] as const]),
      ["Accept", accept],
    ]);
    const segments = name === "" ? [] : [name];
    const found = isNavigation({ method, headers, segments });
    if (method !== "GET" && method !== "HEAD") assertEquals(found, false);
    else if (mode !== "" && mode !== "navigate") assertEquals(found, false);
    else if (destination === "image") assertEquals(found, false);
    else if (mode !== "" || destination !== "") assertEquals(found, true);
    else if (found) {
      const names = parseWeighted(accept).filter(({ weight }) => weight > 0)
        .map(({ value }) => value);
      assert(
        names.some((type) =>
          /^(?:text\/html|application\/xhtml\+xml)$/.test(type)
        ),
      );
    }
  },
);

const fieldNames = soup(
  ["Origin", "origin", "Accept", "accept-ENCODING", ", ", ",", "*"],
  5,
  [" ", "\t"],
);

const vary = property(
  "mergeVary() names every field once, or all by *",
  (random) => ({
    value: fieldNames(random),
    names: random.list(3, fieldNames),
  }),
  ({ value, names }) => {
    const merged = mergeVary(value, names);
    const members = (text: string) =>
      text.split(",").map((name) =>
        name.replace(/^[ \t]+|[ \t]+$/g, "").toLowerCase()
      ).filter((name) => name !== "");
    const wanted = new Set([value, ...names].flatMap(members));
    const got = members(merged);
    if (wanted.has("*")) return assertEquals(merged, "*");
    assertEquals(new Set(got), wanted);
    assertEquals(got.length, wanted.size);
    assertEquals(mergeVary(merged, names), merged);
  },
);

/** Properties of content negotiation. */
export const NEGOTIATION: Subject = {
  name: "negotiation",
  properties: [coding, weighted, json, navigations, vary],
  corpus,
};
