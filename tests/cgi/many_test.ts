// Many scripts, side by side, leave nothing behind. 1,000 of them take some eight
// seconds on two cores; the number here is what a test may take.

import { assert, assertEquals } from "@std/assert";
import { get, HEAD, serveScripts, test } from "./_scripts.ts";

const REQUESTS = 120;
const AT_ONCE = 8;

/** The children of this process that have ended and that nobody has waited for. */
async function zombies(): Promise<string[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-o", "pid=,ppid=,stat="],
  }).output();
  return new TextDecoder().decode(stdout).split("\n").filter((line) => {
    const [, parent, state] = line.trim().split(/\s+/);
    return parent === String(Deno.pid) && state!.startsWith("Z");
  });
}

/** How many files this process has open. */
function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

test(
  `CGIHTTPRequestHandler leaves no process and no open file behind ${REQUESTS} requests`,
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
