// The redirects of Netlify: what its own matcher and parser do, in our own words.

import { assertEquals } from "@std/assert";
import { pureTest } from "../../_lib/pure.ts";
import { redirect, redirectFaults } from "./_decide.ts";

/** Rules, a target, and what they decide; "-" for nothing. */
type Case = readonly [rules: string, target: string, decided: string];

function check(name: string, cases: readonly Case[]): void {
  pureTest(name, () => {
    for (const [rules, target, decided] of cases) {
      const actual = redirect("netlify", rules, target);
      assertEquals(actual, decided, `${rules} for ${target}`);
    }
  });
}

check("a Netlify redirect has the status 301 unless it says another", [
  ["/a /b", "/a", "301 /b"],
  ["/a /b 301", "/a", "301 /b"],
  ["/a /b 302", "/a", "302 /b"],
  ["/a /b 303", "/a", "303 /b"],
  ["/a /b 307", "/a", "307 /b"],
  ["/a /b 308", "/a", "308 /b"],
  ["/a /b 300", "/a", "300 /b"],
  ["/a /b 399", "/a", "399 /b"],
  ["/a /b 200", "/a", "200 /b"],
  ["/a /b 404", "/a", "404 /b"],
  ["/a /b 400", "/a", "400 /b"],
  ["/a /b 410", "/a", "410 /b"],
  ["/a /b 500", "/a", "500 /b"],
  ["/a /b 201", "/a", "201 /b"],
]);

check("a ! after the status forces a Netlify rule", [
  ["/a /b 301!", "/a", "301! /b"],
  ["/a /b 200!", "/a", "200! /b"],
  ["/a /b 404!", "/a", "404! /b"],
  ["/a/* /b/:splat 302!", "/a/x", "302! /b/x"],
  // After a space the host ignores it.
  ["/a /b  301  !", "/a", "301 /b"],
]);

check(
  "a Netlify path matches with and without a slash at its end, and exactly otherwise",
  [
    ["/a /b", "/a/", "301 /b"],
    ["/a/ /b", "/a", "301 /b"],
    ["/a/ /b", "/a/", "301 /b"],
    ["/a /b", "/ab", "-"],
    ["/a /b", "/a/b", "-"],
    ["/a /b", "/A", "-"],
    ["/A /b", "/A", "301 /b"],
    ["/A /b", "/a", "-"],
    ["/a.b /c", "/a.b", "301 /c"],
    ["/a.b /c", "/axb", "-"],
    ["/ /b", "/", "301 /b"],
    ["/ /b", "/x", "-"],
    ["/index.html /b", "/index.html", "301 /b"],
    ["/index.html /b", "/", "-"],
    ["/a.html /b", "/a", "-"],
    ["/a/index.html /b", "/a/", "-"],
    ["/a /b/", "/a", "301 /b/"],
    ["/a/:x/ /b/:x", "/a/1", "301 /b/1"],
    ["/a/:x/ /b/:x", "/a/1/", "301 /b/1"],
  ],
);

check("a Netlify path is compared decoded, in its rule as well", [
  ["/é /c", "/%C3%A9", "301 /c"],
  ["/%C3%A9 /c", "/%c3%a9", "301 /c"],
  ["/a%20b /c", "/a%20b", "301 /c"],
  ["/a /c", "/%61", "301 /c"],
  ["/a /é", "/a", "301 /%C3%A9"],
  ["/a /b%20c", "/a", "301 /b%20c"],
  ["/a/:x /b/:x", "/a/%3Aq", "301 /b/:q"],
  ["/a/:x /b/:x", "/a/%C3%A9", "301 /b/%C3%A9"],
  ["/a/:x /b/:x", "/a/x%20y", "301 /b/x%20y"],
  ["/a/:x /b/:x", "/a/x%25y", "301 /b/x%25y"],
]);

check("a Netlify splat at the end is the rest of the path, or nothing", [
  ["/a/* /b/:splat", "/a/x", "301 /b/x"],
  ["/a/* /b/:splat", "/a/x/y", "301 /b/x/y"],
  ["/a/* /b/:splat", "/a/x/", "301 /b/x/"],
  ["/a/* /b/:splat", "/a/", "301 /b/"],
  ["/a/* /b/:splat", "/a", "301 /b/"],
  ["/a/* /b/:splat", "/ab", "-"],
  ["/a/*/ /b/:splat", "/a/x/y", "301 /b/x/y"],
  ["/* /b/:splat", "/", "301 /b/"],
  ["/* /b/:splat", "/x", "301 /b/x"],
  ["/* /b/:splat", "/x/", "301 /b/x/"],
  ["/a* /b/:splat", "/abc", "301 /b/bc"],
  ["/a* /b/:splat", "/a", "301 /b/"],
  ["/a* /b/:splat", "/a/b", "301 /b/b"],
  ["/a/x* /b/:splat", "/a/xyz/w", "301 /b/yz/w"],
  ["/a/x* /b/:splat", "/a/xyz/w/", "301 /b/yz/w/"],
  ["/a/x* /b/:splat", "/a/y", "-"],
  ["/x/* /c?a=:splat", "/x/y/z", "301 /c?a=y/z"],
  ["/x/* /c", "/x/y", "301 /c"],
]);

check("a Netlify splat in the middle takes as much as it can", [
  ["/a/*/b /c/:splat", "/a/1/b", "301 /c/1"],
  ["/a/*/b /c/:splat", "/a/1/b/", "301 /c/1"],
  ["/a/*/b /c/:splat", "/a/b", "301 /c/"],
  ["/a/*/b /c/:splat", "/a/1/2/b", "301 /c/1/2"],
  ["/a/*/b /c/:splat", "/a/1/bb", "-"],
  ["/*/x /y/:splat", "/a/x", "301 /y/a"],
  ["/*/x /y/:splat", "/a/b/x", "301 /y/a/b"],
  ["/*/x /y/:splat", "/x", "301 /y/"],
  ["/a*/b /c/:splat", "/ax/b", "301 /c/x"],
  ["/a*/b /c/:splat", "/ax/y/b", "301 /c/x/y"],
  ["/a*/b /c/:splat", "/a/b", "301 /c/"],
  ["/z/*/:b /zz/:splat/:b", "/z/1/2/3", "301 /zz/1/2/3"],
  ["/a/*/:b/c /x/:splat/:b", "/a/1/2/3/c", "301 /x/1/2/3"],
  ["/a/:b/*/c /x/:b/:splat", "/a/1/2/c", "301 /x/1/2"],
  ["/a/:b/*/c /x/:b/:splat", "/a/1/c", "301 /x/1/"],
  ["/a/:b/* /c/:b/:splat", "/a/1", "301 /c/1/"],
  ["/a/:b/* /c/:b/:splat", "/a/1/2", "301 /c/1/2"],
  ["/a/:b/* /c/:b/:splat", "/a", "-"],
  ["/a/*/b/* /c/:splat", "/a/1/b/2", "301 /c/1"],
  ["/a/*/b/* /c/:splat", "/a/1/b/2/b/3", "301 /c/1/b/2"],
]);

check("a Netlify placeholder is a whole segment, and its name is all of it", [
  ["/p/:a /q/:a", "/p/k", "301 /q/k"],
  ["/p/:a /q/:a", "/p/k/l", "-"],
  ["/p/:a /q/:a", "/p/", "-"],
  ["/p/:a/:b /q/:b/:a", "/p/1/2", "301 /q/2/1"],
  // `:a.html` is one placeholder, so `:a` is text.
  ["/p/:a.html /q/:a", "/p/k.html", "301 /q/:a"],
  ["/p/:a.html /q/:a.html", "/p/k.html", "301 /q/k.html"],
  ["/p/:a.html /q/:a.html", "/p/k", "301 /q/k"],
  ["/p/:a-:b /q/:a/:b", "/p/x-y", "301 /q/:a/:b"],
  ["/p/x:a /q/:a", "/p/xk", "-"],
  ["/p/x:a /q/:a", "/p/x:a", "301 /q/:a"],
  ["/p/:a_b /q/:a_b", "/p/k", "301 /q/k"],
  ["/p/:a1 /q/:a1", "/p/k", "301 /q/k"],
  ["/p/:1 /q/:1", "/p/k", "301 /q/k"],
  ["/p/: /q", "/p/:", "301 /q"],
  ["/p/: /q", "/p/k", "-"],
  ["/a/:x /b/:X", "/a/1", "301 /b/:X"],
  ["/a/:X /b/:X", "/a/1", "301 /b/1"],
  ["/a/:xé /b/:xé", "/a/1", "301 /b/1"],
  ["/:a/:a /b/:a", "/1/2", "301 /b/1"],
  ["/:splat/x /b/:splat", "/1/x", "301 /b/1"],
  ["/a /b/:x", "/a", "301 /b/:x"],
  ["/x /:splat", "/x", "301 /:splat"],
  ["/x/:p /:p/:q", "/x/1", "301 /1/:q"],
  ["/a/:x /b/:xy/:x", "/a/1", "301 /b/1y/1"],
  [
    "/n/:year/:month/:slug /b/:slug?d=:year-:month",
    "/n/2024/03/hi",
    "301 /b/hi?d=2024-03",
  ],
]);

check("a Netlify rule may need parameters of the query", [
  ["/a id=:id /b/:id", "/a?id=3", "301 /b/3?id=3"],
  ["/a id=:id /b?i=:id", "/a?id=3", "301 /b?i=3"],
  ["/a id=:id /b?i=:id", "/a?id=3&z=1", "301 /b?i=3"],
  ["/a id=:id /b?i=:id", "/a?id=", "301 /b?i="],
  ["/a id=1 id=2 /b?", "/a?id=2", "301 /b?id=2"],
  ["/a id=1 id=2 /b?", "/a?id=1", "-"],
  ["/a id=:id /b?i=:id", "/a", "-"],
  ["/a id=:id /b?i=:id", "/a?id=a&id=b", "301 /b?i=b"],
  ["/a id=5 /b?", "/a?id=5", "301 /b?id=5"],
  ["/a id=5 /b?", "/a?id=6", "-"],
  ["/x y=:y z=:z /c?q=:y", "/x?z=2&y=1", "301 /c?q=1"],
  ["/x y=:y z=:z /c?q=:y", "/x?y=1", "-"],
  ["/x y=:other /c/:other/:y?", "/x?y=1", "301 /c/1/:y?y=1"],
  ["/x y=:y /c?q=:y", "/x?y=a%26b%23", "301 /c?q=a%26b%23"],
  ["/x y=:y /c/:y?n", "/x?y=a%20b", "301 /c/a%20b?n"],
  ["/a id=:id /b?\n/a /c", "/a?id=1", "301 /b?id=1"],
  ["/a id=:id /b?\n/a /c", "/a", "301 /c"],
  ["/s/* q=:q /f/:splat/:q?1", "/s/x?q=2", "301 /f/x/2?1"],
]);

check("a Netlify redirect keeps the request's query unless it has its own", [
  ["/a /b", "/a?x=1", "301 /b?x=1"],
  ["/a /b?y=2", "/a?x=1", "301 /b?y=2"],
  ["/a /b#f", "/a?x=1", "301 /b?x=1#f"],
  ["/a https://x.test/b", "/a?x=1", "301 https://x.test/b?x=1"],
  ["/a https://x.test/b?y", "/a?x=1", "301 https://x.test/b?y"],
  ["/a/* https://x.test/:splat", "/a/b?x=1#f", "301 https://x.test/b?x=1"],
  ["/a /b 200", "/a?x=1", "200 /b"],
]);

check(
  "the first matching Netlify rule counts, and its target is not matched again",
  [
    ["/a /b\n/b /c", "/a", "301 /b"],
    ["/x/* /y\n/x/1 /z", "/x/1", "301 /y"],
    ["/x/1 /z\n/x/* /y", "/x/1", "301 /z"],
    ["/x/1 /z\n/x/* /y", "/x/2", "301 /y"],
    ["/:a /p\n/q/* /r\n/q /s", "/q", "301 /p"],
    ["/* /index.html 200\n/a /b 301!", "/a", "200 /index.html"],
    ["/a /b 301!\n/* /index.html 200", "/a", "301! /b"],
  ],
);

check(
  "Netlify comments, blank lines and spaces don't matter, and a # in a target is a fragment",
  [
    ["# /a /c\n\n/a /b", "/a", "301 /b"],
    ["/a /b # why", "/a", "301 /b"],
    ["/a /b 302 # why", "/a", "302 /b"],
    ["/a /b#f 302 #why", "/a", "302 /b#f"],
    ["  /a \t /b   302  ", "/a", "302 /b"],
    ["\ufeff/a /b", "/a", "301 /b"],
    ["/a /b\r\n/c /d 302\r\n", "/c", "302 /d"],
  ],
);

check("a Netlify rewrite of a path to itself needs no target", [
  ["/a/* 200", "/a/b", "200 /a/b"],
  ["/a/* 200!", "/a/b", "200! /a/b"],
]);

check("a redirect goes to no other site than the rule names", [
  ["/o/* /:splat", "/o//evil.example", "301 /evil.example"],
  ["/o/* /:splat", "/o/%2F%2Fevil.example/x", "301 /evil.example/x"],
  ["/o/* /:splat", "/o/%5C%5Cevil.example", "301 /%5C%5Cevil.example"],
  ["/o/* /:splat", "/o/https://evil.example", "301 /https:/evil.example"],
  [
    "/o/* /:splat",
    "/o/%0d%0aSet-Cookie:%20a=b",
    "301 /%0D%0ASet-Cookie:%20a=b",
  ],
  ["/o/* /:splat", "/o/%09/evil.example", "301 /%09/evil.example"],
  ["/o/* /x/../:splat", "/o/a", "301 /a"],
  ["/o/:x/:y /:x:y", "/o/./%2e", "-"],
  ["/o u=:u /:u?", "/o?u=//evil.example", "301 /evil.example?u=//evil.example"],
  [
    "/o u=:u /:u?",
    "/o?u=%5Cevil.example",
    "301 /%5Cevil.example?u=%5Cevil.example",
  ],
  ["/o u=:u /x/:u?", "/o?u=../../y", "301 /y?u=../../y"],
  [
    "/o/* https://x.test/:splat",
    "/o//evil.example",
    "301 https://x.test/evil.example",
  ],
  ["/o/:h https://:h.x.test/", "/o/a", "301 https://a.x.test/"],
  ["/o/* https://:splat.x.test/", "/o/evil.example/", "-"],
  ["/o/:h https://:h.x.test/", "/o/evil.example%23", "-"],
  ["/o/:h https://:h.x.test/", "/o/u@evil.example", "-"],
  ["/o/:x https://x.test/:x", "/o/a%3Fb%23c", "301 https://x.test/a%3Fb%23c"],
]);

pureTest("a Netlify rule may be for one host, with or without its port", () => {
  const at = (host: string) =>
    redirect(
      "netlify",
      "https://old.test/* https://new.test/:splat",
      "/x",
      host,
    );
  assertEquals(at("old.test"), "301 https://new.test/x");
  assertEquals(at("OLD.test:8000"), "301 https://new.test/x");
  assertEquals(at("new.test"), "-");
  const port = "http://old.test:81/a /b";
  assertEquals(redirect("netlify", port, "/a", "old.test:81"), "301 /b");
  assertEquals(redirect("netlify", port, "/a", "old.test"), "-");
  const both = "http://old.test/a /b\n/a /c";
  assertEquals(redirect("netlify", both, "/a", "new.test"), "301 /c");
});

pureTest(
  "a Netlify line that is wrong, unsupported or can't match is reported with its reason",
  () => {
    const cases: readonly (readonly [line: string, reason: RegExp])[] = [
      ["/a", /target is missing/],
      ["/a #/b", /target is missing/],
      ["/a b", /target is missing/],
      ["/a mailto:x@y.test", /target is missing/],
      ["/a ftp://x.test/", /target is missing/],
      ["/a 200", /target is missing/],
      ["/a/* 301", /target is missing/],
      ["a /b", /must begin with "\/"/],
      ["/a /b abc", /not a number/],
      ["/a /b 301abc", /not a number/],
      ["/a /b !", /not a number/],
      ["/a /b 99", /must be from 200 to 599, not 99$/],
      ["/a /b 1000", /must be from 200 to 599, not 1000$/],
      ["/a /b 301 ! foo", /foo is not a condition/],
      ["/a /b 999", /status 999/],
      ["/a /b 100", /status 100/],
      ["/a /b 304", /status 304/],
      ["/a /b 204", /status 204/],
      ["/a /b 302 Country=us", /condition Country is not supported/],
      ["/a /b 302! country=us,de", /condition country/],
      ["/a /b Language=en", /condition Language/],
      ["/a /b 200 Role=admin", /condition Role/],
      ["/a /b 302 Cookie=x", /condition Cookie/],
      ["/a /b 302 Sign=KEY", /condition Sign/],
      ["/a /b 302 foo", /foo is not a condition/],
      ["/a id /b", /id never matches a query/],
      ["/a id= /b", /id= never matches a query/],
      ["/a?b=1 /c", /a path has no "\?"/],
      ["/a#b /c", /a path has no "#"/],
      ["/a//b /c", /empty segment/],
      ["//x.test/a /c", /empty segment/],
      ["/a/./b /c", /"\." or "\.\."/],
      ["/a/%2e%2E/b /c", /"\." or "\.\."/],
      ["/a/*x /b", /\* must be a whole segment/],
      ["/a/** /b", /\* must be a whole segment/],
      ["/a/*.html /b", /\* must be a whole segment/],
      ["/a/b*c/d /b", /\* must be a whole segment/],
      ["/.netlify/x /b", /host's own/],
      ["/a /.netlify/functions/x 200", /not supported/],
      ["/a https://x.test/y 200", /needs --proxy for https:\/\/x\.test$/],
      [
        "/a/* http://127.0.0.1:3000/:splat 200!",
        /needs --proxy for http:\/\/127\.0\.0\.1:3000$/,
      ],
      ["/a //evil.test/x", /begins with "\/\/"/],
      ["/a /\\evil.test/x", /begins with "\/\/"/],
      ["/a https:///x", /host of the target/],
      ["/a https://u@x.test/", /host of the target/],
      ["/a/:h https://:h/", /followed by a domain/],
      ["/a/:h https://:h.test/", /followed by a domain/],
      ["/a/:h https://x.test:h/", /host of the target/],
      ["/a/:h https://x.:h/", /followed by a domain/],
      [`/a/${":x/".repeat(21)} /b`, /more than 20 placeholders/],
      [`/${"a".repeat(9_000)} /b`, /more than 8192 characters/],
    ];
    for (const [line, reason] of cases) {
      const faults = redirectFaults("netlify", `/ok /b\n${line}\n/ok2 /b`);
      assertEquals(faults.length, 1, line);
      const [at = "", ...rest] = faults[0]!.split(": ");
      assertEquals(at, "2", line);
      assertEquals(reason.test(rest.join(": ")), true, `${line}: ${faults[0]}`);
      assertEquals(
        redirect("netlify", `/ok /b\n${line}\n/ok2 /b`, "/ok2"),
        "301 /b",
      );
    }
  },
);

pureTest(
  "a Netlify rule that can never apply after an earlier one is reported",
  () => {
    const shadowed: readonly string[] = [
      "/a /b\n/a /c",
      "/a /b\n/a/ /c",
      "/a/* /b\n/a/x /c",
      "/a/* /b\n/a /c",
      "/a/* /b\n/a/:x /c",
      "/a/* /b\n/a/x/* /c",
      "/* /b\n/x/*/y /c 301!",
      "/:a /b\n/x /c",
      "/:a/y /b\n/:b/y /c",
      "/a* /b\n/ab/:c /d",
      "/a /b\n/a q=1 /c",
      "/a /b\nhttp://x.test/a /c",
    ];
    for (const rules of shadowed) {
      assertEquals(
        redirectFaults("netlify", rules),
        ["2: it never applies: the rule at line 1 is tried first"],
        rules,
      );
    }
    const reached: readonly string[] = [
      "/a q=1 /b\n/a /c",
      "/a/:x /b\n/a/* /c",
      "/a/* /b\n/a* /c",
      "/a/x /b\n/a/* /c",
      "http://x.test/* /b\n/a /c",
      "/a/* /b\n/ab /c",
    ];
    for (const rules of reached) {
      assertEquals(redirectFaults("netlify", rules), [], rules);
    }
  },
);

pureTest(
  "a placeholder without a value is reported, and the rule is kept",
  () => {
    const cases = [
      ["/only/:x /only2/:x/:y", ":y", "301 /only2/1/:y"],
      ["/only/:x /b?q=:splat", ":splat", "301 /b?q=:splat"],
    ];
    for (const [rule = "", name, decided] of cases) {
      assertEquals(redirectFaults("netlify", rule), [
        `1: the path to redirect has no ${name}, so the target has that text`,
      ]);
      assertEquals(redirect("netlify", rule, "/only/1"), decided);
    }
    for (const rule of ["/a /Talk:Main", "/a/:x /b/:xy", "/a q=:q /b/:q?x"]) {
      assertEquals(redirectFaults("netlify", rule), [], rule);
    }
  },
);
