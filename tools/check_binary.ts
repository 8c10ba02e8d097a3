// Checks the executable that `deno task compile` made, and one with a site inside, as
// docs/binary.md builds it: both must serve. Run by the release workflow on each system.

// deno-lint-ignore-file no-console

import { fromFileUrl } from "@std/path";
import { TextLineStream } from "@std/streams";

const ROOT = new URL("../", import.meta.url);

/** How long an executable may take to start, or to respond, in milliseconds. */
const PATIENCE = 30_000;

const CHANGED = new Date("2024-03-01T12:00:00Z");

/** The files of the site. The second is too large to be kept in memory. */
export const SITE: Readonly<Record<string, string>> = {
  "index.html": "<p>inside\n",
  "large.txt": "0123456789".repeat(100_000),
  "list/a.txt": "a",
};

/**
 * Checks the responses for `SITE`.
 *
 * @param url The URL of the server, with a trailing slash.
 * @throws {Error} If a response is wrong.
 */
export async function checkSite(url: string): Promise<void> {
  for (const name of ["index.html", "large.txt"]) {
    const response = await get(url + name);
    expect(response, 200);
    equal(await response.text(), SITE[name]!, `the body of ${name}`);
    const etag = response.headers.get("ETag") ?? "";
    if (!/^"[^"]+"$/.test(etag)) throw new Error(`${name} has ETag ${etag}`);
    await expectEmpty(await get(url + name, { "If-None-Match": etag }), 304);
    const part = await get(url + name, {
      "Range": "bytes=3-5",
      "If-Range": etag,
    });
    expect(part, 206);
    equal(await part.text(), SITE[name]!.slice(3, 6), `a range of ${name}`);
  }
  const page = await get(url);
  expect(page, 200);
  equal(await page.text(), SITE["index.html"]!, "the index page");
  const listing = await get(url + "list/");
  expect(listing, 200);
  const text = await listing.text();
  if (!text.includes("a.txt")) throw new Error("The listing lacks a.txt");
  await expectEmpty(await get(url + "missing"), 404);
}

function get(url: string, headers: HeadersInit = {}): Promise<Response> {
  // Without a coding, so that ETag is that of the plain file.
  const identity = { "Accept-Encoding": "identity", ...headers };
  const signal = AbortSignal.timeout(PATIENCE);
  return fetch(url, { headers: identity, signal });
}

function expect({ status, url }: Response, expected: number): void {
  if (status !== expected) {
    throw new Error(`GET ${url} has status ${status}, not ${expected}`);
  }
}

async function expectEmpty(response: Response, status: number): Promise<void> {
  await response.body?.cancel();
  expect(response, status);
}

function equal(actual: string, expected: string, what: string): void {
  if (actual !== expected) {
    throw new Error(`${what} is ${JSON.stringify(actual.slice(0, 100))}`);
  }
}

/**
 * Starts an executable, and checks the responses for `SITE`.
 *
 * @param path The executable.
 * @param args Its arguments, except those for the address.
 * @throws {Error} If it doesn't start, or a response is wrong.
 */
export async function checkExecutable(
  path: string,
  args: string[],
): Promise<void> {
  const child = new Deno.Command(path, {
    args: [...args, "--bind", "127.0.0.1", "0"],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  }).spawn();
  const late = setTimeout(() => void end(child), PATIENCE);
  try {
    const lines = child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream());
    let port: string | undefined;
    for await (const line of lines as AsyncIterable<string>) {
      port = / port (\d+)/.exec(line)?.[1];
      break;
    }
    clearTimeout(late);
    if (port === undefined) throw new Error(`${path} did not start`);
    await checkSite(`http://127.0.0.1:${port}/`);
  } finally {
    clearTimeout(late);
    await end(child);
  }
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended.
    if (!(error instanceof TypeError)) throw error;
  }
  await child.status;
}

/** The first script of docs/binary.md, with the module of this checkout. */
async function siteScript(): Promise<string> {
  const page = await Deno.readTextFile(new URL("docs/binary.md", ROOT));
  const [, code = ""] = /```ts ignore\n([^]*?)```/.exec(page) ?? [];
  return code.replace("jsr:@x/httpserver/cli", new URL("cli.ts", ROOT).href);
}

async function compileSite(folder: string, output: string): Promise<void> {
  await Deno.writeTextFile(`${folder}/site.ts`, await siteScript());
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["compile", "--no-check", "--exclude-unused-npm"],
      ...["--allow-net", "--allow-read"],
      ...["--import-map", fromFileUrl(new URL("tools/npm_std.json", ROOT))],
      ...["--include", "public", "--output", output, "site.ts"],
    ],
    cwd: folder,
  }).output();
  if (!success) throw new Error("deno compile failed");
}

async function main(): Promise<void> {
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  // Below the checkout: on Windows, the usual place may be on another drive.
  const folder = await Deno.makeTempDir({ dir: fromFileUrl(ROOT) });
  try {
    for (const [name, content] of Object.entries(SITE)) {
      const path = `${folder}/public/${name}`;
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeTextFile(path, content);
      // A large file that was just changed has a weak ETag.
      await Deno.utime(path, CHANGED, CHANGED);
    }
    const command = await Deno.realPath(`httpserver${suffix}`);
    await checkExecutable(command, ["--directory", `${folder}/public`]);
    console.log(`ok: ${command}`);
    const inside = `${folder}/inside${suffix}`;
    await compileSite(folder, inside);
    // The embedded files have to do.
    await Deno.remove(`${folder}/public`, { recursive: true });
    await checkExecutable(inside, []);
    console.log(`ok: ${inside}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
