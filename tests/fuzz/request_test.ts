import { testSubject } from "./_lib.ts";
import { REQUEST } from "./properties/request.ts";

testSubject(REQUEST);
