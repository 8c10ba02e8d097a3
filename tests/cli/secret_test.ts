// `--secret` and `--allow` of the command.

import { assert, assertEquals, assertMatch, assertNotMatch } from "@std/assert";
import { boundedTest } from "../_lib/bounded.ts";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const URL_OF_SITE = /\((http:\/\/127\.0\.0\.1:\d+\/([\w-]{22})\/)\)/;

boundedTest(
  "--secret prints a URL with a new random path, and logs none of it",
  async () => {
    await using files = await folder({ "a.txt": "content", "sub/b.txt": "b" });
    const args = ["-b", "127.0.0.1", "-d", files.path, "--secret", "0"];
    const made: string[] = [];
    for (let count = 0; count < 2; count++) {
      await using serving = await startCommand(args);
      const found = URL_OF_SITE.exec(serving.firstLine);
      const [, url = "", secret = ""] = found ?? [];
      assert(found !== null, serving.firstLine);
      made.push(secret);
      const statusOf = async (at: string) => {
        const response = await fetch(new URL(at, url));
        await response.body?.cancel();
        return response.status;
      };
      assertEquals(await statusOf("a.txt"), 200);
      assertEquals(await statusOf("sub"), 200);
      assertEquals(await statusOf("none"), 404);
      assertEquals(await statusOf("/"), 404);
      assertEquals(await statusOf("/a.txt"), 404);
      const { stdout, stderr } = await serving.stop();
      assertMatch(stdout, /\n {2}Active: compression, secret path\n/);
      assertMatch(stderr, /"GET \/\[secret\]\/a\.txt HTTP\/1\.1" 200 -\n/);
      assertEquals(stderr.includes(secret), false, stderr);
    }
    assert(made[0] !== made[1]);
  },
);

boundedTest("--json has the secret path in its URLs only", async () => {
  await using files = await folder({ "a.txt": "content" });
  await using serving = await startCommand([
    ...["-b", "127.0.0.1", "--base", "/app", "--health", "--json"],
    ...["--secret", "-d", files.path, "0"],
  ]);
  const { urls: [url], port } = JSON.parse(serving.firstLine);
  assertMatch(url, /\/[\w-]{22}\/app\/$/);
  assertEquals(await (await fetch(url + "a.txt")).text(), "content");
  const health = `http://127.0.0.1:${port}/.httpserver/health`;
  assertEquals(await (await fetch(health)).text(), "ok\n");
  const { stdout, stderr } = await serving.stop();
  const [, record] = stdout.split("\n");
  assertEquals(JSON.parse(record!).path, "/[secret]/app/a.txt");
  const [, secret] = new URL(url).pathname.split("/");
  assertEquals(stdout.split(secret!).length, 2, stdout);
  assertEquals(stderr, "");
});

boundedTest("all workers of --workers have the same secret", async () => {
  await using files = await folder({ "a.txt": "content" });
  await using serving = await startCommand([
    ...["-b", "127.0.0.1", "--workers", "2", "--secret"],
    ...["-d", files.path, "0"],
  ]);
  const [, url] = URL_OF_SITE.exec(serving.firstLine) ?? [];
  for (let count = 0; count < 12; count++) {
    const response = await fetch(`${url}a.txt`, {
      headers: { Connection: "close" },
    });
    assertEquals(await response.text(), "content");
  }
  const { stderr } = await serving.stop();
  assertEquals(stderr.match(/GET \/\[secret\]\/a\.txt/g)?.length, 12, stderr);
});

boundedTest(
  "--allow refuses other addresses, and is shown at the start",
  async () => {
    await using files = await folder({ "a.txt": "content" });
    const ask = async (...allow: string[]) => {
      await using serving = await startCommand([
        ...["-b", "127.0.0.1", "-d", files.path],
        ...allow.flatMap((address) => ["--allow", address]),
        "0",
      ]);
      const response = await fetch(`http://127.0.0.1:${serving.port}/a.txt`);
      const text = await response.text();
      const { stdout } = await serving.stop();
      const active = / Active: .*(only .*)/.exec(stdout)?.[1];
      return [response.status, text === "content", active];
    };
    assertEquals(await ask("10.0.0.0/8"), [403, false, "only 10.0.0.0/8"]);
    assertEquals(await ask("10.0.0.0/8", "localhost"), [
      200,
      true,
      "only 10.0.0.0/8, localhost",
    ]);
  },
);

boundedTest("--allow and --secret refuse what they can't use", async () => {
  const rows: readonly [args: string[], message: RegExp][] = [
    [
      ["--allow", "a.test"],
      /error: Cannot read the network "a\.test": it must/,
    ],
    [["--allow", "fe80::1%eth0"], /error: Cannot allow "fe80::1%eth0": remove/],
    [["--secret=abc"], /Option '--secret' does not take an argument/],
    [["--cgi", "--secret"], /argument --secret: not allowed with --cgi/],
    [["--cgi", "--allow", "::1"], /argument --allow: not allowed with --cgi/],
  ];
  for (const [args, message] of rows) {
    const { code, stderr } = await runCommand(args);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, message);
    assertNotMatch(stderr, /\n\s+at /);
  }
});
