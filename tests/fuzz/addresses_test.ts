import { testSubject } from "./_lib.ts";
import { ADDRESSES } from "./properties/addresses.ts";

testSubject(ADDRESSES);
