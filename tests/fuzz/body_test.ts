import { testSubject } from "./_lib.ts";
import { BODY } from "./properties/body.ts";

testSubject(BODY);
