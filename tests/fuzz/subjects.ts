// All subjects of the property tests, for long runs.

import type { Subject } from "./_lib.ts";
import { ACCESS } from "./properties/access.ts";
import { ADDRESSES } from "./properties/addresses.ts";
import { ARCHIVE } from "./properties/archive.ts";
import { BODY } from "./properties/body.ts";
import { CERTIFICATES } from "./properties/certificates.ts";
import { CGI } from "./properties/cgi.ts";
import { CHUNKED } from "./properties/chunked.ts";
import { CLI } from "./properties/cli.ts";
import { CONDITIONAL } from "./properties/conditional.ts";
import { CONNECTION } from "./properties/connection.ts";
import { FIELDS } from "./properties/fields.ts";
import { FORM_DATA } from "./properties/form_data.ts";
import { GLOB } from "./properties/glob.ts";
import { HEADERS } from "./properties/headers.ts";
import { LINES } from "./properties/lines.ts";
import { LISTING } from "./properties/listing.ts";
import { MARKDOWN } from "./properties/markdown.ts";
import { NEGOTIATION } from "./properties/negotiation.ts";
import { PATHS } from "./properties/paths.ts";
import { PEM } from "./properties/pem.ts";
import { PYTHON } from "./properties/python.ts";
import { RANGE } from "./properties/range.ts";
import { REQUEST } from "./properties/request.ts";
import { SITE } from "./properties/site.ts";
import { STEPS } from "./properties/steps.ts";
import { TEXT } from "./properties/text.ts";

/** The subjects, the fast ones first. */
export const SUBJECTS: readonly Subject[] = [
  TEXT,
  LINES,
  CHUNKED,
  FORM_DATA,
  HEADERS,
  REQUEST,
  RANGE,
  CONDITIONAL,
  NEGOTIATION,
  PATHS,
  GLOB,
  ARCHIVE,
  ADDRESSES,
  FIELDS,
  ACCESS,
  LISTING,
  MARKDOWN,
  BODY,
  CGI,
  CLI,
  PEM,
  CERTIFICATES,
  CONNECTION,
  SITE,
  STEPS,
  PYTHON,
];
