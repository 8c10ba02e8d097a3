// Real clients download a large file: whole, resumed, and in eight parts at once. Clients that
// are not installed are skipped, unless REQUIRE_CLIENTS is set.

import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { type Folder, folder } from "../handlers/_folder.ts";
import { type Site, site } from "./_site.ts";

const MIB = 2 ** 20;

/** The file's size in MiB. Each MiB begins with its number. */
const SIZE = 48;

const NAME = "large.bin";

/** The time limit of a download, in milliseconds. */
const PATIENCE = 60_000;

/** A client, and its arguments to resume a download. */
const CLIENTS: Readonly<Record<string, (url: string, to: string) => string[]>> =
  {
    curl: (url, to) => ["-sS", "-f", "-C", "-", "-o", to, url],
    wget: (url, to) => ["-q", "-c", "-O", to, url],
    aria2c: (url, to) => [
      ...["--quiet", "--continue", "--file-allocation=none"],
      ...["-x8", "-s8", "-k1M", "-o", to.slice(to.lastIndexOf("/") + 1)],
      ...["-d", to.slice(0, to.lastIndexOf("/")), url],
    ],
  };

const isRequired = (Deno.env.get("REQUIRE_CLIENTS") ?? "") !== "";

for (const [client, argumentsFor] of Object.entries(CLIENTS)) {
  const isThere = await isOnPath(client);
  if (!isThere && !isRequired) {
    // deno-lint-ignore no-console
    console.log(`The download with ${client} is left out: it is not here`);
  }
  Deno.test({
    name:
      `StaticFileHandler lets ${client} download ${SIZE} MiB, and resume a download`,
    ignore: !isThere && !isRequired,
    async fn() {
      await using files = await site({ [NAME]: "" });
      const hash = await fill(files);
      await using target = await folder();
      const url = `http://127.0.0.1:${files.served.port}/${NAME}`;
      const whole = target.in("whole");
      await run(client, argumentsFor(url, whole));
      assertEquals(await hashOf(whole), hash);
      const part = await begin(files, target);
      await run(client, argumentsFor(url, part));
      assertEquals(await hashOf(part), hash);
    },
  });
}

/** Writes the served file. */
async function fill(files: Site): Promise<string> {
  const hash = createHash("sha256");
  const block = new Uint8Array(MIB).map((_, index) => index * 31);
  const path = files.folder.in(NAME);
  using file = await Deno.open(path, { write: true });
  for (let number = 0; number < SIZE; number++) {
    new DataView(block.buffer).setUint32(0, number);
    hash.update(block);
    for (let at = 0; at < MIB;) at += await file.write(block.subarray(at));
  }
  await files.age(NAME);
  return hash.digest("hex");
}

/** A partial download. */
async function begin(files: Site, target: Folder): Promise<string> {
  const path = target.in("part");
  using from = await Deno.open(files.folder.in(NAME));
  using to = await Deno.create(path);
  const block = new Uint8Array(MIB + 12_345);
  const count = await from.read(block) ?? 0;
  for (let at = 0; at < count;) at += await to.write(block.subarray(at, count));
  return path;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  using file = await Deno.open(path);
  const block = new Uint8Array(MIB);
  for (;;) {
    const count = await file.read(block);
    if (count === null) return hash.digest("hex");
    hash.update(block.subarray(0, count));
  }
}

async function run(client: string, args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(client, {
    args: [...args],
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(PATIENCE),
  }).output();
  assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
}

async function isOnPath(client: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(client, {
      args: ["--version"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
