// The options of the command for uploads, and what it says about them.

import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { parseCommandLine } from "../../cli/arguments.ts";
import { openUploads, uploadText } from "../../cli/uploads.ts";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { pureTest } from "../_lib/pure.ts";

function parse(text: string) {
  const parsed = parseCommandLine(text.split(" "));
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

pureTest("each option for uploads turns them on", () => {
  const rows: readonly [args: string, upload: unknown][] = [
    ["8000", undefined],
    ["--upload", true],
    ["--upload-policy rename", { policy: "rename" }],
    ["--upload-max 10m", { maxSize: 10 * 1024 ** 2 }],
    ["--upload-max-total 1g", { maxTotal: 1024 ** 3 }],
    ["--upload-keep-free 0", { keepFree: 0 }],
    ["--drop", { drop: true }],
    ["--upload --drop --upload-max 1", { drop: true, maxSize: 1 }],
  ];
  for (const [args, upload] of rows) {
    assertEquals(parse(args).site.upload as unknown, upload, args);
  }
});

pureTest(
  "uploads are for this machine, unless someone has said who may send",
  () => {
    const rows: readonly [
      args: string,
      bind: string | undefined,
      text: string | undefined,
      warns: boolean,
    ][] = [
      ["8000", undefined, undefined, false],
      ["--upload", "127.0.0.1", "upload (from this machine)", false],
      ["--drop", "127.0.0.1", "drop (from this machine)", false],
      ["--upload --users u", undefined, "upload (from users)", false],
      ["--upload --users-env U", undefined, "upload (from users)", false],
      [
        "--upload --secret",
        undefined,
        "upload (from anyone with the URL)",
        false,
      ],
      [
        "--upload --allow 10.0.0.0/8",
        undefined,
        "upload (from allowed addresses)",
        false,
      ],
      ["--upload --bind 0.0.0.0", "0.0.0.0", "upload (from anyone)", true],
      ["--drop --bind ::", "::", "drop (from anyone)", true],
      ["--upload --bind ::1", "::1", "upload (from this machine)", false],
    ];
    for (const [args, bind, text, warns] of rows) {
      const parsed = parse(args);
      assertEquals(parsed.bind, bind, args);
      assertEquals(uploadText(parsed), text, args);
      assertEquals(openUploads(parsed) !== undefined, warns, args);
    }
  },
);

Deno.test("the command receives a file, and says so when it starts", async () => {
  await using files = await folder();
  await using state = await folder();
  await using server = await startCommand(
    ["--upload", "-d", files.path, "0"],
    { env: { XDG_STATE_HOME: state.path } },
  );
  const response = await fetch(`http://127.0.0.1:${server.port}/a.txt`, {
    method: "PUT",
    body: "hello",
  });
  assertEquals(response.status, 201);
  await response.body?.cancel();
  assertEquals(await Deno.readTextFile(files.in("a.txt")), "hello");
  const { stdout, stderr } = await server.stop();
  assertStringIncludes(
    stdout,
    "Active: compression, upload (from this machine)",
  );
  assertStringIncludes(stderr, '"PUT /a.txt HTTP/1.1" 201');
});

Deno.test("the command warns if anyone can upload", async () => {
  await using files = await folder();
  await using server = await startCommand(
    ["--drop", "--bind", "0.0.0.0", "-d", files.path, "0"],
    { env: { XDG_STATE_HOME: files.path } },
  );
  const { stderr } = await server.stop();
  assertStringIncludes(stderr, "warning: anyone who can connect can upload");
});

Deno.test("the command refuses what can't receive files", async () => {
  await using files = await folder({ "a.txt": "a" });
  const rows: readonly [args: readonly string[], message: string][] = [
    [["--upload", files.in("a.txt")], "--upload needs a directory"],
    [["--upload", "--cgi"], "argument --upload: not allowed with --cgi"],
    [["--upload-policy", "x"], "must be one of error, rename, overwrite"],
    [["--upload-max", "x"], "argument --upload-max"],
  ];
  for (const [args, message] of rows) {
    const { code, stderr } = await runCommand(args);
    assertEquals(code, 2);
    assertStringIncludes(stderr, message);
  }
});

Deno.test("the command needs the permission to write, and runs with few others", async () => {
  await using files = await folder();
  const read = ["--allow-net", `--allow-read=${files.path}`];
  const args = ["--upload", "-d", files.path, "0"];
  const refused = await runCommand(args, { permissions: read });
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stderr, "run again with --allow-write=");
  await using server = await startCommand(args, {
    permissions: [...read, `--allow-write=${files.path}`],
  });
  const url = `http://127.0.0.1:${server.port}/a.txt`;
  for (const [body, status] of [["hello", 201], ["again", 409]] as const) {
    const response = await fetch(url, { method: "PUT", body });
    assertEquals(response.status, status);
    await response.body?.cancel();
  }
  assertEquals(await Deno.readTextFile(files.in("a.txt")), "hello");
  const { stderr } = await server.stop();
  assert(!/Uncaught|NotCapable/.test(stderr), stderr);
});

Deno.test("the command removes the unfinished files of killed servers, and nothing else", async () => {
  const unfinished = `.httpserver-${"0".repeat(32)}.part`;
  await using files = await folder({ [unfinished]: "x", "real.txt": "x" });
  await using state = await folder({ "httpserver/uploads/": "" });
  const list = state.in("httpserver/uploads/1-x.list");
  const lines = [unfinished, "real.txt", "none"].map((name) =>
    JSON.stringify(files.in(name)) + "\n"
  );
  await Deno.writeTextFile(list, lines.join("") + '"cut');
  await using server = await startCommand(
    ["--upload", "-d", files.path, "0"],
    { env: { XDG_STATE_HOME: state.path } },
  );
  const end = performance.now() + 5_000;
  while (exists(list) && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert(!exists(list) && !exists(files.in(unfinished)));
  assert(exists(files.in("real.txt")));
  assertEquals((await server.stop()).stderr, "");
});

Deno.test("a second server leaves the unfinished files of the first one alone", async () => {
  await using files = await folder();
  await using state = await folder();
  const start = () =>
    startCommand(["--upload", "-d", files.path, "0"], {
      env: { XDG_STATE_HOME: state.path },
    });
  await using first = await start();
  const { readable, writable } = new TransformStream<Uint8Array>();
  const writer = writable.getWriter();
  const response = fetch(`http://127.0.0.1:${first.port}/a.txt`, {
    method: "PUT",
    body: readable,
  });
  await writer.write(new TextEncoder().encode("hel"));
  const end = performance.now() + 5_000;
  const names = () => [...Deno.readDirSync(files.path)];
  while (names().length === 0 && performance.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  await using second = await start();
  const other = `http://127.0.0.1:${second.port}/b.txt`;
  const stored = await fetch(other, { method: "PUT", body: "b" });
  assertEquals(stored.status, 201);
  await stored.body?.cancel();
  await writer.write(new TextEncoder().encode("lo"));
  await writer.close();
  assertEquals((await response).status, 201);
  await (await response).body?.cancel();
  assertEquals(await Deno.readTextFile(files.in("a.txt")), "hello");
});

Deno.test("with workers, any of them goes on with an upload", async () => {
  await using files = await folder();
  await using state = await folder();
  await using server = await startCommand(
    ["--upload", "--workers", "2", "-d", files.path, "0"],
    { env: { XDG_STATE_HOME: state.path } },
  );
  const base = `http://127.0.0.1:${server.port}/`;
  const send = (url: string, method: string, body: string, headers = {}) =>
    fetch(url, {
      method,
      body,
      headers: {
        "Upload-Complete": "?0",
        "Upload-Draft-Interop-Version": "8",
        "Connection": "close",
        ...headers,
      },
    });
  const created = await send(`${base}a.txt`, "PUT", "0");
  await created.body?.cancel();
  assertEquals(created.status, 201);
  const target = new URL(created.headers.get("location")!, base).href;
  for (let n = 1; n < 10; n++) {
    const response = await send(target, "PATCH", `${n}`, {
      "Content-Type": "application/partial-upload",
      "Upload-Offset": `${n}`,
      "Upload-Complete": n === 9 ? "?1" : "?0",
    });
    await response.body?.cancel();
    assertEquals(response.status, n === 9 ? 201 : 204);
  }
  assertEquals(await Deno.readTextFile(files.in("a.txt")), "0123456789");
});

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

pureTest("--live is refused with each option that turns uploads on", () => {
  for (
    const option of [
      "--upload",
      "--drop",
      "--upload-policy rename",
      "--upload-max 1",
      "--upload-max-total 1",
      "--upload-keep-free 1",
    ]
  ) {
    const [name] = option.split(" ");
    assertThrows(
      () => parse(`--live ${option}`),
      SyntaxError,
      `argument ${name}: not allowed with --live`,
    );
  }
});

Deno.test("httpserver --upload says where the upload page is if there is an index page", async () => {
  await using files = await folder({ "index.html": "own", "sub/": "" });
  const note =
    "httpserver: index.html is shown instead of the upload page; add ?upload to the URL\n";
  const rows: readonly [args: string[], noted: boolean][] = [
    [["--upload"], true],
    [["--upload", "--secret"], true],
    [["--upload", "--no-listing"], false],
    [["--drop"], false],
    [["--upload", "-d", "sub"], false],
    [[], false],
  ];
  for (const [args, noted] of rows) {
    await using serving = await startCommand(
      ["-b", "127.0.0.1", ...args, "0"],
      { cwd: files.path },
    );
    const { stderr } = await serving.stop();
    assertEquals(stderr.includes(note), noted, `${args} ${stderr}`);
  }
});
