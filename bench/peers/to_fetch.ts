// The static site on `Deno.serve`, by `toFetch()`: `to_fetch.ts FOLDER PORT LOG`. The access log
// goes to the file LOG, as that of the command line does in this benchmark.

import { toFetch } from "../../handlers/fetch/mod.ts";
import { logTo } from "../../handlers/mod.ts";
import { staticFiles } from "../../handlers/static/mod.ts";

const [directory = "", port, log = ""] = Deno.args;

logTo(Deno.openSync(log, { append: true, create: true }));
Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), onListen() {} },
  toFetch(staticFiles({ directory })).fetch,
);
