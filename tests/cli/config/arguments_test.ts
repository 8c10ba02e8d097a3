// The file of `--config` as arguments.

import { assertEquals, assertThrows } from "@std/assert";
import { parseCommandLine } from "../../../cli/arguments.ts";
import {
  CONFIG_OPTIONS,
  configArguments,
} from "../../../cli/config/arguments.ts";
import { duplicateKey } from "../../../cli/config/duplicate_key.ts";
import { OPTIONS } from "../../../cli/options.ts";
import { splitArguments } from "../../../cli/split_arguments.ts";
import { pureTest } from "../../_lib/pure.ts";

/** The arguments that a file adds to a command line. */
function argumentsOf(config: unknown, args: readonly string[] = []) {
  return configArguments(config, {
    given: splitArguments(args, OPTIONS),
    resolve: (path) => path.startsWith("/") ? path : `/folder/${path}`,
  });
}

const CASES: readonly [
  config: object,
  args: readonly string[],
  expected: readonly string[],
][] = [
  [{}, [], []],
  [{ $schema: "config.schema.json" }, [], []],
  [{ cors: true, live: false }, [], ["--cors"]],
  [{ bind: "127.0.0.1" }, [], ["--bind=127.0.0.1"]],
  [{ drain: 5 }, [], ["--drain=5"]],
  [{ header: ["X-A: 1", "X-B: 2"] }, [], [
    "--header=X-A: 1",
    "--header=X-B: 2",
  ]],
  [{ header: "X-A: 1" }, [], ["--header=X-A: 1"]],
  [{ header: [] }, [], []],
  // A value that looks like an option is still a value.
  [{ realm: "--cors" }, [], ["--realm=--cors"]],
  [{ port: 9000, path: "dist", spa: true }, [], [
    "--spa",
    "9000",
    "/folder/dist",
  ]],
  // Paths begin at the file's folder; the page of an application is below the served one.
  [{ directory: "dist" }, [], ["--directory=/folder/dist"]],
  [{ directory: "/srv" }, [], ["--directory=/srv"]],
  [{ users: "users.txt" }, [], ["--users=/folder/users.txt"]],
  [{ mount: ["/docs=manual", "/a=b=c"] }, [], [
    "--mount=/docs=/folder/manual",
    "--mount=/a=/folder/b=c",
  ]],
  [{ proxy: ["/a=unix:s.sock:/b", "unix:../t", "/b=http://c/unix:d"] }, [], [
    "--proxy=/a=unix:/folder/s.sock:/b",
    "--proxy=unix:/folder/../t",
    "--proxy=/b=http://c/unix:d",
  ]],
  [{ "spa-page": "app.html" }, [], ["--spa-page=app.html"]],
  [{ cache: ["*.html=60"] }, [], ["--cache=*.html=60"]],
  [
    {
      proxy: ["/api=http://localhost:3000", "http://[::1]:4000"],
      "proxy-timeout": 5,
      "proxy-ca": "ca.pem",
    },
    [],
    [
      "--proxy=/api=http://localhost:3000",
      "--proxy=http://[::1]:4000",
      "--proxy-timeout=5",
      "--proxy-ca=/folder/ca.pem",
    ],
  ],
  [
    {
      rules: "netlify",
      redirect: ["/a=/b", "/c/*=/d/:splat 301!"],
      rewrite: "/e=/f.html",
    },
    [],
    [
      "--rules=netlify",
      "--redirect=/a=/b",
      "--redirect=/c/*=/d/:splat 301!",
      "--rewrite=/e=/f.html",
    ],
  ],
  // The command line wins: over the same option, and over those that it excludes.
  [{ bind: "::", cors: true }, ["-b", "127.0.0.1"], ["--cors"]],
  [{ header: ["X-A: 1"] }, ["-H", "X-B: 2"], []],
  [{ cors: true }, ["--cors-origin", "http://a"], []],
  [{ "no-cache": true }, ["--cache", "a=60"], []],
  [{ quiet: true, drain: 5 }, ["--log-format", "json"], ["--drain=5"]],
  [{ json: true, drain: 5 }, ["--workers", "2"], ["--drain=5"]],
  [{ workers: 2 }, ["--live"], []],
  [{ cors: true, spa: true }, ["--cgi"], []],
  [{ "tls-cert": "a", "tls-key": "b" }, ["--https"], []],
  [{ port: 9000 }, ["8000"], []],
  [{ port: 9000 }, ["dist"], ["9000"]],
  [{ path: "dist" }, ["8000"], ["/folder/dist"]],
  [{ path: "dist" }, ["public"], []],
  [{ path: "dist" }, ["-d", "public"], []],
  [{ directory: "dist" }, ["public"], []],
  [{ directory: "dist" }, ["8000"], ["--directory=/folder/dist"]],
];

const REFUSED: readonly [config: unknown, message: string][] = [
  [[], "must be an object"],
  [null, "must be an object"],
  ["cors", "must be an object"],
  [{ corss: true }, "unknown name 'corss'; did you mean 'cors'?"],
  [{ "--cors": true }, "unknown name '--cors'; did you mean 'cors'?"],
  [{ zzzzzz: 1 }, "unknown name 'zzzzzz'"],
  [{ help: true }, "unknown name 'help'"],
  [{ config: "other.json" }, "unknown name 'config'"],
  [{ "print-script": true }, "unknown name 'print-script'"],
  [{ cors: "yes" }, "'cors' must be true or false"],
  [{ cors: 1 }, "'cors' must be true or false"],
  [{ bind: true }, "'bind' must be a value such as ADDRESS"],
  [{ bind: ["a", "b"] }, "'bind' must be a value such as ADDRESS"],
  [{ bind: null }, "'bind' must be a value"],
  [{ header: [true] }, "'header' must be a list of values such as 'NAME"],
  [{ mount: { "/a": "b" } }, "'mount' must be a list of values such as PATH="],
  [{ port: "9000" }, "'port' must be a number from 0 to 65535"],
  [{ port: -1 }, "'port' must be a number from 0 to 65535"],
  [{ port: 1.5 }, "'port' must be a number from 0 to 65535"],
  [{ path: 1 }, "'path' must be a path"],
];

for (const [config, args, expected] of CASES) {
  pureTest(
    `configArguments(): ${JSON.stringify(config)} with ${args.join(" ")}`,
    () => assertEquals(argumentsOf(config, args), expected),
  );
}

for (const [config, message] of REFUSED) {
  pureTest(
    `configArguments() refuses ${JSON.stringify(config)}`,
    () => {
      assertThrows(() => argumentsOf(config), SyntaxError, message);
    },
  );
}

pureTest(
  "every option may be in a config file, except those that don't serve",
  () => {
    const left = OPTIONS.filter((option) => !CONFIG_OPTIONS.includes(option));
    assertEquals(left.map(({ name }) => name).sort(), [
      "config",
      "hash-password",
      "help",
      "help-all",
      "print-script",
      "trust",
    ]);
  },
);

pureTest("the arguments of a config file are parsed like any others", () => {
  const config = { port: 9000, cors: true, "cors-max-age": 60 };
  const args = ["--directory", "public"];
  const parsed = parseCommandLine([...argumentsOf(config, args), ...args]);
  if (typeof parsed === "string") throw new Error(parsed);
  assertEquals([parsed.port, parsed.site], [9000, {
    directory: "public",
    cors: { maxAge: 60 },
  }]);
});

const KEYS: readonly [text: string, expected: string | undefined][] = [
  ['{"a": 1, "b": 2}', undefined],
  ['{"a": 1, "a": 2}', "a"],
  ['{"a": {"a": 1}}', undefined],
  ['{"a": ["a", "a"], "b": "a"}', undefined],
  ['{"a": 1, /* "a": 2 */ "b": 3}', undefined],
  ['{"a": 1, // "a": 2\n "b": 3}', undefined],
  ['{"a": ":", "b": "a:"}', undefined],
  ['{"\\u0061": 1, "a": 2}', "a"],
  ['{"a\\"": 1, "a": 2}', undefined],
];

for (const [text, expected] of KEYS) {
  pureTest(`duplicateKey(): ${text}`, () => {
    assertEquals(duplicateKey(text), expected);
  });
}
