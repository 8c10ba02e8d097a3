import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  contentRange,
  unsatisfiedRange,
} from "../../../handlers/static/response/content_range.ts";
import {
  layOutMultipart,
  makeBoundary,
} from "../../../handlers/static/response/multipart.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest(
  "contentRange() has the first byte, the last byte and the size",
  () => {
    assertEquals(contentRange({ start: 0, length: 1 }, 1), "bytes 0-0/1");
    assertEquals(contentRange({ start: 5, length: 5 }, 10), "bytes 5-9/10");
  },
);

pureTest("unsatisfiedRange() has only the size", () => {
  assertEquals(unsatisfiedRange(0), "bytes */0");
  assertEquals(unsatisfiedRange(47022), "bytes */47022");
});

pureTest("layOutMultipart() returns the total length of its parts", () => {
  const content = "0123456789".repeat(100);
  for (
    const slices of [
      [{ start: 0, length: 1 }, { start: 999, length: 1 }],
      [{ start: 9, length: 90 }, { start: 100, length: 7 }, {
        start: 2,
        length: 3,
      }],
    ]
  ) {
    const body = layOutMultipart(slices, 1000, "text/html", "abc");
    const sent = body.parts.map((part) =>
      typeof part === "string"
        ? part
        : content.slice(part.start, part.start + part.length)
    ).join("");
    assertEquals(body.contentLength, sent.length);
  }
});

pureTest(
  "layOutMultipart() makes a body that a form parser accepts",
  async () => {
    const slices = [{ start: 2, length: 3 }, { start: 7, length: 2 }];
    const { contentType, parts } = layOutMultipart(slices, 10, "text/x", "q");
    const sent = parts.map((part) =>
      typeof part === "string"
        ? part
        : "0123456789".slice(part.start, part.start + part.length)
    ).join("")
      // A part of a form needs a name.
      .replaceAll("Content-Range:", "Content-Disposition: form-data; name=");
    const form = await new Response(sent, {
      headers: {
        "Content-Type": contentType.replace("byteranges", "form-data"),
      },
    }).formData();
    assertEquals([...form.values()], ["234", "78"]);
  },
);

pureTest("makeBoundary() writes each byte as two digits", () => {
  const random = Uint8Array.from({ length: 12 }, (_, index) => index * 20);
  assertEquals(makeBoundary(random), "0014283c5064788ca0b4c8dc");
});

pureTest("makeBoundary() throws for too few or too many bytes", () => {
  for (const length of [0, 11, 36]) {
    assertThrows(
      () => makeBoundary(new Uint8Array(length)),
      RangeError,
      "Cannot make a boundary",
    );
  }
  assert(makeBoundary(new Uint8Array(35)).length === 70);
});
