// Runs all tests: `deno task test`. With arguments it is `deno test` with them; without, the
// files run in batches, several at once, each in a process of its own: `deno test --parallel`
// runs them in threads, which share the working directory, the descriptors and the memory,
// and of which one that fails without permissions can end them all unseen.
//
// The last line is "N passed, N failed". A batch that ends without saying how many passed
// counts as a failure.

// deno-lint-ignore-file no-console

import { toFileUrl } from "@std/path";
import {
  type Batch,
  batchesOf,
  type Counts,
  countsOf,
  sum,
} from "./test_batches.ts";

const IMPORT_MAP = "--import-map=tools/npm_std.json";

/** How long one batch may take, in milliseconds: each test has a limit of its own, so this one is for what hangs. */
const BATCH_TIME = 600_000;

/** Folders and files that measure time closely or need the whole machine: they run one by one at the end. */
const ALONE: readonly string[] = [
  "tests/cgi/many_test.ts",
  "tests/cpython/cgi_test.ts",
  "tests/static/policy/accept_test.ts",
  "tests/faults",
];

/** One thing to run. */
export interface Job {
  /** What it is called. */
  readonly name: string;
  /** The arguments for `deno`. */
  readonly args: readonly string[];
}

/** How a job ended. */
interface Result {
  readonly name: string;
  readonly counts: Counts;
  readonly output: string;
  readonly seconds: number;
}

async function run({ name, args }: Job): Promise<Result> {
  const began = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    signal: AbortSignal.timeout(BATCH_TIME),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  const output = decoder.decode(stdout) + decoder.decode(stderr);
  const counts = args[0] === "check"
    ? { passed: Number(success), failed: Number(!success), ignored: 0 }
    : countsOf(output, success);
  return { name, counts, output, seconds: (performance.now() - began) / 1000 };
}

/** Says how a job ended, with all it printed if it failed, and what it left out otherwise. */
function report({ name, counts, output, seconds }: Result): void {
  const failed = counts.failed > 0;
  if (failed) console.log(`\n${output.trimEnd()}\n`);
  else {
    for (const line of output.split("\n")) {
      if (/\b(?:left out|are ignored)\b/.test(line)) console.log(line);
    }
  }
  const ignored = counts.ignored > 0 ? `, ${counts.ignored} ignored` : "";
  console.log(
    `${
      failed ? "FAILED" : "ok"
    } ${name}: ${counts.passed} passed, ${counts.failed} failed${ignored} (${
      seconds.toFixed(1)
    } s)`,
  );
}

/**
 * Runs jobs in order, and says how each ended.
 *
 * @param jobs What to run.
 * @param atOnce How many at once.
 * @returns How their tests ended.
 */
export async function runAll(
  jobs: readonly Job[],
  atOnce: number,
): Promise<Counts[]> {
  const left = jobs.values();
  const counts: Counts[] = [];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const job of left) {
      const result = await run(job);
      report(result);
      counts.push(result.counts);
    }
  }));
  return counts;
}

/** The test files below a folder. */
async function testFiles(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...await testFiles(path));
    else if (/_test\.tsx?$/.test(name)) files.push(path);
  }
  return files;
}

async function testAll(): Promise<number> {
  const began = performance.now();
  const { together, alone } = batchesOf(await testFiles("tests"), ALONE);
  const folder = await Deno.makeTempDir();
  using _removed = {
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
  // The types are checked by one job for all.
  const toJob = (batch: Batch): Job => ({
    name: batch.name,
    args: [
      ...["test", "-A", "--no-check", "--config=deno.json", IMPORT_MAP],
      ...(batch.shared ? [writeEntry(folder, batch)] : batch.files),
    ],
  });
  const jobs: Job[] = [
    { name: "types", args: ["check", "--quiet", IMPORT_MAP, "."] },
    // In two, as each example takes an isolate, and half a second of a core.
    {
      name: "examples in handlers",
      args: ["test", "-A", "--doc", IMPORT_MAP, "handlers"],
    },
    {
      name: "examples elsewhere",
      args: ["test", "-A", "--doc", "--ignore=tests,handlers", IMPORT_MAP],
    },
    ...together.map(toJob),
  ];
  const atOnce = Math.max(2, Math.min(4, navigator.hardwareConcurrency));
  const counts = [
    ...await runAll(jobs, atOnce),
    ...await runAll(alone.map(toJob), 1),
  ];
  const { passed, failed, ignored } = sum(counts);
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(`\n${seconds} s, ${ignored} ignored`);
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Writes a module that imports the files of a batch. */
function writeEntry(folder: string, { name, files }: Batch): string {
  const path = `${folder}/${name.replaceAll("/", "_")}_test.ts`;
  const lines = files.map((file) =>
    `import ${JSON.stringify(toFileUrl(Deno.realPathSync(file)).href)};\n`
  );
  Deno.writeTextFileSync(path, lines.join(""));
  return path;
}

/** What was asked for, as `deno test` runs it. */
async function testSome(args: readonly string[]): Promise<number> {
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--doc", IMPORT_MAP, ...args],
  }).spawn().status;
  return code;
}

if (import.meta.main) {
  Deno.exit(Deno.args.length > 0 ? await testSome(Deno.args) : await testAll());
}
