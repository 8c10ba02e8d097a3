import { testSubject } from "./_lib.ts";
import { CGI } from "./properties/cgi.ts";

testSubject(CGI);
