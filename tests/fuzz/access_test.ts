import { testSubject } from "./_lib.ts";
import { ACCESS } from "./properties/access.ts";

testSubject(ACCESS);
