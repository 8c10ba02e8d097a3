// Scripts, command lines, and certificate and key files.

import { testSubject } from "./_lib.ts";
import { CERTIFICATES } from "./properties/certificates.ts";
import { CGI } from "./properties/cgi.ts";
import { CLI } from "./properties/cli.ts";
import { PEM } from "./properties/pem.ts";

testSubject(CGI);
testSubject(CLI);
// Loading the ASN.1 library reads the environment.
testSubject(PEM, { env: true, read: true });
testSubject(CERTIFICATES, "inherit");
