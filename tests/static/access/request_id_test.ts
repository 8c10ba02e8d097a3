import { assertEquals } from "@std/assert";
import { receivedId } from "../../../handlers/static/access/request_id.ts";
import { pureTest } from "../../_lib/pure.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

pureTest("receivedId() prefers X-Request-Id to traceparent", () => {
  const rows: [string[], string[], string | undefined][] = [
    [["abc-123"], [PARENT], "abc-123"],
    [["x".repeat(128)], [], "x".repeat(128)],
    [[], [PARENT], TRACE],
    // Later versions may append fields.
    [[], [`01-${TRACE}-b7ad6b7169203331-01-more`], TRACE],
    [[], [], undefined],
  ];
  for (const [ids, traces, expected] of rows) {
    assertEquals(receivedId(ids, traces), expected);
  }
});

pureTest("receivedId() ignores malformed and repeated fields", () => {
  for (
    const id of ["", "a b", 'a"b', "a\\b", "x".repeat(129), "\xe9", "a\tb"]
  ) {
    assertEquals(receivedId([id], []), undefined, id);
  }
  assertEquals(receivedId(["a", "a"], []), undefined);
  assertEquals(receivedId([], [PARENT, PARENT]), undefined);
  for (
    const trace of [
      `ff-${TRACE}-b7ad6b7169203331-01`,
      `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
      `00-${TRACE}-${"0".repeat(16)}-01`,
      PARENT.toUpperCase(),
      PARENT + "x",
      PARENT.slice(1),
    ]
  ) assertEquals(receivedId([], [trace]), undefined, trace);
});
