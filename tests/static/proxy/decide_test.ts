// What the proxy decides of requests: where they go, and with which fields.

import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { HTTPMessage } from "../../../parser/headers.ts";
import {
  describeRules,
  parseRule,
  SiteProxy,
} from "../../../handlers/static/proxy/entrance.ts";
import {
  isLoop,
  planRequest,
} from "../../../handlers/static/proxy/request_fields.ts";
import { upstreamTarget } from "../../../handlers/static/proxy/target.ts";
import { splitTarget } from "../../../handlers/static/lookup/target.ts";
import { unquote } from "../../../text/quote.ts";
import { pureTest } from "../../_lib/pure.ts";

/** A rule, its prefix, base, and the name, authority and port of its upstream. */
const RULES: readonly (readonly [
  string,
  string | null,
  string | undefined,
  string,
  string,
  number,
])[] = [
  [
    "http://localhost:3000",
    null,
    undefined,
    "http://localhost:3000",
    "localhost:3000",
    3000,
  ],
  ["http://h/", null, "", "http://h", "h", 80],
  [
    "https://API.test:443/v1/",
    null,
    "/v1",
    "https://api.test",
    "api.test",
    443,
  ],
  ["/api=http://h:3000", "api", undefined, "http://h:3000", "h:3000", 3000],
  ["/a/b/=http://[::1]:80/x=y", "a/b", "/x=y", "http://[::1]", "[::1]", 80],
  [
    "/=unix:/run/app.sock",
    "",
    undefined,
    "unix:/run/app.sock",
    "localhost",
    80,
  ],
  ["/a=unix:app.sock:/v1", "a", "/v1", "unix:app.sock", "localhost", 80],
];

for (const [text, prefix, base, name, authority, port] of RULES) {
  pureTest(`parseRule() parses ${text}`, () => {
    const rule = parseRule(text);
    assertEquals(rule.rest, prefix === null);
    assertEquals(rule.prefix.join("/"), prefix ?? "");
    assertEquals(rule.base, base);
    const { upstream } = rule;
    assertEquals(upstream.name, name);
    assertEquals([upstream.authority, upstream.port], [authority, port]);
  });
}

for (
  const text of [
    "",
    "localhost:3000",
    "3000",
    "/api",
    "/api=",
    "/api=localhost:3000",
    "/api=ftp://h/",
    "http://",
    "http://h:0",
    "http://h:65536",
    "http://a:b@h/",
    "http://h/?q",
    "http://h/#f",
    "http://h/a/../b",
    "http://h/a b",
    "http://h\\x",
    "http://h\r\nX: 1/",
    "//api=http://h",
    "/a/../b=http://h",
    "/a?b=http://h",
    "unix:",
    "ws://h/",
  ]
) {
  pureTest(`parseRule() rejects ${JSON.stringify(text)}`, () => {
    const error = assertThrows(() => parseRule(text), TypeError);
    assertMatch(error.message, /^Cannot use the proxy '/);
  });
}

const SETTINGS = { timeout: 60, hosts: [], fields: [] };

pureTest(
  "SiteProxy takes the requests of its longest rule, and other methods for the rest",
  () => {
    const paths = new SiteProxy({
      ...SETTINGS,
      rules: ["/api=http://a", "/api/v2=http://b"],
    });
    const takes = (proxy: SiteProxy, command: string, path: string) =>
      proxy.takes({ command, path });
    for (const path of ["/api", "/api/", "/api?a", "/%61pi/x", "/x/../api/y"]) {
      assert(takes(paths, "GET", path), path);
    }
    for (
      const path of [
        "/",
        "/apix",
        "/api%2Fx",
        "/API",
        "/api/../x",
        "/x#/api",
        "*",
      ]
    ) {
      assert(!takes(paths, "GET", path), path);
    }
    assert(!takes(paths, "CONNECT", "/api"));
    assert(!paths.takesRest);
    const rest = new SiteProxy({ ...SETTINGS, rules: ["http://a"] });
    assert(rest.takesRest);
    assert(!takes(rest, "GET", "/x"));
    assert(!takes(rest, "HEAD", "/x"));
    assert(takes(rest, "POST", "/x"));
    assert(takes(rest, "OPTIONS", "/x"));
    assert(!takes(rest, "OPTIONS", "*"));
  },
);

pureTest("SiteProxy rejects two rules for the same requests", () => {
  for (
    const rules of [
      ["http://a", "http://b"],
      ["/api=http://a", "/api/=http://b"],
    ]
  ) {
    assertThrows(
      () => new SiteProxy({ ...SETTINGS, rules }),
      TypeError,
      "another one is for the same requests",
    );
  }
});

pureTest("describeRules() describes each rule", () => {
  assertEquals(describeRules(["/api=http://a:1/v", "http://b"]), [
    "/api to http://a:1/v",
    "the rest to http://b",
  ]);
});

pureTest(
  "splitTarget() removes dots, the authority and leading slashes",
  () => {
    const path = (target: string) =>
      "/" + splitTarget(target).segments.join("/");
    for (
      const [target, expected] of [
        ["/", "/"],
        ["", "/"],
        ["/a//b/", "/a//b/"],
        ["/a/./b/.", "/a/b/"],
        ["/a/b/..", "/a/"],
        ["/../../a", "/a"],
        ["/%2e%2E/a", "/a"],
        ["///a", "/a"],
        ["/a/..//b", "/b"],
        ["http://h", "/"],
        ["http://h//b", "/b"],
        ["a", "/a"],
      ] as const
    ) assertEquals(path(target), expected, target);
    assertEquals(splitTarget("/a?b#c").query, "?b");
    assertEquals(splitTarget("/a#b?c").query, "");
  },
);

pureTest("upstreamTarget() rejects what may climb out of the prefix", () => {
  const route = { prefix: ["api"] };
  for (
    const target of [
      "/api/..%2fx",
      "/api/%2e%2e%2fx",
      "/api/..%5cx",
      "/api/..\\x",
      "/api/a\\..\\x",
      "/api/..;/x",
      "/api/..;a=b/x",
      "/api/%2e%2e;/x",
      "/api/x%2f..",
    ]
  ) assertEquals(upstreamTarget(target, route), undefined, target);
  for (
    const [target, expected] of [
      ["/api/..x/a..b/...", "/api/..x/a..b/..."],
      ["/api/a%2Fb", "/api/a%2Fb"],
      ["/api/%zz%", "/api/%zz%"],
      ["/api/a\\b?a\\b", "/api/a%5Cb?a%5Cb"],
      ["/api/\xff", "/api/%FF"],
      ['/api/|"<>{}', '/api/|"<>{}'],
      ["/api/x?../..", "/api/x?../.."],
    ] as const
  ) assertEquals(upstreamTarget(target, route), expected, target);
});

pureTest("upstreamTarget() always begins with one slash", () => {
  for (const base of [undefined, "", "/v1"]) {
    for (const target of ["/api", "/api/", "/api//evil.test", "//evil.test"]) {
      const prefix = target.startsWith("//") ? [] : ["api"];
      const path = upstreamTarget(target, {
        prefix,
        ...(base !== undefined && { base }),
      })!;
      assertMatch(path, /^\/(?!\/)/, `${base} ${target}: ${path}`);
    }
  }
});

/** The names of a path for a server that decodes before it splits, in each careless way at once. */
function carelessNames(path: string): string[] {
  const names: string[] = [];
  const decoded = unquote(path.split("?", 1)[0]!).replaceAll("\\", "/");
  for (const word of decoded.split("/")) {
    const name = word.split(";", 1)[0]!;
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  return names;
}

pureTest(
  "no mixture of dots, slashes and escapes gets out of the prefix",
  () => {
    const WORDS =
      "/ / / api v1 x . .. %2e %2E %2f %5c \\ ; ;a=b ? # // %00 % @ : é %61pi %70 +"
        .split(" ");
    const proxy = new SiteProxy({ ...SETTINGS, rules: ["/api=http://a"] });
    let seed = 1;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    let taken = 0;
    for (let count = 0; count < 50_000; count++) {
      let path = random(2) === 0 ? "/api/" : "/";
      for (let word = random(9); word > 0; word--) {
        path += WORDS[random(WORDS.length)];
      }
      if (!proxy.takes({ command: "GET", path })) continue;
      const target = upstreamTarget(path, { prefix: ["api"] });
      if (target === undefined) continue;
      taken++;
      assertMatch(target, /^\/(?!\/)[!-~]*$/, path);
      assertEquals(target.includes("#"), false, path);
      assertEquals(carelessNames(target)[0], "api", `${path} gives ${target}`);
      const other = upstreamTarget(path, { prefix: ["api"], base: "/v1" })!;
      assertEquals(carelessNames(other)[0], "v1", `${path} gives ${other}`);
    }
    assert(taken > 5_000, `${taken}`);
  },
);

const CONTEXT = {
  method: "GET",
  http11: true,
  authority: "up:1",
  peer: "192.0.2.1",
  trusted: false,
  scheme: "http",
  host: "here",
  ownPassword: false,
  pseudonym: "me",
} as const;

function plan(
  fields: readonly (readonly [string, string])[],
  context: Partial<Parameters<typeof planRequest>[1]> = {},
) {
  return planRequest(new HTTPMessage(fields), { ...CONTEXT, ...context });
}

/** The names of the fields that come from the client. */
function kept(fields: readonly (readonly [string, string])[], context = {}) {
  const own = new Set([
    "Host",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "X-Forwarded-Host",
    "Via",
  ]);
  return plan(fields, context).fields.map(([name]) => name)
    .filter((name) => !own.has(name));
}

pureTest(
  "planRequest() removes the fields of the connection, also those that Connection names",
  () => {
    assertEquals(
      kept([
        ["Connection", "close, x-a"],
        ["X-A", "1"],
        ["X-B", "1"],
        ["Keep-Alive", "1"],
        ["Proxy-Connection", "1"],
        ["Proxy-Authorization", "1"],
        ["TE", "gzip"],
        ["Trailer", "1"],
        ["Upgrade", "a"],
        ["Expect", "a"],
        ["HTTP2-Settings", "a"],
      ]),
      ["X-B"],
    );
  },
);

pureTest(
  "planRequest() writes Host and X-Forwarded-Host even if Connection names them",
  () => {
    const { fields } = plan([["Connection", "host, x-forwarded-host"], [
      "Host",
      "evil",
    ]]);
    assertEquals(fields[0], ["Host", "up:1"]);
    assert(
      fields.some(([name, value]) =>
        name === "X-Forwarded-Host" && value === "here"
      ),
    );
  },
);

pureTest("planRequest() frames the body", () => {
  const framing = (
    fields: readonly (readonly [string, string])[],
    method = "POST",
  ) => {
    const { fields: all, framing } = plan(fields, { method });
    const found = all.filter(([name]) =>
      /^(?:content-length|transfer-encoding)$/i.test(name)
    );
    return [framing, ...found.map((field) => field.join(": "))];
  };
  assertEquals(framing([["Content-Length", "5"]]), [5, "Content-Length: 5"]);
  assertEquals(framing([]), [0, "Content-Length: 0"]);
  assertEquals(framing([], "GET"), [0]);
  assertEquals(framing([["Transfer-Encoding", "chunked"]]), [
    "chunked",
    "Transfer-Encoding: chunked",
  ]);
});

pureTest(
  "planRequest() asks for 100, trailer fields and upgrades as the client does",
  () => {
    const { expects, upgrades, trailers, fields } = plan([
      ["Connection", "Upgrade, TE"],
      ["Upgrade", "websocket"],
      ["TE", "trailers, deflate"],
    ]);
    assertEquals([expects, upgrades, trailers], [false, true, true]);
    assertEquals(fields.find(([name]) => name === "Connection"), [
      "Connection",
      "Upgrade, TE",
    ]);
    const old = plan([["Connection", "Upgrade"], ["Upgrade", "websocket"]], {
      http11: false,
    });
    assert(!old.upgrades);
    assert(!plan([["Upgrade", "websocket"]]).upgrades);
    assert(!plan([["Connection", "upgrade"], ["Upgrade", "h2c"]]).upgrades);
    assert(plan([["Expect", "100-Continue"], ["Content-Length", "1"]]).expects);
    assert(!plan([["Expect", "100-continue"]]).expects);
  },
);

pureTest("planRequest() adds nothing for the address of a Unix socket", () => {
  const { fields } = plan([], { peer: "unix:", host: null });
  assertEquals(fields.map(([name]) => name), [
    "Host",
    "X-Forwarded-Proto",
    "Via",
  ]);
});

pureTest("isLoop() finds the server's own name in Via", () => {
  const via = (value: string) =>
    new HTTPMessage([["Via", "1.1 a"], ["Via", value]]);
  assert(isLoop(via("1.1 me, 1.1 b"), "me"));
  assert(!isLoop(via("1.1 b"), "me"));
});
