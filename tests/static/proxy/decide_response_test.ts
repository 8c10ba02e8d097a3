// What becomes of a forwarded response, and which request is sent again.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { HTTPMessage } from "../../../parser/headers.ts";
import { parseRule } from "../../../handlers/static/proxy/entrance.ts";
import {
  connectError,
  connectTimeout,
} from "../../../handlers/static/proxy/failure.ts";
import {
  cookieHere,
  keptFor,
  locationHere,
  responseFields,
} from "../../../handlers/static/proxy/response_fields.ts";
import { maySendAgain } from "../../../handlers/static/proxy/retry.ts";
import { pathHere } from "../../../handlers/static/proxy/target.ts";
import { pureTest } from "../../_lib/pure.ts";

const API = parseRule("/api=http://up.test:3000/v1");
const KEPT = parseRule("/api=https://up.test");

pureTest("locationHere() converts URLs of the upstream only", () => {
  for (
    const [url, expected] of [
      ["http://up.test:3000/v1/a?b#c", "/api/a?b#c"],
      ["HTTP://UP.TEST:3000/v1", "/api"],
      ["//up.test:3000/v1/a", "/api/a"],
      ["/v1/a", "/api/a"],
      ["/v1x", "/v1x"],
      ["/other", "/other"],
      ["a/b", "a/b"],
      ["?a", "?a"],
      ["http://up.test/v1/a", "http://up.test/v1/a"],
      ["https://up.test:3000/v1/a", "https://up.test:3000/v1/a"],
      ["http://other.test/v1", "http://other.test/v1"],
      ["http://up.test:3000@evil.test/", "http://up.test:3000@evil.test/"],
      ["http://up.test:3000//evil.test", "/evil.test"],
      ["http://up.test:3000/\\evil.test", "/evil.test"],
      ["http://up.test:3000/v1//evil.test", "/api//evil.test"],
    ] as const
  ) assertEquals(locationHere(url, API), expected, url);
  assertEquals(locationHere("https://up.test:443/x", KEPT), "/x");
  assertEquals(locationHere("https://up.test", KEPT), "/");
});

pureTest("pathHere() never returns another host", () => {
  const root = { prefix: [], base: "/v1" };
  for (const path of ["/v1//evil.test", "/v1/\\evil.test", "//evil.test"]) {
    assertMatch(pathHere(path, root), /^\/(?![/\\])/, path);
  }
});

pureTest("cookieHere() keeps cookies usable", () => {
  const here = (
    cookie: string,
    scheme: "http" | "https" = "http",
    host = "localhost:8000",
  ) => cookieHere(cookie, { route: API, scheme, host });
  for (
    const [cookie, expected] of [
      ["a=b", "a=b"],
      ["a=b; Domain=up.test; HttpOnly", "a=b; HttpOnly"],
      ["a=b; domain=.UP.test", "a=b"],
      ["a=b; Domain=test", "a=b"],
      ["a=b; Domain=other.test", "a=b; Domain=other.test"],
      ["a=b; Path=/v1/x; Max-Age=1", "a=b; Path=/api/x; Max-Age=1"],
      ["a=b; Path=/", "a=b; Path=/"],
      ["a=b; Secure; SameSite=None; Partitioned", "a=b"],
      ["a=b; Secure; SameSite=Lax", "a=b; SameSite=Lax"],
      ["__Host-a=b; Secure; Path=/", "__Host-a=b; Secure; Path=/"],
      ["a=domain=up.test", "a=domain=up.test"],
    ] as const
  ) assertEquals(here(cookie), expected, cookie);
  assertEquals(here("a=b; Secure", "https"), "a=b; Secure");
  // It is valid for this server too.
  const shared = "a=b; Domain=test";
  assertEquals(here(shared, "http", "www.test"), shared);
});

pureTest("responseFields() removes the fields of the connection", () => {
  const headers = new HTTPMessage([
    ["Connection", "x-a"],
    ["X-A", "1"],
    ["x-b", "1"],
    ["Transfer-Encoding", "chunked"],
    ["Trailer", "x"],
    ["Upgrade", "a"],
    ["Alt-Svc", 'h3=":443"'],
    ["Proxy-Authenticate", "a"],
    ["Vary", "Origin"],
  ]);
  const context = { route: API, scheme: "http", host: null } as const;
  assertEquals(responseFields(headers, context), [
    ["x-b", "1"],
    ["Vary", "Origin"],
  ]);
});

pureTest("keptFor() reads Keep-Alive", () => {
  const kept = (value: string) =>
    keptFor(new HTTPMessage([["Keep-Alive", value]]));
  assertEquals(kept("timeout=5, max=100"), 5);
  assertEquals(kept("max=100,Timeout=30"), 30);
  assertEquals(kept("timeout=x"), undefined);
  assertEquals(keptFor(new HTTPMessage()), undefined);
});

pureTest("maySendAgain() allows only safe repetitions", () => {
  const attempt = {
    method: "GET",
    reused: true,
    received: 0,
    bodyBegun: false,
  };
  for (
    const method of ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PROPFIND"]
  ) {
    assert(maySendAgain({ ...attempt, method }), method);
  }
  for (const method of ["POST", "PATCH", "LOCK", "get", "X"]) {
    assert(!maySendAgain({ ...attempt, method }), method);
  }
  assert(!maySendAgain({ ...attempt, reused: false }));
  assert(!maySendAgain({ ...attempt, received: 1 }));
  assert(!maySendAgain({ ...attempt, bodyBegun: true }));
});

pureTest("connectError() says what to do", () => {
  const error = (name: string, message = "") =>
    Object.assign(new Error(message), { name });
  const { upstream } = KEPT;
  const message = (cause: Error) => connectError(upstream, cause).message;
  assertMatch(
    message(error("ConnectionRefused")),
    /start it, or check --proxy$/,
  );
  assertMatch(message(error("NotCapable")), /--allow-net=up\.test:443$/);
  assertMatch(
    message(error("InvalidData", "invalid peer certificate: UnknownIssuer")),
    /--proxy-ca$/,
  );
  assertMatch(
    message(error("Error", "no such host")),
    /no such host; check --proxy$/,
  );
  assertEquals(connectTimeout(upstream, 10).status, 504);
  const six = parseRule("http://[::1]:3000").upstream;
  assertMatch(
    connectError(six, error("NotCapable")).message,
    /--allow-net=\[::1\]:3000$/,
  );
});
