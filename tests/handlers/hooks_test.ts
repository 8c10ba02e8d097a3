// The hooks of SimpleHTTPRequestHandler.

import { QuietFiles } from "./_folder.ts";
import { testHooks } from "./_hook_cases.ts";

testHooks(QuietFiles, ["GET", "HEAD"]);
