// Runs all tests: `deno task test`. With arguments it is `deno test` with them; without, the
// files run in batches, several at once, each in a separate process: `deno test --parallel`
// runs them in threads, which share the working directory, the descriptors and the memory,
// and of which one that fails without permissions can end them all unseen.
//
// The last line is "N passed, N failed". A batch that ends without saying how many passed
// counts as a failure.

// deno-lint-ignore-file no-console

import { toFileUrl } from "@std/path";
import denoJson from "../deno.json" with { type: "json" };
import { docExamples } from "./doc_examples.ts";
import {
  type Batch,
  batchesOf,
  type Counts,
  countsOf,
  sum,
} from "./test_batches.ts";

const IMPORT_MAP = "--import-map=tools/npm_std.json";

/** How long one batch may take, in milliseconds: each test has its own limit, so this one catches a batch that hangs. */
const BATCH_TIME = 600_000;

/**
 * How long the output of a batch may stay open after its end, in milliseconds: a process that
 * a test left behind holds it, maybe for ever. One that is ending needs no longer.
 */
const LEFTOVER_TIME = 10_000;

/** The wire tests that run a second time, on `Deno.serve()`. */
const THROUGH_FETCH: readonly string[] = [
  "tests/through_fetch/handlers.ts",
  "tests/through_fetch/static.ts",
];

/** Files that measure time closely, or start a process more than a hundred times: they run one by one at the end. */
const ALONE: readonly string[] = [
  "tests/cgi/many_test.ts",
  "tests/static/representation/accept_test.ts",
  "tests/faults/crowd_test.ts",
];

/** One thing to run. */
export interface Job {
  /** What it is called. */
  readonly name: string;
  /** The arguments for `deno`. */
  readonly args: readonly string[];
}

/** How long a job may take, in milliseconds. */
export interface Limits {
  /** Until its process ends. */
  readonly batch: number;
  /** From then until its output ends. */
  readonly leftover: number;
}

/** How a job ended. */
interface Result {
  readonly name: string;
  readonly counts: Counts;
  readonly output: string;
  readonly seconds: number;
}

async function run({ name, args }: Job, limits: Limits): Promise<Result> {
  const began = performance.now();
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const outputs = [new Output(child.stdout), new Output(child.stderr)];
  const read = Promise.all(outputs.map(({ ended }) => ended));
  let fault = "";
  const status = await within(child.status, limits.batch) ?? await kill(child);
  if (status === undefined) fault = "It took too long and was killed\n";
  if (await within(read, limits.leftover) === undefined) {
    fault += "A process that it started still runs, and holds its output\n";
    await Promise.all(outputs.map((output) => output.stop()));
  }
  const text = outputs.map((output) => output.text).join("");
  const success = status?.success === true && fault === "";
  const counts = countsOf(text, success);
  const seconds = (performance.now() - began) / 1000;
  return { name, counts, output: text + fault, seconds };
}

/** What a process prints, read until it ends or is stopped. */
class Output {
  text = "";
  /** Fulfilled with `true` once all is read, or `stop()` was called. */
  readonly ended: Promise<true>;
  readonly #reader: ReadableStreamDefaultReader<string>;

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
    this.ended = this.#read();
  }

  /** Reads no more. */
  async stop(): Promise<void> {
    await this.#reader.cancel();
    await this.ended;
  }

  async #read(): Promise<true> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return true;
      this.text += value;
    }
  }
}

/** Waits for a promise, but not for ever: then it gives `undefined`. */
async function within<T>(
  promise: Promise<T>,
  time: number,
): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, time, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a process that takes too long. */
async function kill(child: Deno.ChildProcess): Promise<undefined> {
  try {
    child.kill("SIGKILL");
  } catch (error) {
    // It has ended just now.
    if (!(error instanceof TypeError)) throw error;
  }
  await child.status;
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
 * @param limits How long each may take. One that takes longer counts as failed.
 * @returns How their tests ended.
 */
export async function runAll(
  jobs: readonly Job[],
  atOnce: number,
  limits: Limits = { batch: BATCH_TIME, leftover: LEFTOVER_TIME },
): Promise<Counts[]> {
  const left = jobs.values();
  const counts: Counts[] = [];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (const job of left) {
      const result = await run(job, limits);
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
  const files = await testFiles("tests");
  const { together, alone } = batchesOf(files, ALONE);
  const folder = await Deno.makeTempDir();
  using _removed = {
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
  // `deno task check` checks the types.
  const toJob = (batch: Batch): Job => ({
    name: batch.name,
    args: [
      ...["test", "-A", "--no-check", "--config=deno.json", IMPORT_MAP],
      ...(batch.shared ? [writeEntry(folder, batch)] : batch.files),
    ],
  });
  const jobs: Job[] = [
    toJob({
      name: "examples in docs",
      files: [await writeExamples(folder)],
      shared: false,
    }),
    ...together.map(toJob),
    ...THROUGH_FETCH.map((file) =>
      toJob({ name: file, files: [file], shared: false })
    ),
  ];
  const atOnce = Math.max(2, Math.min(4, navigator.hardwareConcurrency)) * 2;
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

/** Writes the examples in docs as modules, and a test file that imports each in a separate test. */
async function writeExamples(folder: string): Promise<string> {
  const exports: Readonly<Record<string, string>> = denoJson.exports;
  const resolve = (specifier: string) =>
    urlOf(exports["." + specifier.slice(denoJson.name.length)]!);
  const tests: string[] = [];
  for (const path of await documents(".")) {
    const text = await Deno.readTextFile(path);
    for (
      const { name, code } of docExamples(path, urlOf(path), text, resolve)
    ) {
      const file = `${folder}/example_${tests.length}.ts`;
      await Deno.writeTextFile(file, code);
      const url = JSON.stringify(toFileUrl(file).href);
      tests.push(
        `Deno.test(${JSON.stringify(name)}, () => import(${url}));\n`,
      );
    }
  }
  const entry = `${folder}/examples_test.ts`;
  await Deno.writeTextFile(entry, tests.join(""));
  return entry;
}

function urlOf(path: string): string {
  return toFileUrl(Deno.realPathSync(path)).href;
}

/** The files that may have examples. */
async function documents(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (/^(?:\.|node_modules$|tests$|coverage$)/.test(name)) continue;
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory) files.push(...await documents(path));
    else if (/\.(?:ts|md)$/.test(name)) files.push(path);
  }
  return files.sort();
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
