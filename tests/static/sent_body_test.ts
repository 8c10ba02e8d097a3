import { assertEquals } from "@std/assert";
import { SentBody } from "../../handlers/static/access/sent_body.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest(
  "SentBody.bytes counts the bytes of the body that the socket took",
  () => {
    const file = { written: 500, sent: 500 };
    const body = new SentBody(file);
    assertEquals(body.bytes, 0);
    file.written += 100;
    body.begin();
    assertEquals(body.bytes, 0);
    file.written += 1_000;
    const rows = [[550, 0], [600, 0], [601, 1], [1_000, 400], [1_600, 1_000]];
    for (const [sent, bytes] of rows) {
      file.sent = sent!;
      assertEquals(body.bytes, bytes!);
    }
  },
);

pureTest("SentBody.bytes does not count chunk framing", () => {
  const file = { written: 0, sent: 0 };
  const body = new SentBody(file);
  file.written = 100;
  body.begin();
  file.written += 50;
  file.sent = 100 + 50 + 20;
  assertEquals(body.bytes, 50);
});

pureTest(
  "SentBody.bytes counts written bytes if sent ones are not counted",
  () => {
    const file = { written: 7 };
    const body = new SentBody(file);
    file.written += 10;
    body.begin();
    file.written += 5;
    assertEquals(body.bytes, 5);
  },
);
