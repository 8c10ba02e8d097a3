// The site options of the command, and that each option of either side has a
// counterpart on the other.

import { assertEquals, assertThrows } from "@std/assert";
import { parseCommandLine, type StaticFileOptions } from "../../cli.ts";
import { OPTIONS } from "../../cli/options.ts";
import { SITE_OPTIONS } from "../../cli/site_options.ts";
import { pureTest } from "../_lib/pure.ts";

/** The option of `StaticFileHandler` that each flag sets, with an example. */
const FLAGS: readonly [args: string[], expected: StaticFileOptions][] = [
  [["--base", "/app"], { base: "/app" }],
  [["--mount", "/a=x", "--mount", "/b=y=z"], {
    mounts: { "/a": "x", "/b": "y=z" },
  }],
  [["--no-listing"], { listing: false }],
  [["--archive"], { archive: true }],
  [["--spa"], { spa: true }],
  [["--spa-page", "app.html"], { spa: "app.html" }],
  [["--proxy", "/a=http://b", "--proxy", "http://c"], {
    proxy: ["/a=http://b", "http://c"],
  }],
  [["--proxy", "http://c", "--proxy-timeout", "5", "--proxy-ca", "f"], {
    proxy: ["http://c"],
    proxyTimeout: 5,
  }],
  [["--live"], { live: true }],
  [["--clean-urls"], { cleanUrls: true }],
  [["--rules", "netlify"], { rules: "netlify" }],
  [[
    "--redirect",
    "/a/*=/b/:splat?x=1 301!",
    "--redirect",
    "/c=https://d.test/",
  ], {
    redirects: [
      { from: "/a/*", to: "/b/:splat?x=1", status: 301, force: true },
      { from: "/c", to: "https://d.test/" },
    ],
  }],
  [["--rewrite", "/a=http://b:1/", "--proxy", "http://b:1"], {
    proxy: ["http://b:1"],
    redirects: [{ from: "/a", to: "http://b:1/", status: 200 }],
  }],
  [["--rewrite", "/a/*=/a.html", "--redirect", "/c=/d 308"], {
    redirects: [
      { from: "/c", to: "/d", status: 308 },
      { from: "/a/*", to: "/a.html", status: 200 },
    ],
  }],
  [["--no-error-pages"], { errorPages: false }],
  [["--dot-files"], { dotFiles: "allow" }],
  [["--symlinks", "follow"], { symlinks: "follow" }],
  [["--symlinks", "deny"], { symlinks: "deny" }],
  [["--type", ".foo=text/x-foo"], { types: { ".foo": "text/x-foo" } }],
  [["--type", ".wasm.br=application/wasm,br", "--type", ".gz=,gzip"], {
    types: {
      ".wasm.br": { type: "application/wasm", coding: "br" },
      ".gz": { coding: "gzip" },
    },
  }],
  [["--type", "apple-app-site-association=application/json"], {
    types: { "apple-app-site-association": "application/json" },
  }],
  [["--cache", "*.js=60", "--cache", "**=no-store"], {
    cache: ["*.js=60", "**=no-store"],
  }],
  [["--no-cache"], { cache: ["**=no-cache"] }],
  [["--upload"], { upload: true }],
  [["--drop"], { upload: { drop: true } }],
  [["--upload-policy", "overwrite", "--upload-max", "10m"], {
    upload: { policy: "overwrite", maxSize: 10_485_760 },
  }],
  [["--upload-max-total", "2g", "--upload-keep-free", "0"], {
    upload: { maxTotal: 2_147_483_648, keepFree: 0 },
  }],
  [["--idle-timeout", "75"], { idleTimeout: 75 }],
  [["--health", "--metrics"], { health: true, metrics: true }],
  [["--health-path", "/up", "--metrics-path", "/m"], {
    health: "/up",
    metrics: "/m",
  }],
  [["--no-cache", "--cdn-cache", "**=60"], {
    cache: ["**=no-cache"],
    cdnCache: ["**=60"],
  }],
  [["--no-compress"], { compress: false }],
  [["--compress-min-size", "0"], { compressMinSize: 0 }],
  [["--compress-min-size", "2k"], { compressMinSize: 2048 }],
  [["--cache-size", "0"], { cacheSize: 0 }],
  [["--cache-size", "5000"], { cacheSize: 5000 }],
  [["--cache-size", "64m"], { cacheSize: 67_108_864 }],
  [["--cache-size", "1G"], { cacheSize: 1_073_741_824 }],
  [["--no-precompressed"], { precompressed: false }],
  [["--etag", "content"], { etag: "content" }],
  [["--etag", "stat"], { etag: "stat" }],
  [["--cors"], { cors: true }],
  [["--cors-origin", "https://a.test"], {
    cors: { origins: ["https://a.test"] },
  }],
  [["--cors-origin", "https://a.test", "--cors-credentials"], {
    cors: { origins: ["https://a.test"], credentials: true },
  }],
  [["--cors", "--cors-method", "GET", "--cors-method", "POST"], {
    cors: { methods: ["GET", "POST"] },
  }],
  [["--cors-origin", "https://a.test", "--cors-header", "X-Token"], {
    cors: { origins: ["https://a.test"], headers: ["X-Token"] },
  }],
  [["--cors", "--cors-expose", "X-Took"], { cors: { exposed: ["X-Took"] } }],
  [["--cors", "--cors-max-age", "0"], { cors: { maxAge: 0 } }],
  [["--coop-coep"], { isolation: true }],
  [["--coop-coep", "--credentialless"], { isolation: "credentialless" }],
  [["--security"], { security: true }],
  [["--realm", "Photos", "--users", "f"], { realm: "Photos" }],
  [["--host", "a.test", "--host", "*.b.test"], {
    hosts: ["a.test", "*.b.test"],
  }],
  [["--allow", "10.0.0.0/8", "--allow", "localhost"], {
    allow: ["10.0.0.0/8", "localhost"],
  }],
  [["--secret"], {}],
  [["--trust-proxy", "10.0.0.0/8"], { trustProxy: ["10.0.0.0/8"] }],
  [["--log-format", "json"], { log: "json" }],
  [["--json"], { log: "json" }],
  [["--json", "-q"], { log: "none" }],
  [["-q"], { log: "none" }],
  [["--quiet"], { log: "none" }],
];

for (const [args, expected] of FLAGS) {
  pureTest(
    `parseCommandLine() sets site options for ${args.join(" ")}`,
    () => {
      const commandLine = parseCommandLine(args);
      assertEquals(
        typeof commandLine === "string" ? {} : commandLine.site,
        expected,
      );
    },
  );
}

const REFUSED: readonly [args: string[], message: string][] = [
  [["--mount", "x"], "argument --mount: 'x' must have the form PATH=DIRECTORY"],
  [["--mount", "=x"], "must have the form PATH=DIRECTORY"],
  [["--type", "foo="], "must have the form NAME=TYPE[,CODING]"],
  [
    ["--symlinks", "some"],
    "argument --symlinks: 'some' must be one of inside, follow, deny",
  ],
  [["--log-format", "apache"], "'apache' must be one of python, common"],
  [["--compress-min-size", "-1"], "'-1' must be a whole number of bytes"],
  [["--realm", "-x"], 'write a value that begins with "-" as --realm=VALUE'],
  [["--compress-min-size", "1kB"], "'1kB' must be a whole number of bytes"],
  [["--cache-size", ""], "'' must be a whole number of bytes"],
  [["--cache-size", "m"], "'m' must be a whole number of bytes"],
  [["--cache-size", "1.5g"], "or of k, m or g, such as 64m"],
  [["--cache-size", "999999999g"], "must be a whole number of bytes"],
  [["--cache", "a=1", "--no-cache"], "--no-cache: not allowed with --cache"],
  [["--cors", "--cors-origin", "https://a.test"], "not allowed with --cors"],
  [["--cors-credentials"], "requires --cors-origin"],
  [["--cors", "--cors-credentials"], "requires --cors-origin"],
  [["--cors-method", "PUT"], "requires --cors or --cors-origin"],
  [["--cors-max-age", "5"], "requires --cors or --cors-origin"],
  [
    ["--cors", "--cors-max-age", "1d"],
    "'1d' must be a whole number of seconds",
  ],
  [["-q", "--log-format", "json"], "--log-format: not allowed with --quiet"],
  [["-q", "--log-file", "f"], "--log-file: not allowed with --quiet"],
  [["--credentialless"], "requires --coop-coep"],
  [["--proxy-timeout", "5"], "requires --proxy"],
  [["--proxy-ca", "f"], "requires --proxy"],
  [["--no-compress", "--compress-min-size", "1"], "--no-compress"],
  [
    ["-H", "content-length: 3"],
    "content-length must not be set: it differs for each response",
  ],
  [
    ["-H", "Transfer-Encoding: chunked"],
    "must not be set: it differs for each response",
  ],
  [["--rules", "vercel"], "must be one of netlify, cloudflare"],
  ...[
    "/a",
    "/a=",
    "=/b",
    "a=/b",
    "/a=b",
    "/a=/b 200",
    "/a=/b 3",
    "/a=/b 301 x",
    "/a=//b",
  ]
    .map((text): [string[], string] => [
      ["--redirect", text],
      "must have the form FROM=TO[ STATUS], with a path for FROM and a path or a URL for TO",
    ]),
  ...["/a", "/a=ftp://b.test/", "/a=/b 200"].map((
    text,
  ): [string[], string] => [
    ["--rewrite", text],
    "must have the form FROM=TO, with a path for FROM and a path or a URL for TO",
  ]),
  [["--realm", "Photos"], "requires --users or --users-env"],
  [["--users", "f", "--users-env", "U"], "not allowed with --users"],
  [["--spa", "--spa-page", "a.html"], "not allowed with --spa"],
  [["--mount", "/a=x", "--mount", "/a=y"], "'/a=y' repeats a key"],
  [["--type", "md=a/b", "--type", "md=a/c"], "repeats a key"],
  [["--json", "--log-format", "json"], "--log-format: not allowed with --json"],
  [["--json", "--log-file", "f"], "--log-file: not allowed with --json"],
  [["--json", "--qr"], "argument --qr: not allowed with --json"],
  [["--cgi", "--json"], "argument --json: not allowed with --cgi"],
  [
    ["--cgi", "--workers", "2"],
    "argument --workers: not allowed with --cgi: scripts are processes, which use all cores anyway",
  ],
  ...["0", "257", "-1", "1.5", "", "Auto"].map((count): [string[], string] => [
    [`--workers=${count}`],
    `argument --workers: '${count}' must be auto or a whole number from 1 to 256`,
  ]),
  [["--cgi", "--spa"], "argument --spa: not allowed with --cgi"],
  [["--cgi", "--users", "f"], "argument --users: not allowed with --cgi"],
];

for (const [args, message] of REFUSED) {
  pureTest(`parseCommandLine() refuses ${args.join(" ")}`, () => {
    assertThrows(() => parseCommandLine(args), SyntaxError, message);
  });
}

Deno.test("every option of StaticFileHandler has a flag, and every flag of a site is in this table", async () => {
  const source = await Deno.readTextFile(
    new URL("../../handlers/static/options.ts", import.meta.url),
  );
  const options = [...source.matchAll(/^ {2}readonly (\w+)\?:/gm)]
    .map(([, name]) => name!);
  const set = FLAGS.flatMap(([, expected]) => Object.keys(expected));
  // The file and header rules are not flags; the others come from files, the environment or chance.
  assertEquals(
    options.filter((name) => !set.includes(name)).toSorted(),
    ["file", "headers", "privateFiles", "proxyCa", "secret", "users"],
  );
  const given = FLAGS.flatMap(([args]) =>
    args.filter((arg) => /^--/.test(arg))
  );
  const flags = SITE_OPTIONS.filter((name) => !name.startsWith("users"));
  assertEquals(
    flags.filter((name) => !given.includes(`--${name}`)),
    [],
  );
});

pureTest(
  "SITE_OPTIONS are all options except those that CGI or the listener share",
  () => {
    const common = [
      "help",
      "help-all",
      "port-fallback",
      "open",
      "qr",
      "slow",
      "exit-with-parent",
      "bind",
      "directory",
      "protocol",
      "workers",
      "header",
      "content-type",
      "log-file",
      "quiet",
      "cgi",
      "hash-password",
      "https",
      "trust",
      "tls-cert",
      "tls-key",
      "tls-password-file",
      "drain",
      "listen-fd",
      "config",
      "print-script",
      "https",
      "trust",
    ];
    assertEquals(
      OPTIONS.map(({ name }) => name).filter((name) => !common.includes(name))
        .toSorted(),
      SITE_OPTIONS.toSorted(),
    );
  },
);
