// Functions that decide on a response, and write its fields and listings.

import { testSubject } from "./_lib.ts";
import { ACCESS } from "./properties/access.ts";
import { ADDRESSES } from "./properties/addresses.ts";
import { ARCHIVE } from "./properties/archive.ts";
import { CONDITIONAL } from "./properties/conditional.ts";
import { FIELDS } from "./properties/fields.ts";
import { GLOB } from "./properties/glob.ts";
import { LISTING } from "./properties/listing.ts";
import { MARKDOWN } from "./properties/markdown.ts";
import { NEGOTIATION } from "./properties/negotiation.ts";
import { PATHS } from "./properties/paths.ts";
import { RANGE } from "./properties/range.ts";

testSubject(RANGE);
testSubject(CONDITIONAL);
testSubject(NEGOTIATION);
testSubject(PATHS);
testSubject(GLOB);
testSubject(ADDRESSES);
testSubject(FIELDS);
testSubject(ACCESS);
testSubject(LISTING);
testSubject(ARCHIVE);
testSubject(MARKDOWN);
