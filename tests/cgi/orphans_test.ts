// No script keeps running after the server's process ends.

import { assertEquals } from "@std/assert";
import { type Serving, startCommand } from "../_command.ts";
import { Client } from "../_serve.ts";
import {
  get,
  HEAD,
  lineOf,
  scriptFolder,
  test,
  untilGone,
} from "./_scripts.ts";

const SCRIPTS = {
  "cgi-bin/x": "trap '' INT TERM HUP QUIT\n" +
    'sleep 60 & echo "$$ $!" > ../scratch/x; sleep 60; sleep 60',
};

/** Starts a server and a script, ends the server, and waits until the script is gone. */
async function endServer(
  args: readonly string[],
  file: string | undefined,
  signal?: Deno.Signal,
): Promise<void> {
  await using folder = await scriptFolder(SCRIPTS);
  const all = file === undefined
    ? [...args, "-d", folder.path, "0"]
    : [folder.path, ...args];
  await using serving = await startCommand(
    all,
    file === undefined ? {} : { file },
  );
  using client = await Deno.connect({ port: serving.port });
  await client.write(new TextEncoder().encode(get("/cgi-bin/x")));
  const pids = (await lineOf(folder.in("scratch/x"))).split(" ");
  assertEquals(pids.length, 2);
  if (signal !== undefined) await serving.stop(signal);
  await untilGone(...pids);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
  test(`a custom server kills its scripts on ${signal}`, () =>
    endServer([], "tests/cgi/_own_server.ts", signal));
}

for (const failure of ["throw", "reject", "exit"]) {
  test(`a custom server kills its scripts when it ends by ${failure}`, () =>
    endServer([failure], "tests/cgi/_own_server.ts"));
}

for (const signal of ["SIGHUP", "SIGQUIT"] as const) {
  test(`the command kills its scripts on ${signal}`, () =>
    endServer(["--cgi"], undefined, signal));
}

/** Requests a slow script, calls `act` while it is running, and returns the response body. */
async function bodyDuring(
  args: readonly string[],
  file: string | undefined,
  act: (serving: Serving) => void,
): Promise<string> {
  await using folder = await scriptFolder({
    "cgi-bin/x": "echo $$ > ../scratch/x; sleep 0.3\n" + HEAD + "echo done",
  });
  await using serving = await startCommand(
    file === undefined ? [...args, "-d", folder.path, "0"] : [
      folder.path,
      ...args,
    ],
    file === undefined ? {} : { file },
  );
  using client = new Client(await Deno.connect({ port: serving.port }));
  await client.write(get("/cgi-bin/x"));
  await lineOf(folder.in("scratch/x"));
  act(serving);
  return (await client.answer()).body;
}

test("the command lets a script finish after SIGTERM", async () => {
  const body = await bodyDuring(
    ["--cgi"],
    undefined,
    (serving) => void serving.stop("SIGTERM"),
  );
  assertEquals(body, "done\n");
});

test("a custom server that prevents an error's default keeps its scripts running", async () => {
  const file = "tests/cgi/_own_server.ts";
  assertEquals(await bodyDuring(["prevented"], file, () => {}), "done\n");
});
