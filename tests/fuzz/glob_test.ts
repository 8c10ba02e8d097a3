import { testSubject } from "./_lib.ts";
import { GLOB } from "./properties/glob.ts";

testSubject(GLOB);
