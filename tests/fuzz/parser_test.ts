// Functions that read bytes and text: parsers, bodies and the functions below them.

import { testSubject } from "./_lib.ts";
import { BODY } from "./properties/body.ts";
import { CHUNKED } from "./properties/chunked.ts";
import { FORM_DATA } from "./properties/form_data.ts";
import { HEADERS } from "./properties/headers.ts";
import { LINES } from "./properties/lines.ts";
import { REQUEST } from "./properties/request.ts";
import { TEXT } from "./properties/text.ts";

testSubject(TEXT);
testSubject(LINES);
testSubject(CHUNKED);
testSubject(FORM_DATA);
testSubject(HEADERS);
testSubject(REQUEST);
testSubject(BODY);
