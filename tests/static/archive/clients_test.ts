// Other programs read the archives, and resume their downloads. A program that is not
// installed is skipped, unless REQUIRE_CLIENTS is set.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { layOutTar } from "../../../handlers/static/archive/tar.ts";
import { layOutZip } from "../../../handlers/static/archive/zip.ts";
import { type Folder, folder } from "../../handlers/_folder.ts";
import { CHANGED, pretendLater } from "../_site.ts";
import { archives, LARGE } from "./_site.ts";
import { type ArchiveBytes, entry, hollow } from "./_zip.ts";

const GIB = 2 ** 30;

const PYTHON = Deno.env.get("PYTHON") ?? "python3";

/** The time limit of a program, in milliseconds. */
const PATIENCE = 20_000;

const isRequired = (Deno.env.get("REQUIRE_CLIENTS") ?? "") !== "";

const LONG = `${"long name ".repeat(12)}/${"x".repeat(180)}`;

const FILES: Readonly<Record<string, string>> = {
  "a.txt": "hello",
  "empty/": "",
  "large.bin": LARGE,
  "sub/é ñ.txt": "accents",
  [LONG]: "long",
};

interface Ran {
  readonly code: number;
  readonly text: string;
}

async function run(program: string, ...args: string[]): Promise<Ran> {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    env: { LC_ALL: "C.UTF-8", TZ: "UTC" },
    signal: AbortSignal.timeout(PATIENCE),
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, text: decode(stdout) + decode(stderr) };
}

async function isThere(program: string, option: string): Promise<boolean> {
  try {
    await new Deno.Command(program, {
      args: [option],
      stdout: "null",
      stderr: "null",
    }).output();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function clientTest(
  program: string,
  name: string,
  fn: () => Promise<void>,
  option = "--version",
): Promise<void> {
  const there = await isThere(program, option);
  if (!there && !isRequired) {
    // deno-lint-ignore no-console
    console.log(`The archive for ${program} is left out: it is not here`);
  }
  Deno.test({ name, ignore: !there && !isRequired, fn });
}

/** Writes the archive of a served folder to a file. */
async function download(to: Folder, format: string): Promise<string> {
  await using files = await archives(FILES);
  const { body } = await files.get(`/?${format}`);
  const path = to.in(`site.${format}`);
  await Deno.writeFile(path, encodeLatin1(body));
  return path;
}

/** Writes an archive with zeros for contents to a file with holes. */
async function writeHollow(bytes: ArchiveBytes, path: string): Promise<void> {
  using file = await Deno.create(path);
  await file.truncate(bytes.size);
  for (
    const [start, end] of [[0, 100_000], [bytes.size - 9_000_000, bytes.size]]
  ) {
    const from = Math.max(0, start!);
    await file.seek(from, Deno.SeekMode.Start);
    const slice = bytes.slice(from, Math.min(end!, bytes.size));
    for (let at = 0; at < slice.length;) {
      at += await file.write(slice.subarray(at));
    }
  }
}

async function assertExtracted(to: Folder): Promise<void> {
  const [outer] = await Array.fromAsync(Deno.readDir(to.in("out")));
  const root = to.in(`out/${outer!.name}`);
  for (const [name, content] of Object.entries(FILES)) {
    const info = await Deno.stat(`${root}/${name}`);
    assertEquals(info.isDirectory, name.endsWith("/"));
    assertEquals(info.mtime, CHANGED);
    if (info.isDirectory) continue;
    assertEquals(decodeLatin1(await Deno.readFile(`${root}/${name}`)), content);
    assertEquals(info.mode! & 0o777, 0o644);
  }
}

await clientTest("unzip", "unzip tests and extracts an archive", async () => {
  await using to = await folder({ "out/": "" });
  const path = await download(to, "zip");
  const tested = await run("unzip", "-t", path);
  assertStringIncludes(tested.text, "No errors detected in compressed data");
  assertEquals((await run("unzip", "-q", path, "-d", to.in("out"))).code, 0);
  await assertExtracted(to);
}, "-v");

const ENTRIES = [entry("s/"), entry("s/large", 5 * GIB), entry("s/z", 7)];

await clientTest("unzip", "unzip lists a zip archive over 4 GiB", async () => {
  await using to = await folder();
  const path = to.in("hollow.zip");
  await writeHollow(hollow(layOutZip(ENTRIES)), path);
  const { code, text } = await run("unzip", "-lqq", path);
  assertEquals([
    code,
    text.trim().split("\n").map((line) => line.trim().split(/ +/)[0]),
  ], [
    0,
    ["0", `${5 * GIB}`, "7"],
  ]);
}, "-v");

const READ_ZIP = `
import sys, zipfile
test, *paths = sys.argv[1:]
for path in paths:
    with zipfile.ZipFile(path) as archive:
        entries = archive.infolist()
        print(len(entries), archive.testzip() if test == "test" else "")
        for entry in entries[:3] + entries[-1:]:
            # Reads the header in front of the file, and compares its name.
            archive.open(entry).close()
        print(entry.filename, entry.file_size, entry.header_offset)
`;

await clientTest(
  PYTHON,
  "Python reads zip archives, small ones and with zip64",
  async () => {
    await using to = await folder();
    const path = await download(to, "zip");
    const small = await run(PYTHON, "-c", READ_ZIP, "test", path);
    assertEquals([small.code, small.text.split("\n")[0]], [0, "8 None"]);
    const paths: string[] = [];
    const expected: string[] = [];
    for (
      const entries of [
        ENTRIES,
        [entry("0", 2 ** 32 - 40), entry("1")],
        Array.from({ length: 65_535 }, (_, index) => entry(`${index}`)),
      ]
    ) {
      const layout = layOutZip(entries);
      const large = to.in(`${paths.length}.zip`);
      await writeHollow(hollow(layout), large);
      paths.push(large);
      const { name, size } = entries.at(-1)!;
      const at = layout.headerAt.at(-2);
      expected.push(`${entries.length} `, `${name} ${size} ${at}`);
    }
    const { code, text } = await run(PYTHON, "-c", READ_ZIP, "list", ...paths);
    assertEquals([code, text.trimEnd().split("\n")], [0, expected]);
  },
);

const READ_TAR = `
import sys, tarfile
with tarfile.open(sys.argv[1], "r|") as archive:
    for entry in archive:
        print(entry.name[-12:], entry.size, entry.mtime, entry.isdir(), oct(entry.mode))
`;

await clientTest(
  PYTHON,
  "Python reads a tar archive over 8 GiB, with times before 1970",
  async () => {
    await using to = await folder();
    const path = to.in("hollow.tar");
    const entries = [
      entry("s/", 0, { mode: 0o755 }),
      entry("s/8g", 8 * GIB - 1),
      entry("s/9g", 8 * GIB, { mtimeMs: -86_400_500 }),
      entry("s/z", 7),
    ];
    const bytes = hollow(layOutTar(entries));
    // Only the headers are of interest.
    using file = await Deno.create(path);
    await file.truncate(bytes.size);
    for (const at of [0, 8 * GIB, bytes.size - 10_240]) {
      const slice = bytes.slice(at, at + 10_240);
      await file.seek(at, Deno.SeekMode.Start);
      await file.write(slice);
    }
    const listed = READ_TAR.replace('"r|"', '"r:"');
    const { code, text } = await run(PYTHON, "-c", listed, path);
    assertEquals([code, text.trimEnd().split("\n")], [0, [
      "s 0 1709294400 True 0o755",
      `s/8g ${8 * GIB - 1} 1709294400 False 0o644`,
      `s/9g ${8 * GIB} -86401.0 False 0o644`,
      "s/z 7 1709294400 False 0o644",
    ]]);
  },
);

for (const program of ["tar", "bsdtar"]) {
  await clientTest(program, `${program} extracts a tar archive`, async () => {
    await using to = await folder({ "out/": "" });
    const path = await download(to, "tar");
    const { code, text } = await run(program, "-xpf", path, "-C", to.in("out"));
    assertEquals([code, text], [0, ""]);
    await assertExtracted(to);
  });
}

const JAVA = `
import java.util.zip.*;
class Read {
  public static void main(String[] arguments) throws Exception {
    try (ZipInputStream in = new ZipInputStream(System.in)) {
      for (ZipEntry entry; (entry = in.getNextEntry()) != null;) {
        System.out.println(in.readAllBytes().length + " " + entry.getSize());
      }
    }
  }
}
`;

await clientTest("java", "Java reads an archive from a stream", async () => {
  await using to = await folder({ "Read.java": JAVA });
  const path = await download(to, "zip");
  const script = 'exec java "$1" < "$2"';
  const { code, text } = await run(
    "sh",
    "-c",
    script,
    "sh",
    to.in("Read.java"),
    path,
  );
  const sizes = [
    "0 0",
    "5 5",
    "0 0",
    `${LARGE.length} ${LARGE.length}`,
    "0 0",
    "4 4",
    "0 0",
    "7 7",
  ];
  assertEquals([code, text.trimEnd().split("\n")], [0, sizes]);
}, "-version");

/** Programs that resume a download. */
const CLIENTS: Readonly<Record<string, (url: string, to: string) => string[]>> =
  {
    curl: (url, to) => ["-sS", "-f", "-C", "-", "-o", to, url],
    wget: (url, to) => ["-q", "-c", "-O", to, url],
  };

for (const [client, argumentsFor] of Object.entries(CLIENTS)) {
  for (const format of ["zip", "tar"]) {
    await clientTest(
      client,
      `${client} resumes the download of a .${format} after its connection was cut`,
      async () => {
        await using files = await archives({ ...FILES, "z": "last" });
        using _later = pretendLater(10_000);
        await using to = await folder();
        const { body } = await files.get(`/?${format}`);
        for (const length of [10, 1_000, 400_000, body.length - 30]) {
          const path = to.in(`part${length}`);
          using connection = await files.served.connect();
          await connection.write(`GET /?${format} HTTP/1.1\r\nHost: a\r\n\r\n`);
          await connection.readUntil("\r\n\r\n");
          const part = await connection.read(length);
          connection.close();
          await Deno.writeFile(path, encodeLatin1(part));
          const url = `http://127.0.0.1:${files.served.port}/?${format}`;
          const { code, text } = await run(client, ...argumentsFor(url, path));
          assertEquals([code, text], [0, ""]);
          assertEquals(decodeLatin1(await Deno.readFile(path)) === body, true);
        }
      },
    );
  }
}
