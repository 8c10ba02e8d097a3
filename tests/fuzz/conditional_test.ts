import { testSubject } from "./_lib.ts";
import { CONDITIONAL } from "./properties/conditional.ts";

testSubject(CONDITIONAL);
