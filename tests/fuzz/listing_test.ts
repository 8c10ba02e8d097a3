import { testSubject } from "./_lib.ts";
import { LISTING } from "./properties/listing.ts";

testSubject(LISTING);
