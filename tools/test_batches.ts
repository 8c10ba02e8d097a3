// Which test files run together, and how a run of `deno test` ended. Pure.

/** How many tests ended in which way. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/** Test files that run in one process. */
export interface Batch {
  /** What it is called: its folder. */
  readonly name: string;
  readonly files: readonly string[];
  /** Whether they may share one isolate, which costs half a second of a core for each file otherwise. */
  readonly shared: boolean;
}

/** How the files of a folder run. */
interface Plan {
  /** How many files a batch has at most. */
  readonly files: number;
  /** As `Batch.shared`. */
  readonly shared: boolean;
}

/** The folders whose tests run in memory: one process for all, since starting it takes longer. */
const IN_MEMORY: ReadonlySet<string> = new Set([
  "tests/cache",
  "tests/parser",
  "tests/static/access",
  "tests/static/listing",
  "tests/static/lookup",
  "tests/static/representation",
  "tests/static/response",
  "tests/text",
]);

/** The name of their batch. */
const TABLES = "tests in memory";

/** For folders without a plan. */
const USUAL: Plan = { files: 8, shared: false };

/**
 * Folders that take long come first, so that all cores end at about the same time. The tests of
 * faults wait for their own processes more than they compute, and want those to respond
 * soon: they come last, when fewer others run beside them.
 */
const PLANS: ReadonlyMap<string, Plan> = new Map([
  ["tests/browser", { files: 4, shared: true }],
  ["tests/static", { files: 14, shared: true }],
  ["tests/cgi", { files: 7, shared: true }],
  ["tests", { files: Infinity, shared: true }],
  ["tests/cli", { files: 6, shared: true }],
  ["tests/server", { files: 7, shared: true }],
  ["tests/cpython", { files: 10, shared: true }],
  ["tests/connection", { files: Infinity, shared: true }],
  ["tests/handlers", { files: Infinity, shared: true }],
  [TABLES, { files: Infinity, shared: true }],
  ["tests/wire", { files: Infinity, shared: true }],
  ["tests/wire/corpus", USUAL],
  ["tests/tools", { files: Infinity, shared: true }],
  ["tests/fuzz", USUAL],
  ["tests/faults", { files: 2, shared: true }],
]);

/**
 * Puts test files into batches.
 *
 * @param files The paths, such as "tests/static/site_test.ts".
 * @param alone Folders and files that run one by one.
 * @returns The batches that may run at the same time, slow ones first, and those that run alone.
 */
export function batchesOf(
  files: readonly string[],
  alone: readonly string[],
): { together: Batch[]; alone: Batch[] } {
  const folders = new Map<string, string[]>();
  const single: Batch[] = [];
  for (const file of [...files].sort()) {
    if (alone.some((path) => file === path || file.startsWith(`${path}/`))) {
      single.push({ name: file, files: [file], shared: false });
      continue;
    }
    const parent = file.slice(0, file.lastIndexOf("/"));
    const folder = IN_MEMORY.has(parent) ? TABLES : parent;
    const inFolder = folders.get(folder) ?? [];
    inFolder.push(file);
    folders.set(folder, inFolder);
  }
  const together: Batch[] = [];
  // Folders without a plan come first: they are new, or their files take less than a second.
  const unplanned = [...folders.keys()].filter((name) => !PLANS.has(name));
  for (const name of [...unplanned, ...PLANS.keys()]) {
    const inFolder = folders.get(name) ?? [];
    const { files: size, shared } = PLANS.get(name) ?? USUAL;
    for (let at = 0; at < inFolder.length; at += size) {
      const part = inFolder.length > size ? ` ${at / size + 1}` : "";
      together.push({
        name: name + part,
        files: inFolder.slice(at, at + size),
        shared,
      });
    }
  }
  return { together, alone: single };
}

/**
 * Reads how a run of `deno test` ended.
 *
 * @param output All it printed.
 * @param success Whether its exit code was 0.
 * @returns The numbers of its summary. Without one, or if the summary has no failure and the
 * exit code says otherwise, one more test failed: a crash must not pass for a success.
 */
export function countsOf(output: string, success: boolean): Counts {
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[[0-9;]*m/g, "");
  const summary = plain.match(
    /^(?:ok|FAILED) \| \d+ passed(?: \(\d+ steps?\))? \| \d+ failed.*$/gm,
  )?.at(-1);
  const count = (what: string) =>
    Number(new RegExp(`(\\d+) ${what}`).exec(summary ?? "")?.[1] ?? 0);
  const failed = count("failed");
  return {
    passed: count("passed"),
    failed: failed === 0 && (summary === undefined || !success) ? 1 : failed,
    ignored: count("ignored"),
  };
}

/**
 * Adds up.
 *
 * @param all Some counts.
 * @returns Their sum.
 */
export function sum(all: readonly Counts[]): Counts {
  let [passed, failed, ignored] = [0, 0, 0];
  for (const counts of all) {
    passed += counts.passed;
    failed += counts.failed;
    ignored += counts.ignored;
  }
  return { passed, failed, ignored };
}
