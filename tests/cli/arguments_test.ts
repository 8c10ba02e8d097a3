// Parsing the command's arguments.

import { assertEquals, assertThrows } from "@std/assert";
import { type CommandLine, parseCommandLine } from "../../cli.ts";
import { pureTest } from "../_lib/pure.ts";

const DEFAULTS: CommandLine = {
  bind: undefined,
  port: 8000,
  path: undefined,
  protocol: "HTTP/1.1",
  workers: 1,
  printScript: false,
  cgi: false,
  tls: undefined,
  https: false,
  site: {},
  usersFile: undefined,
  usersVariable: undefined,
  secret: false,
  proxyCaFile: undefined,
  logFile: undefined,
  configFile: undefined,
  portFallback: "terminal",
  slow: undefined,
  fd: undefined,
  drain: undefined,
  start: { open: false, qr: false, json: false, exitWithParent: false },
};

const ACCEPTED: readonly [args: string[], expected: Partial<CommandLine>][] = [
  [[], {}], // behaviour 128
  [["8000"], { port: 8000 }], // behaviour 122
  [["65535"], { port: 65535 }],
  [["0"], { port: 0 }],
  [["-d", "/srv"], { site: { directory: "/srv" } }], // behaviour 123
  [["--directory", "/srv"], { site: { directory: "/srv" } }],
  [["--directory=/srv"], { site: { directory: "/srv" } }],
  // As in argparse.
  [["-d=/srv"], { site: { directory: "/srv" } }],
  [["-d=", "0"], { port: 0, site: { directory: "" } }],
  [["-d", "=x"], { site: { directory: "=x" } }],
  [["-qd=/srv"], { site: { directory: "/srv", log: "none" } }],
  [["-b", "-5"], { bind: "-5" }],
  [["--bind", "-.5", "80"], { bind: "-.5", port: 80 }],
  [["-b=-x"], { bind: "-x" }],
  [["-b", "127.0.0.1"], { bind: "127.0.0.1" }],
  [["-b127.0.0.1"], { bind: "127.0.0.1" }],
  [["--bind", "::1"], { bind: "::1" }],
  [["--bind", ""], { bind: undefined }],
  [["-p", "HTTP/1.1"], { protocol: "HTTP/1.1" }],
  [["--protocol", "HTTP/1.0"], { protocol: "HTTP/1.0" }],
  [["--workers", "4"], { workers: 4 }],
  [["--workers", "256"], { workers: 256 }],
  [["--workers=auto"], { workers: "auto" }],
  [["--workers", "1", "--metrics"], { workers: 1, site: { metrics: true } }],
  [["--workers", "1", "--cgi"], { bind: "127.0.0.1", cgi: true }],
  [["--content-type", "text/plain"], {
    site: { default_content_type: "text/plain" },
  }],
  [["-H", "X-A: 1"], { site: { extra_response_headers: [["X-A", "1"]] } }], // behaviour 131
  [["--header", "X-A: 1", "-H", "X-A:2"], {
    site: { extra_response_headers: [["X-A", "1"], ["X-A", "2"]] },
  }],
  [["-H", " X-A :  a: b:c "], {
    site: { extra_response_headers: [["X-A", "a: b:c"]] },
  }], // behaviour 133
  [["-H", "X-Empty:"], { site: { extra_response_headers: [["X-Empty", ""]] } }],
  [["--drain", "30"], { drain: 30 }],
  [["--listen-fd", "3"], { fd: 3 }],
  [["--drain", "0"], { drain: 0 }],
  [["--cgi"], { cgi: true, bind: "127.0.0.1" }],
  [["--cgi", "-b", "::"], { cgi: true, bind: "::" }],
  [["--cgi", "-b", ""], { cgi: true, bind: undefined }],
  [["--https"], { https: true }],
  [["--https", "--workers", "2"], { https: true, workers: 2 }],
  [["--https", "--cgi"], { https: true, cgi: true, bind: "127.0.0.1" }],
  [["--tls-cert", "c"], {
    tls: { cert: "c", key: undefined, passwordFile: undefined },
  }],
  [["--tls-cert", "c", "--tls-key", "k"], { // behaviour 124
    tls: { cert: "c", key: "k", passwordFile: undefined },
  }],
  [["--tls-cert", "c", "--tls-key", "k", "--tls-password-file", "p"], {
    tls: { cert: "c", key: "k", passwordFile: "p" },
  }],
  [["8080", "-b", "::"], { port: 8080, bind: "::" }],
  [["-b", "::", "--", "8080"], { port: 8080, bind: "::" }],
  [["dist"], { path: "dist" }],
  [["dist", "--listen-fd", "3"], { path: "dist", fd: 3 }],
  [["dist", "9000"], { path: "dist", port: 9000 }],
  [["9000", "dist"], { path: "dist", port: 9000 }],
  [["./8000"], { path: "./8000" }],
  // Whether there is such a path shows later.
  [["80a"], { path: "80a" }],
  [["--port-fallback", "80"], { port: 80, portFallback: true }],
  [["--slow", "3g"], { slow: "3g" }],
  [["--open", "--qr", "--exit-with-parent"], {
    start: { open: true, qr: true, json: false, exitWithParent: true },
  }],
  [["--json"], {
    site: { log: "json" },
    start: { open: false, qr: false, json: true, exitWithParent: false },
  }],
  [["--", "-5"], { path: "-5" }],
];

for (const [args, expected] of ACCEPTED) {
  pureTest(`parseCommandLine() parses ${JSON.stringify(args)}`, () => {
    const portFallback = expected.port === undefined ? "terminal" : false;
    assertEquals(
      parseCommandLine(args),
      { ...DEFAULTS, portFallback, ...expected },
    );
  });
}

const REFUSED: readonly [args: string[], message: string][] = [
  [["--port", "80"], "option '--port'; give the port without an option"],
  [["--direcotry", "x"], "'--direcotry'; did you mean --directory?"],
  [["99999999999999999999"], "the port must be from 0 to 65535, not 9999"],
  [["65536"], "argument port: the port must be from 0 to 65535, not 65536"],
  [["8000", "8001"], "unrecognized arguments: 8001"],
  [["-b", "-x"], 'write a value that begins with "-" as -b=VALUE'],
  [["a", "80", "b"], "unrecognized arguments: b"],
  [["-d=a", "--", "-d=b"], "argument '-d=b': not allowed with -d/--directory"],
  [["--nothing"], "Unknown option '--nothing'"], // behaviour 130
  [["-x"], "Unknown option '-x'"],
  [["-b"], "Option '-b, --bind <value>' argument missing"],
  [
    ["-p", "HTTP/2.0"],
    "argument -p/--protocol: 'HTTP/2.0' must be HTTP/1.0 or HTTP/1.1",
  ],
  [["-H", "no colon"], "argument -H/--header: 'no colon' must have the form"], // behaviour 132
  [["-H", ": no name"], "argument -H/--header: ': no name' must have the form"],
  [
    ["-H", "two words: x"],
    "argument -H/--header: 'two words: x' must have the form",
  ],
  [["-H", "X: a\r\nY: b"], "contains a line break"],
  // behaviour 126
  [
    ["--https", "--tls-cert", "c"],
    "argument --tls-cert: not allowed with --https",
  ],
  [
    ["--tls-key", "k", "--https"],
    "argument --tls-key: not allowed with --https",
  ],
  [["--json", "--trust"], "argument --json: not allowed with --trust"],
  [["--tls-key", "k"], "argument --tls-key: requires --tls-cert"],
  [
    ["--tls-password-file", "p"],
    "argument --tls-password-file: requires --tls-cert",
  ],
  [["--listen-fd", "3", "80"], "argument port: not allowed with --listen-fd"],
  [["--listen-fd", "3", "-b", "::"], "--bind: not allowed with --listen-fd"],
  [["--listen-fd", "x"], "--listen-fd: 'x' must be a whole number"],
  [
    ["--listen-fd", "3", "--workers", "2"],
    "argument --listen-fd: not allowed with --workers",
  ],
  [
    ["--json", "--workers", "2"],
    "argument --json: not allowed with --workers; use --log-format json",
  ],
  [
    ["--slow", "3g", "--workers", "2"],
    "argument --slow: not allowed with --workers",
  ],
  [
    ["--listen-fd", "3", "--port-fallback"],
    "argument --port-fallback: not allowed with --listen-fd",
  ],
  [
    ["--live", "--workers", "2"],
    "argument --live: not allowed with --workers",
  ],
  [
    ["--metrics", "--workers", "auto"],
    "argument --metrics: not allowed with --workers",
  ],
  [["--drain", "1.5"], "--drain: '1.5' must be a whole number of seconds"],
  [["-H", "X: €"], "a character outside Latin-1"],
];

for (const [args, message] of REFUSED) {
  pureTest(`parseCommandLine() refuses ${JSON.stringify(args)}`, () => {
    assertThrows(() => parseCommandLine(args), SyntaxError, message);
  });
}

Deno.test("parseCommandLine() recognizes -h and --help", () => {
  assertEquals(parseCommandLine(["-h"]), "help");
  assertEquals(parseCommandLine(["--help", "8000"]), "help");
  assertEquals(parseCommandLine(["--help-all"]), "help-all");
});
