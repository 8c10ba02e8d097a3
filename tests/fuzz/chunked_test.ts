import { testSubject } from "./_lib.ts";
import { CHUNKED } from "./properties/chunked.ts";

testSubject(CHUNKED);
