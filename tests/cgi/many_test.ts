// Many scripts in parallel leak no processes or files. 1,000 requests take some eight seconds on
// two cores, so the test uses fewer.

import { assert, assertEquals } from "@std/assert";
import { get, HEAD, serveScripts, test } from "./_scripts.ts";

const REQUESTS = 120;
const AT_ONCE = 8;

/** Returns the zombie children of this process. */
async function zombies(): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-o", "pid=,ppid=,stat="],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => {
    const [, parent, state] = line.trim().split(/\s+/);
    return parent === String(Deno.pid) && state!.startsWith("Z");
  });
}

/** Returns the number of open files of this process. */
function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

test(
  `CGIHTTPRequestHandler leaks no process and no open file in ${REQUESTS} requests`,
  async () => {
    await using scripts = await serveScripts({
      "cgi-bin/x": HEAD + 'echo "$QUERY_STRING"',
      "cgi-bin/no": "exit 3",
    });
    await scripts.get("/cgi-bin/x");
    const before = openFiles();
    let next = 0;
    await Promise.all(Array.from({ length: AT_ONCE }, async () => {
      using client = await scripts.connect();
      while (next < REQUESTS) {
        const query = String(next++);
        await client.write(get(`/cgi-bin/x?${query}`));
        assertEquals((await client.answer()).body, `${query}\n`);
        if (next % 20 === 0) {
          assertEquals((await scripts.ask(get("/cgi-bin/no"))).status, 500);
        }
      }
    }));
    assertEquals(await zombies(), []);
    await scripts.server.server_close();
    assert(openFiles() <= before, `${openFiles()} files, ${before} before`);
  },
  Deno.build.os !== "linux",
);
