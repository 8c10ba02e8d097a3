// Hostile rule files and paths: nothing crashes, matching is linear, and no redirect leads off
// the site that its rule does not name.

import { assert, assertEquals } from "@std/assert";
import { parseHeaders } from "../../../handlers/static/rules/headers_file.ts";
import type { Dialect } from "../../../handlers/static/rules/interfaces.ts";
import { RuleIndex } from "../../../handlers/static/rules/match.ts";
import { matchedPath } from "../../../handlers/static/rules/pattern.ts";
import { parseRedirects } from "../../../handlers/static/rules/redirects_file.ts";
import { pureTest } from "../../_lib/pure.ts";
import { headers, redirect } from "./_decide.ts";

const DIALECTS: readonly Dialect[] = ["netlify", "cloudflare"];

/** Random numbers from 0 to 1 that are the same each time. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** A text of random words. */
function words(random: () => number, from: readonly string[], most: number) {
  const count = Math.floor(random() * most) + 1;
  return Array.from(
    { length: count },
    () => from[Math.floor(random() * from.length)]!,
  ).join("");
}

/** What rule files consist of, and what they should not. */
const RULE_WORDS = [
  "/",
  "/",
  "/a",
  "/b",
  "a",
  "*",
  ":x",
  ":splat",
  ":y.z",
  " ",
  " ",
  "\n",
  "\n",
  "https://x.test",
  "http://",
  "//",
  "?",
  "#",
  "=",
  "id=:id",
  "301",
  "200!",
  "404",
  "..",
  "%2e",
  "%00",
  "%",
  "\\",
  "\r",
  "\t",
  "\0",
  "é",
  "\ufeff",
  "\ud800",
  "! X",
  "X: 1",
  "X:",
  "Country=us",
  ":",
  "\u2028",
  "@",
];

/** What paths consist of. */
const PATH_WORDS = [
  "/",
  "/",
  "/a",
  "/b",
  "a",
  "..",
  ".",
  "%2e",
  "%2F",
  "%5C",
  "\\",
  "//",
  "%0d%0a",
  "%00",
  "%",
  "%ff",
  "?",
  "?id=//x",
  "#",
  ":",
  "@",
  "evil.example",
  "%09",
  "https:",
  "\u00c3\u00a9",
  ";",
  "&",
  "%ed%a0%80",
];

pureTest(
  "any text is parsed as rules, and any path is matched, without an error",
  () => {
    const random = generator(1);
    for (let round = 0; round < 4_000; round++) {
      const text = words(random, RULE_WORDS, 40);
      const target = "/" + words(random, PATH_WORDS, 12);
      for (const dialect of DIALECTS) {
        redirect(dialect, text, target);
        for (const line of headers(dialect, text, target)) {
          assert(!/[\r\n\0]/.test(line), JSON.stringify([text, target, line]));
        }
      }
    }
  },
);

pureTest(
  "a redirect to a path stays on the site for any path and query",
  () => {
    const random = generator(2);
    const rules = [
      "/* /:splat",
      "/a/* /:splat",
      "/:a/:b /:b/:a",
      "/:a/* /x/../:splat/:a",
      "/a* /b/:splat?q=:splat#:splat",
      "/:a-:b /:a:b",
      "/:a /.:a/..:a",
    ];
    const origin = "https://site.test";
    let seen = 0;
    for (let round = 0; round < 6_000; round++) {
      const target = "/" + words(random, PATH_WORDS, 10);
      for (const dialect of DIALECTS) {
        for (const rule of rules) {
          const decided = redirect(dialect, rule, target);
          if (decided === "-") continue;
          const location = decided.slice(decided.indexOf(" ") + 1);
          assert(/^\/(?![/\\])[!-~]*$/.test(location), `${target} ${location}`);
          assertEquals(new URL(location, origin).origin, origin, target);
          seen++;
        }
      }
    }
    assert(seen > 10_000, `${seen}`);
  },
);

pureTest("a redirect to a URL goes to its host for any path", () => {
  const random = generator(3);
  const rules: readonly (readonly [string, RegExp])[] = [
    ["/* https://x.test/:splat", /^x\.test$/],
    ["/* https://x.test:8443/:splat?:splat", /^x\.test$/],
    ["/:a/* https://:a.x.test/:splat", /\.x\.test$/],
    ["/:a/* https://y-:a.x.test/?:splat", /\.x\.test$/],
  ];
  for (let round = 0; round < 6_000; round++) {
    const target = "/" + words(random, PATH_WORDS, 10);
    for (const [rule, host] of rules) {
      for (const dialect of DIALECTS) {
        const decided = redirect(dialect, rule, target);
        if (decided === "-") continue;
        const location = decided.slice(decided.indexOf(" ") + 1);
        assert(/^[!-~]*$/.test(location), location);
        const url = new URL(location);
        assert(host.test(url.hostname), `${target} ${location}`);
        assertEquals(url.username, "");
      }
    }
  }
});

pureTest("of 2,100 rules, only a few are compared with a path", () => {
  const files = [
    Array.from({ length: 2_100 }, (_, at) => `/a${at} /b`),
    Array.from({ length: 2_100 }, (_, at) => `/a${at}/:x/* /b`),
    Array.from({ length: 2_100 }, (_, at) => `/:x/a${at} /b`),
    Array.from({ length: 2_100 }, (_, at) => `/*/y/a${at} /b`),
  ];
  for (const file of files) {
    const rules = new RuleIndex(
      parseRedirects(file.join("\n"), "netlify").rules,
    );
    assertEquals(rules.size, 2_100);
    for (const names of [["a7"], ["a8", "x", "y"], ["x", "a9"], ["b"], []]) {
      let compared = 0;
      rules.visit(matchedPath(names, false), () => {
        compared++;
        return false;
      });
      assert(compared <= 2, `${file[0]} for ${names}: ${compared}`);
    }
  }
});

/** The fewest milliseconds of five runs. */
function fastest(run: () => void): number {
  return Math.min(...Array.from({ length: 5 }, () => {
    const start = performance.now();
    run();
    return performance.now() - start;
  }));
}

Deno.test("patterns of five placeholders take little time for a long path", () => {
  const path = "/" + "a-".repeat(3_450);
  const rules = Array.from(
    { length: 99 },
    (_, at) => `/:a-:b-:c-:d-:e-${at}x\n  X: 1`,
  ).join("\n");
  assertEquals(headers("cloudflare", rules, path), []);
  const time = fastest(() => headers("cloudflare", rules, path));
  assert(time < 1_000, `${time} ms`);

  // The end matches, so each of them is compared as a whole.
  const slow = "/:a-:b-:c-:d-:e-*-\n  X: 1";
  const many = Array.from({ length: 99 }, (_, at) => `/${at}/x\n  X: 1`);
  const text = [...many, slow].join("\n");
  assertEquals(headers("cloudflare", text, path), ["X: 1"]);
});

Deno.test("a path twice as long takes about twice the time", () => {
  const rule = "/*/:a/*/:b/*/z /x";
  const time = (length: number) => {
    const path = "/" + "a/".repeat(length) + "y";
    assertEquals(redirect("netlify", rule, path), "-");
    return fastest(() => {
      for (let at = 0; at < 20; at++) redirect("netlify", rule, path + "/z");
    });
  };
  time(500);
  const [short, long] = [time(500), time(4_000)];
  assert(long < short * 8 * 4, `${short} ms and ${long} ms`);
});

Deno.test("a file of 1 MiB is parsed in a moment", () => {
  const files = [
    "/:a /b\n".repeat(150_000),
    "/x/* /y\n".repeat(130_000),
    Array.from({ length: 50_000 }, (_, at) => `/a${at}/* /b`).join("\n"),
    "a".repeat(1024 * 1024),
    ("/" + "x/".repeat(4_000) + " /b\n").repeat(130),
    ("/" + ":a".repeat(990) + " /b\n").repeat(520),
    "*".repeat(1024 * 1024),
    "/a\n  X: 1\n".repeat(90_000),
    "/a\n" + "  X: 1\n".repeat(100_000),
    " ".repeat(1024 * 1024),
    ("/a " + "#".repeat(1_990) + "\n").repeat(520),
  ];
  for (const text of files) {
    for (const dialect of DIALECTS) {
      const start = performance.now();
      parseRedirects(text, dialect);
      parseHeaders(text, dialect);
      const time = performance.now() - start;
      assert(time < 5_000, `${text.slice(0, 20)} (${dialect}): ${time} ms`);
    }
  }
});
