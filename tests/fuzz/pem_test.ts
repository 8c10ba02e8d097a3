import { testSubject } from "./_lib.ts";
import { PEM } from "./properties/pem.ts";

// Loading the ASN.1 library reads the environment.
testSubject(PEM, { env: true, read: true });
