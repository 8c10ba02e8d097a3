// `idleTimeout` of a static site, with responses that are sent again.

import { assertEquals } from "@std/assert";
import { prepared } from "../../handlers/static/prepared.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { pretendLater, Quiet, site } from "./_site.ts";

const REQUEST = "GET /a.txt HTTP/1.1\r\nHost: idle.test\r\n\r\n";

boundedTest(
  "the option idleTimeout is announced with each response",
  async () => {
    await using files = await site({ "a.txt": "a" }, { idleTimeout: 75 });
    using _later = pretendLater(10_000);
    using client = await files.served.connect();
    const before = prepared.size;
    for (let count = 0; count < 3; count++) {
      await client.write(REQUEST);
      const answer = await client.answer();
      assertEquals(answer.header("connection"), "keep-alive");
      assertEquals(answer.header("keep-alive"), "timeout=75");
    }
    assertEquals(prepared.size, before + 1);
    const closing = await files.get("/a.txt");
    assertEquals(closing.header("connection"), "close");
    assertEquals(closing.header("keep-alive"), undefined);
  },
);

boundedTest(
  "a prepared response announces the idleTimeout of its handler",
  async () => {
    let idleTimeout = 30;
    class Varying extends Quiet {
      override setup() {
        this.idleTimeout = idleTimeout;
        return super.setup();
      }
    }
    await using files = await site({ "a.txt": "a" }, {}, Varying);
    using _later = pretendLater(10_000);
    for (const seconds of [30, 40, 30]) {
      idleTimeout = seconds;
      using client = await files.served.connect();
      for (let count = 0; count < 3; count++) {
        await client.write(REQUEST);
        const answer = await client.answer();
        assertEquals(answer.header("keep-alive"), `timeout=${seconds}`);
      }
    }
  },
);
