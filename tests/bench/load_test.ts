import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { parseAb, parseWrk, wrkScript } from "../../bench/load.ts";

Deno.test("parseWrk() reads the line of its script among wrk's own lines", () => {
  const output = `Running 1s test @ http://127.0.0.1:8000/1k.txt
  1 threads and 32 connections
  12502 requests in 1.10s, 15.2MB read
Requests/sec:  11365.3
bench requests=12502 bytes=15002400 micros=1100000 failures=3 rejections=7
`;
  assertEquals(parseWrk(output), {
    requests: 12_502,
    bytes: 15_002_400,
    seconds: 1.1,
    failures: 3,
    rejections: 7,
  });
});

Deno.test("parseWrk() names wrk's last line if there are no figures", () => {
  assertThrows(
    () => parseWrk("unable to connect to 127.0.0.1:1 Connection refused\n"),
    Error,
    "unable to connect to 127.0.0.1:1 Connection refused",
  );
  assertThrows(() => parseWrk(""), Error, "nothing at all");
});

const AB = `Document Path:          /1k.txt
Document Length:        1024 bytes

Concurrency Level:      16
Time taken for tests:   1.003 seconds
Complete requests:      4321
Failed requests:        12
   (Connect: 0, Receive: 0, Length: 12, Exceptions: 0)
Total transferred:      5444460 bytes
HTML transferred:       4424704 bytes
Requests per second:    4308.08 [#/sec] (mean)
`;

Deno.test("parseAb() reads requests, bytes, time and failures", () => {
  assertEquals(parseAb(AB), {
    requests: 4321,
    bytes: 5_444_460,
    seconds: 1.003,
    failures: 12,
    rejections: 0,
  });
});

Deno.test("parseAb() reads the lines that ab prints only if they are not 0", () => {
  const output = `${AB}Write errors:           2\nNon-2xx responses:      5\n`;
  const { failures, rejections } = parseAb(output);
  assertEquals({ failures, rejections }, { failures: 14, rejections: 5 });
});

Deno.test("parseAb() needs the requests and the time", () => {
  assertThrows(
    () => parseAb("apr_socket_recv: Connection reset by peer (104)\n"),
    Error,
    "Connection reset by peer",
  );
});

Deno.test("wrkScript() needs no function per request for a single path", () => {
  const script = wrkScript({
    paths: ["/a.txt"],
    headers: { "If-None-Match": '"a\\b"' },
  });
  assertStringIncludes(script, 'wrk.path = "/a.txt"');
  assertStringIncludes(
    script,
    'wrk.headers["If-None-Match"] = "\\"a\\\\b\\""',
  );
  assertEquals(script.includes("function request()"), false);
});

Deno.test("wrkScript() sends several paths in turn, and batches of requests", () => {
  const inTurn = wrkScript({ paths: ["/a", "/b"] });
  assertStringIncludes(inTurn, 'local paths = { "/a", "/b" }');
  assertStringIncludes(inTurn, "function request()");
  const batches = wrkScript({ paths: ["/a"], method: "HEAD", pipelined: 16 });
  assertStringIncludes(batches, "string.rep(wrk.format(), 16)");
  assertStringIncludes(batches, 'wrk.method = "HEAD"');
});
