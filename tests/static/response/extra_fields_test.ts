import { assertEquals } from "@std/assert";
import {
  faultOfField,
  sortExtraFields,
} from "../../../handlers/static/response/extra_fields.ts";

Deno.test({
  name: "faultOfField() finds what can't be sent with every file",
  permissions: "none",
  fn() {
    const rows: [name: string, value: string, fault: string | undefined][] = [
      ["X-A", "1", undefined],
      ["Cache-Control", "no-store", undefined],
      ["Vary", "Cookie", undefined],
      ["X-A", "\xe9\t", undefined],
      ["", "1", '"" is no name of a field'],
      ["X A", "1", '"X A" is no name of a field'],
      ["Content-Type", "a/b", "Content-Type is told by each answer itself"],
      ["eTag", "1", "eTag is told by each answer itself"],
      ["content-length", "1", "content-length is told by each answer itself"],
      ["Date", "1", "Date is told by each answer itself"],
    ];
    for (const [name, value, fault] of rows) {
      assertEquals(faultOfField(name, value), fault, name);
    }
    for (const value of ["a\r\nb: c", "a\n", "\0", "\u20ac"]) {
      assertEquals(
        faultOfField("X-A", value),
        "the value of X-A holds a line end or a character outside latin-1",
      );
    }
  },
});

Deno.test({
  name: "sortExtraFields() sorts by what replaces, varies, or goes with a 304",
  permissions: "none",
  fn() {
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
  },
});
