// The wire tests of the handlers, on `Deno.serve(toFetch(Handler).fetch)`: run by `deno task
// test` after those on sockets of our own.

import { checkExceptions } from "./_begin.ts";
import "../handlers/assigned_files_test.ts";
import "../handlers/forgotten_test.ts";
import "../handlers/hooks_test.ts";
import "../handlers/late_test.ts";
import "../handlers/partial_test.ts";
import "../handlers/raw_test.ts";
import "../handlers/request_body_test.ts";
import "../handlers/responses_test.ts";
import "../handlers/simple_hostile_test.ts";
import "../handlers/simple_test.ts";
import "../handlers/sizes_test.ts";
import "../handlers/stream_test.ts";
import "../cpython/base_http_server_test.ts";
import "../cpython/behaviours_test.ts";
import "../cpython/list_directory_test.ts";
import "../cpython/request_handler_logging_test.ts";
import "../cpython/simple_http_server_test.ts";

checkExceptions("handlers");
