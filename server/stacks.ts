// Makes `error.stack` safe for when no descriptor is free. For the first stack in a file,
// the runtime reads the file's source map from its cache. If it can't open that, it
// compiles the file again; and the first compilation on a thread opens another file to find
// the thread's limits, and panics if it can't, which ends the process. So both are done
// early. Workers have their own threads, and do it for themselves. `handlers/unavailable.ts` also
// reads a stack, when it is loaded.

/**
 * After how many connections of this thread to call `prepareCompiler()` at the latest. A
 * browser's first page takes six, which needn't be delayed; a process with fewer
 * descriptors can't serve anyway.
 */
const MAX_UNPREPARED = 8;

let prepared = false;
let connections = 0;

/** Reads a stack once, which is cheap. Call it on start. */
export function prepareStacks(): void {
  void new Error().stack;
}

/**
 * Compiles a statement once on this thread. The first access to `process` blocks for some
 * 40 ms: too long on start.
 */
export function prepareCompiler(): void {
  if (prepared) return;
  prepared = true;
  const { stripTypeScriptTypes } = globalThis.process.getBuiltinModule(
    "node:module",
  ) as { stripTypeScriptTypes?: (code: string) => string };
  // Only nested statements make the compiler look up the limits.
  stripTypeScriptTypes?.("if (a) b;");
}

/**
 * Counts an accepted connection, and calls `prepareCompiler()` before a burst can take all
 * descriptors. Call it before accepting the next one.
 */
export function countConnection(): void {
  if (!prepared && ++connections >= MAX_UNPREPARED) prepareCompiler();
}

/** Whether `prepareCompiler()` was called. */
export function isCompilerPrepared(): boolean {
  return prepared;
}
