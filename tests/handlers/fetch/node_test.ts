// The parser and `toFetch()` under Node: bundled, as other runtimes get them.

import { assertEquals, assertMatch } from "@std/assert";

/** Where a program of 50 KiB comes from that is not there yet, it may take long. */
const TIME = 120_000;

const PROGRAM = `
import { BaseHTTPRequestHandler, toFetch } from "./fetch.js";
import { LineReader, parseRequest } from "./parser.js";

const buffer = new LineReader();
buffer.feed(new TextEncoder().encode("GET /a HTTP/1.1\\r\\nHost: b\\r\\n\\r\\n"));
const parsed = parseRequest(buffer);

class Handler extends BaseHTTPRequestHandler {
  protocol_version = "HTTP/1.1";
  do_GET() {
    this.send_response(200);
    this.endHeadersChunked();
    this.wfile.write("caf\\u00e9");
  }
  async do_POST() {
    this.send_response(200);
    this.send_header("Content-Length", this.headers.get("Content-Length"));
    this.end_headers();
    for await (const line of this.rfile) await this.wfile.write(line);
  }
  do_PUT() {
    throw new Error("broken");
  }
  async do_PATCH() {
    this.send_response(200);
    this.endHeadersChunked();
    // Nobody waits for these, and they fail when the client leaves.
    for (let n = 0; n < 9; n++) void this.wfile.send(new Uint8Array(99_999));
  }
}

const { fetch } = toFetch(Handler);
const ask = (method, body) =>
  fetch(new Request("http://a/x?y", { method, body, duplex: "half" }));
const get = await ask("GET");
const left = await ask("PATCH", "");
await left.body.cancel();
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(JSON.stringify({
  runtime: typeof Deno,
  target: parsed.line.path,
  get: [get.status, get.headers.get("server"), await get.text()],
  post: await (await ask("POST", "one\\ntwo\\n")).text(),
  put: (await ask("PUT", "x")).status,
  missing: (await ask("DELETE")).status,
}));
`;

/** Runs a command; `undefined` if it isn't there, fails or takes too long. */
async function run(
  [command, ...args]: readonly [string, ...string[]],
): Promise<{ stdout: string; stderr: string } | undefined> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(TIME),
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    if (code !== 0) return undefined;
    return { stdout: text(stdout), stderr: text(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The command of a Node that has `using`. */
async function findNode(): Promise<[string, ...string[]] | undefined> {
  const installed = await run(["node", "--version"]);
  if (Number(/^v(\d+)/.exec(installed?.stdout ?? "")?.[1]) >= 24) {
    return ["node"];
  }
  const fetched = await run(["npx", "-y", "node@24", "--version"]);
  return fetched && ["npx", "-y", "node@24"];
}

async function bundle(entry: string, to: string): Promise<boolean> {
  const bundled = await run([
    Deno.execPath(),
    "bundle",
    "--import-map=tools/npm_std.json",
    `--output=${to}`,
    entry,
  ]);
  return bundled !== undefined;
}

const folder = await Deno.makeTempDir();
const node = await findNode();
const bundled = await bundle("parser/mod.ts", `${folder}/parser.js`) &&
  await bundle("handlers/fetch/mod.ts", `${folder}/fetch.js`);
const reason = node === undefined
  ? " (left out: there is no Node 24, and npx can't fetch it)"
  : bundled
  ? ""
  : " (left out: deno bundle can't fetch its bundler)";

Deno.test({
  name: `a handler runs under Node, without Deno${reason}`,
  ignore: reason !== "",
  timeout: TIME,
  async fn() {
    await Deno.writeTextFile(`${folder}/main.mjs`, PROGRAM);
    const output = await run([...node!, `${folder}/main.mjs`]);
    const { get, ...shown } = JSON.parse(output!.stdout);
    assertEquals(shown, {
      runtime: "undefined",
      target: "/a",
      post: "one\ntwo\n",
      put: 500,
      missing: 501,
    });
    assertEquals([get[0], get[2]], [200, "caf\u00e9"]);
    assertMatch(get[1], /^BaseHTTP\/0\.6 Node\.js\/\d+$/);
    // The log, on console.error().
    assertMatch(output!.stderr, /"GET \/x\?y HTTP\/1\.1" 200 -\n/);
    assertMatch(output!.stderr, /Error: broken\n/);
  },
});

Deno.test.afterAll(() => Deno.remove(folder, { recursive: true }));
