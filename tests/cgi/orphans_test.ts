// That no script is left where the server's own process ends.

import { assertEquals } from "@std/assert";
import { startCommand } from "../_command.ts";
import { get, lineOf, scriptFolder, test, untilGone } from "./_scripts.ts";

const SCRIPTS = {
  "cgi-bin/x": "trap '' INT TERM HUP QUIT\n" +
    'sleep 60 & echo "$$ $!" > ../scratch/x; sleep 60; sleep 60',
};

/** Starts a server of one's own and a script, ends the server, and waits for the script's end. */
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
  test(`a server of one's own that ${signal} ends leaves no script behind`, () =>
    endServer([], "tests/cgi/_own_server.ts", signal));
}

for (const failure of ["throw", "reject", "exit"]) {
  test(`a server of one's own that ends by ${failure} leaves no script behind`, () =>
    endServer([failure], "tests/cgi/_own_server.ts"));
}

for (const signal of ["SIGHUP", "SIGQUIT"] as const) {
  test(`the command leaves no script behind where ${signal} ends it`, () =>
    endServer(["--cgi"], undefined, signal));
}
