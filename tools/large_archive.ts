// Downloads an archive over 4 GiB and resumes it: `deno task large-archive [FOLDER [CLIENT]]`.
//
// Serves a sparse file with marks in it, cuts the downloads of curl and wget, restarts the
// server, so that it has forgotten all checksums, and resumes them. Then `unzip` tests the
// archive, and the marks are looked up. Takes some minutes, and 5 GB of disk space in
// FOLDER (default: the folder for temporary files).

// deno-lint-ignore-file no-console

import { denoArguments } from "../tests/_command.ts";

const GIB = 2 ** 30;
const SIZE = 4.5 * GIB;

/** Where the marks are in the file. */
const MARKS = [0, 1.5 * GIB + 7, 4 * GIB - 3, SIZE - 8];
const MARK = new TextEncoder().encode("HERE-I-A");

/** How the downloads are begun, then resumed; the last part is missing each time. */
const CLIENTS: Readonly<Record<string, (url: string, to: string) => string[]>> =
  {
    curl: (url, to) => ["-sS", "-f", "-C", "-", "-o", to, url],
    wget: (url, to) => ["-q", "-c", "-O", to, url],
  };

/** After how many bytes the connection is cut. */
const CUTS = [1 * GIB, 4.2 * GIB];

async function run(program: string, ...args: string[]): Promise<void> {
  const { success } = await new Deno.Command(program, { args }).output();
  if (!success) throw new Error(`${program} failed`);
}

/** The server in another process. */
async function serve(
  folder: string,
): Promise<AsyncDisposable & { readonly url: string }> {
  const args = ["--archive", "--json", "-b", "127.0.0.1", folder, "0"];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...denoArguments("mod.ts"), ...args],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value = "" } = await reader.read();
  const { urls } = JSON.parse(value.split("\n", 1)[0]!);
  return {
    url: `${urls[0]}?zip`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await reader.cancel();
      await child.status;
    },
  };
}

/** Downloads until there are so many bytes. */
async function downloadUntil(
  length: number,
  client: string,
  args: string[],
  to: string,
): Promise<void> {
  const child = new Deno.Command(client, { args }).spawn();
  let ended = false;
  const end = child.status.then(() => ended = true);
  while (!ended) {
    const size = await Deno.stat(to).then(({ size }) => size, () => 0);
    if (size >= length) child.kill("SIGKILL");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await end;
}

async function checkMarks(path: string): Promise<void> {
  using file = await Deno.open(path);
  const header = new Uint8Array(1_000);
  await file.read(header);
  const start = new TextDecoder("latin1").decode(header).indexOf("HERE-I-A");
  for (const mark of MARKS) {
    const bytes = new Uint8Array(MARK.length);
    await file.seek(start + mark, Deno.SeekMode.Start);
    await file.read(bytes);
    if (bytes.some((byte, at) => byte !== MARK[at])) {
      throw new Error(`The mark at ${mark} is missing`);
    }
  }
}

if (import.meta.main) {
  const [dir, only] = Deno.args;
  const work = await Deno.makeTempDir(dir === undefined ? {} : { dir });
  try {
    const folder = `${work}/folder`;
    await Deno.mkdir(folder);
    for (const name of ["a", "z"]) {
      await Deno.writeTextFile(`${folder}/${name}.txt`, name);
    }
    using file = await Deno.create(`${folder}/large.bin`);
    await file.truncate(SIZE);
    for (const mark of MARKS) {
      await file.seek(mark, Deno.SeekMode.Start);
      await file.write(MARK);
    }
    // Files that have just changed have no ranges.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    for (const [client, argumentsFor] of Object.entries(CLIENTS)) {
      if (only !== undefined && client !== only) continue;
      const to = `${work}/${client}.zip`;
      const began = performance.now();
      for (const length of [...CUTS, Infinity]) {
        await using server = await serve(folder);
        const args = argumentsFor(server.url, to);
        if (length === Infinity) await run(client, ...args);
        else await downloadUntil(length, client, args, to);
        const { size } = await Deno.stat(to);
        console.log(`${client}: ${size} bytes`);
      }
      await run("unzip", "-tqq", to);
      await checkMarks(to);
      await Deno.remove(to);
      const time = Math.round((performance.now() - began) / 1_000);
      console.log(`${client}: the archive is correct, after ${time} s`);
    }
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}
