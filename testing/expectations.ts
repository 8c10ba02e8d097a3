// The expected requests and their responses, and which of them a request meets. Pure.

import {
  checkMatcher,
  describe,
  mismatches,
  type RequestMatcher,
} from "./pattern.ts";
import type { RecordedRequest } from "./recorded_request.ts";

/** The response to an expected request. */
export interface Reply {
  /**
   * The status code.
   *
   * @default {200}
   */
  readonly status?: number;
  /** Header fields, in order. An array of pairs can repeat a name. */
  readonly headers?:
    | Readonly<Record<string, string>>
    | readonly (readonly [name: string, value: string])[];
  /** The body. */
  readonly body?: string | Uint8Array;
  /** A value to send as JSON instead of `body`. */
  readonly json?: unknown;
}

/** A response, or a function that makes one for a request. */
export type ReplySource =
  | Reply
  | ((request: RecordedRequest) => Reply | Promise<Reply>);

/** One expected request. Permanent unless `once()` is called or it is part of an `ExpectationGroup`. */
export class Expectation {
  readonly #matcher: RequestMatcher;
  #reply: ReplySource = {};
  #once: boolean;
  #count = 0;

  /**
   * Expects requests.
   *
   * @internal
   * @param matcher Which requests.
   * @param once Whether only one.
   */
  constructor(matcher: RequestMatcher, once: boolean) {
    checkMatcher(matcher);
    this.#matcher = matcher;
    this.#once = once;
  }

  /**
   * Sets the response. Without this call it is 200 with an empty body.
   *
   * @param reply The response, or a function that makes one.
   * @returns The same object.
   */
  respond(reply: ReplySource): this {
    this.#reply = reply;
    return this;
  }

  /**
   * Makes it one-shot: it must be met, and only by one request.
   *
   * @returns The same object.
   */
  once(): this {
    this.#once = true;
    return this;
  }

  /** The number of requests that have met it. */
  get count(): number {
    return this.#count;
  }

  /**
   * Whether it is one-shot.
   *
   * @internal
   */
  get isOnce(): boolean {
    return this.#once;
  }

  /**
   * Whether no further request can meet it.
   *
   * @internal
   */
  get isUsed(): boolean {
    return this.#once && this.#count > 0;
  }

  /**
   * Compares a request.
   *
   * @internal
   * @param request The request.
   * @returns Why it doesn't match; empty if it does.
   */
  mismatches(request: RecordedRequest): string[] {
    return mismatches(this.#matcher, request);
  }

  /**
   * Counts a request, and makes its response.
   *
   * @internal
   * @param request The request.
   * @returns The response.
   */
  meet(request: RecordedRequest): Reply | Promise<Reply> {
    this.#count++;
    const reply = this.#reply;
    return typeof reply === "function" ? reply(request) : reply;
  }

  /**
   * Describes it.
   *
   * @returns One line.
   */
  toString(): string {
    return describe(this.#matcher);
  }
}

/** Requests that are expected in an order, each once. */
export class ExpectationGroup {
  readonly #members: Expectation[] = [];

  /**
   * Expects a request after those before it.
   *
   * @param matcher Which request.
   * @returns The expectation, to set its response.
   */
  expect(matcher: RequestMatcher = {}): Expectation {
    const member = new Expectation(matcher, true);
    this.#members.push(member);
    return member;
  }

  /**
   * All expectations of the group, in order.
   *
   * @internal
   */
  get members(): readonly Expectation[] {
    return this.#members;
  }

  /**
   * The first expectation that is not met.
   *
   * @internal
   */
  get next(): Expectation | undefined {
    return this.#members.find(({ isUsed }) => !isUsed);
  }
}

/** All expectations of a site. */
export class Expectations {
  #single: Expectation[] = [];
  #groups: ExpectationGroup[] = [];

  /**
   * Expects requests, permanently unless `once()` is called.
   *
   * @param matcher Which requests.
   * @returns The expectation.
   */
  expect(matcher: RequestMatcher = {}): Expectation {
    const expectation = new Expectation(matcher, false);
    this.#single.push(expectation);
    return expectation;
  }

  /**
   * Starts a group of requests that are expected in an order.
   *
   * @returns The group.
   */
  inOrder(): ExpectationGroup {
    const group = new ExpectationGroup();
    this.#groups.push(group);
    return group;
  }

  /**
   * Finds the expectation that a request meets: the next of a group, else a one-shot one, else
   * a permanent one. Among several, the one that was declared first.
   *
   * @param request The request.
   * @returns The expectation; `undefined` if no expectation matches.
   */
  find(request: RecordedRequest): Expectation | undefined {
    const candidates = [
      ...this.#groups.map(({ next }) => next),
      ...this.#single.filter(({ isOnce }) => isOnce),
      ...this.#single.filter(({ isOnce }) => !isOnce),
    ];
    return candidates.find((candidate) =>
      candidate !== undefined && !candidate.isUsed &&
      candidate.mismatches(request).length === 0
    );
  }

  /**
   * Explains why a request meets no expectation.
   *
   * @param request The request.
   * @returns Text with a line for each expectation and each reason.
   */
  explain(request: RecordedRequest): string {
    const lines = [`No expectation matches ${request}`];
    const add = (expectation: Expectation, late: boolean) => {
      const reasons = expectation.mismatches(request);
      lines.push(`- ${kindOf(expectation, late)} ${expectation}`);
      if (reasons.length > 0) lines.push(...reasons.map((r) => `  - ${r}`));
      else if (expectation.isUsed) lines.push("  - already met");
      else lines.push("  - an expectation before it in its order is not met");
    };
    for (const { members } of this.#groups) {
      for (const member of members) add(member, true);
    }
    for (const expectation of this.#single) add(expectation, false);
    if (lines.length === 1) lines.push("- nothing is expected");
    return lines.join("\n") + "\n";
  }

  /**
   * Lists the one-shot and ordered expectations that no request has met.
   *
   * @returns A line for each.
   */
  unmet(): string[] {
    const lines: string[] = [];
    const add = (expectation: Expectation, ordered: boolean) => {
      if (!expectation.isOnce || expectation.isUsed) return;
      lines.push(`${kindOf(expectation, ordered)} ${expectation}`);
    };
    for (const { members } of this.#groups) {
      for (const member of members) add(member, true);
    }
    for (const expectation of this.#single) add(expectation, false);
    return lines;
  }

  /** Expects nothing any more. */
  clear(): void {
    this.#single = [];
    this.#groups = [];
  }
}

function kindOf(expectation: Expectation, ordered: boolean): string {
  if (ordered) return "in order:";
  return expectation.isOnce ? "once:" : "always:";
}
