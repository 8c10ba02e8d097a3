// Files that Deno's permissions exclude below a readable folder are missing for clients. A folder
// that can't be read at all is an error that is reported.

import { assertEquals } from "@std/assert";
import { runCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { site } from "./_site.ts";

const ROOT = new URL("../../", import.meta.url).href;

/** Serves a folder with these permissions, and prints the status of each target. */
const PROGRAM = `
  import { partial, StaticFileHandler } from "${ROOT}handlers/static/mod.ts";
  import { ThreadingHTTPServer } from "${ROOT}server/mod.ts";
  const [directory, symlinks, ...targets] = Deno.args;
  class Quiet extends StaticFileHandler {
    log_message() {}
  }
  const Handler = partial(Quiet, { directory, symlinks });
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
  server.handle_error = () => {};
  server.serve_forever();
  for (const target of targets) {
    const url = "http://127.0.0.1:" + server.server_address[1] + target;
    const response = await fetch(url);
    const body = await response.text();
    console.log(target, response.status, body.includes("secret"));
  }`;

async function statuses(
  directory: string,
  symlinks: string,
  targets: readonly string[],
  ...permissions: string[]
): Promise<string[]> {
  await using program = await folder({ "main.ts": PROGRAM });
  const { stdout } = await runCommand([directory, symlinks, ...targets], {
    file: program.in("main.ts"),
    permissions: ["--allow-net=127.0.0.1", ...permissions],
  });
  return stdout.trimEnd().split("\n");
}

for (const symlinks of ["inside", "follow", "deny"]) {
  Deno.test(`StaticFileHandler responds with 404 to paths that --deny-read excludes, with symlinks: "${symlinks}"`, async () => {
    await using files = await folder({
      "www/a.txt": "a",
      "www/sub/b.txt": "secret",
      "www/sub/index.html": "secret",
      "www/big.bin": "secret".repeat(100_000),
    });
    const www = await Deno.realPath(files.in("www"));
    await Deno.symlink("sub/b.txt", `${www}/link`);
    await Deno.symlink("sub", `${www}/folder`);
    const targets = ["/a.txt", "/", "/sub", "/sub/", "/sub/b.txt", "/big.bin"];
    assertEquals(
      await statuses(
        www,
        symlinks,
        [...targets, "/sub/none"],
        `--allow-read=${www}`,
        `--deny-read=${www}/sub,${www}/big.bin`,
      ),
      [
        "/a.txt 200 false",
        "/ 200 false",
        "/sub 404 false",
        "/sub/ 404 false",
        "/sub/b.txt 404 false",
        "/big.bin 404 false",
        "/sub/none 404 false",
      ],
    );
  });
}

Deno.test("StaticFileHandler responds with 500 if Deno may not read the folder itself", async () => {
  await using files = await folder({ "www/a.txt": "a", "other/b.txt": "b" });
  const www = await Deno.realPath(files.in("www"));
  const other = await Deno.realPath(files.in("other"));
  assertEquals(
    await statuses(www, "inside", ["/a.txt"], `--allow-read=${other}`),
    ["/a.txt 500 false"],
  );
});

/** Calls that access a file, and a request that needs each of them. */
const CALLS: readonly (readonly [string, string, string])[] = [
  ["statSync", "a.txt", "/a.txt"],
  ["realPathSync", "a.txt", "/a.txt"],
  ["open", "big.bin", "/big.bin"],
  ["readDirSync", "list/", "/list/"],
];

for (const [call, name, target] of CALLS) {
  Deno.test(`StaticFileHandler responds with 404 if Deno does not permit ${call}() for a file`, async () => {
    await using files = await site({
      "a.txt": "a",
      "big.bin": "x".repeat(400_000),
      "list/x.txt": "x",
    });
    const api = Deno as unknown as Record<string, (path: string) => unknown>;
    const original = api[call]!;
    api[call] = (path, ...rest: unknown[]) => {
      if (String(path) !== files.folder.in(name)) {
        return (original as (...args: unknown[]) => unknown)(path, ...rest);
      }
      const error = new Deno.errors.NotCapable("Requires read access");
      if (call === "open") return Promise.reject(error);
      throw error;
    };
    try {
      assertEquals((await files.get(target)).status, 404);
    } finally {
      api[call] = original;
    }
    assertEquals((await files.get(target)).status, 200);
  });
}
