import { testSubject } from "./_lib.ts";
import { RANGE } from "./properties/range.ts";

testSubject(RANGE);
