// The entrance of the site's own rules, the only one of its files that is loaded without them.
// The others are loaded by the first request of a site with rules, or by `ready()`.

import type { MaybePromise } from "../../../connection/files.ts";
import type {
  LoadedRules,
  RuledRequest,
  RulesSettings,
  Ruling,
} from "./interfaces.ts";

/** The files of rules. They are never sent. */
const RULE_FILES: ReadonlySet<string> = new Set([
  "_redirects",
  "_headers",
]);

let silent = false;

/** Stops the rules of this thread from being reported: each worker reads the same files. */
export function silenceRules(): void {
  silent = true;
}

/** The rules of a site. */
export class SiteRules {
  /** Whether a page wins over a rule for its path without `.html`, as on Netlify. */
  readonly preferPages: boolean;
  readonly #settings: RulesSettings;
  #loaded: LoadedRules | undefined;
  #loading: Promise<LoadedRules> | undefined;

  /**
   * Prepares the rules. Loads and reads nothing yet.
   *
   * @param settings The site.
   */
  constructor(settings: RulesSettings) {
    this.#settings = settings;
    this.preferPages = settings.dialect === "netlify";
  }

  /** Reads the rules, and reports those that are wrong. */
  async ready(): Promise<void> {
    await this.#load();
  }

  #load(): Promise<LoadedRules> {
    const { say, ...settings } = this.#settings;
    return this.#loading ??= import("./site_rules.ts").then(
      ({ RulesOfSite }) =>
        this.#loaded = new RulesOfSite({
          ...settings,
          say: (...lines) => {
            if (!silent) say(...lines);
          },
        }),
    );
  }

  /**
   * Applies the rules to a request.
   *
   * @param request The request.
   * @returns What they say.
   */
  rule(request: RuledRequest): MaybePromise<Ruling> {
    return this.#loaded?.rule(request) ??
      this.#load().then((rules) => rules.rule(request));
  }

  /**
   * Whether a name in a served folder is that of a file of rules, in any case: some file
   * systems ignore it.
   *
   * @param name The name.
   * @returns `true` to never send it.
   */
  reserves(name: string): boolean {
    return this.#settings.dialect !== undefined &&
      RULE_FILES.has(name.toLowerCase());
  }
}
