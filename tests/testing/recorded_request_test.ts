// The parts of a recorded request, and the limits of the log.

import { assertEquals } from "@std/assert";
import {
  MAX_LOG,
  MAX_REQUESTS,
  RequestLog,
} from "../../testing/recorded_request.ts";
import { pureTest } from "../_lib/pure.ts";
import { requestOf } from "./_request.ts";

const targets: [target: string, path: string, search: string][] = [
  ["/", "/", ""],
  ["/a?b?c", "/a", "b?c"],
  ["/a?", "/a", ""],
  ["*", "*", ""],
  ["host:443", "host:443", ""],
  ["http://a.test/x?y", "/x", "y"],
];

for (const [target, path, search] of targets) {
  pureTest(`RecordedRequest splits ${target}`, () => {
    const request = requestOf("GET", target);
    assertEquals([request.path, request.search], [path, search]);
    assertEquals(request.target, target);
  });
}

pureTest("RequestLog keeps the newest requests and counts all", () => {
  const log = new RequestLog();
  for (let at = 0; at < MAX_REQUESTS + 5; at++) {
    log.add(requestOf("GET", `/${at}`));
  }
  assertEquals(log.requests.length, MAX_REQUESTS);
  assertEquals(log.requests[0]?.path, "/5");
  assertEquals(log.count, MAX_REQUESTS + 5);
  log.clear();
  assertEquals([log.count, log.requests], [0, []]);
});

pureTest("RequestLog limits the memory of bodies and heads", () => {
  const log = new RequestLog();
  const body = new Uint8Array(MAX_LOG / 4);
  for (let at = 0; at < 5; at++) log.add(requestOf("PUT", `/${at}`, [], body));
  assertEquals(log.requests.map(({ path }) => path), ["/2", "/3", "/4"]);
  log.add(requestOf("GET", "/head", [["X", "x".repeat(MAX_LOG)]]));
  assertEquals(log.requests, []);
  assertEquals(log.count, 6);
});
