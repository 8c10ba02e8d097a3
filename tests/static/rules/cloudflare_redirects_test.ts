// The redirects of Cloudflare: what its own parser and matcher do, in our own words.

import { assertEquals } from "@std/assert";
import { pureTest } from "../../_lib/pure.ts";
import { redirect, redirectFaults } from "./_decide.ts";

/** Rules, a target, and what they decide; "-" for nothing. */
type Case = readonly [rules: string, target: string, decided: string];

function check(name: string, cases: readonly Case[]): void {
  pureTest(name, () => {
    for (const [rules, target, decided] of cases) {
      const actual = redirect("cloudflare", rules, target);
      assertEquals(actual, decided, `${rules} for ${target}`);
    }
  });
}

check(
  "a Cloudflare redirect has the status 302 unless it says another, and is always forced",
  [
    ["/a /b", "/a", "302! /b"],
    ["/a /b 301", "/a", "301! /b"],
    ["/a /b 302", "/a", "302! /b"],
    ["/a /b 303", "/a", "303! /b"],
    ["/a /b 307", "/a", "307! /b"],
    ["/a /b 308", "/a", "308! /b"],
    ["/a /b 200", "/a", "200! /b"],
  ],
);

check("a Cloudflare path is exact, its slash included", [
  ["/a /b", "/a/", "-"],
  ["/a/ /b", "/a", "-"],
  ["/a/ /b", "/a/", "302! /b"],
  ["/a /b", "/A", "-"],
  ["/a /b", "/ab", "-"],
  ["/ /b", "/", "302! /b"],
  ["/a.b /c", "/axb", "-"],
  ["/a(b /c", "/a(b", "302! /c"],
  ["/[a] /c", "/[a]", "302! /c"],
]);

check(
  "a Cloudflare path gets a slash at its start, loses its query, and is decoded",
  [
    ["a /b", "/a", "302! /b"],
    ["a/* /b", "/a/1", "302! /b"],
    ["/a?x=1 /b", "/a", "302! /b"],
    ["/a?x=1 /b", "/a?y=2", "302! /b?y=2"],
    ["/a#f /b", "/a", "302! /b"],
    ["/é /b", "/%C3%A9", "302! /b"],
    ["/%C3%A9 /b", "/%c3%a9", "302! /b"],
    ["/a%20b /c", "/a%20b", "302! /c"],
    ["/x/../a /b", "/a", "302! /b"],
    ["/x/./a /b", "/x/a", "302! /b"],
    ["/x/%2e%2e/a /b", "/a", "302! /b"],
  ],
);

check(
  "a Cloudflare splat is any text, slashes included, anywhere in the path",
  [
    ["/a/* /b/:splat", "/a/1", "302! /b/1"],
    ["/a/* /b/:splat", "/a/1/2", "302! /b/1/2"],
    ["/a/* /b/:splat", "/a/1/", "302! /b/1/"],
    ["/a/* /b/:splat", "/a/", "302! /b/"],
    ["/a/* /b/:splat", "/a", "-"],
    ["/a* /b/:splat", "/a", "302! /b/"],
    ["/a* /b/:splat", "/abc/d", "302! /b/bc/d"],
    ["/* /b/:splat", "/", "302! /b/"],
    ["/* /b/:splat", "/x/y", "302! /b/x/y"],
    ["*/x /b/:splat", "/1/2/x", "302! /b/1/2"],
    ["/a/*.html /b/:splat", "/a/x/y.html", "302! /b/x/y"],
    ["/a/*.html /b/:splat", "/a/x.htm", "-"],
    ["/a/*/b /c/:splat", "/a/1/b/2/b", "302! /c/1/b/2"],
    ["/a/*/b /c/:splat", "/a/b", "-"],
    ["/a/*x*/b /c", "/a/1x2/b", "-"],
    ["/a*/:b /c/:splat/:b", "/a1/2/3", "302! /c/1/2/3"],
  ],
);

check("a Cloudflare placeholder is a part of a segment, as long as it can be", [
  ["/p/:a /q/:a", "/p/k", "302! /q/k"],
  ["/p/:a /q/:a", "/p/k/l", "-"],
  ["/p/:a /q/:a", "/p/", "-"],
  ["/p/:a.html /q/:a", "/p/k.html", "302! /q/k"],
  ["/p/:a.html /q/:a", "/p/k", "-"],
  ["/p/:a-:b /q/:a/:b", "/p/x-y", "302! /q/x/y"],
  ["/p/:a-:b /q/:a/:b", "/p/x-y-z", "302! /q/x-y/z"],
  ["/p/x:a /q/:a", "/p/xk", "302! /q/k"],
  ["/:v1.:v2 /:v1/:v2", "/1.2.3", "302! /1.2/3"],
  ["/:a-:b-:c /:a/:b/:c", "/1-2-3-4", "302! /1-2/3/4"],
  ["/:a_b /p/:a_b", "/k", "302! /p/k"],
  ["/:a1 /p/:a1", "/k", "302! /p/k"],
  ["/p/:1 /q", "/p/:1", "302! /q"],
  ["/p/:1 /q", "/p/k", "-"],
  ["/p/:_a /q", "/p/:_a", "302! /q"],
  ["/:a/:b /:b/:a", "/1/2", "302! /2/1"],
  ["/:id/:id_2 /:id_2/:id", "/1/2", "302! /2/1"],
  ["/:a /x/:ab/:a", "/1", "302! /x/:ab/1"],
  ["/a /:b", "/a", "302! /:b"],
  ["/:splat /b/:splat", "/x", "302! /b/x"],
  ["/x:a-*.c /:a/:splat", "/x1-2-3/4.c", "302! /1-2/3/4"],
  ["/x:a* /:a:splat", "/xb/c", "302! /b/c"],
  ["/x/*-:y /:splat/:y", "/x/a-b/c-d", "302! /a-b/c/d"],
  ["/:a/* /:splat/:a", "/1/2/3", "302! /2/3/1"],
]);

check(
  "Cloudflare tries rules without placeholders first, then the others in order",
  [
    ["/a /b\n/* /c", "/a", "302! /b"],
    ["/x /y\n/a /b\n/* /c", "/q", "302! /c"],
    ["/:a /b\n/* /c", "/x", "302! /b"],
    ["/:a /b\n/* /c", "/x/y", "302! /c"],
    // After a rule with placeholders it counts as one of those.
    ["/x/* /c\n/a /b", "/a", "302! /b"],
    ["/a /b\n/b /c", "/a", "302! /b"],
  ],
);

check("a Cloudflare redirect keeps the request's query unless it has its own", [
  ["/a /b", "/a?x=1", "302! /b?x=1"],
  ["/a /b?y", "/a?x=1", "302! /b?y"],
  ["/a /b#f", "/a?x=1", "302! /b?x=1#f"],
  ["/a https://x.test/b", "/a?x=1", "302! https://x.test/b?x=1"],
  ["/a https://x.test/b?y#f", "/a?x=1", "302! https://x.test/b?y#f"],
  ["/a https://x.test", "/a", "302! https://x.test/"],
  ["/a https://x.test:8443/b", "/a", "302! https://x.test:8443/b"],
  ["/a x=:x /b", "/a?x=1", "-"],
]);

check("Cloudflare comments begin at the third word", [
  ["# c\n/a /b # c", "/a", "302! /b"],
  ["/a /b 301 # c", "/a", "301! /b"],
  ["/a /b #c", "/a", "302! /b"],
  ["/a /b#c", "/a", "302! /b#c"],
  ["\ufeff/a /b\r\n", "/a", "302! /b"],
  ["\t/a\t/b\t301\t", "/a", "301! /b"],
]);

check("a Cloudflare redirect goes to no other site than the rule names", [
  ["/o/* /:splat", "/o//evil.example", "302! /evil.example"],
  ["/o/* /:splat", "/o/%2Fevil.example", "302! /evil.example"],
  ["/o/* /:splat", "/o/%5Cevil.example", "302! /%5Cevil.example"],
  ["/o* :splat", "/o//evil.example", "-"],
  ["/o* /:splat", "/o//evil.example", "302! /evil.example"],
  ["/:a-:b /:a:b", "/.-.", "302! /"],
  ["/:a-:b /x/:a:b/y", "/.-.", "302! /y"],
  ["/o/:h https://:h.x.test/", "/o/a.b", "302! https://a.b.x.test/"],
  ["/o/:h https://:h.x.test/", "/o/a:b", "-"],
  ["/o/* https://x.test/:splat", "/o/%0A", "302! https://x.test/%0A"],
]);

pureTest(
  "a Cloudflare line that is wrong, unsupported or can't match is reported with its reason",
  () => {
    const cases: readonly (readonly [line: string, reason: RegExp])[] = [
      ["/a", /two or three words, not 1/],
      ["/a /b 301 x", /two or three words, not 4/],
      ["/a #/b", /must begin with "\/" or "https:\/\/"/],
      ["/a b", /must begin with "\/" or "https:\/\/"/],
      ["/a http://x.test/", /must begin with "\/" or "https:\/\/"/],
      ["/a //x.test/", /begins with "\/\/"/],
      ["https://x.test/a /b", /only a path can be redirected/],
      ["/a /b abc", /not a number/],
      ["/a /b 1000", /must be 200, 301, 302, 303, 307 or 308, not 1000$/],
      ["/a /b 301!", /not a number/],
      ["/a /b 300", /must be 200, 301/],
      ["/a /b 404", /must be 200, 301/],
      ["/a /b 410", /must be 200, 301/],
      ["/a https://x.test/b 200", /a path of this site/],
      ["/a//b /c", /empty segment/],
      ["/*/x/* /c", /only one \* is allowed/],
      ["/:a/:a /c", /placeholder is repeated/],
      ["/*/:splat /c", /only one \*|repeated/],
      ["/* /index.html 200", /loop/],
      ["/* /index.html", /loop/],
      ["/* /index", /loop/],
      ["/* /index 200", /loop/],
      ["/app/* /app/index.html 200", /loop/],
      ["/ /index.html", /loop/],
      ["/ /index", /loop/],
      [`/${"a".repeat(2_000)} /b`, /more than 2000 characters/],
    ];
    for (const [line, reason] of cases) {
      const text = `/ok /b\n${line}\n/ok2 /b`;
      const faults = redirectFaults("cloudflare", text);
      assertEquals(faults.length, 1, line);
      assertEquals(/^2: /.test(faults[0]!), true, faults[0]);
      assertEquals(reason.test(faults[0]!), true, `${line}: ${faults[0]}`);
      assertEquals(redirect("cloudflare", text, "/ok2"), "302! /b");
    }
  },
);

pureTest("a loop of Cloudflare is only one on this site", () => {
  assertEquals(
    redirectFaults("cloudflare", "/* https://x.test/index.html"),
    [],
  );
  assertEquals(redirectFaults("cloudflare", "/x /index.html 200"), []);
});

pureTest("a second Cloudflare rule for a path is reported", () => {
  for (
    const text of [
      "/a /b\n/a /c",
      "/x/* /b\n/x/* /c",
      "/:a/x /b\n/:b/x /c",
      "/p/:a /b\n/p/x /c",
      "/x/* /b\n/x/:y /c",
    ]
  ) {
    assertEquals(
      redirectFaults("cloudflare", text),
      ["2: it never applies: the rule at line 1 is tried first"],
      text,
    );
  }
  // One without placeholders is tried before those above it only if it is the first kind.
  assertEquals(
    redirectFaults("cloudflare", "/a /b\n/p/:x /c\n/a /d"),
    ["3: it never applies: the rule at line 1 is tried first"],
  );
});

pureTest(
  "Cloudflare has 2,000 rules without placeholders, and 100 with them or after one",
  () => {
    const statics = (count: number) =>
      Array.from({ length: count }, (_, at) => `/s${at} /t`);
    const dynamics = (count: number) =>
      Array.from({ length: count }, (_, at) => `/d${at}/* /t`);
    const all = [...statics(2_000), ...dynamics(100)].join("\n");
    assertEquals(redirectFaults("cloudflare", all), []);
    assertEquals(redirect("cloudflare", all, "/s1999"), "302! /t");
    assertEquals(redirect("cloudflare", all, "/d99/x"), "302! /t");

    const tooMany = [...statics(2_001), "/d/* /t"].join("\n");
    assertEquals(redirectFaults("cloudflare", tooMany), [
      "2001: there are more than 2000 rules without placeholders",
    ]);
    assertEquals(redirect("cloudflare", tooMany, "/s2000"), "-");
    assertEquals(redirect("cloudflare", tooMany, "/d/x"), "302! /t");

    const after = ["/d/* /t", ...statics(100), "/e/* /t"].join("\n");
    assertEquals(redirectFaults("cloudflare", after).length, 1);
    assertEquals(redirect("cloudflare", after, "/s98"), "302! /t");
    assertEquals(redirect("cloudflare", after, "/s99"), "-");
    assertEquals(redirect("cloudflare", after, "/e/x"), "-");
  },
);

pureTest("Netlify has no limit for which 2,100 rules would be too many", () => {
  const rules = Array.from(
    { length: 2_100 },
    (_, at) => `/d${at}/* /t/:splat`,
  );
  assertEquals(redirectFaults("netlify", rules.join("\n")), []);
  assertEquals(redirect("netlify", rules.join("\n"), "/d2099/x"), "301 /t/x");
});
