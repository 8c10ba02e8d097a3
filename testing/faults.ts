// The faults that a test asks for, and which of them a request gets. Pure.

import {
  checkMatcher,
  describe,
  mismatches,
  type TextMatcher,
} from "./pattern.ts";
import type { RecordedRequest } from "./recorded_request.ts";

/** The longest wait of a fault, in milliseconds. */
const MAX_WAIT = 60_000;

/** The settings of each kind of fault. */
export interface FaultSettings {
  /** Waits before the response: `ms` milliseconds (1000), before its head or its body (`"head"`). */
  readonly delay: {
    readonly ms?: number;
    readonly before?: "head" | "body";
  };
  /** Sends the response in pieces of `bytes` bytes (1), one every `every` milliseconds (10). */
  readonly dribble: { readonly bytes?: number; readonly every?: number };
  /** Ends the connection (FIN) after `after` bytes (0) of the response, counted from its first. */
  readonly cut: { readonly after?: number };
  /** Resets the connection (RST) after `after` bytes (0) of the response, counted from its first. */
  readonly reset: { readonly after?: number };
  /** Sends the body as chunks, with an invalid chunk instead of the last one, and ends the connection. */
  readonly "malformed-chunk": Readonly<Record<never, never>>;
  /** Adds `by` (1), which can be negative, to `Content-Length`, and ends the connection after the body. */
  readonly "wrong-length": { readonly by?: number };
  /** Sends `bytes` (a line that is not HTTP) instead of a response, and ends the connection. */
  readonly garbage: { readonly bytes?: string | Uint8Array };
  /** Reads the request and sends nothing until the client or the site closes. */
  readonly silence: Readonly<Record<never, never>>;
  /** Accepts a connection and resets it without reading. */
  readonly refuse: Readonly<Record<never, never>>;
}

/** A kind of fault. */
export type FaultKind = keyof FaultSettings;

/** Which requests a fault is applied to. */
export interface FaultScope {
  /** The method. By default any. */
  readonly method?: TextMatcher;
  /** The path. By default any. */
  readonly path?: TextMatcher;
  /**
   * To how many requests, or for `"refuse"` connections, the fault is applied. `Infinity` for all.
   *
   * @default {1}
   */
  readonly times?: number;
}

/** The settings and the scope of a kind of fault. */
export type FaultOptions<Kind extends FaultKind> =
  & FaultSettings[Kind]
  & FaultScope;

/** A fault with all its settings. */
export type FaultPlan = {
  [Kind in FaultKind]:
    & { readonly kind: Kind }
    & Required<FaultSettings[Kind]>;
}[FaultKind];

const KINDS: { readonly [Kind in FaultKind]: Required<FaultSettings[Kind]> } = {
  delay: { ms: 1_000, before: "head" },
  dribble: { bytes: 1, every: 10 },
  cut: { after: 0 },
  reset: { after: 0 },
  "malformed-chunk": {},
  "wrong-length": { by: 1 },
  garbage: { bytes: "This is not HTTP.\r\n" },
  silence: {},
  refuse: {},
};

/** A fault that a test asked for. Disposing removes it. */
export class Fault implements Disposable {
  /** What it does. */
  readonly plan: FaultPlan;
  readonly #scope: FaultScope;
  readonly #times: number;
  #count = 0;
  #removed = false;

  /**
   * Checks the options.
   *
   * @internal
   * @param kind The kind.
   * @param options The settings and the scope.
   */
  constructor(kind: FaultKind, options: FaultOptions<FaultKind>) {
    const { method, path, times = 1, ...settings } = options;
    this.plan = planOf(kind, settings);
    if (times !== Infinity) checkInteger("times", times, 1);
    if (kind === "refuse" && (method ?? path) !== undefined) {
      throw new TypeError(
        'Cannot limit "refuse" to a method or path: it comes before the request',
      );
    }
    this.#scope = {
      ...(method !== undefined && { method }),
      ...(path !== undefined && { path }),
    };
    checkMatcher(this.#scope);
    this.#times = times;
  }

  /** How often it was applied. */
  get count(): number {
    return this.#count;
  }

  /**
   * Whether it was never applied although a number of times was asked for.
   *
   * @internal
   */
  get isUnmet(): boolean {
    return this.#count === 0 && this.#times !== Infinity && !this.#removed;
  }

  /** Stops applying it. */
  remove(): void {
    this.#removed = true;
  }

  /** Stops applying it. */
  [Symbol.dispose](): void {
    this.remove();
  }

  /**
   * Applies it once if it is for a request.
   *
   * @internal
   * @param request The request; `undefined` for a connection that has none yet.
   * @returns Whether it is applied.
   */
  take(request: RecordedRequest | undefined): boolean {
    const early = this.plan.kind === "refuse";
    if (this.#removed || this.#count >= this.#times) return false;
    if (early !== (request === undefined)) return false;
    if (request && mismatches(this.#scope, request).length > 0) return false;
    this.#count++;
    return true;
  }

  /**
   * Describes it.
   *
   * @returns One line.
   */
  toString(): string {
    const { kind } = this.plan;
    return kind === "refuse" ? kind : `${kind} for ${describe(this.#scope)}`;
  }
}

/** All faults of a site. */
export class Faults {
  #faults: Fault[] = [];

  /**
   * Adds a fault.
   *
   * @param fault The fault.
   */
  add(fault: Fault): void {
    this.#faults.push(fault);
  }

  /**
   * Finds the fault of a request: the first that is for it.
   *
   * @param request The request; `undefined` for a connection that has none yet.
   * @returns The fault; `undefined` if no fault applies.
   */
  take(request: RecordedRequest | undefined): FaultPlan | undefined {
    return this.#faults.find((fault) => fault.take(request))?.plan;
  }

  /**
   * Lists faults that were never applied.
   *
   * @returns A line for each.
   */
  unmet(): string[] {
    return this.#faults.filter(({ isUnmet }) => isUnmet).map(String);
  }

  /** Removes all faults. */
  clear(): void {
    this.#faults = [];
  }
}

function planOf(kind: FaultKind, settings: object): FaultPlan {
  if (!Object.hasOwn(KINDS, kind)) {
    throw new TypeError(
      `Unknown fault "${kind}": it must be one of ${
        Object.keys(KINDS).join(", ")
      }`,
    );
  }
  const standard = KINDS[kind];
  for (const name of Object.keys(settings)) {
    if (!Object.hasOwn(standard, name)) {
      throw new TypeError(`The fault "${kind}" has no option "${name}"`);
    }
  }
  const plan = { kind, ...standard, ...settings } as FaultPlan;
  checkPlan(plan);
  return plan;
}

function checkPlan(plan: FaultPlan): void {
  if (plan.kind === "delay") {
    checkInteger("ms", plan.ms, 0, MAX_WAIT);
    if (plan.before !== "head" && plan.before !== "body") {
      throw new TypeError('"before" must be "head" or "body"');
    }
  } else if (plan.kind === "dribble") {
    checkInteger("bytes", plan.bytes, 1);
    checkInteger("every", plan.every, 0, MAX_WAIT);
  } else if (plan.kind === "cut" || plan.kind === "reset") {
    checkInteger("after", plan.after, 0);
  } else if (plan.kind === "wrong-length") {
    checkInteger("by", plan.by, -Number.MAX_SAFE_INTEGER);
    if (plan.by === 0) throw new RangeError('"by" must not be 0');
  }
}

function checkInteger(
  name: string,
  value: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER
    ? `of at least ${min}`
    : `from ${min} to ${max}`;
  throw new RangeError(`"${name}" must be an integer ${range}`);
}
