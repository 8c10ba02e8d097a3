// The command as a process that serves.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

Deno.test(
  "the command serves through a symlink with permission for both paths",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using files = await folder({ "www/a.txt": "a" });
    const link = files.in("link");
    await Deno.symlink(files.in("www"), link);
    await using serving = await startCommand([
      "-b",
      "127.0.0.1",
      "-d",
      link,
      "0",
    ], {
      permissions: ["--allow-net", `--allow-read=${link},${files.in("www")}`],
    });
    const response = await fetch(`http://127.0.0.1:${serving.port}/a.txt`);
    assertEquals(await response.text(), "a");
    await serving.stop();
  },
);

Deno.test("the command serves, logs, and exits with 0 on Ctrl-C", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.txt`, "hello");
    await Deno.writeTextFile(`${folder}/thing`, "?");
    const options = ["-H", "X-A: 1", "--content-type", "text/x-thing"];
    await using serving = await startCommand(
      ["-b", "127.0.0.1", "-d", folder, ...options, "0"],
    );
    // behaviour 134
    assertMatch(
      serving.firstLine,
      /^Serving HTTP on 127\.0\.0\.1 port ([0-9]+) \(http:\/\/127\.0\.0\.1:\1\/\) \.\.\.$/,
    );
    const url = `http://127.0.0.1:${serving.port}`;
    const response = await fetch(`${url}/a.txt`);
    assertEquals([response.status, await response.text()], [200, "hello"]);
    assertEquals(response.headers.get("x-a"), "1");
    const thing = await fetch(`${url}/thing`);
    assertEquals([thing.headers.get("content-type"), await thing.text()], [
      "text/x-thing",
      "?",
    ]);
    const { code, stdout, stderr } = await serving.stop();
    assertEquals(code, 0);
    assert(
      stdout.endsWith("\n\nKeyboard interrupt received, exiting."),
      stdout,
    );
    assertMatch(
      stderr,
      /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\.txt HTTP\/1\.1" 200 -\n/,
    );
    assertEquals(stderr.split("\n").length, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the command serves the current folder on all interfaces by default", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/a.txt`, "here");
    await using serving = await startCommand(["0"], { cwd: folder });
    const response = await fetch(`http://127.0.0.1:${serving.port}/a.txt`);
    assertEquals(await response.text(), "here");
    const { stdout } = await serving.stop("SIGTERM");
    assertMatch(stdout, /^Serving HTTP on (?:::|0\.0\.0\.0) port /);
    assertStringIncludes(stdout, `\n  http://localhost:${serving.port}/\n`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the command puts an IPv6 address in brackets in the URL only", async () => {
  await using serving = await startCommand(["-b", "::1", "0"]);
  assertMatch(
    serving.firstLine,
    /^Serving HTTP on ::1 port ([0-9]+) \(http:\/\/\[::1\]:\1\/\) \.\.\.$/,
  );
  await serving.stop();
});

Deno.test("the command cuts a response that is still running at a second Ctrl-C", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = await Deno.create(`${folder}/large`);
    await file.truncate(64 * 1024 * 1024);
    file.close();
    await using serving = await startCommand([
      "-b",
      "127.0.0.1",
      "-d",
      folder,
      "0",
    ]);
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: serving.port,
    });
    await conn.write(new TextEncoder().encode("GET /large HTTP/1.0\r\n\r\n"));
    assert(await conn.read(new Uint8Array(1024)) !== null);
    const stopped = serving.stop();
    // It now waits for this response; another interrupt ends the wait. Two signals that arrive
    // together count as one, so they are sent until one arrives separately.
    const again = setInterval(() => serving.interrupt(), 50);
    const { code } = await stopped;
    clearInterval(again);
    assertEquals(code, 130);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the command exits with 0 and prints nothing on SIGTERM", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using serving = await startCommand(["-b", "127.0.0.1", "0"]);
  const { code, stdout, stderr } = await serving.stop("SIGTERM");
  const lines = [serving.firstLine, "  Active: compression"];
  assertEquals([code, stdout.split("\n"), stderr], [0, lines, ""]);
});

Deno.test("the command serves with StaticFileHandler in HTTP/1.1, and in HTTP/1.0 if asked to", async () => {
  await using files = await folder({ "a.txt": "0123456789" });
  for (
    const [args, version] of [[[], "1.1"], [["-p", "HTTP/1.0"], "1.0"]] as const
  ) {
    await using serving = await startCommand(
      [...args, "-b", "127.0.0.1", "-d", files.path, "0"],
    );
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: serving.port,
    });
    await conn.write(
      new TextEncoder().encode(
        "GET /a.txt HTTP/1.1\r\nHost: a\r\nRange: bytes=2-3\r\nConnection: close\r\n\r\n",
      ),
    );
    const response = await new Response(conn.readable).text();
    assertMatch(response, new RegExp(`^HTTP/${version} 206 `));
    assert(response.endsWith("\r\n\r\n23"), response);
    await serving.stop();
  }
});

Deno.test("the command with --cgi serves a file named cgi-bin", async () => {
  await using files = await folder({ "cgi-bin": "a file" });
  await using serving = await startCommand(
    ["--cgi", "-q", "-b", "127.0.0.1", "-d", files.path, "0"],
  );
  const response = await fetch(`http://127.0.0.1:${serving.port}/cgi-bin`);
  assertEquals([response.status, await response.text()], [200, "a file"]);
  assertEquals((await serving.stop("SIGTERM")).stderr, "");
});

Deno.test("the command runs scripts with --cgi, only for this machine", async () => {
  await using files = await folder({
    "cgi-bin/hello":
      "#!/bin/sh\necho 'Content-Type: text/plain'\necho\necho hi",
  });
  for (
    const path of [files.path, files.in("cgi-bin"), files.in("cgi-bin/hello")]
  ) {
    await Deno.chmod(path, 0o755);
  }
  await using serving = await startCommand(["--cgi", "-d", files.path, "0"]);
  assertMatch(serving.firstLine, /^Serving HTTP on 127\.0\.0\.1 port /);
  const url = `http://127.0.0.1:${serving.port}/cgi-bin/hello`;
  assertEquals(await (await fetch(url)).text(), "hi\n");
  await serving.stop();
});

Deno.test("the command serves over HTTPS with --tls-cert", async () => {
  await using files = await folder({ "a.txt": "secret" });
  const data = new URL("../data/tls/", import.meta.url).pathname;
  await using serving = await startCommand([
    ...["-b", "127.0.0.1", "-d", files.path],
    ...["--tls-cert", `${data}ssl_cert.pem`],
    ...["--tls-key", `${data}ssl_key.passwd.pem`],
    ...["--tls-password-file", await passwordFile(files.path)],
    "0",
  ]);
  assertMatch(
    serving.firstLine,
    /^Serving HTTPS on 127\.0\.0\.1 port (\d+) \(https:\/\/127\.0\.0\.1:\1\/\) \.\.\.$/,
  );
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(`${data}ssl_cert.pem`)],
  });
  const url = `https://localhost:${serving.port}/a.txt`;
  const response = await fetch(url, { client });
  assertEquals(await response.text(), "secret");
  await serving.stop();
});

Deno.test("the command reads users from a file or the environment, and warns about clear text", async () => {
  await using files = await folder({ "www/a.txt": "a", "users": "ada:x\n" });
  const args = ["-d", files.in("www"), "0"];
  const cases = [
    { args: ["--users", files.in("users"), ...args], env: {} },
    { args: ["--users-env", "USERS", ...args], env: { USERS: "ada:x" } },
  ];
  for (const { args, env } of cases) {
    await using serving = await startCommand(args, { env });
    const url = `http://127.0.0.1:${serving.port}/a.txt`;
    const refused = await fetch(url);
    await refused.body?.cancel();
    assertEquals(refused.status, 401);
    const headers = { Authorization: `Basic ${btoa("ada:x")}` };
    assertEquals(await (await fetch(url, { headers })).text(), "a");
    const { stderr } = await serving.stop();
    assertMatch(stderr, /^httpserver: warning: without --https or --tls-cert/);
  }
  await using local = await startCommand(
    ["-b", "127.0.0.1", "--users", files.in("users"), ...args],
  );
  assertEquals((await local.stop()).stderr, "");
});

Deno.test("the command logs to a file with --log-file, and not at all with --quiet", async () => {
  await using files = await folder({ "www/a.txt": "a", "log": "before\n" });
  const args = ["-b", "127.0.0.1", "-d", files.in("www")];
  for (const more of [["--log-file", files.in("log")], ["--quiet"]]) {
    await using serving = await startCommand([...args, ...more, "0"]);
    const response = await fetch(`http://127.0.0.1:${serving.port}/a.txt`);
    await response.body?.cancel();
    const { stderr } = await serving.stop();
    assertEquals(stderr, "");
  }
  assertMatch(
    await Deno.readTextFile(files.in("log")),
    /^before\n127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\.txt HTTP\/1\.1" 200 -\n$/,
  );
});

Deno.test("the command hashes a password from standard input with --hash-password", async () => {
  await using files = await folder({ "www/a.txt": "a" });
  const hashed = await runCommand(["--hash-password"], { stdin: "p:w\nx\n" });
  assertEquals([hashed.code, hashed.stderr], [0, ""]);
  assertMatch(hashed.stdout, /^\$pbkdf2-sha256\$600000\$[^\n]+\n$/);
  const env = { USERS: `ada:${hashed.stdout}` };
  const args = ["-b", "127.0.0.1", "-q", "-d", files.in("www")];
  args.push("--users-env", "USERS", "0");
  await using serving = await startCommand(args, { env });
  const url = `http://127.0.0.1:${serving.port}/a.txt`;
  for (const [password, status] of [["p:w", 200], ["p:w\n", 401]] as const) {
    const headers = { Authorization: `Basic ${btoa(`ada:${password}`)}` };
    const response = await fetch(url, { headers });
    await response.body?.cancel();
    assertEquals(response.status, status);
  }
  await serving.stop();
  const none = await runCommand(["--hash-password"], { stdin: "" });
  assertEquals(none.code, 2);
  assertMatch(none.stderr, /--hash-password: the password must not be empty/);
});

/** The password of the test keys, in a file. */
async function passwordFile(folder: string): Promise<string> {
  const file = `${folder}/password`;
  await Deno.writeTextFile(file, " somepass\n");
  return file;
}

Deno.test("the command warns about a missing --spa-page, and serves", async () => {
  await using files = await folder({ "www/a.txt": "a" });
  const args = ["-b", "127.0.0.1", "-q", "-d", files.in("www"), "0"];
  for (const option of [["--spa"], ["--spa-page", "app.html"]]) {
    await using serving = await startCommand([...option, ...args]);
    const { code, stderr } = await serving.stop();
    const page = option[1] ?? "index.html";
    assertEquals(
      [code, stderr],
      [
        0,
        `httpserver: warning: there is no ${page} yet to serve for page loads\n`,
      ],
    );
  }
});
