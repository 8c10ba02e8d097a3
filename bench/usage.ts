// CPU time and memory of a process and its children, from /proc.

/** One process, as /proc/PID/stat shows it. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** User and system time, with that of children it has waited for, in clock ticks. */
  readonly ticks: number;
  /** When it started, in clock ticks since boot: tells a reused id from the first one. */
  readonly started: number;
  /** Whether it has ended, and its parent has not noticed yet. */
  readonly zombie: boolean;
}

/** What a process and its children have used. */
export interface Usage {
  /** User and system time, in microseconds. */
  readonly cpu: number;
  /** Resident memory, in bytes. */
  readonly memory: number;
}

/** Microseconds in a clock tick: Linux reports 100 per second on every architecture. */
const TICK = 10_000;

/**
 * Parses /proc/PID/stat.
 *
 * @param text Its content.
 */
export function parseStat(text: string): Process {
  // The second field is the program's name, which can contain spaces and parentheses.
  const end = text.lastIndexOf(")");
  const fields = text.slice(end + 2).trim().split(" ");
  // The first field after the name is number 3 in proc(5).
  const field = (number: number) => Number(fields[number - 3] ?? NaN);
  return {
    pid: parseInt(text, 10),
    parent: field(4),
    ticks: field(14) + field(15) + field(16) + field(17),
    started: field(22),
    zombie: fields[0] === "Z",
  };
}

/** The resident memory in /proc/PID/status, in bytes; 0 for a process without memory. */
export function parseResident(status: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/**
 * The soft or hard limit of open files in /proc/PID/limits.
 *
 * @param limits Its content.
 */
export function parseOpenFiles(limits: string): { soft: number; hard: number } {
  const [, soft = "", hard = ""] =
    /^Max open files\s+(\S+)\s+(\S+)/m.exec(limits) ?? [];
  const count = (text: string) =>
    text === "unlimited" ? Infinity : Number(text);
  return { soft: count(soft), hard: count(hard) };
}

/** A process with all its descendants. */
export function treeOf(pid: number, processes: readonly Process[]): Process[] {
  const root = processes.filter((process) => process.pid === pid);
  const tree = [...root];
  for (const { pid } of tree) {
    tree.push(...processes.filter(({ parent }) => parent === pid));
  }
  return tree;
}

/** Reads a process and its descendants; empty if it has ended. */
export function readTree(pid: number): Process[] {
  const processes: Process[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = read(`/proc/${name}/stat`);
    if (stat !== undefined) processes.push(parseStat(stat));
  }
  return treeOf(pid, processes);
}

/** Reads what a process and its descendants have used. */
export function readUsage(pid: number): Usage {
  let [cpu, memory] = [0, 0];
  for (const process of readTree(pid)) {
    cpu += process.ticks * TICK;
    memory += parseResident(read(`/proc/${process.pid}/status`) ?? "");
  }
  return { cpu, memory };
}

/** Whether this very process still runs. */
export function isRunning({ pid, started }: Process): boolean {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return false;
  const process = parseStat(stat);
  return process.started === started && !process.zombie;
}

/** The content of a file of /proc; `undefined` if the process has ended. */
function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    // ESRCH, for a process that ends between open and read, has no class.
    if (
      error instanceof Deno.errors.NotFound ||
      (error instanceof Error && /os error 3\b/.test(error.message))
    ) return undefined;
    throw error;
  }
}
