import { assertEquals } from "@std/assert";
import {
  PATIENCE,
  PendingPages,
  type SentPage,
} from "../../../handlers/static/live/pending_pages.ts";
import { pureTest } from "../../_lib/pure.ts";

/** Sends pages at times given in units of the patience. */
class Sent {
  readonly pages = new PendingPages();

  add(path: string, time: number, more: Partial<SentPage> = {}): number {
    return this.pages.add({ ...this.page, path, ...more }, time * PATIENCE);
  }

  readonly page = { path: "/", browser: "one", isFrame: false };

  late(time: number): string[] {
    return this.pages.takeLate(time * PATIENCE);
  }
}

pureTest(
  "PendingPages reports a page that is loaded twice without its script, once",
  () => {
    const sent = new Sent();
    sent.add("/a", 0);
    assertEquals(sent.late(0.9), []);
    assertEquals(sent.pages.due, PATIENCE);
    // Not looked at in time.
    sent.add("/a", 1.5);
    assertEquals(sent.late(1.6), []);
    assertEquals(sent.late(2.4), []);
    assertEquals(sent.late(2.5), ["/a"]);
    for (const time of [4, 6]) sent.add("/a", time);
    assertEquals(sent.pages.due, undefined);
  },
);

pureTest("PendingPages doesn't count a page whose script has loaded", () => {
  const sent = new Sent();
  sent.add("/a", 0);
  assertEquals(sent.late(1), []);
  sent.pages.arrived(sent.add("/a", 2));
  sent.add("/a", 4);
  assertEquals(sent.late(5), []);
});

pureTest("PendingPages takes back a page whose script is only slow", () => {
  const sent = new Sent();
  const first = sent.add("/a", 0);
  assertEquals(sent.late(1), []);
  sent.pages.arrived(first);
  sent.add("/a", 2);
  assertEquals(sent.late(3), []);
});

pureTest("PendingPages doesn't count pages that were left", () => {
  const sent = new Sent();
  const watched: number[] = [];
  for (let time = 0; time < 10; time += 2) {
    // A newer navigation, also from the page around a frame.
    sent.add("/frame", time, { isFrame: true });
    sent.add("/a", time);
    sent.pages.arrived(sent.add("/b", time + 0.5));
    // A tab that is closed.
    sent.add("/a", time + 0.6, {
      watch(leave) {
        leave();
        return { [Symbol.dispose]: () => watched.push(time) };
      },
    });
    assertEquals(sent.late(time + 1.7), []);
  }
  assertEquals(watched, [0, 2, 4, 6, 8]);
});

pureTest("PendingPages counts pages despite frames and other browsers", () => {
  const sent = new Sent();
  for (const time of [0, 2]) {
    sent.add("/a", time);
    sent.pages.arrived(sent.add("/frame", time + 0.1, { isFrame: true }));
    sent.pages.arrived(sent.add("/b", time + 0.2, { browser: "two" }));
    assertEquals(sent.late(time + 1), time === 0 ? [] : ["/a"]);
  }
});

pureTest("PendingPages remembers few pages", () => {
  const sent = new Sent();
  for (const time of [0, 2]) {
    for (let count = 0; count < 1_000; count++) {
      sent.add(`/${count}`, time, { isFrame: true });
    }
    assertEquals(sent.late(time + 1).length, time === 0 ? 0 : 64);
  }
});
