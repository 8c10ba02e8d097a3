// `--proxy` in the command: which permissions it needs, and what it says.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

Deno.test("httpserver --proxy needs permission to connect, and says which", async () => {
  await using files = await folder({ "index.html": "<p>Hello" });
  await using api = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response("api", { headers: { Connection: "close" } }),
  );
  await using command = await startCommand(
    [
      ...["--proxy", `/api=http://127.0.0.1:${api.addr.port}`],
      ...["--proxy", "/other=http://[::1]:9"],
      ...["-b", "127.0.0.1", "-d", files.path, "0"],
    ],
    { permissions: ["--allow-net=127.0.0.1", `--allow-read=${files.path}`] },
  );
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${command.port}${path}`);
    return [response.status, await response.text()] as const;
  };
  assertEquals(await get("/api/x"), [200, "api"]);
  const [status, page] = await get("/other");
  assertEquals(status, 502);
  assertStringIncludes(page, "run again with --allow-net=[::1]:9");
  const { code, stdout, stderr } = await command.stop();
  assertEquals(code, 0);
  assertStringIncludes(
    stdout,
    `Active: proxy /api to http://127.0.0.1:${api.addr.port}, proxy /other to http://[::1]:9,`,
  );
  assertStringIncludes(stderr, "Proxy: Deno may not connect to http://[::1]:9");
});

Deno.test("httpserver rejects malformed upstreams, and files without certificates", async () => {
  await using files = await folder({ "a.pem": "text" });
  const ca = ["--proxy", "https://a.test", "--proxy-ca"];
  for (
    const [args, code, message] of [
      [
        ["--proxy", "localhost:3000"],
        2,
        "Cannot use the proxy 'localhost:3000'",
      ],
      [["--proxy", "/api"], 2, "it must have the form PATH=URL or URL"],
      [["--proxy-timeout", "5"], 2, "--proxy-timeout: requires --proxy"],
      [
        ["--proxy", "http://a.test", "--proxy-timeout", "0"],
        2,
        '"proxyTimeout" must be a number of seconds from 1 to 86400',
      ],
      [
        ["--proxy", "/api=http://a.test", "--secret"],
        2,
        '"proxy" must not be used with "secret"',
      ],
      [
        ["--proxy", "http://a.test", "--upload"],
        2,
        '"upload" must not be used with a "proxy" for everything',
      ],
      [
        ["--proxy", "/api=http://a.test", "--cgi"],
        2,
        "argument --proxy: not allowed with --cgi",
      ],
      [[...ca, files.in("b.pem")], 1, "there is no such file"],
      [[...ca, files.in("a.pem")], 1, "there is no certificate in PEM format"],
    ] as const
  ) {
    const finished = await runCommand([...args, "-d", files.path, "0"]);
    assertStringIncludes(finished.stderr, message);
    assertEquals(finished.code, code, finished.stderr);
  }
});
