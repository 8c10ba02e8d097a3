// The wire tests of the static site, on `Deno.serve(toFetch(Handler).fetch)`: run by `deno
// task test` after those on sockets of our own.

import { checkExceptions } from "./_begin.ts";
import "../static/allow_test.ts";
import "../static/archive/archive_test.ts";
import "../static/codings_test.ts";
import "../static/conditional_test.ts";
import "../static/downloads_test.ts";
import "../static/expect_test.ts";
import "../static/files_test.ts";
import "../static/forgotten_test.ts";
import "../static/hook_fields_test.ts";
import "../static/hooks_test.ts";
import "../static/hostile_test.ts";
import "../static/listing_test.ts";
import "../static/logs_test.ts";
import "../static/policies_hold_test.ts";
import "../static/prepared_test.ts";
import "../static/proxy/exchange_test.ts";
import "../static/proxy/forward_test.ts";
import "../static/ranges_test.ts";
import "../static/routing_test.ts";
import "../static/secret_test.ts";
import "../static/siblings_test.ts";
import "../static/site_test.ts";
import "../static/symlinks_test.ts";
import "../static/tags_test.ts";

checkExceptions("static");
