// A hook that a subclass replaces is called for every request as it is for the first one, however
// many responses were prepared. Each hook is replaced alone, since replacing one may be what
// turns preparing off.

import { assert, assertEquals } from "@std/assert";
import { partial, StaticFileHandler } from "../../handlers/static/mod.ts";
import { type Client, serve } from "../_serve.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { folder } from "../handlers/_folder.ts";
import { CHANGED, CHANGED_DATE, pretendLater } from "./_site.ts";
import { captureLog } from "../_lib/captured_log.ts";

/** Methods that are called once per connection, or only in cases that the requests below don't have. */
const OTHERS: ReadonlySet<string> = new Set([
  "constructor",
  // No hook: it keeps track of promises, and a prepared response has none.
  "interimWasSent",
  "send_interim",
  "unsupportedMethod",
  "remember",
  "setup",
  "handle",
  "finish",
  "switchProtocols",
  "endHeadersChunked",
  "limitBody",
  "log_access",
  "do_PUT",
  "do_PATCH",
  "do_DELETE",
]);

/** Every method of the class and its base classes. */
const HOOKS: readonly string[] = [
  ...new Set(function* () {
    let prototype = StaticFileHandler.prototype as object;
    for (; prototype !== Object.prototype;) {
      const all = Object.getOwnPropertyDescriptors(prototype);
      for (const [name, { value }] of Object.entries(all)) {
        if (typeof value === "function" && !OTHERS.has(name)) yield name;
      }
      prototype = Object.getPrototypeOf(prototype);
    }
  }()),
].sort();

const REQUESTS: readonly (readonly [
  status: number,
  method: string,
  target: string,
  ...fields: string[],
])[] = [
  [200, "GET", "/a.txt"],
  [200, "HEAD", "/a.txt"],
  [206, "GET", "/a.txt", "Range: bytes=1-2"],
  [304, "GET", "/a.txt", `If-Modified-Since: ${CHANGED_DATE}`],
  [301, "GET", "/sub"],
  [200, "GET", "/sub/"],
  [404, "GET", "/missing"],
  [416, "GET", "/a.txt", "Range: bytes=9-"],
  [204, "OPTIONS", "/a.txt"],
  [405, "POST", "/a.txt", "Content-Length: 1", "Expect: 100-continue"],
];

/** Sends all requests on one connection, which the server closes after the last one. */
async function sendAll(client: Client): Promise<void> {
  for (const [status, method, target, ...fields] of REQUESTS) {
    await client.write(
      [`${method} ${target} HTTP/1.1`, "Host: a", ...fields, "", ""]
        .join("\r\n"),
    );
    let answer = await client.answer(method);
    // Only a replaced do_POST() may read the body.
    if (answer.status === 100) {
      await client.write("x");
      answer = await client.answer(method);
    }
    assertEquals(answer.status, status, target);
  }
  await client.assertClosed();
}

/** Replaces a method of a class, as a method or as a field of each handler, and counts the calls. */
function counting(
  name: string,
  as: "method" | "field",
): { Handler: typeof StaticFileHandler; take: () => number } {
  let count = 0;
  class Counting extends StaticFileHandler {}
  const original = (StaticFileHandler.prototype as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >)[name]!;
  const replaced = function (this: unknown, ...args: unknown[]): unknown {
    count++;
    return original.apply(this, args);
  };
  if (as === "method") Object.assign(Counting.prototype, { [name]: replaced });
  const Handler = as === "method" ? Counting : class extends Counting {
    constructor(...args: ConstructorParameters<typeof StaticFileHandler>) {
      super(...args);
      Object.assign(this, { [name]: replaced });
    }
  };
  const take = () => {
    const taken = count;
    count = 0;
    return taken;
  };
  return { Handler, take };
}

for (const as of ["method", "field"] as const) {
  boundedTest(
    `each hook that is replaced by a ${as} is called as often for the 50th request as for the first`,
    async () => {
      await using files = await folder({ "a.txt": "abc", "sub/b.txt": "b" });
      for (const name of ["a.txt", "sub/b.txt", "sub"]) {
        await Deno.utime(files.in(name), CHANGED, CHANGED);
      }
      using _later = pretendLater(60_000);
      using log = captureLog();
      for (const name of HOOKS) {
        const { Handler, take } = counting(name, as);
        await using server = serve(
          partial(Handler, { directory: files.path }),
        );
        const calls: number[] = [];
        for (let round = 0; round < 50; round++) {
          using client = await server.connect();
          await sendAll(client);
          calls.push(take());
        }
        assert(calls[0]! > 0, `${name} was never called`);
        assertEquals(new Set(calls).size, 1, `${name}: ${calls}`);
      }
      assert(log.text.includes('"GET /a.txt HTTP/1.1" 200'));
    },
  );
}
