import { assertEquals } from "@std/assert";
import {
  faultOfField,
  sortExtraFields,
} from "../../../handlers/static/response/extra_fields.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest(
  "faultOfField() reports fields that can't be sent with every file",
  () => {
    const rows: [name: string, value: string, fault: string | undefined][] = [
      ["X-A", "1", undefined],
      ["Cache-Control", "no-store", undefined],
      ["Vary", "Cookie", undefined],
      ["X-A", "\xe9\t", undefined],
      ["", "1", '"" is not a valid header name'],
      ["X A", "1", '"X A" is not a valid header name'],
      [
        "Content-Type",
        "a/b",
        "Content-Type must not be set: it differs for each response",
      ],
      ["eTag", "1", "eTag must not be set: it differs for each response"],
      [
        "content-length",
        "1",
        "content-length must not be set: it differs for each response",
      ],
      ["Date", "1", "Date must not be set: it differs for each response"],
    ];
    for (const [name, value, fault] of rows) {
      assertEquals(faultOfField(name, value), fault, name);
    }
    for (const value of ["a\r\nb: c", "a\n", "\0", "\u20ac"]) {
      assertEquals(
        faultOfField("X-A", value),
        "the value of X-A contains a line break or a character outside Latin-1",
      );
    }
  },
);

pureTest("sortExtraFields() separates Vary and the fields of a 304", () => {
  const extra = sortExtraFields([
    ["Cache-Control", "max-age=60"],
    ["X-A", "1"],
    ["vary", "Cookie"],
    ["X-A", "2"],
    ["Vary", "Origin"],
    ["Expires", "0"],
  ]);
  assertEquals(extra, {
    names: new Set(["cache-control", "x-a", "expires"]),
    fields: [
      ["Cache-Control", "max-age=60"],
      ["X-A", "1"],
      ["X-A", "2"],
      ["Expires", "0"],
    ],
    notModified: [["Cache-Control", "max-age=60"], ["Expires", "0"]],
    vary: "Cookie, Origin",
  });
});
