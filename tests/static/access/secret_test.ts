// The secret path: how a name is compared, and how a text for the log is masked.

import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  randomSecret,
  Secret,
} from "../../../handlers/static/access/secret.ts";
import {
  compileMounts,
  guardMounts,
} from "../../../handlers/static/lookup/mounts.ts";
import { pureTest } from "../../_lib/pure.ts";

const NAME = "aB3-_xYz09876543210Qrs";
const secret = new Secret(NAME);

/** Each character percent-encoded, with these digits. */
function encoded(name: string, upper: boolean): string {
  return Array.from(name, (character) => {
    const hex = character.charCodeAt(0).toString(16);
    return "%" + (upper ? hex.toUpperCase() : hex);
  }).join("");
}

pureTest("matches() accepts only the whole name", () => {
  const wrong = [
    undefined,
    "",
    NAME.slice(1),
    NAME.slice(0, -1),
    NAME + "s",
    NAME + "\0",
    NAME.toLowerCase(),
    "\u0161" + NAME.slice(1),
    NAME.slice(0, -1) + "\u0173",
  ];
  assertEquals(secret.matches(NAME), true);
  assertEquals(wrong.filter((name) => secret.matches(name)), []);
});

pureTest("below() removes the secret from a path", () => {
  const rows: readonly [path: string, below: string | undefined][] = [
    [`/${NAME}/m`, "/m"],
    [`/${NAME}/`, "/"],
    [`/${NAME}`, undefined],
    [`${NAME}/m`, undefined],
    [`//${NAME}/m`, undefined],
    [`/${NAME}x/m`, undefined],
    ["/m", undefined],
    ["", undefined],
  ];
  for (const [path, below] of rows) {
    assertEquals(secret.below(path), below, path);
  }
});

pureTest("guardMounts() finds mounts below the secret only", () => {
  const main = { prefix: [], folder: "main" };
  const docs = { prefix: ["docs"], folder: "docs" };
  const find = guardMounts(
    compileMounts([main, docs]),
    (name) => secret.matches(name),
  );
  const folderOf = (names: string[], slash: boolean) => {
    const found = find(names, slash);
    return found.kind === "inside" ? found.mount.folder : found.kind;
  };
  const rows: readonly [names: string[], slash: boolean, expected: string][] = [
    [[], true, "outside"],
    [["docs"], true, "outside"],
    [["docs", NAME], true, "outside"],
    [[NAME], false, "redirect"],
    [[NAME], true, "main"],
    [[NAME, "a"], false, "main"],
    [[NAME, "docs"], false, "redirect"],
    [[NAME, "docs"], true, "docs"],
    [[NAME, NAME], false, "main"],
  ];
  for (const [names, slash, expected] of rows) {
    assertEquals(folderOf(names, slash), expected, names.join("/"));
  }
});

pureTest("mask() replaces the secret, encoded or cut off", () => {
  const rows: readonly [text: string, masked: string][] = [
    [`GET /${NAME}/a.txt HTTP/1.1`, "GET /[secret]/a.txt HTTP/1.1"],
    [`http://h/${NAME}/?a=/${NAME}`, "http://h/[secret]/?a=/[secret]"],
    [`/${encoded(NAME, true)}/`, "/[secret]/"],
    [`/${encoded(NAME, false)}/`, "/[secret]/"],
    [`/${NAME.slice(0, 5)}${encoded(NAME.slice(5), false)}/`, "/[secret]/"],
    [`/${NAME.slice(0, -1)}...`, "/[secret]..."],
    [`/${NAME.slice(0, 11)}`, "/[secret]"],
    [`/${NAME.slice(0, 10)}`, `/${NAME.slice(0, 10)}`],
    [`/${NAME}${NAME}`, "/[secret][secret]"],
    ["/a/b", "/a/b"],
  ];
  for (const [text, masked] of rows) {
    assertEquals(secret.mask(text), masked, text);
    // The pattern has no state.
    assertEquals(secret.mask(text), masked, text);
  }
  assertEquals(secret.maskAll([400, `/${NAME}/`, null]), [
    400,
    "/[secret]/",
    null,
  ]);
});

pureTest("mask() takes linear time", () => {
  const longest = new Secret("a".repeat(128));
  const text = ("a".repeat(63) + "/").repeat(1_000);
  assertEquals(longest.mask(text), text);
});

Deno.test("randomSecret() makes 128 bits in base64url", () => {
  const made = Array.from({ length: 500 }, randomSecret);
  for (const name of made) assertMatch(name, /^[\w-]{22}$/);
  assertEquals(new Set(made).size, 500);
  // The base64 of "+" and "/" is replaced.
  assertEquals(made.some((name) => /[-_]/.test(name)), true);
  assertNotEquals(made[0], made[1]);
});
