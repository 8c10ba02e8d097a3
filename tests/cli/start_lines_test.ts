// The lines that the command prints when it listens.

import { assertEquals } from "@std/assert";
import {
  activeLine,
  type Interface,
  listeningRecord,
  sitePath,
  startLines,
  urlsOf,
} from "../../cli/start_lines.ts";
import type { StaticFileOptions } from "../../cli.ts";
import { pureTest } from "../_lib/pure.ts";

const INTERFACES: readonly Interface[] = [
  ["lo", "IPv4", "127.0.0.1"],
  ["lo", "IPv6", "::1"],
  ["eth0", "IPv6", "2001:db8::7"],
  ["eth0", "IPv6", "fe80::1"],
  ["eth0", "IPv4", "192.0.2.7"],
  ["eth1", "IPv4", "169.254.3.4"],
  ["docker0", "IPv4", "172.17.0.1"],
  ["br-0123456789ab", "IPv4", "172.18.0.1"],
  ["veth12ab", "IPv4", "172.19.0.1"],
  ["utun3", "IPv4", "10.8.0.2"],
].map(([name, family, address]) => ({ name, family, address }) as Interface);

pureTest(
  "urlsOf() lists localhost and the addresses in local networks for all interfaces",
  () => {
    assertEquals(urlsOf(["::", 8000], false, INTERFACES), {
      scheme: "http",
      bound: "http://[::]:8000/",
      all: [
        "http://localhost:8000/",
        "http://192.0.2.7:8000/",
        "http://[2001:db8::7]:8000/",
      ],
      network: ["http://192.0.2.7:8000/", "http://[2001:db8::7]:8000/"],
    });
    assertEquals(urlsOf(["0.0.0.0", 80], true, INTERFACES).all, [
      "https://localhost:80/",
      "https://192.0.2.7:80/",
    ]);
  },
);

pureTest("urlsOf() puts the secret path into each URL", () => {
  const secret = "0123456789abcdef";
  const rows: readonly [site: StaticFileOptions, path: string][] = [
    [{}, "/"],
    [{ base: "/app" }, "/"],
    [{ secret }, `/${secret}/`],
    [{ secret, base: "/app/my docs/" }, `/${secret}/app/my%20docs/`],
  ];
  for (const [site, path] of rows) assertEquals(sitePath(site), path);
  const path = sitePath({ secret });
  const { bound, all, network } = urlsOf(["::", 1], false, INTERFACES, path);
  assertEquals(bound, `http://[::]:1/${secret}/`);
  assertEquals(all.length, 3);
  assertEquals([...all, ...network].filter((url) => !url.endsWith(path)), []);
});

pureTest("urlsOf() lists only the address that the server is bound to", () => {
  const rows: readonly [host: string, network: string[]][] = [
    ["127.0.0.1", []],
    ["192.0.2.7", ["http://192.0.2.7:1/"]],
    ["172.17.0.1", []],
    ["198.51.100.1", []],
  ];
  for (const [host, network] of rows) {
    const bound = `http://${host}:1/`;
    const urls = urlsOf([host, 1], false, INTERFACES);
    assertEquals(urls, { scheme: "http", bound, all: [bound], network });
  }
});

pureTest(
  "startLines() begins with CPython's line, and makes links on a terminal only",
  () => {
    const urls = urlsOf(["::", 8000], false, INTERFACES.slice(0, 2));
    const line = "Serving HTTP on :: port 8000 (http://[::]:8000/) ...";
    assertEquals(startLines(["::", 8000], urls), [
      line,
      "  http://localhost:8000/",
    ]);
    const url = "http://localhost:8000/";
    assertEquals(startLines(["::", 8000], urls, true), [
      line,
      `  \x1b]8;;${url}\x1b\\${url}\x1b]8;;\x1b\\`,
    ]);
    const local = urlsOf(["127.0.0.1", 1], true, INTERFACES);
    assertEquals(startLines(["127.0.0.1", 1], local, true), [
      "Serving HTTPS on 127.0.0.1 port 1 (https://127.0.0.1:1/) ...",
    ]);
  },
);

pureTest("listeningRecord() is one JSON object", () => {
  const urls = urlsOf(["127.0.0.1", 8000], false, INTERFACES);
  assertEquals(
    listeningRecord(["127.0.0.1", 8000], urls, 7),
    '{"event":"listening","urls":["http://127.0.0.1:8000/"],"port":8000,"pid":7}',
  );
});

pureTest("a Unix socket has no URLs", () => {
  const urls = urlsOf("/run/a.sock", false, INTERFACES);
  assertEquals(urls, { scheme: "http", all: [], network: [] });
  assertEquals(startLines("/run/a.sock", urls, true), [
    "Serving HTTP on an inherited Unix socket ...",
  ]);
  assertEquals(
    listeningRecord("/run/a.sock", urls, 7),
    '{"event":"listening","urls":[],"port":null,"pid":7}',
  );
});

pureTest("activeLine() lists the features that are on", () => {
  const rows: readonly [StaticFileOptions, string | undefined][] = [
    [{}, "compression"],
    [{ compress: false }, undefined],
    [
      { allow: ["192.168.0.0/16", "localhost"], secret: "0123456789abcdef" },
      "compression, only 192.168.0.0/16, localhost, secret path",
    ],
    [
      { compress: false, cors: true, spa: true },
      "SPA (index.html), CORS (any origin)",
    ],
    [
      { cors: { origins: ["https://a.test"] } },
      "compression, CORS (https://a.test)",
    ],
    [
      { cors: { origins: ["https://a.test", "https://b.test"] } },
      "compression, CORS (2 origins)",
    ],
    [
      { cors: { maxAge: 5 }, cleanUrls: true },
      "clean URLs, compression, CORS (any origin)",
    ],
    [
      {
        rules: "netlify",
        redirects: [{ from: "/a", to: "/b" }, {
          from: "/c",
          to: "/d",
          status: 200,
        }],
        headers: [{ for: "/a", set: { X: "1" } }],
      },
      "rules of Netlify, redirects, rewrites, header rules, compression",
    ],
    [{ rules: "cloudflare" }, "rules of Cloudflare, compression"],
    [
      { cache: ["**=no-cache"], listing: false },
      "no listing, compression, no-cache",
    ],
    [
      { cache: ["*.js=1"], spa: "app.html" },
      "SPA (app.html), compression, cache rules",
    ],
    [
      { isolation: true, security: true },
      "compression, COOP and COEP, security headers",
    ],
    [
      { proxy: ["/api=http://localhost:3000", "unix:/a"], live: true },
      "proxy /api to http://localhost:3000, proxy the rest to unix:/a, live reload, compression",
    ],
    [{ live: true, spa: true }, "SPA (index.html), live reload, compression"],
    [{ archive: true }, "archives, compression"],
    [{ hosts: ["a.test", "b.test"] }, "compression, only a.test, b.test"],
    [
      { dotFiles: "allow", symlinks: "follow" },
      "compression, dotfiles, all symlinks",
    ],
    [
      { cdnCache: ["*=1"], health: true, metrics: "/m" },
      "compression, CDN cache rules, health page, metrics",
    ],
    [{ file: "a", dotFiles: "allow", symlinks: "follow" }, "compression"],
  ];
  for (const [site, expected] of rows) {
    const line = expected === undefined ? undefined : `  Active: ${expected}`;
    assertEquals(activeLine(site, false), line);
  }
  assertEquals(
    activeLine({}, true, ["password"]),
    "  Active: CGI scripts, password",
  );
});
