// Classifies the errors that Deno throws for file operations.

import { assert, assertEquals, assertThrows } from "@std/assert";
import { markDisconnect, timeoutError } from "../../connection/errors.ts";
import {
  isDenied,
  isMissing,
  isUnavailable,
  markFileError,
  statSync,
} from "../../handlers/file_stat.ts";
import { folder } from "./_folder.ts";

/** The kinds of an error. */
function kindOf(error: unknown): string {
  return [
    isMissing(error) ? "missing" : "",
    isDenied(error) ? "denied" : "",
    isUnavailable(error) ? "unavailable" : "",
  ].filter((kind) => kind !== "").join(" ") || "other";
}

/** Returns the error that an operation throws. */
function thrown(operation: () => unknown): Error {
  try {
    operation();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("It threw nothing");
}

const coded = (code: string, error: Error = new Error("x")) =>
  Object.assign(error, { code });

Deno.test({
  name: "isMissing() is true for each error of a path that is not a file",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using files = await folder({ "a": "x", "d/": "" });
    await Deno.symlink("loop", files.in("loop"));
    await Deno.symlink("nowhere", files.in("dangling"));
    const names = [
      "missing",
      "a/below",
      "a/",
      "loop",
      "loop/below",
      "dangling",
      "n".repeat(300),
      "n/".repeat(3_000),
      "nul\0",
      "\ud800",
    ];
    for (const name of names) {
      const path = files.in(name);
      const operations = [Deno.statSync, Deno.realPathSync];
      if (name !== "a/") operations.push(Deno.openSync as never);
      for (const operation of operations) {
        const error = thrown(() => operation(path));
        const what = `${operation.name} ${name.slice(0, 20)}`;
        assertEquals([what, kindOf(error)], [what, "missing"]);
      }
      assertEquals([name, statSync(path)], [name, null]);
    }
    const readDirectory = thrown(() => {
      using file = Deno.openSync(files.in("d"));
      file.readSync(new Uint8Array(1));
    });
    assertEquals(kindOf(readDirectory), "missing");
  },
});

Deno.test("isMissing(), isDenied() and isUnavailable() classify errors by class and code", () => {
  const rows: [unknown, string][] = [
    [coded("ENOENT", new Deno.errors.NotFound("x")), "missing"],
    [coded("ENAMETOOLONG"), "missing"],
    [coded("ELOOP"), "missing"],
    [coded("EINVAL", new TypeError("x")), "missing"],
    [new Deno.errors.InvalidData("x"), "missing"],
    [coded("EACCES", new Deno.errors.PermissionDenied("x")), "denied"],
    [coded("EPERM", new Deno.errors.PermissionDenied("x")), "denied"],
    [coded("ENOENT"), "missing"],
    [coded("EACCES"), "denied"],
    [coded("EPERM"), "denied"],
    [coded("EMFILE"), "unavailable"],
    [coded("ENFILE"), "unavailable"],
    [coded("EIO"), "unavailable"],
    [coded("ENOMEM"), "unavailable"],
    [coded("ENOSPC"), "unavailable"],
    [coded("EDQUOT"), "unavailable"],
    [coded("ENOBUFS"), "unavailable"],
    // A network call of the handler can throw these.
    [coded("EBUSY", new Deno.errors.Busy("x")), "other"],
    [coded("EAGAIN", new Deno.errors.WouldBlock("x")), "other"],
    [coded("ETIMEDOUT", new Deno.errors.TimedOut("x")), "other"],
    [coded("ENOTCONN", new Deno.errors.NotConnected("x")), "other"],
    [coded("EAFNOSUPPORT"), "other"],
    [coded("ENETDOWN"), "other"],
    [markFileError(coded("EBUSY", new Deno.errors.Busy("x"))), "unavailable"],
    [markFileError(coded("ETIMEDOUT")), "unavailable"],
    [markFileError(coded("ENOTCONN")), "unavailable"],
    // ESTALE, EUCLEAN and others: only Deno's message has the cause.
    [markFileError(new Error("x")), "unavailable"],
    [markFileError(coded("ENOENT", new Deno.errors.NotFound("x"))), "missing"],
    [new Deno.errors.NotCapable("x"), "other"],
    [markFileError(new Deno.errors.NotCapable("x")), "other"],
    [coded("ECONNREFUSED", new Deno.errors.ConnectionRefused("x")), "other"],
    [coded("EPIPE", new Deno.errors.BrokenPipe("x")), "other"],
    [coded("ERR_INVALID_ARG_TYPE", new TypeError("x")), "other"],
    [coded("EBADF"), "other"],
    [coded("ENOTFOUND"), "other"],
    [new Deno.errors.BadResource("x"), "other"],
    [markDisconnect(coded("EIO")), "other"],
    [timeoutError("x"), "other"],
    [new Error("x"), "other"],
    [new TypeError("x"), "other"],
    [{ code: "EMFILE" }, "other"],
    ["EMFILE", "other"],
    [undefined, "other"],
  ];
  for (const [error, kind] of rows) {
    const shown = Deno.inspect(error).split("\n", 1)[0];
    assertEquals([shown, kindOf(error)], [shown, kind]);
  }
});

Deno.test({
  name: "isUnavailable() is true for a failed read",
  // Reading /proc/self/mem at 0 fails.
  ignore: Deno.build.os !== "linux",
  fn() {
    const error = thrown(() => {
      using file = Deno.openSync("/proc/self/mem");
      file.readSync(new Uint8Array(1));
    });
    assertEquals(kindOf(error), "unavailable");
  },
});

Deno.test({
  name: "isDenied() is true for a file and a folder without permissions",
  ignore: Deno.build.os === "windows" || Deno.uid() === 0,
  async fn() {
    await using files = await folder({ "a": "x", "d/b": "x" });
    await Deno.chmod(files.in("a"), 0);
    await Deno.chmod(files.in("d"), 0);
    try {
      assertEquals(
        kindOf(thrown(() => Deno.openSync(files.in("a")))),
        "denied",
      );
      assertEquals(
        kindOf(thrown(() => [...Deno.readDirSync(files.in("d"))])),
        "denied",
      );
      assertEquals(
        kindOf(thrown(() => Deno.statSync(files.in("d/b")))),
        "denied",
      );
      assertEquals(statSync(files.in("d/b")), null);
    } finally {
      await Deno.chmod(files.in("d"), 0o755);
    }
  },
});

Deno.test({
  name: "statSync() throws for a missing Deno permission",
  permissions: { read: false },
  fn() {
    assertThrows(() => statSync("/"), Deno.errors.NotCapable);
  },
});

Deno.test("statSync() throws errors for which isUnavailable() is true, even without a code", () => {
  const real = Deno.statSync;
  try {
    for (const error of [coded("EMFILE"), coded("EIO"), new Error("ESTALE")]) {
      Deno.statSync = () => {
        throw error;
      };
      assert(isUnavailable(thrown(() => statSync("/a"))));
    }
  } finally {
    Deno.statSync = real;
  }
});
