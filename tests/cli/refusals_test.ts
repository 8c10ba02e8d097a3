// The command as a process that exits by itself: with its help, or with one line that says
// what is wrong.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

Deno.test("the command prints its options to standard output and exits with 0", async () => {
  const brief = await runCommand(["--help"]); // behaviour 129
  assertEquals([brief.code, brief.stderr], [0, ""]);
  assertMatch(brief.stdout, /^usage: httpserver [^]*--help-all/);
  const { code, stdout, stderr } = await runCommand(["--help-all"]);
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

Deno.test("the command prints one line and exits with 1 for a missing folder", async () => {
  const { code, stderr } = await runCommand(["-d", "/no/such/folder", "0"]);
  assertEquals(
    [code, stderr],
    [
      1,
      "httpserver: Cannot serve '/no/such/folder': there is no such directory\n",
    ],
  );
});

Deno.test("the command names the permission that --workers needs", async () => {
  await using files = await folder();
  const { code, stderr } = await runCommand(
    ["--workers", "2", "-b", "127.0.0.1", "-d", files.path, "0"],
    {
      permissions: [
        "--allow-net",
        `--allow-read=${await Deno.realPath(files.path)}`,
      ],
    },
  );
  const program = new URL("../../", import.meta.url).pathname;
  assertEquals([code, stderr], [
    1,
    `httpserver: Cannot start workers without reading their code: run again with --allow-read=${program}\n`,
  ]);
});

Deno.test("the command prints one line and exits with 1 for a root that is a file", async () => {
  const file = new URL("../../deno.json", import.meta.url).pathname;
  const { code, stderr } = await runCommand(["-d", file, "0"]);
  assertEquals([code, stderr], [
    1,
    `httpserver: Cannot serve '${file}': it is not a directory\n`,
  ]);
});

/** Permissions, arguments, and the message, for folders that can never be served. */
function neverServed(
  at: (name: string) => string,
): readonly [permissions: string[], args: string[], message: RegExp][] {
  const [www, link, cgi] = [at("www"), at("link"), at("cgi")];
  const net = "--allow-net";
  return [
    // The runtime checks the real path of a file, so every request would fail.
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
    [["-A"], ["-d", at("dangling")], /there is no such directory$/],
    [["-A"], ["-d", at("loop")], /Too many levels of symbolic links/],
    [["-A"], ["-d", at("file")], /it is not a directory$/],
    [
      ["-A"],
      ["--cgi", "-d", at("looping")],
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
      ["-d", www, "--log-file", at("log")],
      /Cannot log to .*--allow-write/,
    ],
  ];
}

Deno.test(
  "the command prints one line and exits with 1 for a folder that can never be served",
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
    await Deno.symlink(files.in("www"), files.in("link"));
    await Deno.symlink("gone", files.in("dangling"));
    await Deno.symlink("loop", files.in("loop"));
    for (
      const [permissions, args, message] of neverServed(files.in)
    ) {
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

Deno.test("the command prints one line and exits with 1 for a busy port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(listener.addr.port);
  const { code, stdout, stderr } = await runCommand(["-b", "127.0.0.1", port]);
  assertEquals([code, stdout], [1, ""]);
  assertMatch(
    stderr,
    new RegExp(
      `^httpserver: Cannot listen on port ${port}: it is in use.*; port \\d+ is free: choose it, or add --port-fallback\n$`,
    ),
  );
  if (Deno.build.os === "linux") {
    assertStringIncludes(stderr, ` by 'deno' (process ${Deno.pid});`);
  }
  // Other ports are not permitted, nor is /proc.
  const little = await runCommand(["-b", "127.0.0.1", port], {
    permissions: [`--allow-net=127.0.0.1:${port}`, "--allow-read=."],
  });
  assertEquals(
    [little.code, little.stderr],
    [
      1,
      `httpserver: Cannot listen on port ${port}: it is in use; choose another, or 0 for a free one\n`,
    ],
  );
});

for (const workers of ["1", "2"]) {
  Deno.test(`the command with --workers ${workers} takes the next free port with --port-fallback, and says so`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const args = ["-b", "127.0.0.1", "-q", "--port-fallback"];
    await using serving = await startCommand(
      [...args, "--workers", workers, String(port)],
    );
    assert(serving.port > port && serving.port <= port + 100);
    const { code, stderr } = await serving.stop();
    assertEquals(code, 0);
    assertMatch(
      stderr,
      new RegExp(
        `^httpserver: port ${port} is in use.*; listening on port ${serving.port}\n$`,
      ),
    );
  });
}

Deno.test("the command prints one line and exits with 1 for an address of another machine", async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has its last address.
  const { code, stderr } = await runCommand(["-b", "192.0.2.254", "0"]);
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^httpserver: Cannot listen on '192\.0\.2\.254' port 0: .*\n$/,
  );
});

Deno.test("the command prints one line and exits with 1 if a permission is missing", async () => {
  const noRead = await runCommand(["0"], { permissions: ["--allow-net"] });
  assertEquals(noRead.code, 1);
  assertMatch(noRead.stderr, /^httpserver: Requires read access .*\n$/);
  const noNet = await runCommand(["0"], { permissions: ["--allow-read"] });
  assertEquals(noNet.code, 1);
  assertMatch(noNet.stderr, /^httpserver: Requires net access .*\n$/);
});

Deno.test("the command exits with 2 for options that the site refuses, and with 1 if it can't log", async () => {
  const rows: readonly [args: string[], code: number, message: RegExp][] = [
    [["--cache", "*.js"], 2, /Cannot read the cache rule "\*\.js"/],
    [["--base", "a/../b"], 2, /Cannot serve files at the prefix/],
    [["--cors-origin", "a.test"], 2, /Cannot allow the origin "a\.test"/],
    [
      ["--users", "/no/such"],
      1,
      /Cannot read the users in '\/no\/such': there/,
    ],
    [
      ["--users-env", "A=B"],
      2,
      /--users-env: the environment variable 'A=B' is not set/,
    ],
    [
      ["--users-env", "NO_SUCH_USERS"],
      2,
      /variable 'NO_SUCH_USERS' is not set/,
    ],
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
    [
      ["--users", new URL("../../deno.json", import.meta.url).pathname],
      2,
      // No warning precedes it.
      /^usage: [^]*argument --users: Cannot read line 1 of '.*\/deno\.json': it has no colon; write user:password\n$/,
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
