import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
} from "@std/assert";
import {
  MAX_VERIFIED,
  VERIFIED_FOR,
  VerifiedCredentials,
} from "../../../handlers/static/access/verified.ts";
import { pureTest } from "../../_lib/pure.ts";

pureTest(
  "VerifiedCredentials.digest() depends on the user, the password and its own random key",
  async () => {
    const verified = new VerifiedCredentials(() => 0);
    const digest = await verified.digest("ada", "x");
    assertEquals(await verified.digest("ada", "x"), digest);
    const others = [
      await verified.digest("ada", "y"),
      await verified.digest("bob", "x"),
      await verified.digest("ada:x", ""),
      await new VerifiedCredentials(() => 0).digest("ada", "x"),
    ];
    for (const other of others) assertNotEquals(other, digest);
  },
);

pureTest(
  "VerifiedCredentials.has() is true until the credentials expire",
  () => {
    let now = 5;
    const verified = new VerifiedCredentials(() => now);
    assertFalse(verified.has("a"));
    verified.add("a");
    now += VERIFIED_FOR - 1;
    assert(verified.has("a"));
    now++;
    assertFalse(verified.has("a"));
    assertEquals(verified.size, 0);
  },
);

pureTest(
  "VerifiedCredentials.add() evicts the least recently used beyond its limit",
  () => {
    const verified = new VerifiedCredentials(() => 0);
    for (let n = 0; n < MAX_VERIFIED; n++) verified.add(`${n}`);
    assert(verified.has("0"));
    verified.add("one more");
    assertEquals(verified.size, MAX_VERIFIED);
    assert(verified.has("0"));
    assertFalse(verified.has("1"));
  },
);
