// The options of the command for uploads, and what it says about them.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
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
