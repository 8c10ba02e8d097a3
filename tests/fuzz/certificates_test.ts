import { testSubject } from "./_lib.ts";
import { CERTIFICATES } from "./properties/certificates.ts";

testSubject(CERTIFICATES, "inherit");
