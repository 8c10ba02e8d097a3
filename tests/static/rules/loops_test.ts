// Redirects that match their own target.

import { assertEquals } from "@std/assert";
import { pureTest } from "../../_lib/pure.ts";
import { redirect, redirectFaults } from "./_decide.ts";

pureTest("a redirect to the same path is reported, and never applies", () => {
  const same = "it never applies: it redirects to the same path";
  const cases = [
    ["/self /self", "/self"],
    ["/self /self/ 302!", "/self"],
    ["/self /self?x=1#y", "/self"],
    ["/s2/* /s2/:splat", "/s2/a"],
    ["/:a/:b /:a/:b 301", "/a/b"],
    ["/é /%C3%A9", "/%C3%A9"],
    ["/ /", "/"],
  ];
  for (const [rule = "", target = ""] of cases) {
    assertEquals(redirectFaults("netlify", rule), [`1: ${same}`], rule);
    assertEquals(redirect("netlify", rule, target), "-", rule);
  }
  assertEquals(redirectFaults("cloudflare", "/a/* /a/:splat"), [`1: ${same}`]);
  assertEquals(redirectFaults("cloudflare", "/ /"), [`1: ${same}`]);
});

pureTest("a redirect that matches its own target is reported and kept", () => {
  const may = "it may be a loop: it matches its own target";
  const cases = [
    ["/x/* /x/y/:splat 301", "/x/a", "301 /x/y/a"],
    ["/* /new/:splat", "/a", "301 /new/a"],
    ["/:a/:b /:b/:a", "/a/b", "301 /b/a"],
    ["/* /index.html 302!", "/a", "302! /index.html"],
  ];
  for (const [rule = "", target = "", decided = ""] of cases) {
    assertEquals(redirectFaults("netlify", rule), [`1: ${may}`], rule);
    assertEquals(redirect("netlify", rule, target), decided, rule);
  }
});

pureTest("a redirect that ends is not reported as a loop", () => {
  const rules = [
    "/* /index.html 302",
    "/* /index.html 200",
    "/a/* /a/:splat 200",
    "/a/* /:splat",
    "/a/* /b/a/:splat",
    "/a id=:id /a?",
    "http://old.test/* http://new.test/:splat",
    "/x/y/* /z\n/x/* /x/y/:splat",
  ];
  for (const rule of rules) {
    assertEquals(redirectFaults("netlify", rule), [], rule);
  }
  assertEquals(redirectFaults("cloudflare", "/a /a/\n/b/ /b"), []);
});
