// What `--print-script` prints: it is formatted, short, and serves what the options say.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { TextLineStream } from "@std/streams";
import { parseCommandLine } from "../../../cli/arguments.ts";
import { scriptFor } from "../../../cli/script/script.ts";
import { denoArguments, runCommand } from "../../_command.ts";
import { folder } from "../../handlers/_folder.ts";
import { pureTest } from "../../_lib/pure.ts";

const root = new URL("../../..", import.meta.url);

/** A request, and a part of the response to it. */
type Expected = readonly [
  path: string,
  status: number,
  header?: readonly [name: string, value: string],
];

/** Sets of options, all with port 0 on loopback, and what shows that they are in force. */
const CASES: readonly (readonly [options: string, ...expected: Expected])[] = [
  ["", "/a.txt", 200],
  ["-d sub", "/b.txt", 200],
  ["--directory sub", "/a.txt", 404],
  ["--base /app", "/app/a.txt", 200],
  ["--mount /docs=sub", "/docs/b.txt", 200],
  ["--no-listing", "/sub/", 404],
  ["--spa --no-error-pages", "/a.txt", 200],
  ["--spa-page app.html", "/a.txt", 200],
  ["--clean-urls", "/app", 200],
  ["--dot-files", "/.hidden", 200],
  ["--symlinks deny", "/a.txt", 200],
  ["-H X-A:1", "/a.txt", 200, ["x-a", "1"]],
  [`-H X-A:"1"`, "/a.txt", 200, ["x-a", `"1"`]],
  ["--content-type text/x-odd", "/odd.odd", 200, [
    "content-type",
    "text/x-odd",
  ]],
  ["--type .odd=text/odd", "/odd.odd", 200, [
    "content-type",
    "text/odd",
  ]],
  ["--cache *.txt=60", "/a.txt", 200, ["cache-control", "public, max-age=60"]],
  ["--no-cache", "/a.txt", 200, ["cache-control", "no-cache"]],
  ["--cdn-cache **=max-age=9", "/a.txt", 200, [
    "cdn-cache-control",
    "max-age=9",
  ]],
  ["--no-compress --no-precompressed --etag content", "/a.txt", 200],
  ["--compress-min-size 1k --cache-size 64m", "/a.txt", 200],
  ["--cors", "/a.txt", 200, ["access-control-allow-origin", "*"]],
  ["--cors-origin http://x.test --cors-credentials", "/a.txt", 200, [
    "vary",
    "Accept-Encoding, Origin",
  ]],
  ["--coop-coep --security", "/a.txt", 200, [
    "cross-origin-embedder-policy",
    "require-corp",
  ]],
  ["--users users.txt --realm Here", "/a.txt", 401, [
    "www-authenticate",
    `Basic realm="Here", charset="UTF-8"`,
  ]],
  ["--host only.test", "/a.txt", 200],
  ["--trust-proxy 127.0.0.1 --log-format json", "/a.txt", 200],
  ["--health --metrics", "/.httpserver/health", 200],
  ["--idle-timeout 9 --drain 3", "/a.txt", 200, ["keep-alive", "timeout=9"]],
  ["--protocol HTTP/1.0", "/a.txt", 200],
  ["--live -q", "/a.txt", 200, ["cache-control", "no-cache"]],
  ["--allow 10.0.0.0/8", "/a.txt", 403],
  ["--secret", "/a.txt", 404],
  ["--archive", "/sub/?zip", 200, ["content-type", "application/zip"]],
  ["--upload-policy rename --upload-max 1m --upload-keep-free 0", "/", 200],
  ["--drop", "/a.txt", 403],
  ["--rules netlify", "/a.txt", 200],
  ["--rules cloudflare --rewrite /new=/a.txt", "/new", 200],
  ["--proxy /api=http://127.0.0.1:9/v1 --proxy-timeout 5", "/api/x", 502],
  ["--proxy http://127.0.0.1:9 --proxy-ca ca.pem", "/none", 502],
  ["--proxy /x=http://127.0.0.1:9 --rewrite /b=http://127.0.0.1:9/", "/b", 502],
  ["--redirect /old=/a.txt --rewrite /new=/sub/b.txt", "/new", 200],
  ["--cgi", "/.hidden", 200],
  ["--cgi -q --drain 2 -p HTTP/1.0", "/a.txt", 200],
];

/** The program for some options. */
function programFor(options: string): string {
  const parsed = parseCommandLine([
    ...options.split(" ").filter((word) => word !== ""),
    "--bind=127.0.0.1",
    "0",
  ]);
  if (typeof parsed === "string") throw new Error(parsed);
  return scriptFor(parsed);
}

Deno.test("each printed program is formatted, has at most 20 lines, and serves", async () => {
  await using files = await folder({
    "a.txt": "a",
    "odd.odd": "odd",
    "app.html": "app",
    ".hidden": "hidden",
    "sub/b.txt": "b",
    "users.txt": "user:password",
    "ca.pem": "",
    "programs/": "",
  });
  for (const [at, [options]] of CASES.entries()) {
    const program = programFor(options);
    assert(program.trimEnd().split("\n").length <= 20, program);
    const file = files.in(`programs/${String(at).padStart(2, "0")}.ts`);
    await Deno.writeTextFile(file, program);
  }
  const formatted = await new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--check", files.in("programs")],
    signal: AbortSignal.timeout(10_000),
  }).output();
  assertEquals(formatted.code, 0, new TextDecoder().decode(formatted.stderr));
  for (const [at] of CASES.entries()) {
    const file = files.in(`programs/${String(at).padStart(2, "0")}.ts`);
    const text = await Deno.readTextFile(file);
    const local = text.replace(
      "jsr:@x/httpserver",
      new URL("mod.ts", root).href,
    );
    assert(local !== text);
    await Deno.writeTextFile(file, local);
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ...denoArguments("tests/cli/script/_serve_all.ts"),
      files.in("programs"),
    ],
    cwd: files.path,
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(20_000),
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()) as ReadableStream<string>;
  const served: string[] = [];
  await using _child = {
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
    },
  };
  for await (const line of lines) {
    if (line === "all") break;
    const [name = "", port] = line.split(" ");
    const [options, path, status, header] = CASES[parseInt(name, 10)]!;
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    await response.body?.cancel();
    assertEquals(response.status, status, options);
    if (header !== undefined) {
      assertEquals(response.headers.get(header[0]), header[1], options);
    }
    served.push(options);
  }
  assertEquals(served, CASES.map(([options]) => options));
});

pureTest("a printed program serves HTTPS with the same files", () => {
  const options = "--tls-cert c.pem --tls-key k.pem --tls-password-file p.txt";
  assertEquals(
    programFor(options),
    `import { staticFiles, ThreadingHTTPSServer } from "jsr:@x/httpserver";

const Handler = staticFiles({ privateFiles: ["c.pem", "k.pem", "p.txt"] });
await using server = new ThreadingHTTPSServer(["127.0.0.1", 0], Handler, true, {
  certfile: "c.pem",
  keyfile: "k.pem",
  password: Deno.readTextFileSync("p.txt").trim(),
});
console.log(\`Serving on port \${server.server_port}\`);
await server.serve_forever();
`,
  );
});

pureTest(
  "a printed program takes users from the environment, and an inherited socket",
  () => {
    const parsed = parseCommandLine([
      "--users-env",
      "USERS",
      "--listen-fd",
      "3",
    ]);
    if (typeof parsed === "string") throw new Error(parsed);
    const program = scriptFor(parsed);
    assertStringIncludes(program, `{ users: Deno.env.get("USERS")! }`);
    assertStringIncludes(program, "Handler, true, {\n  fd: 3,\n});");
  },
);

pureTest("a printed program reads the certificates of an upstream", () => {
  assertStringIncludes(
    programFor("--proxy https://a.test --proxy-ca a.pem"),
    `const Handler = staticFiles({
  proxy: ["https://a.test"],
  proxyCa: Deno.readTextFileSync("a.pem"),
  privateFiles: ["a.pem"],
});`,
  );
});

pureTest("a printed program makes a secret, and prints it", () => {
  const program = programFor("--secret");
  assertStringIncludes(program, "const path = crypto.randomUUID();");
  assertStringIncludes(program, "staticFiles({ secret: path });");
  assertStringIncludes(program, "${server.server_port} at /${path}/`);");
});

pureTest(
  "a printed program names the options that only the command has",
  () => {
    const options = "--open --qr --slow 3g --port-fallback --exit-with-parent";
    const program = programFor(options);
    assertEquals(
      program.slice(0, program.indexOf("import")),
      "// Only the command has --exit-with-parent, --open, --port-fallback, --qr,\n" +
        "// --slow.\n",
    );
    for (
      const [options, names] of [
        ["--json", "--json"],
        ["--workers 2 --log-file x.log", "--log-file, --workers"],
      ] as const
    ) {
      const expected = `// Only the command has ${names}.\n`;
      assertEquals(programFor(options).startsWith(expected), true, options);
    }
  },
);

Deno.test("--print-script refuses what the command refuses", async () => {
  for (const args of [["--proxy", "foo"], ["--spa-page", ".x"]]) {
    const { code, stdout } = await runCommand(["--print-script", ...args]);
    assertEquals([code, stdout], [2, ""], args.join(" "));
  }
});

Deno.test("--print-script prints a program for a file, and serves nothing", async () => {
  await using files = await folder({ "report.html": "report" });
  const { code, stdout, stderr } = await runCommand(
    ["--print-script", "report.html", "9000"],
    { cwd: files.path },
  );
  assertEquals([code, stderr], [0, ""]);
  assertStringIncludes(stdout, `file: "report.html"`);
  assertStringIncludes(stdout, `(["::", 9000], Handler)`);
});
