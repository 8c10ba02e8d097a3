// What an option of the command consists of.
/** An option of the command. */
export interface Option {
  /** Its long name, without dashes. */
  readonly name: string;
  /** Its one-letter name. */
  readonly short?: string;
  /** The placeholder for its value in the help; without one it is a switch. */
  readonly value?: string;
  /** Whether it may be given more than once, and every value counts. */
  readonly repeatable?: boolean;
  /** The line for it in `--help`; only everyday options have one. */
  readonly brief?: string;
  /** What it does, and its default. */
  readonly help: string;
}

/** Options that belong together. */
export interface OptionGroup {
  /** The heading, in `--help` and in docs/cli.md. */
  readonly title: string;
  readonly options: readonly Option[];
}
