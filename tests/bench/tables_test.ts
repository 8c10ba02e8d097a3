import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { lighttpdConfig, nginxConfig } from "../../bench/configs.ts";
import { installCommands } from "../../bench/install.ts";
import { servers } from "../../bench/servers.ts";
import { measures, WORKS, worksOf } from "../../bench/works.ts";

const PLACE = {
  www: "/srv/www",
  folder: "/srv/nginx",
  port: 8000,
  connections: 1024,
};

Deno.test("WORKS and servers() have unique names, and works name servers only", () => {
  const names = servers(["/srv/before"]).map(({ name }) => name);
  assertEquals(names.slice(0, 2), ["ours", "ours:before"]);
  assertEquals(new Set(names).size, names.length);
  assertEquals(new Set(WORKS.map(({ name }) => name)).size, WORKS.length);
  for (const { name, peers = [], limits = [] } of WORKS) {
    for (const peer of [...peers, ...limits]) {
      assert(names.includes(peer), name);
    }
  }
});

Deno.test("worksOf() is empty for a name that is part of a word only", () => {
  assertEquals(worksOf("sub"), []);
  assertEquals(worksOf("subclass").length, 2);
});

Deno.test("measures() leaves programs that are no file server to the works that name them", () => {
  const [small] = worksOf("small");
  const [files] = worksOf("files");
  const [tls] = worksOf("tls");
  const bare = { name: "bare-stat", onlyNamed: true } as const;
  assertEquals([small, files, tls].map((work) => measures(work!, bare)), [
    true,
    false,
    true,
  ]);
  const busybox = { name: "busybox" };
  assertEquals([small, files, tls].map((work) => measures(work!, busybox)), [
    true,
    true,
    false,
  ]);
});

Deno.test("nginxConfig() differs by sendfile, the cache and TLS alone", () => {
  const plain = nginxConfig(PLACE, { sendfile: true, openFileCache: false });
  assertStringIncludes(plain, "sendfile on;");
  assertStringIncludes(plain, "listen 127.0.0.1:8000;");
  assertStringIncludes(plain, "access_log /srv/nginx/access.log;");
  assertEquals(plain.includes("open_file_cache"), false);
  const tls = { certificate: "/c.pem", key: "/k.pem" };
  const other = nginxConfig(
    { ...PLACE, tls },
    { sendfile: false, openFileCache: true },
  );
  assertStringIncludes(other, "sendfile off;");
  assertStringIncludes(other, "open_file_cache max=10000");
  assertStringIncludes(other, "listen 127.0.0.1:8000 ssl;");
  assertStringIncludes(
    other,
    "ssl_certificate /c.pem; ssl_certificate_key /k.pem;",
  );
});

Deno.test("nginxConfig() forwards to an upstream over kept-open connections", () => {
  const config = nginxConfig({ ...PLACE, upstream: "http://127.0.0.1:9000" }, {
    sendfile: true,
    openFileCache: false,
  });
  assertStringIncludes(config, "server 127.0.0.1:9000; keepalive 64;");
  assertStringIncludes(config, "proxy_pass http://other;");
  assertEquals(config.includes("/srv/www"), false);
});

Deno.test("lighttpdConfig() logs, lists and accepts enough connections", () => {
  const config = lighttpdConfig({ ...PLACE, connections: 2_000 });
  assertStringIncludes(config, "server.max-connections = 2000");
  assertStringIncludes(config, 'accesslog.filename = "/srv/nginx/access.log"');
  assertStringIncludes(config, 'dir-listing.activate = "enable"');
});

Deno.test("installCommands() has one command per installer that has packages", () => {
  const tool = { name: "a", path: undefined, version: [] };
  const wrk = { ...tool, debian: "wrk" };
  const ab = { ...tool, debian: "apache2-utils" };
  const sirv = { ...tool, npm: "sirv-cli" };
  assertEquals(
    installCommands([wrk, sirv, ab], "/cache").map(({ command }) => command),
    [
      [
        ...["apt-get", "install", "--yes", "--no-install-recommends"],
        ...["wrk", "apache2-utils"],
      ],
      [
        ...["npm", "install", "--prefix", "/cache", "--no-audit", "--no-fund"],
        "sirv-cli",
      ],
    ],
  );
  assertEquals(installCommands([], "/cache"), []);
});
