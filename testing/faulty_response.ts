// What a fault makes of a response: its bytes in, steps out. Pure.

import { encodeChunk } from "../parser/chunked.ts";
import { decodeLatin1, encodeLatin1 } from "../text/latin1.ts";
import type { FaultPlan } from "./faults.ts";

/** The line in place of a chunk size. */
const NOT_A_SIZE = "not a chunk size\r\n";

/** The last chunk that a handler sends. */
const LAST_CHUNK = "0\r\n\r\n";

const HEAD_END = "\r\n\r\n";

/** One thing to do on the connection. */
export type Step =
  | { readonly send: Uint8Array }
  /** Milliseconds. */
  | { readonly wait: number }
  /** By FIN or RST. Nothing is sent after it. */
  | { readonly end: "fin" | "reset" }
  /** The fault can't be applied to this response. */
  | { readonly problem: string };

/** A response with a fault. */
export interface FaultyResponse {
  /**
   * Takes bytes of the correct response.
   *
   * @param bytes The bytes.
   * @returns What to do, in order.
   */
  feed(bytes: Uint8Array): Iterable<Step>;
  /**
   * Takes the end of the correct response.
   *
   * @returns What to do, in order.
   */
  finish(): Iterable<Step>;
}

/**
 * Applies a fault to a response.
 *
 * @param plan The fault.
 * @returns The response; `undefined` if the fault sends nothing of it.
 */
export function faultyResponse(plan: FaultPlan): FaultyResponse | undefined {
  switch (plan.kind) {
    case "delay":
      return plan.before === "head"
        ? delayedHead(plan.ms)
        : rewritten((head) => [{ send: head }, { wait: plan.ms }], unchanged);
    case "dribble":
      return dribbled(plan.bytes, plan.every);
    case "cut":
      return plan.after === 0 ? undefined : limited(plan.after, "fin");
    case "reset":
      return plan.after === 0 ? undefined : limited(plan.after, "reset");
    case "malformed-chunk":
      return malformedChunk();
    case "wrong-length":
      return wrongLength(plan.by);
    case "garbage":
    case "silence":
    case "refuse":
      return undefined;
  }
}

function delayedHead(ms: number): FaultyResponse {
  let waited = false;
  return {
    *feed(bytes) {
      if (!waited) yield { wait: ms };
      waited = true;
      yield { send: bytes };
    },
    finish: () => [],
  };
}

function dribbled(size: number, every: number): FaultyResponse {
  let first = true;
  return {
    *feed(bytes) {
      for (let at = 0; at < bytes.length; at += size) {
        if (!first) yield { wait: every };
        first = false;
        yield { send: bytes.subarray(at, at + size) };
      }
    },
    finish: () => [],
  };
}

function limited(after: number, end: "fin" | "reset"): FaultyResponse {
  let left = after;
  return {
    *feed(bytes) {
      if (left === 0) return;
      const piece = bytes.subarray(0, left);
      left -= piece.length;
      yield { send: piece };
      if (left === 0) yield { end };
    },
    // A shorter response is sent whole.
    finish: () => left === 0 ? [] : [{ end }],
  };
}

function malformedChunk(): FaultyResponse {
  let chunked = false;
  let held = "";
  return rewritten(
    (head) => {
      const [status, fields] = splitHead(decodeLatin1(head));
      chunked = fields.some((line) => isField(line, "transfer-encoding"));
      const kept = fields.filter((line) => !isField(line, "content-length"));
      if (!chunked) kept.push("Transfer-Encoding: chunked");
      // HTTP/1.0 has no chunks.
      const first = status.replace(/^HTTP\/1\.0/, "HTTP/1.1");
      return [sending([first, ...kept].join("\r\n") + HEAD_END)];
    },
    (bytes) => {
      if (!chunked) return [{ send: encodeChunk(bytes) }];
      // The handler's last chunk may come in any write.
      const text = held + decodeLatin1(bytes);
      held = text.slice(-LAST_CHUNK.length);
      return [sending(text.slice(0, -LAST_CHUNK.length))];
    },
    () => {
      const rest = held === LAST_CHUNK ? "" : held;
      return [sending(rest + NOT_A_SIZE), { end: "fin" }];
    },
  );
}

function wrongLength(by: number): FaultyResponse {
  return rewritten(
    (head) => {
      const [status, fields] = splitHead(decodeLatin1(head));
      const at = fields.findIndex((line) => isField(line, "content-length"));
      if (at < 0) {
        return [{ problem: "the response has no Content-Length" }, {
          send: head,
        }];
      }
      const length = Number(fields[at]!.slice(fields[at]!.indexOf(":") + 1));
      fields[at] = `Content-Length: ${Math.max(0, length + by)}`;
      return [sending([status, ...fields].join("\r\n") + HEAD_END)];
    },
    unchanged,
    () => [{ end: "fin" }],
  );
}

/** Rewrites the head of the final response, and its body. Interim responses are sent unchanged. */
function rewritten(
  head: (bytes: Uint8Array) => Step[],
  body: (bytes: Uint8Array) => Step[],
  end: () => Step[] = () => [],
): FaultyResponse {
  /** The part of the head so far; `undefined` in the body. */
  let pending: string | undefined = "";
  return {
    *feed(bytes) {
      if (pending === undefined) return yield* body(bytes);
      pending += decodeLatin1(bytes);
      for (;;) {
        const length = headLength(pending);
        if (length === undefined) return;
        const text = pending.slice(0, length);
        pending = pending.slice(length);
        if (/^HTTP\/1\.\d 1(?!01)/.test(text)) {
          yield sending(text);
          continue;
        }
        const rest = encodeLatin1(pending);
        pending = undefined;
        yield* head(encodeLatin1(text));
        if (rest.length > 0) yield* body(rest);
        return;
      }
    },
    *finish() {
      if (pending) yield sending(pending);
      yield* end();
    },
  };
}

/** The length of a head that is complete. A response of HTTP/0.9 has none. */
function headLength(text: string): number | undefined {
  if (text.length >= 5 && !text.startsWith("HTTP/")) return 0;
  const at = text.indexOf(HEAD_END);
  return at < 0 ? undefined : at + HEAD_END.length;
}

function splitHead(head: string): [status: string, fields: string[]] {
  const [status = "", ...fields] = head.slice(0, -HEAD_END.length)
    .split("\r\n");
  return [status, fields];
}

function isField(line: string, name: string): boolean {
  return line.toLowerCase().startsWith(name + ":");
}

function sending(text: string): Step {
  return { send: encodeLatin1(text) };
}

function unchanged(bytes: Uint8Array): Step[] {
  return [{ send: bytes }];
}
