// Which expectation a request goes to.

import { assertEquals } from "@std/assert";
import { Expectations } from "../../testing/expectations.ts";
import { pureTest } from "../_lib/pure.ts";
import { requestOf } from "./_request.ts";

/** Meets the expectation of a request, and returns its body. */
async function meet(
  expectations: Expectations,
  method: string,
  path: string,
): Promise<string | undefined> {
  const request = requestOf(method, path);
  const reply = await expectations.find(request)?.meet(request);
  return reply?.body as string | undefined;
}

pureTest(
  "a permanent expectation is met again and again, the first declared first",
  async () => {
    const expectations = new Expectations();
    const first = expectations.expect({ path: "/a" }).respond({ body: "1" });
    expectations.expect({}).respond({ body: "2" });
    assertEquals(await meet(expectations, "GET", "/a"), "1");
    assertEquals(await meet(expectations, "GET", "/a"), "1");
    assertEquals(await meet(expectations, "GET", "/b"), "2");
    assertEquals(first.count, 2);
    assertEquals(expectations.unmet(), []);
  },
);

pureTest(
  "a one-shot expectation is met once, before permanent ones",
  async () => {
    const expectations = new Expectations();
    expectations.expect({ path: "/a" }).respond({ body: "always" });
    expectations.expect({ path: "/a" }).once().respond({ body: "once" });
    assertEquals(expectations.unmet(), ["once: any method /a"]);
    assertEquals(await meet(expectations, "GET", "/a"), "once");
    assertEquals(await meet(expectations, "GET", "/a"), "always");
    assertEquals(expectations.unmet(), []);
  },
);

pureTest("a group is met in its order, before other expectations", async () => {
  const expectations = new Expectations();
  expectations.expect({ path: "/a" }).once().respond({ body: "once" });
  const group = expectations.inOrder();
  group.expect({ path: "/a" }).respond({ body: "first" });
  group.expect({ path: "/b" }).respond({ body: "second" });
  assertEquals(await meet(expectations, "GET", "/b"), undefined);
  assertEquals(await meet(expectations, "GET", "/a"), "first");
  assertEquals(await meet(expectations, "GET", "/a"), "once");
  assertEquals(await meet(expectations, "GET", "/b"), "second");
  assertEquals(await meet(expectations, "GET", "/b"), undefined);
  assertEquals(expectations.unmet(), []);
});

pureTest("two groups don't wait for each other", async () => {
  const expectations = new Expectations();
  for (const name of ["a", "b"]) {
    const group = expectations.inOrder();
    group.expect({ path: `/${name}1` }).respond({ body: `${name}1` });
    group.expect({ path: `/${name}2` }).respond({ body: `${name}2` });
  }
  for (const name of ["b1", "a1", "a2", "b2"]) {
    assertEquals(await meet(expectations, "GET", `/${name}`), name);
  }
});

pureTest("respond() takes a function of the request", async () => {
  const expectations = new Expectations();
  expectations.expect().respond(({ path }) => Promise.resolve({ body: path }));
  assertEquals(await meet(expectations, "GET", "/x"), "/x");
});

pureTest("explain() gives a reason for each expectation", async () => {
  const expectations = new Expectations();
  assertEquals(
    expectations.explain(requestOf("GET", "/")),
    "No expectation matches GET /\n- nothing is expected\n",
  );
  const group = expectations.inOrder();
  group.expect({ path: "/first" });
  group.expect({ path: "/second" });
  expectations.expect({ method: "GET", path: "/second" }).once();
  expectations.expect({ method: "PUT" });
  await meet(expectations, "GET", "/second");
  assertEquals(
    expectations.explain(requestOf("GET", "/second")),
    `No expectation matches GET /second
- in order: any method /first
  - path: "/second", not "/first"
- in order: any method /second
  - an expectation before it in its order is not met
- once: GET /second
  - already met
- always: PUT any path
  - method: "GET", not "PUT"
`,
  );
});
