// A directory or a file as a positional argument.

import { assertEquals, assertMatch } from "@std/assert";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

/** The status of the response to each path. */
async function statuses(
  port: number,
  paths: readonly string[],
): Promise<number[]> {
  const found: number[] = [];
  for (const path of paths) {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      redirect: "manual",
    });
    await response.body?.cancel();
    found.push(response.status);
  }
  return found;
}

Deno.test("the command serves a file at / and under its name, and no neighbour", async () => {
  await using files = await folder({
    "report.html": "<p>report",
    "other.html": "other",
    "404.html": "neighbour",
    "sub/report.html": "sub",
  });
  for (const path of [files.in("report.html"), "report.html"]) {
    await using serving = await startCommand(
      ["-b", "127.0.0.1", "-q", path, "0"],
      { cwd: files.path },
    );
    const { port } = serving;
    for (const target of ["/", "/report.html", "/?q", "/./report.html"]) {
      const response = await fetch(`http://127.0.0.1:${port}${target}`);
      assertEquals(
        [
          response.status,
          response.headers.get("content-type"),
          await response.text(),
        ],
        [200, "text/html; charset=utf-8", "<p>report"],
      );
    }
    const absent = [
      "/other.html",
      "/sub/",
      "/sub/report.html",
      "/report.html/",
      "/404.html",
      "/..%2fother.html",
      "/report.html/../other.html",
    ];
    assertEquals(await statuses(port, absent), absent.map(() => 404));
    const missing = await fetch(`http://127.0.0.1:${port}/none`);
    assertEquals((await missing.text()).includes("neighbour"), false);
    assertEquals((await serving.stop("SIGTERM")).code, 0);
  }
});

Deno.test("the command serves the new content of a file that was replaced", async () => {
  await using files = await folder({ "a.txt": "old", "b.txt": "new" });
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "-q", files.in("a.txt"), "0"],
  );
  const get = async () =>
    await (await fetch(`http://127.0.0.1:${serving.port}/`)).text();
  assertEquals(await get(), "old");
  await Deno.rename(files.in("b.txt"), files.in("a.txt"));
  assertEquals(await get(), "new");
  await Deno.remove(files.in("a.txt"));
  assertEquals(await statuses(serving.port, ["/", "/a.txt"]), [404, 404]);
});

Deno.test(
  "the command serves a dotfile or a symlink that is its argument, with permission for that file alone",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using files = await folder({
      "www/.env": "A=1",
      "www/a\\b": "c",
      "elsewhere/b": "b",
    });
    await Deno.symlink(files.in("elsewhere/b"), files.in("www/link"));
    const rows = [
      { name: ".env", needs: "www/.env", body: "A=1" },
      { name: "link", needs: "elsewhere/b", body: "b" },
      { name: "a\\b", needs: "www/a\\b", body: "c" },
    ];
    for (const { name, needs, body } of rows) {
      const path = files.in(`www/${name}`);
      const read = [path, await Deno.realPath(files.in(needs))];
      await using serving = await startCommand(
        ["-b", "127.0.0.1", "-q", path, "0"],
        { permissions: ["--allow-net", `--allow-read=${read.join(",")}`] },
      );
      for (const target of ["/", `/${encodeURIComponent(name)}`]) {
        const response = await fetch(
          `http://127.0.0.1:${serving.port}${target}`,
        );
        assertEquals([response.status, await response.text()], [200, body]);
      }
      assertEquals(await statuses(serving.port, ["/other"]), [404]);
    }
  },
);

Deno.test("the command serves a directory that is its argument, with the port before or after it", async () => {
  await using files = await folder({ "dist/a.txt": "a", "8000/b.txt": "b" });
  const rows = [
    { args: ["dist", "0"], path: "/a.txt" },
    { args: ["0", "dist"], path: "/a.txt" },
    { args: ["./8000", "0"], path: "/b.txt" },
  ];
  for (const { args, path } of rows) {
    await using serving = await startCommand(
      ["-b", "127.0.0.1", "-q", ...args],
      { cwd: files.path },
    );
    assertEquals(await statuses(serving.port, [path]), [200]);
  }
});

Deno.test("the command serves a file together with --base and --mount", async () => {
  await using files = await folder({ "a.html": "a", "img/b.png": "b" });
  const mount = `/app/img=${files.in("img")}`;
  await using serving = await startCommand([
    ...["-b", "127.0.0.1", "-q", "--base", "/app", "--mount", mount],
    ...[files.in("a.html"), "0"],
  ]);
  const paths = ["/app/", "/app/a.html", "/app/img/b.png", "/app", "/", "/img"];
  assertEquals(
    await statuses(serving.port, paths),
    [200, 200, 200, 301, 404, 404],
  );
});

Deno.test("the command exits with 2 for an argument that it can't serve", async () => {
  await using files = await folder({ "a.html": "a" });
  const file = files.in("a.html");
  const rows: readonly [args: string[], message: RegExp][] = [
    [
      ["80a"],
      /argument port: invalid int value: '80a', and there is no such file or directory; give a port from 0 to 65535, a directory or a file\n$/,
    ],
    [[`${file}/b`], /there is no such file or directory/],
    [[""], /invalid int value: ''/],
    [["--", "-5"], /invalid int value: '-5'/],
    [[file, "--spa"], /--spa needs a directory\n$/],
    [[file, "--archive"], /--archive needs a directory\n$/],
    [[file, "--clean-urls"], /--clean-urls needs a directory\n$/],
    [[file, "--cgi"], /--cgi needs a directory\n$/],
    [["/dev/null"], /it is neither a directory nor a file\n$/],
  ];
  for (const [args, message] of rows) {
    if (args[0] === "/dev/null" && Deno.build.os === "windows") continue;
    const { code, stdout, stderr } = await runCommand(args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertMatch(stderr, message);
  }
});
