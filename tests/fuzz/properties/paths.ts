// From a target to names below a root: no spelling leaves it, or reaches hidden files.

import { assert, assertEquals } from "@std/assert";
import { isHidden } from "../../../handlers/static/lookup/hidden.ts";
import { toReference } from "../../../handlers/static/lookup/location.ts";
import {
  compileMounts,
  parsePrefix,
} from "../../../handlers/static/lookup/mounts.ts";
import {
  authorityOf,
  readTarget,
} from "../../../handlers/static/lookup/target.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/paths.json" with { type: "json" };
import { type Random, soup, texts } from "../_random.ts";
import { pathText } from "./text.ts";

const targets = (random: Random): string =>
  random.pick([
    "",
    "",
    "",
    "http://a.test",
    "HTTPS://u@[::1]:80",
    "//evil.test",
    "ftp://x",
  ]) +
  pathText(random);

const names = property(
  "readTarget() returns names below the root for every target",
  targets,
  (target) => {
    for (const os of ["posix", "windows"] as const) {
      const { segments, trailingSlash, slashEncoded } = readTarget(target, os);
      for (const name of segments) {
        assert(!["", ".", ".."].includes(name), JSON.stringify(segments));
        assert(!name.includes("/"), name);
        if (os === "windows") assert(!/\\|^.:/s.test(name), name);
      }
      if (slashEncoded) assert(trailingSlash);
    }
    const authority = authorityOf(target);
    if (authority !== undefined) assert(!/[/?#]/.test(authority), authority);
  },
  400,
);

const bytes = property(
  "readTarget() reads raw bytes like percent-encoded ones",
  pathText,
  (target) => {
    const encoded = target.replace(
      /[\x80-\xff]/g,
      (byte) => "%" + byte.charCodeAt(0).toString(16).toUpperCase(),
    );
    assertEquals(readTarget(target, "posix"), readTarget(encoded, "posix"));
  },
);

const absolute = property(
  "readTarget() ignores scheme and authority of an absolute target",
  (random) => "/" + pathText(random).replace(/^\/+/, ""),
  (path) => {
    if (!path.startsWith("/") || path.startsWith("//")) return;
    assertEquals(
      readTarget("http://a.test:8000" + path, "posix"),
      readTarget(path, "posix"),
    );
    assertEquals(authorityOf("http://a.test:8000" + path), "a.test:8000");
  },
);

const hidden = property(
  "isHidden() hides every name that begins with a dot, in any spelling",
  (random) => ({
    before: pathText(random),
    name: random.pick([
      ".git",
      "%2egit",
      "%2Egit",
      ".%67it",
      "/.git",
      "./.git",
      "x/../.git",
      "%e2%80%8c.git",
      "\xe2\x80\x8c.git",
    ]),
    after: random.pick(["", "/", "/config", "?x", "%2fconfig"]),
  }),
  ({ before, name, after }) => {
    const path = before.replace(/[?#].*/s, "");
    if (!name.includes("git")) return;
    const { segments } = readTarget(`/${path}/${name}${after}`, "posix");
    if (!segments.some((segment) => segment.endsWith(".git"))) return;
    assert(isHidden(segments, "deny"), JSON.stringify(segments));
    assert(!isHidden(segments, "allow"));
  },
);

const references = property(
  "toReference() resolves to the same names on the same origin",
  (random) => ({ target: targets(random), slash: random.oneIn(2) }),
  ({ target, slash }) => {
    const { segments } = readTarget(target, "posix");
    const reference = toReference(segments, slash, target);
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x20\x7f-\uffff"<>\\]/.test(reference), reference);
    // A client resolves it against the address as its URL parser wrote it.
    const path = target.replace(/^https?:\/\/[^/?#]*/i, "") || "/";
    if (!path.startsWith("/") || path.startsWith("//")) return;
    const base = new URL("http://a.test" + path);
    if (base.pathname !== path.split(/[?#]/, 1)[0]) return;
    // Deno's URL treats "a:" as a Windows drive in every scheme, and never leaves it by "..".
    if (/\/[a-z][:|](?:\/|$)/i.test(base.pathname)) return;
    const url = new URL(reference, base);
    assertEquals(url.origin, "http://a.test");
    const reached = readTarget(url.pathname, "posix");
    assertEquals(reached.segments, segments);
    assertEquals(reached.trailingSlash, slash || segments.length === 0);
  },
  400,
);

const prefixes = soup(["a", "b", "/", "..", ".", "%", "\\", "c d"], 5);

const mounts = property(
  "compileMounts() finds the longest prefix of whole names",
  (random) => ({
    prefixes: random.list(4, prefixes),
    target: texts(["/a", "/b", "/ab", "/a/b", "/", "c d"], [])(random),
  }),
  ({ prefixes: given, target }) => {
    const parsed = given.map((prefix) =>
      attempt(() => parsePrefix(prefix), TypeError).value
    )
      .filter((prefix) => prefix !== undefined);
    for (const name of parsed.flat()) {
      assert(!["", ".", ".."].includes(name) && !/[/\\%?#]/.test(name), name);
    }
    const { value: find } = attempt(
      () =>
        compileMounts(
          parsed.map((prefix) => ({ prefix, folder: prefix.join("/") })),
        ),
      TypeError,
    );
    const distinct = new Set(parsed.map((prefix) => prefix.join("/")));
    assertEquals(find !== undefined, distinct.size === parsed.length);
    if (find === undefined) return;
    const { segments, trailingSlash } = readTarget(target, "posix");
    const path = segments.map((name) => name + "/").join("");
    const fitting =
      [...distinct].filter((prefix) =>
        prefix === "" || path.startsWith(prefix + "/")
      ).sort((a, b) => b.length - a.length)[0];
    const match = find(segments, trailingSlash);
    if (fitting === undefined) return assertEquals(match.kind, "outside");
    if (match.kind === "redirect") {
      assertEquals(match.segments.join("/"), fitting);
      assert(!trailingSlash && fitting !== "");
      return;
    }
    assert(match.kind === "inside");
    if (match.kind !== "inside") return;
    assertEquals(match.mount.folder, fitting);
    assertEquals([...match.mount.prefix, ...match.segments], segments);
  },
);

/** Properties of paths. */
export const PATHS: Subject = {
  name: "paths",
  properties: [names, bytes, absolute, hidden, references, mounts],
  corpus,
};
