import { testSubject } from "./_lib.ts";
import { FIELDS } from "./properties/fields.ts";

testSubject(FIELDS);
