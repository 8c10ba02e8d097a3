// Files that the command itself reads or writes, in the directory that it serves.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { privateFiles } from "../../cli/private_files.ts";
import { parseCommandLine } from "../../cli/arguments.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { pureTest } from "../_lib/pure.ts";
import { type Serving, startCommand } from "../_command.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { home } from "./_local_ca.ts";

const TLS = new URL("../data/tls/", import.meta.url);

const USERS = "ada:{PLAIN}correct horse\n";
const LOGIN = { Authorization: `Basic ${btoa("ada:correct horse")}` };

/** Starts the command in a folder, as people do. */
function startIn(files: Folder, ...args: string[]): Promise<Serving> {
  return startCommand(["-b", "127.0.0.1", ...args, "0"], { cwd: files.path });
}

/** The status and the body of a response, with the password. */
async function ask(
  { port }: Serving,
  path: string,
  init: RequestInit & { client?: Deno.HttpClient; scheme?: string } = {},
): Promise<[status: number, body: string]> {
  const { scheme = "http", ...rest } = init;
  const url = `${scheme}://localhost:${port}${path}`.replace(
    "http://localhost",
    "http://127.0.0.1",
  );
  const response = await fetch(url, { headers: LOGIN, ...rest });
  return [response.status, await response.text()];
}

pureTest("privateFiles() has each file that an argument names", () => {
  const args =
    "--users u --tls-cert c --tls-key k --tls-password-file p --proxy http://localhost:1 --proxy-ca a --log-file l --config o";
  const parsed = parseCommandLine(args.split(" "));
  if (typeof parsed === "string") throw new Error(parsed);
  assertEquals(privateFiles(parsed), ["u", "c", "k", "p", "a", "l", "o"]);
  const none = parseCommandLine([]);
  if (typeof none === "string") throw new Error(none);
  assertEquals(privateFiles(none), []);
});

boundedTest(
  "the file of --users is not served, with and without uploads",
  async () => {
    await using files = await folder({ "users.txt": USERS, "a.txt": "a" });
    for (
      const options of [
        [],
        ["--upload"],
        ["--upload-policy", "overwrite"],
        ["--workers", "2"],
        ["--symlinks", "follow"],
      ]
    ) {
      await using serving = await startIn(
        files,
        "--archive",
        "--users",
        "users.txt",
        ...options,
      );
      assertEquals(await ask(serving, "/a.txt"), [200, "a"]);
      assertEquals((await ask(serving, "/users.txt"))[0], 404);
      for (const path of ["/", "/?format=json", "/?zip", "/?tar"]) {
        const [status, body] = await ask(serving, path);
        assertEquals(status, 200, path);
        assertEquals(body.includes("users.txt"), false, path);
        assertEquals(body.includes("horse"), false, path);
      }
      const put = { method: "PUT", body: "eve:{PLAIN}x" };
      const [status] = await ask(serving, "/users.txt", put);
      const isOn = options[0]?.startsWith("--upload");
      assertEquals(status, isOn ? 403 : 405);
      assertEquals(await Deno.readTextFile(files.in("users.txt")), USERS);
    }
  },
);

boundedTest(
  "the log, the configuration and the certificates of a proxy are not served",
  async () => {
    await using files = await folder({ "a.txt": "a" });
    await Deno.copyFile(new URL("ssl_cert.pem", TLS), files.in("ca.pem"));
    await Deno.writeTextFile(
      files.in("server.json"),
      JSON.stringify({ "log-file": "access.log", "archive": true }),
    );
    await using serving = await startIn(
      files,
      ...["--config", "server.json", "--proxy", "/api=http://127.0.0.1:1"],
      ...["--proxy-ca", "ca.pem", "--upload-policy", "overwrite"],
    );
    assertEquals(await ask(serving, "/a.txt"), [200, "a"]);
    for (const name of ["access.log", "server.json", "ca.pem"]) {
      assert((await Deno.stat(files.in(name))).isFile);
      assertEquals((await ask(serving, `/${name}`))[0], 404, name);
      const put = { method: "PUT", body: "x" };
      assertEquals((await ask(serving, `/${name}`, put))[0], 403, name);
      assertEquals(
        (await ask(serving, "/?format=json"))[1].includes(name),
        false,
      );
      assertEquals((await ask(serving, "/?zip"))[1].includes(name), false);
    }
  },
);

boundedTest(
  "the files of --tls-cert are not served, nor by --cgi",
  async () => {
    await using files = await folder({
      "a.txt": "a",
      "password.txt": "unused",
      "cgi-bin/": "",
    });
    for (const name of ["cert.pem", "key.pem"]) {
      await Deno.copyFile(new URL(`ssl_${name}`, TLS), files.in(name));
    }
    await Deno.symlink(files.in("key.pem"), files.in("link.pem"));
    using client = Deno.createHttpClient({
      caCerts: [await Deno.readTextFile(files.in("cert.pem"))],
    });
    for (const options of [[], ["--cgi"]]) {
      await using serving = await startIn(
        files,
        ...["--tls-cert", "cert.pem", "--tls-key", "key.pem"],
        ...["--tls-password-file", "password.txt", ...options],
      );
      const get = (path: string) =>
        ask(serving, path, { client, scheme: "https" });
      assertEquals(await get("/a.txt"), [200, "a"]);
      const names = ["cert.pem", "key.pem", "password.txt", "link.pem"];
      for (const name of names) {
        assertEquals((await get(`/${name}`))[0], 404, name);
      }
      assertStringIncludes((await get("/"))[1], "a.txt");
    }
  },
);

boundedTest("the directory of the CA of --https is not served", async () => {
  await using made = await home();
  await Deno.writeTextFile(made.in("a.txt"), "a");
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "--https", "--dot-files", "0"],
    { cwd: made.path, env: made.env },
  );
  const entries = await Array.fromAsync(Deno.readDir(made.data));
  const names = entries.map(({ name }) => name);
  assert(names.length > 0);
  const caCerts = [await Deno.readTextFile(`${made.data}/ca.crt`)];
  using client = Deno.createHttpClient({ caCerts });
  const get = (path: string) => ask(serving, path, { client, scheme: "https" });
  assertEquals(await get("/a.txt"), [200, "a"]);
  for (const name of ["", ...names]) {
    assertEquals((await get(`/.local/share/httpserver/${name}`))[0], 404);
  }
  assertEquals((await get("/.local/share/?format=json"))[0], 200);
});
