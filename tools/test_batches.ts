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
}

/** How many files a batch has at most: short enough that all cores end at about the same time. */
const MAX_FILES = 8;

/** Folders whose files take much longer than others: begun first, and one by one. */
const SLOW: ReadonlySet<string> = new Set([
  "tests",
  "tests/browser",
  "tests/cgi",
  "tests/cli",
  "tests/server",
]);

/** How many files of those a batch has. */
const MAX_SLOW_FILES = 3;

/**
 * Puts test files into batches.
 *
 * @param files The paths, such as "tests/static/site_test.ts".
 * @param alone Folders and files that run one by one.
 * @returns The batches that may run at the same time, slow ones first, and the others.
 */
export function batchesOf(
  files: readonly string[],
  alone: readonly string[],
): { together: Batch[]; alone: Batch[] } {
  const folders = new Map<string, string[]>();
  const single: Batch[] = [];
  for (const file of [...files].sort()) {
    if (alone.some((path) => file === path || file.startsWith(`${path}/`))) {
      single.push({ name: file, files: [file] });
      continue;
    }
    const folder = file.slice(0, file.lastIndexOf("/"));
    const inFolder = folders.get(folder) ?? [];
    inFolder.push(file);
    folders.set(folder, inFolder);
  }
  const slow: Batch[] = [];
  const quick: Batch[] = [];
  for (const [name, inFolder] of folders) {
    const isSlow = SLOW.has(name);
    const size = isSlow ? MAX_SLOW_FILES : MAX_FILES;
    for (let at = 0; at < inFolder.length; at += size) {
      const part = inFolder.length > size ? ` ${at / size + 1}` : "";
      (isSlow ? slow : quick).push({
        name: name + part,
        files: inFolder.slice(at, at + size),
      });
    }
  }
  return { together: [...slow, ...quick], alone: single };
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
