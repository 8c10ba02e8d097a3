// Prints the figures: as text, and as Markdown.

import {
  type Figures,
  isLessBetter,
  type LeftOut,
  OURS,
  summarize,
  type Summary,
  type WorkFigures,
} from "./figures.ts";

/** The titles of the columns of a work's table. */
function columnsOf({ unit }: WorkFigures): string[] {
  const cpu = `CPU µs/${unit === "MB/s" ? "MB" : "request"}`;
  const figures = ["median", "ours/peer", "by round", cpu, "memory", "errors"];
  return ["server", ...figures, "notes"];
}

/** A value in the unit of its work, with three significant digits or more. */
export function formatValue(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A ratio of ours to a peer. */
export function formatRatio(ratio: number | null | undefined): string {
  if (ratio === null || ratio === undefined) return "-";
  return ratio >= 20 ? ratio.toFixed(0) : ratio.toFixed(2);
}

/** The cells of one server's row, in the order of `columnsOf()`. */
export function cellsOf(summary: Summary): string[] {
  const { name, value, ratio, ratios, cpu, memory, errors, notes } = summary;
  return [
    name,
    formatValue(value),
    formatRatio(ratio),
    ratios.map(formatRatio).join(" "),
    cpu === undefined ? "-" : formatValue(cpu),
    `${(memory / 1e6).toFixed(0)} MB`,
    String(errors),
    Object.entries(notes)
      .map(([name, value]) => `${name}: ${formatValue(value)}`).join(", "),
  ];
}

/** The title of a work's table. */
function titleOf({ name, description, unit }: WorkFigures): string {
  const hint = isLessBetter(unit) ? `${unit}, less is better` : unit;
  return `${name}: ${description} (${hint})`;
}

/** What was left out, each once. */
export function leftOutLines(leftOut: readonly LeftOut[]): string[] {
  const lines = leftOut.map(({ server, work, reason }) =>
    `${server}${work === undefined ? "" : ` in ${work}`}: ${reason}`
  );
  return [...new Set(lines)];
}

function facts({ machine, versions, rounds, seconds }: Figures): string[] {
  const list = (facts: Readonly<Record<string, string>>) =>
    Object.entries(facts).map(([name, fact]) => `${name} ${fact}`).join(", ");
  return [
    `Machine: ${list(machine)}`,
    `Versions: ${list(versions)}`,
    `Medians of ${rounds} interleaved rounds of ${seconds} s. ours/peer is how many ` +
    "times as fast as the peer ours is, paired by round: over 1 is faster.",
  ];
}

/** Lines up cells; the first column to the left, figures to the right. */
function align(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length))
  );
  const last = widths.length - 1;
  return rows.map((row) =>
    row.map((cell, column) =>
      column === 0 || column === last
        ? cell.padEnd(widths[column]!)
        : cell.padStart(widths[column]!)
    ).join("  ").trimEnd()
  );
}

/** The report as text. */
export function textReport(figures: Figures): string {
  const lines = [...facts(figures), `Command: ${figures.command}`];
  for (const work of figures.works) {
    const rows = summarize(work).map(cellsOf);
    lines.push("", titleOf(work), ...align([columnsOf(work), ...rows]));
  }
  const leftOut = leftOutLines(figures.leftOut);
  if (leftOut.length > 0) lines.push("", "Left out:", ...leftOut);
  return lines.join("\n") + "\n";
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function rule(columns: number): string {
  return `| --- |${" ---: |".repeat(columns - 1)}`;
}

/** One row per work: our median, and how many times as fast as each peer it is. */
function overview({ works }: Figures): string[] {
  const summaries = works.map((work) => ({ work, rows: summarize(work) }));
  const peers = new Set(
    summaries.flatMap(({ rows }) => rows.map(({ name }) => name)),
  );
  peers.delete(OURS);
  const header = ["work", OURS, ...peers];
  const rows = summaries.map(({ work, rows }) => {
    const find = (name: string) => rows.find((row) => row.name === name);
    const ours = find(OURS);
    const value = ours === undefined
      ? "-"
      : `${formatValue(ours.value)} ${work.unit}`;
    const ratios = [...peers].map((name) => formatRatio(find(name)?.ratio));
    return row([work.name, value, ...ratios]);
  });
  return [row(header), rule(header.length), ...rows];
}

/** The report in Markdown: one table of ratios, then one table per work. */
export function markdownReport(figures: Figures): string {
  const lines = [
    ...facts(figures).flatMap((fact) => [fact, ""]),
    "```sh",
    figures.command,
    "```",
    "",
    ...overview(figures),
  ];
  for (const work of figures.works) {
    const rows = summarize(work).map((summary) => row(cellsOf(summary)));
    lines.push("", `### ${titleOf(work)}`, "");
    const columns = columnsOf(work);
    lines.push(row(columns), rule(columns.length), ...rows);
  }
  const leftOut = leftOutLines(figures.leftOut).map((line) => `- ${line}`);
  if (leftOut.length > 0) lines.push("", "Left out:", "", ...leftOut);
  return lines.join("\n") + "\n";
}
