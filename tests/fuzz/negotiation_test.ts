import { testSubject } from "./_lib.ts";
import { NEGOTIATION } from "./properties/negotiation.ts";

testSubject(NEGOTIATION);
