// Whole connections in memory, with and without files.

import { testSubject } from "./_lib.ts";
import { closeSite } from "./_site.ts";
import { CONNECTION } from "./properties/connection.ts";
import { SITE } from "./properties/site.ts";

testSubject(CONNECTION);
testSubject(SITE, "inherit");

Deno.test.afterAll(closeSite);
