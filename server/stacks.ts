// Makes `error.stack` safe for the time when no descriptor is free. For the first stack of
// a file, the runtime reads the file's source map from its cache. If it can't open that, it
// compiles the file again, and if that is the first time on this thread, it opens another
// file to find the limits of the thread, and panics where it can't: the process ends. So
// both are done once while there are descriptors. Workers have threads of their own, and
// do it for themselves.

/**
 * How many connections this thread accepts before it calls `prepareCompiler()` at the latest.
 * A browser opens six for its first page, which needn't wait; and a process that has no more
 * descriptors than this can't serve at all.
 */
const MAX_UNPREPARED = 8;

let prepared = false;
let connections = 0;

/** Reads a stack once, which costs next to nothing. To be called at the start. */
export function prepareStacks(): void {
  void new Error().stack;
}

/**
 * Compiles a statement once on this thread. The first access to `process` holds the thread
 * for some 40 ms: too long for the start of a program.
 */
export function prepareCompiler(): void {
  if (prepared) return;
  prepared = true;
  const { stripTypeScriptTypes } = globalThis.process.getBuiltinModule(
    "node:module",
  ) as { stripTypeScriptTypes?: (code: string) => string };
  // Only nested statements make the compiler look for the limits.
  stripTypeScriptTypes?.("if (a) b;");
}

/**
 * Counts an accepted connection, and calls `prepareCompiler()` before a burst of them can
 * take all descriptors. To be called before the next one is accepted.
 */
export function countConnection(): void {
  if (!prepared && ++connections >= MAX_UNPREPARED) prepareCompiler();
}

/** Whether `prepareCompiler()` was called. */
export function isCompilerPrepared(): boolean {
  return prepared;
}
