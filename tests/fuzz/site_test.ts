import { testSubject } from "./_lib.ts";
import { closeSite } from "./_site.ts";
import { SITE } from "./properties/site.ts";

testSubject(SITE, "inherit");

Deno.test.afterAll(closeSite);
