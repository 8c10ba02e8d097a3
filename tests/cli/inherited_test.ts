// The command on a socket that its parent process has opened, as systemd does.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { Client } from "../_serve.ts";

/** Listens on descriptor 3, on a free port or a path, and runs its arguments. */
const ACTIVATE = `
use POSIX ();
use Socket;
$^F = 10;
my $path = shift;
if ($path eq "") {
  socket(S, PF_INET, SOCK_STREAM, 0) or die;
  bind(S, sockaddr_in(0, INADDR_LOOPBACK)) or die;
} else {
  socket(S, PF_UNIX, SOCK_STREAM, 0) or die;
  bind(S, sockaddr_un($path)) or die;
}
listen(S, 511) or die;
fileno(S) == 3 or POSIX::dup2(fileno(S), 3) or die;
exec @ARGV;
`;

const through = (path = "") => ["perl", "-e", ACTIVATE, path];

const ignore = Deno.build.os === "windows" || !hasPerl();

function hasPerl(): boolean {
  try {
    return new Deno.Command("perl", { args: ["-e", "1"] }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

Deno.test("the command serves on an inherited socket", { ignore }, async () => {
  await using files = await folder({ "a.txt": "a" });
  const large = "0123456789".repeat(300_000);
  await Deno.writeTextFile(files.in("large.txt"), large);
  await using serving = await startCommand(
    ["--listen-fd", "3", "--no-compress", "-d", files.path],
    { through: through() },
  );
  assertStringIncludes(serving.firstLine, "Serving HTTP on 127.0.0.1 port ");
  const url = `http://127.0.0.1:${serving.port}`;
  assertEquals(await (await fetch(`${url}/a.txt`)).text(), "a");
  const bodies = await Promise.all(
    Array.from(
      { length: 8 },
      async () => (await fetch(`${url}/large.txt`)).text(),
    ),
  );
  assertEquals(bodies.every((body) => body === large), true);

  // Pipelined requests, the last of which ends the client's side.
  using client = new Client(
    await Deno.connect({ hostname: "127.0.0.1", port: serving.port }),
  );
  const head = "GET /a.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
  await client.write(head + head);
  await client.closeWrite();
  for (let count = 0; count < 2; count++) {
    assertEquals((await client.answer()).body, "a");
  }
  assertEquals(await client.readToEnd(), "");

  // Clients that leave in the middle of a response, and without a request.
  for (let count = 0; count < 5; count++) {
    const address = { hostname: "127.0.0.1", port: serving.port };
    (await Deno.connect(address)).close();
    using leaving = await Deno.connect(address);
    const request = "GET /large.txt HTTP/1.1\r\nHost: localhost\r\n\r\n";
    await leaving.write(new TextEncoder().encode(request));
    assert(await leaving.read(new Uint8Array(1024)) !== null);
  }
  assertEquals(await (await fetch(`${url}/a.txt`)).text(), "a");

  const { code, stderr } = await serving.stop("SIGTERM");
  assertEquals(code, 0, stderr);
  for (const line of stderr.trimEnd().split("\n")) {
    assertMatch(
      line,
      /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/\S+ HTTP\/1\.1" 200 -$/,
    );
  }
});

Deno.test(
  "the command serves HTTPS on an inherited socket",
  { ignore },
  async () => {
    const certfile = "tests/data/tls/ssl_cert.pem";
    await using files = await folder({ "a.txt": "a" });
    const tls = [
      "--tls-cert",
      certfile,
      "--tls-key",
      "tests/data/tls/ssl_key.pem",
    ];
    await using serving = await startCommand(
      ["--listen-fd", "3", ...tls, "-d", files.path],
      { through: through() },
    );
    using client = Deno.createHttpClient({
      caCerts: [await Deno.readTextFile(certfile)],
    });
    const url = `https://localhost:${serving.port}/a.txt`;
    for (let count = 0; count < 3; count++) {
      assertEquals(await (await fetch(url, { client })).text(), "a");
    }
    assertEquals((await serving.stop("SIGTERM")).code, 0);
  },
);

Deno.test(
  "the command serves on an inherited Unix socket",
  { ignore },
  async () => {
    await using files = await folder({ "a.txt": "a" });
    const path = files.in("socket");
    await using serving = await startCommand(
      ["--listen-fd", "3", "--trust-proxy", "unix:", "-d", files.path],
      { through: through(path) },
    );
    assertEquals(
      serving.firstLine,
      "Serving HTTP on an inherited Unix socket ...",
    );
    const conn = await Deno.connect({ transport: "unix", path });
    await conn.write(
      new TextEncoder().encode(
        "GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" +
          "X-Forwarded-For: 203.0.113.9\r\n\r\n",
      ),
    );
    const response = await new Response(conn.readable).text();
    assert(response.endsWith("\r\n\r\na"), response);
    const { code, stderr } = await serving.stop("SIGTERM");
    assertEquals(code, 0);
    assertStringIncludes(stderr, "203.0.113.9 - - ");
  },
);

Deno.test("the command fails if the descriptor is not a listening socket", async () => {
  for (
    const [fd, message] of [["77", "not a listening socket"], [
      "1",
      "3 or more",
    ]]
  ) {
    const { code, stderr } = await runCommand(["--listen-fd", fd!]);
    assertEquals(code, 1);
    assertStringIncludes(stderr, `Cannot listen on the descriptor ${fd}`);
    assertStringIncludes(stderr, message!);
  }
});
