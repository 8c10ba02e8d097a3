import { assertEquals } from "@std/assert";
import { isLoopback } from "../../cli/loopback.ts";
import { pureTest } from "../_lib/pure.ts";

pureTest("isLoopback() is true only for this machine", () => {
  const local = [
    "localhost",
    "LocalHost",
    "localhost.",
    "127.0.0.1",
    "127.255.0.9",
    "::1",
    "0:0:0:0:0:0:0:1",
    "::1%lo",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "/run/site.sock",
    "./site.sock",
  ];
  for (const bind of local) assertEquals(isLoopback(bind), true, bind);
  const others = [
    undefined,
    "",
    "0.0.0.0",
    "::",
    "128.0.0.1",
    "localhost.example",
    "localhost.localdomain",
    "mylocalhost",
    "127.0.0.1.example",
    "127.example",
    "127.",
    "::1.example",
    "::10",
    "1::1",
    "::ffff:192.0.2.1",
    "fe80::1",
  ];
  for (const bind of others) {
    assertEquals(isLoopback(bind), false, String(bind));
  }
});
