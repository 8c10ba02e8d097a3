// Entity tags and preconditions, compared with the steps of RFC 9110 §13.2.2.

import { assert, assertEquals } from "@std/assert";
import {
  evaluatePreconditions,
  ifRangeHolds,
} from "../../../handlers/static/response/conditional.ts";
import {
  parseEntityTag,
  parseEntityTags,
  strongMatch,
  weakMatch,
} from "../../../handlers/static/response/entity_tag.ts";
import { HTTPMessage } from "../../../parser/headers.ts";
import { formatHttpDate } from "../../../text/http_date.ts";
import { property, type Subject } from "../_lib.ts";
import corpus from "../corpus/conditional.json" with { type: "json" };
import { type Random, texts } from "../_random.ts";

const tagLists = texts(
  [
    '"',
    '"a"',
    '"b,c"',
    'W/"a"',
    'w/"a"',
    "W/",
    ",",
    ", ",
    " ",
    "*",
    "\t",
    '""',
    "a",
    '"\xe9"',
  ],
  ['"a"', 'W/"a", "b,c"', "*", '"a","b"', ', "a" ,, "b"'],
  { most: 8 },
);

/** A list of entity tags, read character by character; `undefined` if it is malformed. */
function readTags(value: string): string[] | "*" | undefined {
  if (value === "*") return "*";
  const tags: string[] = [];
  let rest = value.replace(/^[ \t,]+/, "");
  while (rest !== "") {
    const found = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/.exec(rest)?.[0];
    if (found === undefined) return undefined;
    tags.push(found);
    rest = rest.slice(found.length);
    const gap = /^[ \t]*(?:,[ \t,]*|$)/.exec(rest)?.[0];
    if (gap === undefined) return undefined;
    rest = rest.slice(gap.length);
  }
  return tags.length === 0 ? undefined : tags;
}

const lists = property(
  "parseEntityTags() reads whole lists or nothing",
  tagLists,
  (value) => {
    const tags = parseEntityTags(value);
    const read = tags === undefined || tags === "*"
      ? tags
      : tags.map(({ weak, opaque }) => `${weak ? "W/" : ""}"${opaque}"`);
    assertEquals(read, readTags(value));
    const one = parseEntityTag(value);
    assertEquals(one !== undefined, Array.isArray(tags) && tags.length === 1);
  },
  400,
);

const comparisons = property(
  "strongMatch() implies weakMatch(), and both are symmetric",
  (random) => [anyTag(random), anyTag(random)] as const,
  ([a, b]) => {
    assertEquals(strongMatch(a, b), strongMatch(b, a));
    assertEquals(weakMatch(a, b), weakMatch(b, a));
    if (strongMatch(a, b)) assert(weakMatch(a, b) && !a.weak && !b.weak);
    assertEquals(weakMatch(a, b), a.opaque === b.opaque);
  },
);

function anyTag(random: Random): { weak: boolean; opaque: string } {
  return { weak: random.oneIn(2), opaque: random.pick(["", "a", "b"]) };
}

const MODIFIED = 784_111_777;
const MOMENTS = [MODIFIED - 1, MODIFIED, MODIFIED + 1];
const TAGS = ['"a"', 'W/"a"', '"b"', '"b", W/"a"', "*", "a", "", '"b","a"'];
const DATES = [...MOMENTS.map(formatHttpDate), "yesterday", "0", ""];

interface Asked {
  readonly method: string;
  readonly etag: string;
  readonly dated: boolean;
  readonly fields: readonly (readonly [name: string, value: string])[];
}

function anyAsked(random: Random): Asked {
  const fields: [string, string][] = [];
  for (const name of ["If-Match", "If-None-Match"]) {
    if (random.oneIn(3)) fields.push([name, random.pick(TAGS)]);
    if (random.oneIn(12)) fields.push([name, random.pick(TAGS)]);
  }
  for (const name of ["If-Modified-Since", "If-Unmodified-Since"]) {
    if (random.oneIn(2)) fields.push([name, random.pick(DATES)]);
  }
  return {
    method: random.pick(["GET", "HEAD", "PUT"]),
    etag: random.pick(['"a"', 'W/"a"']),
    dated: !random.oneIn(5),
    fields,
  };
}

/** RFC 9110 §13.2.2, steps 1 to 4. */
function verdictFor({ method, etag, dated, fields }: Asked): string {
  const list = (name: string) => {
    const values = fields.filter(([other]) => other === name).map(([, value]) =>
      value
    );
    return values.length === 0 ? undefined : readTags(values.join(", ")) ?? [];
  };
  const date = (name: string) => {
    const value = fields.find(([other]) => other === name)?.[1];
    const at = MOMENTS.findIndex((moment) => formatHttpDate(moment) === value);
    return dated && at >= 0 ? MOMENTS[at] : undefined;
  };
  const reads = method === "GET" || method === "HEAD";
  const ifMatch = list("If-Match");
  if (ifMatch !== undefined) {
    const strong = !etag.startsWith("W/");
    const holds = ifMatch === "*" || (strong && ifMatch.includes(etag));
    if (!holds) return "failed";
  } else {
    const since = date("If-Unmodified-Since");
    if (since !== undefined && MODIFIED > since) return "failed";
  }
  const ifNoneMatch = list("If-None-Match");
  if (ifNoneMatch !== undefined) {
    const bare = etag.replace("W/", "");
    const same = ifNoneMatch === "*" ||
      ifNoneMatch.some((tag) => tag.replace(/^W\//, "") === bare);
    if (same) return reads ? "not modified" : "failed";
  } else if (reads) {
    const since = date("If-Modified-Since");
    if (since !== undefined && MODIFIED <= since) return "not modified";
  }
  return "proceed";
}

const preconditions = property(
  "evaluatePreconditions() follows the order of RFC 9110 §13.2.2",
  anyAsked,
  (asked) => {
    const verdict = evaluatePreconditions(
      asked.method,
      new HTTPMessage(asked.fields),
      { etag: asked.etag, lastModified: asked.dated ? MODIFIED : null },
    );
    assertEquals<string>(verdict, verdictFor(asked));
  },
  600,
);

const ifRange = property(
  "ifRangeHolds() is true only for the same strong tag or for an equal, old enough date",
  (random) => ({
    value: random.oneIn(2)
      ? random.pick([...TAGS, ...DATES])
      : tagLists(random),
    etag: random.pick(['"a"', 'W/"a"']),
    later: random.int(10),
    dated: !random.oneIn(4),
  }),
  ({ value, etag, later, dated }) => {
    const holds = ifRangeHolds(
      value,
      { etag, lastModified: dated ? MODIFIED : null },
      (MODIFIED + later) * 1000,
    );
    if (!holds) {
      if (value === etag && etag === '"a"') {
        assert(holds, "the same strong tag");
      }
      return;
    }
    const tags = readTags(value);
    const sameTag = etag === '"a"' && Array.isArray(tags) &&
      tags.length === 1 && tags[0] === '"a"';
    const sameDate = dated && later >= 1 && value === formatHttpDate(MODIFIED);
    assert(sameTag || sameDate, value);
    assertEquals(ifRangeHolds(null, { etag, lastModified: null }, 0), true);
  },
  400,
);

/** Properties of conditional requests. */
export const CONDITIONAL: Subject = {
  name: "conditional",
  properties: [lists, comparisons, preconditions, ifRange],
  corpus,
};
