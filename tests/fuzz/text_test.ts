import { testSubject } from "./_lib.ts";
import { TEXT } from "./properties/text.ts";

testSubject(TEXT);
