import { testSubject } from "./_lib.ts";
import { HEADERS } from "./properties/headers.ts";

testSubject(HEADERS);
