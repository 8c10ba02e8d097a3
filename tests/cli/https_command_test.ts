// `--https` in a separate process, with clients that trust its authority.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runCommand, startCommand } from "../_command.ts";
import { Client } from "../_serve.ts";
import { folder } from "../handlers/_folder.ts";
import { type Home, home, isInstalled, run } from "./_local_ca.ts";

/** Sends a request in plain HTTP. */
async function plain(port: number, target: string) {
  using client = new Client(
    await Deno.connect({ hostname: "127.0.0.1", port }),
  );
  await client.write(
    `GET ${target} HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`,
  );
  return await client.answer();
}

/** A client that trusts the authority. */
async function clientOf(user: Home): Promise<Deno.HttpClient> {
  const ca = await Deno.readTextFile(`${user.data}/ca.crt`);
  return Deno.createHttpClient({ caCerts: [ca] });
}

async function textOf(
  url: string,
  client: Deno.HttpClient,
): Promise<string> {
  return await (await fetch(url, { client })).text();
}

const ignore = Deno.build.os !== "linux";

Deno.test({
  name:
    "the command serves over HTTPS with --https, to clients that trust its CA",
  ignore,
  async fn() {
    await using user = await home();
    await using files = await folder({ "a.txt": "hello" });
    await using serving = await startCommand(
      ["--https", "--host", "app.test", "-d", files.path, "0"],
      user,
    );
    const { port } = serving;
    assertMatch(serving.firstLine, /^Serving HTTPS on .+ \(https:/);
    using client = await clientOf(user);
    for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
      assertEquals(
        await textOf(`https://${host}:${port}/a.txt`, client),
        "hello",
      );
    }
    const redirect = await plain(port, "/a.txt?x");
    assertEquals(redirect.status, 308);
    assertEquals(
      redirect.header("location"),
      `https://localhost:${port}/a.txt?x`,
    );
    const { stdout, stderr } = await serving.stop();
    assertMatch(stdout, /\n {2}CA: SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
    assertStringIncludes(stdout, "this machine: httpserver --trust");
    assertEquals(stderr.trimEnd().split("\n").length, 3);
  },
});

Deno.test({
  name:
    "the command sends its CA over plain HTTP and over HTTPS, also to other hosts and with a password",
  ignore,
  async fn() {
    await using user = await home();
    await using files = await folder({ "www/a.txt": "a", users: "ada:x\n" });
    for (
      const more of [["--users", files.in("users")], ["--cgi"], [
        "--workers",
        "2",
      ]]
    ) {
      await using serving = await startCommand(
        ["--https", ...more, "-b", "127.0.0.1", "-d", files.in("www"), "0"],
        user,
      );
      const { port } = serving;
      const open = await plain(port, "/.httpserver/ca.crt");
      assertEquals(open.status, 200);
      assertEquals(open.header("content-type"), "application/x-x509-ca-cert");
      using client = await clientOf(user);
      const url = `https://localhost:${port}/.httpserver/ca.crt`;
      const response = await fetch(url, { client });
      assertEquals(response.status, 200);
      const body = await response.bytes();
      assertEquals(String.fromCharCode(...body), open.body);
      const pem = (await Deno.readTextFile(`${user.data}/ca.crt`))
        .replace(/-----.*|\n/g, "");
      assertEquals(btoa(open.body), pem);
      const head = await fetch(url, { client, method: "HEAD" });
      assertEquals(head.headers.get("content-length"), String(body.length));
      await head.body?.cancel();
      await serving.stop();
    }
  },
});

Deno.test({
  name:
    "the command prints nothing but JSON with --https --json, and warns of names that are left out",
  ignore,
  async fn() {
    await using user = await home();
    await using serving = await startCommand(
      ["--https", "--json", "--host", "example.com", "-b", "127.0.0.1", "0"],
      { ...user, cwd: user.path },
    );
    const { urls } = JSON.parse(serving.firstLine);
    assertMatch(urls[0], /^https:\/\/127\.0\.0\.1:\d+\/$/);
    using client = await clientOf(user);
    await textOf(urls[0], client);
    const { stdout, stderr } = await serving.stop();
    for (const line of stdout.trimEnd().split("\n")) JSON.parse(line);
    assertStringIncludes(
      stderr,
      "warning: the certificate is not valid for 'example.com'",
    );
  },
});

Deno.test({
  name: "the command applies --allow to plain HTTP on the port too",
  ignore,
  async fn() {
    await using user = await home();
    for (const workers of ["1", "2"]) {
      await using serving = await startCommand(
        [
          ...["--https", "--allow", "10.0.0.0/8", "--workers", workers],
          ...["-b", "127.0.0.1", "0"],
        ],
        { ...user, cwd: user.path },
      );
      for (const target of ["/", "/.httpserver/ca.crt"]) {
        assertEquals((await plain(serving.port, target)).status, 403);
      }
    }
  },
});

Deno.test({
  name: "the command prints its secret path in https URLs only",
  ignore,
  async fn() {
    await using user = await home();
    for (const more of [["--qr"], ["--json"]]) {
      await using serving = await startCommand(
        ["--https", "--secret", "--base", "/app", ...more, "0"],
        { ...user, cwd: user.path },
      );
      const { port } = serving;
      const { stdout } = await serving.stop();
      assertMatch(stdout, /https:\/\/[^/]+\/[\w-]{22}\/app\//);
      const urls = stdout.match(/http:\/\/[^\s"]+/g) ?? [];
      const rest = urls.filter((url) =>
        !url.endsWith(`:${port}/.httpserver/ca.crt`)
      );
      assertEquals(rest, []);
    }
  },
});

Deno.test({
  name: "two commands that start at once use one CA, and curl accepts both",
  ignore: ignore || !isInstalled("curl", "--version"),
  async fn() {
    await using user = await home();
    await using files = await folder({ "a.txt": "hello" });
    const args = ["--https", "-b", "127.0.0.1", "-d", files.path, "0"];
    const [one, two] = await Promise.all([
      startCommand(args, user),
      startCommand([...args, "--host", "b.test"], user),
    ]);
    await using _one = one;
    await using _two = two;
    for (const { port } of [one, two]) {
      const url = `https://localhost:${port}/a.txt`;
      const { code, output } = await run(
        "curl",
        ...["-sS", "--noproxy", "*", "--cacert", `${user.data}/ca.crt`, url],
      );
      assertEquals([code, output], [0, "hello"]);
    }
  },
});

Deno.test({
  name: "the command says in one line why it can't keep certificates",
  ignore,
  async fn() {
    await using files = await folder({ "file": "" });
    await using user = await home();
    for (
      const [env, expected] of [
        [
          { HOME: "" },
          /^httpserver: Cannot keep the certificates: HOME is not set; .+\n$/,
        ],
        [
          { XDG_DATA_HOME: files.in("file") },
          /^httpserver: Cannot keep the certificates in .+; make it writable, or use --tls-cert\n$/,
        ],
      ] as const
    ) {
      const { code, stderr } = await runCommand(["--https", "0"], {
        env: { ...user.env, ...env },
      });
      assertEquals(code, 1);
      assertMatch(stderr, expected);
    }
  },
});

Deno.test({
  name:
    "the command serves over HTTPS with the permissions that docs/cli.md lists",
  ignore,
  async fn() {
    await using user = await home();
    await using files = await folder({ "a.txt": "hello" });
    await using serving = await startCommand(
      ["--https", "-b", "127.0.0.1", "-d", files.path, "0"],
      {
        ...user,
        permissions: [
          "--allow-net",
          `--allow-read=${files.path},${user.data}`,
          `--allow-write=${user.data}`,
          "--allow-env=HOME",
        ],
      },
    );
    using client = await clientOf(user);
    const url = `https://localhost:${serving.port}/a.txt`;
    assertEquals(await textOf(url, client), "hello");
    const { stderr } = await serving.stop();
    assert(!stderr.includes("warning"), stderr);
  },
});
