// The listener of a worker, which stops accepting before it is closed.

import { assertEquals, assertRejects } from "@std/assert";
import { DrainableListener } from "../../server/parallel/drainable_listener.ts";
import { boundedTest } from "../_lib/bounded.ts";

/** A listener on a free port. */
function listener(): DrainableListener {
  return new DrainableListener(
    Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
}

const LATER = "later";

/** The outcome of a promise, or "later" if it has none within a moment. */
function soon<T>(promise: Promise<T>): Promise<T | string> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(resolve, 50, LATER);
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

boundedTest(
  "DrainableListener leaves accept() waiting while it drains, and rejects on close",
  async () => {
    const draining = listener();
    const pending = draining.accept();
    draining.drain();
    assertEquals(await soon(pending), LATER);
    const next = draining.accept();
    assertEquals(await soon(next), LATER);
    draining.close();
    await assertRejects(() => pending, Deno.errors.BadResource);
    await assertRejects(() => next, Deno.errors.BadResource);
  },
);

boundedTest("DrainableListener frees the address when it drains", () => {
  using draining = listener();
  draining.drain();
  const { hostname, port } = draining.addr as Deno.NetAddr;
  Deno.listen({ hostname, port }).close();
});

boundedTest(
  "DrainableListener passes on connections and errors until then",
  async () => {
    using draining = listener();
    const { hostname, port } = draining.addr as Deno.NetAddr;
    const accepted = draining.accept();
    using _client = await Deno.connect({ hostname, port });
    using conn = await accepted;
    assertEquals((conn.localAddr as Deno.NetAddr).port, port);
    const [first, second] = [draining.accept(), draining.accept()];
    await assertRejects(() => second, Deno.errors.Busy);
    draining.close();
    await assertRejects(() => first, Deno.errors.BadResource);
  },
);
