import { testSubject } from "./_lib.ts";
import { LINES } from "./properties/lines.ts";

testSubject(LINES);
