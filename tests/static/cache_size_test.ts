// The memory that everything cached about files takes together. The caches belong to the
// process, so the order of the tests matters: a later site can only make them larger.

import { assert, assertEquals } from "@std/assert";
import { cacheBudget } from "../../cache/shared_budget.ts";
import { prepared } from "../../handlers/static/prepared.ts";
import { staticFiles } from "../../handlers/static/mod.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { pretendLater, type Site, site } from "./_site.ts";

/** Text of about this size that compresses to half of it, different for each seed. */
function text(size: number, seed: number): string {
  let state = seed + 1;
  let made = "";
  while (made.length < size) {
    state = state * 48_271 % 2_147_483_647;
    made += state.toString(16);
  }
  return made;
}

const FILES: Readonly<Record<string, string>> = Object.fromEntries([
  ...Array.from(
    { length: 40 },
    (_, n) => [`${n}.txt`, text(2_000 + n * 1_500, n)],
  ),
  ...Array.from({ length: 8 }, (_, n) => [`${n}/a`, "a"]),
]);

/** Every target in every kind that is cached in another way, twice. */
function* requests(): Generator<readonly string[]> {
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < 40; n++) {
      yield [`/${n}.txt`];
      yield [`/${n}.txt`, "Accept-Encoding: zstd"];
      yield [`/${n}.txt`, "Accept-Encoding: gzip"];
      yield [`/${n % 8}/`];
      yield [`/${n % 8}/`, "Accept: application/json"];
      yield [`/missing-${n}`];
      yield ["/0.txt", `Range: bytes=${n}-`];
    }
  }
}

/** Sends all requests, each on a separate connection, and looks at the caches after each. */
async function crawl(
  each: Site,
  look: (size: number) => void,
): Promise<string[]> {
  const seen: string[] = [];
  for (const [target, ...fields] of requests()) {
    const { status, body, fields: sent } = await each.get(target!, ...fields);
    look(body.length);
    const coding = sent.find((field) => field.startsWith("Content-Encoding"));
    seen.push(`${status} ${coding} ${body}`);
  }
  return seen;
}

let uncached: string[];

boundedTest(
  "StaticFileHandler keeps nothing with cacheSize: 0, and serves everything",
  async () => {
    await using small = await site(FILES, { cacheSize: 0 });
    using _later = pretendLater(3_600_000);
    uncached = await crawl(small, () => {
      assertEquals([cacheBudget.total, prepared.size], [0, 0]);
    });
    const codings = new Set(
      uncached.map((each) => each.split(" ", 5).join(" ")),
    );
    assert([...codings].some((each) => each.includes("zstd")));
    assert([...codings].some((each) => each.includes("gzip")));
    const statuses = new Set(uncached.map((each) => each.slice(0, 3)));
    assertEquals([...statuses].sort(), ["200", "206", "404"]);
  },
);

boundedTest(
  "StaticFileHandler never keeps more than cacheSize in all, and sends the same responses",
  async () => {
    const cacheSize = 300_000;
    await using small = await site(FILES, { cacheSize });
    using _later = pretendLater(3_600_000);
    let most = 0;
    const seen = await crawl(small, () => {
      assert(cacheBudget.total <= cacheSize);
      most = Math.max(most, cacheBudget.total);
    });
    assertEquals(cacheBudget.max, cacheSize);
    assert(most > cacheSize / 2, `${most} bytes were kept at most`);
    assert(prepared.size > 0);
    assertEquals(seen.length, uncached.length);
    for (const [n, each] of seen.entries()) {
      // The folders have other dates in a listing's JSON.
      const [ours, others] = [each, uncached[n]!].map((text) =>
        text.replace(/\d{4}-\d\d-\d\d[T ][\d:.]+Z?/g, "DATE")
      );
      assertEquals(ours, others);
    }
  },
);

boundedTest(
  "the largest cacheSize of all sites counts, and a site without one changes nothing",
  () => {
    const sizes = [500_000, 1_000, undefined, 600_000].map((cacheSize) => {
      staticFiles({ ...(cacheSize !== undefined && { cacheSize }) });
      return cacheBudget.max;
    });
    assertEquals(sizes, [500_000, 500_000, 500_000, 600_000]);
  },
);
