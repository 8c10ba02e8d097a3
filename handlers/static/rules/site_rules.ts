// The rules of a site: those of its options, and those of the files in its folders, which are
// read again when they change.

import { escapeControls } from "../../../text/log_text.ts";
import type { ServedFolder } from "../lookup/served_folder.ts";
import {
  type Compared,
  comparedWith,
  fieldsOf,
  firstMatch,
  type Match,
  type RuleSet,
} from "./decide.ts";
import type { Header } from "./header.ts";
import { parseHeaders } from "./headers_file.ts";
import type {
  Dialect,
  LoadedRules,
  RuledRequest,
  RulesSettings,
  Ruling,
} from "./interfaces.ts";
import { RuleIndex } from "./match.ts";
import { compileHeaders, compileRedirects, nameRedirect } from "./options.ts";
import type { Fault, Redirect } from "./redirect.ts";
import { parseRedirects } from "./redirects_file.ts";
import { MISSING, type ReadFile, readRules } from "./read_rules.ts";

/** How long files are not looked at again, in milliseconds. */
const LOOK_AFTER = 1_000;

/** How many faults of a file are printed. */
const MAX_PRINTED = 20;

const NO_SET: RuleSet = {
  redirects: new RuleIndex(),
  headers: new RuleIndex(),
};

/** The rules of a site. */
export class RulesOfSite implements LoadedRules {
  readonly #own: RuleSet;
  readonly #above: number;
  readonly #joins: boolean;
  readonly #folders = new Map<ServedFolder, RuleFolder>();

  /**
   * Compiles the rules of the options, and reads all files.
   *
   * @param settings What to read, and where to report what is wrong.
   */
  constructor(settings: RulesSettings) {
    const { above, dialect, redirects, headers } = settings;
    const { folders, isProxied, say } = settings;
    this.#above = above;
    const patterns = dialect ?? "netlify";
    this.#joins = patterns === "cloudflare";
    const ofRedirects = compileRedirects(redirects, patterns, isProxied);
    const ofHeaders = compileHeaders(headers, patterns);
    say(...reports(ofRedirects.faults, (at) => nameRedirect(redirects[at]!)));
    say(...reports(ofHeaders.faults, (at) => headers[at]!.for));
    const none = redirects.length + headers.length === 0;
    this.#own = none ? NO_SET : {
      redirects: new RuleIndex(ofRedirects.rules),
      headers: new RuleIndex(ofHeaders.rules),
    };
    if (dialect === undefined) return;
    for (const { folder } of folders) {
      const ofFolder = new RuleFolder(folder, dialect, settings);
      this.#folders.set(folder, ofFolder);
    }
    if (![...this.#folders.values()].some(({ hasFiles }) => hasFiles)) {
      say("  there is no _redirects or _headers file in any served directory");
    }
  }

  /**
   * Applies the rules to a request.
   *
   * @param request The request.
   * @returns What they say.
   */
  rule(request: RuledRequest): Ruling {
    const { folder } = request.target;
    const ofFolder = folder && this.#folders.get(folder);
    const sets: [RuleSet, Compared][] = [];
    if (ofFolder !== undefined) {
      sets.push([ofFolder.current(), comparedWith(request, undefined)]);
    }
    if (this.#own !== NO_SET) {
      sets.push([this.#own, comparedWith(request, this.#above)]);
    }
    // Redirects of the options come first, and their fields last, so that they win.
    let match: Match | undefined;
    for (let at = sets.length - 1; at >= 0 && match === undefined; at--) {
      match = firstMatch(...sets[at]!);
    }
    return {
      decision: match?.decision,
      forced: match?.forced ?? false,
      fields: fieldsOf(sets, this.#joins),
    };
  }
}

/** The files of rules in a served folder. */
class RuleFolder {
  readonly #folder: ServedFolder;
  readonly #dialect: Dialect;
  readonly #isProxied: RulesSettings["isProxied"];
  readonly #say: RulesSettings["say"];
  readonly #known = new Map<string, ReadFile>();
  #redirects = new RuleIndex<Redirect>();
  #headers = new RuleIndex<Header>();
  #set: RuleSet = NO_SET;
  #lookAt = 0;

  constructor(
    folder: ServedFolder,
    dialect: Dialect,
    { isProxied, say }: Pick<RulesSettings, "isProxied" | "say">,
  ) {
    this.#folder = folder;
    this.#dialect = dialect;
    this.#isProxied = isProxied;
    this.#say = say;
    this.current();
  }

  /** Whether there is a file, even if it isn't used. */
  get hasFiles(): boolean {
    return this.#known.size < 2 ||
      [...this.#known.values()].some((read) => read !== MISSING);
  }

  /** The rules, from the files as they are now or were a second ago. */
  current(): RuleSet {
    const now = Date.now();
    // The clock may have been set back.
    if (now < this.#lookAt && now > this.#lookAt - 2 * LOOK_AFTER) {
      return this.#set;
    }
    this.#lookAt = now + LOOK_AFTER;
    this.#follow("_redirects", (text) => {
      const { rules, faults } = parseRedirects(
        text,
        this.#dialect,
        this.#isProxied,
      );
      this.#redirects = new RuleIndex(rules);
      return faults;
    });
    this.#follow("_headers", (text) => {
      const { rules, faults } = parseHeaders(text, this.#dialect);
      this.#headers = new RuleIndex(rules);
      return faults;
    });
    return this.#set = { redirects: this.#redirects, headers: this.#headers };
  }

  /** Parses a file if it has changed. A missing one has no rules. */
  #follow(name: string, parse: (text: string) => readonly Fault[]): void {
    const path = this.#folder.join([name]);
    const known = this.#known.get(path);
    const read = readRules(this.#folder, path, known);
    if (read === undefined) return;
    this.#known.set(path, read);
    if (read.text === known?.text && read.fault === known.fault) return;
    const faults = parse(read.text);
    this.#say(
      ...read.fault === undefined ? [] : [`  ${path}: ${read.fault}`],
      ...reports(faults, (line) => `${path}:${line}`),
    );
  }
}

/** The lines that report faults. */
function reports(
  faults: readonly Fault[],
  place: (line: number) => string,
): string[] {
  const lines = faults.slice(0, MAX_PRINTED).map(({ line, reason }) =>
    `  ${escapeControls(`${place(line)}: ${reason}`)}`
  );
  const more = faults.length - lines.length;
  if (more > 0) lines.push(`  … and ${more} more`);
  return lines;
}
