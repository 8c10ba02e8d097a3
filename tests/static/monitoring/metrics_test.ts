import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  formatMetrics,
  RequestCounts,
} from "../../../handlers/static/monitoring/metrics.ts";
import {
  compileMonitor,
  monitorPage,
} from "../../../handlers/static/monitoring/monitor.ts";
import { pureTest } from "../../_lib/pure.ts";

const NONE = { uptime: 1.5, cacheBytes: 7, connections: undefined };

/** The samples of a page. */
function samples(page: string): string[] {
  return page.trimEnd().split("\n").filter((line) => !line.startsWith("#"));
}

pureTest(
  "formatMetrics() shows requests by method and status, in Prometheus' text format",
  () => {
    const counts = new RequestCounts();
    counts.add("GET", 200, 100, 0.0005);
    counts.add("GET", 200, 100, 0.001);
    counts.add("GET", 404, 50, 0.05);
    counts.add("BREW", 405, 10, 1000);
    counts.add("", 400, 10, 0);
    const page = formatMetrics(counts, {
      ...NONE,
      connections: { open: 3, idle: 2, refused: 1 },
    });
    assertEquals(samples(page), [
      'httpserver_requests_total{method="GET",status="200"} 2',
      'httpserver_requests_total{method="GET",status="404"} 1',
      'httpserver_requests_total{method="other",status="400"} 1',
      'httpserver_requests_total{method="other",status="405"} 1',
      "httpserver_response_bytes_total 270",
      'httpserver_request_duration_seconds_bucket{le="0.001"} 3',
      'httpserver_request_duration_seconds_bucket{le="0.005"} 3',
      'httpserver_request_duration_seconds_bucket{le="0.025"} 3',
      'httpserver_request_duration_seconds_bucket{le="0.1"} 4',
      'httpserver_request_duration_seconds_bucket{le="0.5"} 4',
      'httpserver_request_duration_seconds_bucket{le="2.5"} 4',
      'httpserver_request_duration_seconds_bucket{le="10"} 4',
      'httpserver_request_duration_seconds_bucket{le="60"} 4',
      'httpserver_request_duration_seconds_bucket{le="300"} 4',
      'httpserver_request_duration_seconds_bucket{le="+Inf"} 5',
      `httpserver_request_duration_seconds_sum ${0.0005 + 0.001 + 0.05 + 1000}`,
      "httpserver_request_duration_seconds_count 5",
      "httpserver_open_connections 3",
      "httpserver_idle_connections 2",
      "httpserver_refused_connections_total 1",
      "httpserver_cache_bytes 7",
      "httpserver_uptime_seconds 1.5",
    ]);
  },
);

pureTest(
  "formatMetrics() has HELP and TYPE before the samples of each family, and ends with a line end",
  () => {
    const page = formatMetrics(new RequestCounts(), NONE);
    assertEquals(page.at(-1), "\n");
    const declared = new Set<string>();
    for (const line of page.trimEnd().split("\n")) {
      const type = /^# TYPE (\w+) (?:counter|gauge|histogram)$/.exec(line);
      if (type !== null) declared.add(type[1]!);
      else if (!/^# HELP \w+ \S.*\.$/.test(line)) {
        const name = /^(\w+?)(?:_bucket|_sum|_count)?[{ ]/.exec(line)![1]!;
        assertEquals(declared.has(name), true, line);
      }
    }
    assertEquals(page.includes("open_connections"), false);
    assertStringIncludes(page, "# TYPE httpserver_requests_total counter\n");
  },
);

pureTest("monitorPage() compares the path of a target", () => {
  const both = compileMonitor(true, "/m")!;
  const rows: [target: string, page: string | undefined][] = [
    ["/.httpserver/health", "health"],
    ["/.httpserver/health?a", "health"],
    ["/m?x=/.httpserver/health", "metrics"],
    ["/.httpserver/health/", undefined],
    ["/.httpserver/metrics", undefined],
    ["http://a.test/.httpserver/health?a", "health"],
    ["/", undefined],
  ];
  for (const [target, page] of rows) {
    assertEquals(monitorPage(both, target), page, target);
  }
  assertEquals(compileMonitor(false, false), undefined);
  const one = compileMonitor(false, true)!;
  assertEquals(monitorPage(one, "/.httpserver/health"), undefined);
  assertEquals(monitorPage(one, "/.httpserver/metrics"), "metrics");
});
