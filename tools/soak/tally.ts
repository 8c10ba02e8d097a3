// The counts of a soak test, and their table.

/** How many failures to show in full. */
const SHOWN = 20;

interface Count {
  requests: number;
  bytes: number;
  failures: number;
}

/** The counts of each kind of work. */
export class Tally {
  readonly #counts = new Map<string, Count>();
  /** The first failures. */
  readonly failures: string[] = [];

  /** Counts a correct response. */
  passed(kind: string, bytes: number): void {
    const count = this.#count(kind);
    count.requests++;
    count.bytes += bytes;
  }

  /** Counts a failure. `before` lists earlier uses of its connection. */
  failed(kind: string, error: unknown, before: readonly string[] = []): void {
    this.#count(kind).failures++;
    if (this.failures.length >= SHOWN) return;
    const reason = error instanceof Error ? error.message : String(error);
    const after = before.length === 0 ? "" : ` (after ${before.join(", ")})`;
    this.failures.push(`${kind}: ${reason}${after}`);
  }

  /** The number of failures. */
  get failureCount(): number {
    return [...this.#counts.values()]
      .reduce((sum, { failures }) => sum + failures, 0);
  }

  /** Formats one line per kind. */
  table(): string {
    const rows = [...this.#counts].sort(([a], [b]) => a < b ? -1 : 1);
    const total = { requests: 0, bytes: 0, failures: 0 };
    for (const [, count] of rows) {
      total.requests += count.requests;
      total.bytes += count.bytes;
      total.failures += count.failures;
    }
    return [
      ["kind", "passed", "MB", "failed"],
      ...[...rows, ["total", total] as const].map(([kind, count]) => [
        kind,
        String(count.requests),
        (count.bytes / 1e6).toFixed(1),
        String(count.failures),
      ]),
    ].map(([kind, ...cells]) =>
      kind!.padEnd(32) + cells.map((cell) => cell.padStart(11)).join("")
    ).join("\n");
  }

  #count(kind: string): Count {
    let count = this.#counts.get(kind);
    if (count === undefined) {
      count = { requests: 0, bytes: 0, failures: 0 };
      this.#counts.set(kind, count);
    }
    return count;
  }
}

/** Memory samples of one server. */
export class Watch {
  readonly #samples: { at: number; memory: number }[] = [];

  /** Adds a sample. */
  add(at: number, memory: number): void {
    this.#samples.push({ at, memory });
  }

  /** Returns the peak memory between two fractions of the whole time, in bytes. */
  peak(from: number, to: number, whole: number): number {
    return Math.max(
      ...this.#samples
        .filter(({ at }) => at >= from * whole && at <= to * whole)
        .map(({ memory }) => memory),
    );
  }
}
