import { assert, assertFalse } from "@std/assert";
import { hasOwnSteps, type Steps } from "../../handlers/steps.ts";
import { HTTPMessage } from "../../parser/headers.ts";
import { pureTest } from "../_lib/pure.ts";

const OURS: Steps = {
  MessageClass: HTTPMessage,
  do_GET: () => {},
  do_HEAD: () => {},
  handle: () => {},
  handle_expect_100: () => {},
  handle_one_request: () => {},
  parse_request: () => {},
  send_head: () => {},
  translate_path: () => {},
};

pureTest("hasOwnSteps() is false if any step is replaced", () => {
  assert(hasOwnSteps({ ...OURS }, OURS));
  for (const name of Object.keys(OURS)) {
    assertFalse(hasOwnSteps({ ...OURS, [name]: () => {} }, OURS), name);
  }
});
