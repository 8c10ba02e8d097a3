// The limit on scripts that run at once.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { serveScripts, test } from "./_scripts.ts";

test("CGIHTTPRequestHandler sends 503 while maxScripts scripts are running", async () => {
  await using served = await serveScripts({
    "cgi-bin/wait.sh":
      'read line; printf "Content-Type: text/plain\\n\\n$line"',
    "cgi-bin/at-once.sh": 'printf "Content-Type: text/plain\\n\\nhello"',
  }, { maxScripts: 1 });
  using waiting = await served.connect();
  await waiting.write(
    "POST /cgi-bin/wait.sh HTTP/1.0\r\nContent-Length: 4\r\n\r\n",
  );
  let busy = await served.ask("GET /cgi-bin/at-once.sh HTTP/1.0\r\n\r\n");
  for (let tries = 0; busy.status === 200 && tries < 100; tries++) {
    busy = await served.ask("GET /cgi-bin/at-once.sh HTTP/1.0\r\n\r\n");
  }
  assertEquals([busy.status, busy.header("retry-after")], [503, "1"]);
  await waiting.write("end\n");
  assertEquals((await waiting.answer()).body, "end");
  let { status, body } = busy;
  for (let tries = 0; status === 503 && tries < 100; tries++) {
    ({ status, body } = await served.ask(
      "GET /cgi-bin/at-once.sh HTTP/1.0\r\n\r\n",
    ));
  }
  assertEquals([status, body], [200, "hello"]);
  assertStringIncludes(
    served.log.join("\n"),
    "Busy: 1 CGI scripts are running",
  );
});
