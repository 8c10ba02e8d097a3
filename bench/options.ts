// The arguments of `deno task bench`.

import { parseArgs } from "node:util";
import { OURS } from "./figures.ts";
import { type Work, WORKS, worksOf } from "./works.ts";

/** What to measure, and how to print it. */
export interface Options {
  readonly works: readonly Work[];
  /** The names of the peers; all without any. */
  readonly peers: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  /** Further checkouts of this project. */
  readonly checkouts: readonly string[];
  readonly format: "text" | "json" | "markdown";
  readonly action: "measure" | "list" | "help";
  readonly install: boolean;
}

/** The text of `--help`. */
export const HELP = `usage: deno task bench [options]

Measure this server and its peers in interleaved rounds.

  --work NAME     measure this work; may be repeated (default: all but memory)
  --peer NAME     measure this peer; may be repeated (default: all)
  --rounds N      measure every server so many times (default: 5)
  --seconds N     measure so long each time (default: 2)
  --ours PATH     measure another checkout too; may be repeated
  --json          print everything as JSON
  --markdown      print Markdown tables
  --install       install the peers that are missing, with apt-get and npm
  --list          list the works, the servers and the missing programs

$PYTHON is the interpreter for the peer cpython (default: python3).
`;

/**
 * Parses the arguments.
 *
 * @param args The arguments.
 * @param peers The names of all servers.
 * @throws {Error} An argument can't be used.
 */
export function parseOptions(
  args: readonly string[],
  peers: readonly string[],
): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", short: "h", default: false },
      install: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      markdown: { type: "boolean", default: false },
      ours: { type: "string", multiple: true, default: [] },
      peer: { type: "string", multiple: true, default: [] },
      rounds: { type: "string", default: "5" },
      seconds: { type: "string", default: "2" },
      work: { type: "string", multiple: true, default: [] },
    },
  });
  if (values.json && values.markdown) {
    throw new Error("--json and --markdown exclude each other");
  }
  for (const name of values.peer) {
    if (name === OURS || !peers.includes(name)) {
      throw new Error(
        `--peer must be one of ${
          peers.filter((peer) => peer !== OURS).join(", ")
        }`,
      );
    }
  }
  return {
    works: chosenWorks(values.work),
    peers: values.peer,
    rounds: count("rounds", values.rounds, 100),
    seconds: count("seconds", values.seconds, 300),
    checkouts: values.ours,
    format: values.json ? "json" : values.markdown ? "markdown" : "text",
    action: values.help ? "help" : values.list ? "list" : "measure",
    install: values.install,
  };
}

function chosenWorks(names: readonly string[]): readonly Work[] {
  if (names.length === 0) return WORKS.filter(({ onlyNamed }) => !onlyNamed);
  const chosen = new Set(names.flatMap((name) => {
    const works = worksOf(name);
    if (works.length > 0) return works;
    throw new Error(
      `--work must be one of ${WORKS.map(({ name }) => name).join(", ")}`,
    );
  }));
  return WORKS.filter((work) => chosen.has(work));
}

function count(name: string, text: string, most: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new Error(`--${name} must be a number from 1 to ${most}`);
}
