// The command as a process.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runCommand, startCommand } from "./_command.ts";
import { folder } from "./handlers/_folder.ts";

Deno.test("the command prints its options to standard output and exits with 0", async () => {
  const { code, stdout, stderr } = await runCommand(["--help"]); // behaviour 129
  assertEquals([code, stderr], [0, ""]);
  assertMatch(stdout, /^usage: httpserver /);
  for (
    const option of [
      "--bind",
      "--directory",
      "--protocol",
      "--header",
      "--content-type",
      "--cgi",
      "--tls-cert",
      "--tls-key",
      "--tls-password-file",
    ]
  ) {
    assertStringIncludes(stdout, option);
  }
});

Deno.test("the command shows its usage and exits with 2 for a wrong argument", async () => {
  const { code, stdout, stderr } = await runCommand(["--nothing"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(
    stderr,
    /^usage: httpserver [^]*\nhttpserver: error: Unknown option '--nothing'\n$/,
  );
});

Deno.test("the command gives one line and exits with 1 for a folder that is not there", async () => {
  const { code, stderr } = await runCommand(["-d", "/no/such/folder", "0"]);
  assertEquals(
    [code, stderr],
    [
      1,
      "httpserver: Cannot serve '/no/such/folder': there is no such folder\n",
    ],
  );
});

Deno.test("the command gives one line and exits with 1 for a root that is a file", async () => {
  const file = new URL("../deno.json", import.meta.url).pathname;
  const { code, stderr } = await runCommand(["-d", file, "0"]);
  assertEquals([code, stderr], [
    1,
    `httpserver: Cannot serve '${file}': it is not a folder\n`,
  ]);
});

Deno.test(
  "the command gives one line and exits with 1 for what can never be served",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using files = await folder({
      "www/a.txt": "a",
      "cgi/cgi-bin/hello": "#!/bin/sh",
      "looping/": "",
      "file": "-",
    });
    await Deno.symlink("cgi-bin", files.in("looping/cgi-bin"));
    const [www, link, cgi] = ["www", "link", "cgi"].map(files.in) as [
      string,
      string,
      string,
    ];
    await Deno.symlink(www, link);
    await Deno.symlink("gone", files.in("dangling"));
    await Deno.symlink("loop", files.in("loop"));
    const net = "--allow-net";
    const rows: readonly [string[], string[], RegExp][] = [
      // The runtime judges a file by its real path, so no request could be answered.
      [
        [net, `--allow-read=${link}`],
        ["-d", link],
        /'; run again with --allow-read=/,
      ],
      [
        [net, `--allow-read=${link}`],
        ["--cgi", "-d", link],
        /run again with --allow/,
      ],
      [
        [net, `--allow-read=${link},${cgi}`],
        ["-d", cgi, "--mount", `/x=${link}`],
        /'; run again with --allow-read=/,
      ],
      [[net, `--allow-read=${www}`], ["-d", link], /Requires read access to/],
      [[net, `--allow-read=${cgi}`], ["--cgi", "-d", cgi], /with --allow-run$/],
      [
        [net, `--allow-read=${cgi}`, "--allow-run"],
        ["--cgi", "-d", cgi],
        /with --allow-sys=uid$/,
      ],
      [["-A"], ["-d", files.in("dangling")], /there is no such folder$/],
      [["-A"], ["-d", files.in("loop")], /Too many levels of symbolic links/],
      [["-A"], ["-d", files.in("file")], /it is not a folder$/],
      [
        ["-A"],
        ["--cgi", "-d", files.in("looping")],
        /Cannot look for scripts in '.*cgi-bin': Too many levels/,
      ],
      [
        ["-A"],
        ["-d", www, "--users", www],
        /Cannot read the users in .*directory/,
      ],
      [["-A"], ["-d", www, "--log-file", www], /Cannot log to .*directory/],
      [
        ["-A"],
        ["-d", www, "--tls-cert", www],
        /Cannot read the cert.*directory/,
      ],
      [
        [net, `--allow-read=${www}`],
        ["-d", www, "--log-file", files.in("log")],
        /Cannot log to .*--allow-write/,
      ],
    ];
    for (const [permissions, args, message] of rows) {
      const { code, stdout, stderr } = await runCommand(
        [...args, "-b", "127.0.0.1", "0"],
        { permissions },
      );
      assertEquals([code, stdout], [1, ""], args.join(" "));
      assertMatch(stderr, /^httpserver: [^\n]+\n$/);
      assertMatch(stderr.trimEnd(), message);
    }
  },
);

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

Deno.test("the command gives one line and exits with 1 for a busy port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(listener.addr.port);
  const { code, stdout, stderr } = await runCommand(["-b", "127.0.0.1", port]);
  assertEquals([code, stdout], [1, ""]);
  assertEquals(
    stderr,
    `httpserver: Cannot listen at port ${port}: it is in use; give another one, or 0 for any\n`,
  );
});

Deno.test("the command gives one line and exits with 1 for an address that is not here", async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has the last of it.
  const { code, stderr } = await runCommand(["-b", "192.0.2.254", "0"]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^httpserver: Cannot listen at '192\.0\.2\.254' port 0: .*\n$/,
  );
});

Deno.test("the command gives one line and exits with 1 where a permission is missing", async () => {
  const noRead = await runCommand(["0"], { permissions: ["--allow-net"] });
  assertEquals(noRead.code, 1);
  assertMatch(noRead.stderr, /^httpserver: Requires read access .*\n$/);
  const noNet = await runCommand(["0"], { permissions: ["--allow-read"] });
  assertEquals(noNet.code, 1);
  assertMatch(noNet.stderr, /^httpserver: Requires net access .*\n$/);
});

Deno.test("the command serves, logs, and ends with 0 at Ctrl-C", async () => {
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

Deno.test("the command puts an IPv6 address into brackets in the URL only", async () => {
  await using serving = await startCommand(["-b", "::1", "0"]);
  assertMatch(
    serving.firstLine,
    /^Serving HTTP on ::1 port ([0-9]+) \(http:\/\/\[::1\]:\1\/\) \.\.\.$/,
  );
  await serving.stop();
});

Deno.test("the command cuts an answer that outlasts a second Ctrl-C", async () => {
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
    // It waits for this answer now; a further interrupt doesn't. Two signals that come
    // together count as one, so they are sent until one has arrived on its own.
    const again = setInterval(() => serving.interrupt(), 50);
    const { code } = await stopped;
    clearInterval(again);
    assertEquals(code, 130);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the command ends with 0 and without a word at SIGTERM", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using serving = await startCommand(["-b", "127.0.0.1", "0"]);
  const { code, stdout, stderr } = await serving.stop("SIGTERM");
  assertEquals([code, stdout, stderr], [0, serving.firstLine, ""]);
});

Deno.test("the command serves with StaticFileHandler in HTTP/1.1, and in HTTP/1.0 where it is told to", async () => {
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
    const answer = await new Response(conn.readable).text();
    assertMatch(answer, new RegExp(`^HTTP/${version} 206 `));
    assert(answer.endsWith("\r\n\r\n23"), answer);
    await serving.stop();
  }
});

Deno.test("the command with --cgi serves a file that is named cgi-bin", async () => {
  await using files = await folder({ "cgi-bin": "a file" });
  await using serving = await startCommand(
    ["--cgi", "-q", "-b", "127.0.0.1", "-d", files.path, "0"],
  );
  const response = await fetch(`http://127.0.0.1:${serving.port}/cgi-bin`);
  assertEquals([response.status, await response.text()], [200, "a file"]);
  assertEquals((await serving.stop("SIGTERM")).stderr, "");
});

Deno.test("the command runs scripts with --cgi, at this machine alone", async () => {
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
  const data = new URL("data/tls/", import.meta.url).pathname;
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

Deno.test("the command takes users of a file and of the environment, and warns of clear text", async () => {
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
    assertMatch(stderr, /^httpserver: warning: without --tls-cert/);
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

Deno.test("the command exits with 2 for options that the site refuses, and with 1 where it can't log", async () => {
  const rows: readonly [args: string[], code: number, message: RegExp][] = [
    [["--cache", "*.js"], 2, /Cannot read the cache rule "\*\.js"/],
    [["--base", "a/../b"], 2, /Cannot serve files at the prefix/],
    [["--cors-origin", "a.test"], 2, /Cannot allow the origin "a\.test"/],
    [
      ["--users", "/no/such"],
      1,
      /Cannot read the users in '\/no\/such': there/,
    ],
    [["--users-env", "A=B"], 2, /--users-env: there is no variable 'A=B'/],
    [["--users-env", "NO_SUCH_USERS"], 2, /no variable 'NO_SUCH_USERS'/],
    [
      ["--cors-origin", "localhost:3000"],
      2,
      /write it as http:\/\/localhost:3000/,
    ],
    [
      ["--cache", "*.html=1h"],
      2,
      /"1h" is not a valid directive; write a time as a number/,
    ],
    [["--mount", "/x=/no/such"], 1, /Cannot serve '\/no\/such'/],
    [
      ["--log-file", "/no/such/log"],
      1,
      /Cannot log to '\/no\/such\/log': No such/,
    ],
  ];
  for (const [args, code, message] of rows) {
    const finished = await runCommand([...args, "0"]);
    assertEquals(finished.code, code, args.join(" "));
    assertMatch(finished.stderr, message);
  }
});

Deno.test("the command hashes a password of standard input with --hash-password", async () => {
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
  assertMatch(none.stderr, /--hash-password: there is no password/);
});

/** The password of the test keys, in a file. */
async function passwordFile(folder: string): Promise<string> {
  const file = `${folder}/password`;
  await Deno.writeTextFile(file, " somepass\n");
  return file;
}

Deno.test("the command warns of a page for navigations that is not there, and serves", async () => {
  await using files = await folder({ "www/a.txt": "a" });
  const args = ["-b", "127.0.0.1", "-q", "-d", files.in("www"), "0"];
  for (const option of [["--spa"], ["--spa-page", "app.html"]]) {
    await using serving = await startCommand([...option, ...args]);
    const { code, stderr } = await serving.stop();
    const page = option[1] ?? "index.html";
    assertEquals(
      [code, stderr],
      [0, `httpserver: warning: there is no ${page} yet for navigations\n`],
    );
  }
});
