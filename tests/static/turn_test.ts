// Requests that are handled in one turn share a look at their files, but not with a handler whose
// own code has just changed a file.

import { assert, assertEquals } from "@std/assert";
import { partial } from "../../handlers/partial.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { StaticFileHandler } from "../../handlers/static/mod.ts";
import { folder } from "../handlers/_folder.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { type Client, serve } from "../_serve.ts";
import { countLooks, pretendLater } from "./_site.ts";

const CLASSES = [StaticFileHandler, SimpleHTTPRequestHandler] as const;

/** The steps before the look, each of which a subclass may use to write the file. */
const STEPS = [
  "parse_request",
  "do_GET",
  "send_head",
  "translate_path",
] as const;

const REQUEST = "GET /n.txt HTTP/1.1\r\nHost: a\r\n\r\n";

/** A quiet subclass, one of whose steps calls a function first. */
function subclass(
  Base: typeof SimpleHTTPRequestHandler,
  step?: typeof STEPS[number],
  write: () => void = () => {},
): typeof SimpleHTTPRequestHandler {
  class Writing extends Base {
    override protocol_version = "HTTP/1.1";
    override log_message() {}
  }
  if (step === undefined) return Writing;
  const inherited = Base.prototype[step] as (...args: unknown[]) => unknown;
  Object.defineProperty(Writing.prototype, step, {
    value(...args: unknown[]) {
      write();
      return inherited.apply(this, args);
    },
  });
  return Writing;
}

for (const Base of CLASSES) {
  for (const step of STEPS) {
    boundedTest(
      `a ${Base.name} whose ${step}() writes the file sends what it has written`,
      async () => {
        using _later = pretendLater(60_000);
        await using files = await folder({ "n.txt": "" });
        const path = files.in("n.txt");
        let size = 0;
        const Writing = subclass(Base, step, () => {
          size++;
          Deno.writeTextFileSync(path, "x".repeat(size));
        });
        // The same options object, so that both classes use the same prepared responses.
        const options = { directory: files.path };
        await using writing = serve(partial(Writing, options));
        await using reading = serve(partial(subclass(Base), options));
        const pairs = await Promise.all(
          Array.from({ length: 8 }, async () => ({
            reader: await reading.connect(),
            writer: await writing.connect(),
          })),
        );
        const ask = async (client: Client) => {
          await client.write(REQUEST);
          return (await client.answer()).body.length;
        };
        for (let round = 0; round < 10; round++) {
          // So that there is a prepared response when the writers come.
          for (const { reader } of pairs) await ask(reader);
          const before = size;
          const sizes = await Promise.all(pairs.map(async (pair) => {
            const [, size] = await Promise.all([
              ask(pair.reader),
              ask(pair.writer),
            ]);
            return size;
          }));
          const own = pairs.map((_, at) => before + at + 1);
          assertEquals(sizes.toSorted((a, b) => a - b), own);
        }
        for (const { reader, writer } of pairs) {
          reader.close();
          writer.close();
        }
      },
    );
  }

  boundedTest(
    `requests to a ${Base.name} that come together share a look at the file`,
    async () => {
      using _later = pretendLater(60_000);
      await using files = await folder({ "n.txt": "abc" });
      const Handler = subclass(Base);
      await using served = serve(partial(Handler, { directory: files.path }));
      const clients = await Promise.all(
        Array.from({ length: 16 }, () => served.connect()),
      );
      using looks = countLooks();
      const rounds = 20;
      for (let round = 0; round < rounds; round++) {
        const bodies = await Promise.all(clients.map(async (client) => {
          await client.write(REQUEST);
          return (await client.answer()).body;
        }));
        assertEquals(new Set(bodies), new Set(["abc"]));
      }
      for (const client of clients) client.close();
      const { count } = looks;
      assert(count >= rounds && count < rounds * clients.length, `${count}`);
    },
  );
}
