// How scripts are killed: on a client's disconnect, at the time limit, and when the server stops.

import { assert, assertEquals } from "@std/assert";
import { partial } from "../../handlers/mod.ts";
import { ThreadingHTTPServer } from "../../server/mod.ts";
import { startCommand } from "../_command.ts";
import { Client } from "../_serve.ts";
import {
  get,
  HEAD,
  isRunning,
  lineOf,
  logged,
  post,
  scriptFolder,
  type Scripts,
  serveScripts,
  test,
  untilGone,
} from "./_scripts.ts";

/** Starts a child process and writes both process IDs to a file. */
const WITH_CHILD = 'sleep 60 & echo "$$ $!" > ../scratch/${0##*/}\n';

/** Returns the process IDs that such a script wrote. */
async function pidsOf(
  scripts: { in(name: string): string },
  name = "x",
): Promise<string[]> {
  const pids = (await lineOf(scripts.in(`scratch/${name}`))).split(" ");
  assertEquals(await Promise.all(pids.map(isRunning)), pids.map(() => true));
  return pids;
}

/** Requests a script, disconnects after this output, and waits until the script is gone. */
async function disconnect(
  scripts: Scripts,
  name: string,
  mark: string,
): Promise<void> {
  using client = await scripts.connect();
  await client.write(get(`/cgi-bin/${name}`));
  if (mark !== "") await client.readUntil(mark);
  const pids = await pidsOf(scripts, name);
  client.close();
  await untilGone(...pids);
}

test("run_cgi() kills a script and its children if the client disconnects before or during the output", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/mute": WITH_CHILD + "sleep 60",
    "cgi-bin/stubborn": "trap '' TERM\n" + WITH_CHILD +
      "while :; do sleep 1; done",
    "cgi-bin/silent": WITH_CHILD + HEAD + "echo hello; sleep 60",
    "cgi-bin/busy": WITH_CHILD + HEAD + "yes",
    "cgi-bin/nph-x": WITH_CHILD + "printf 'HTTP/1.1 200 OK\\n\\nhello\\n'; yes",
    "file": "the file",
  });
  await Promise.all([
    disconnect(scripts, "mute", ""),
    // The script and its child ignore SIGTERM.
    disconnect(scripts, "stubborn", ""),
    disconnect(scripts, "silent", "hello"),
    disconnect(scripts, "busy", "y\ny\n"),
    disconnect(scripts, "nph-x", "hello"),
  ]);
  assertEquals(await scripts.get("/file"), "the file");
  // A disconnect is not logged as an error.
  assertEquals(
    scripts.log.filter((line) => !line.startsWith('"GET ')),
    [],
  );
});

test("run_cgi() kills a script and its children if the client disconnects during the request body", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": WITH_CHILD + "cat > /dev/null; sleep 60",
  });
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "part", 1_000));
  const pids = await pidsOf(scripts);
  client.close();
  await untilGone(...pids);
});

test("run_cgi() kills a script that doesn't read the request body if the client disconnects", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": WITH_CHILD + "sleep 60",
    "cgi-bin/closed": "exec < /dev/null\n" + WITH_CHILD + "sleep 60",
  });
  // Larger than a pipe's buffer.
  const body = "x".repeat(100_000);
  const cases: [name: string, length: number][] = [
    ["x", body.length],
    ["x", 10 * body.length],
    ["closed", body.length],
  ];
  for (const [name, length] of cases) {
    using client = await scripts.connect();
    await client.write(post(`/cgi-bin/${name}`, body, length));
    const pids = await pidsOf(scripts, name);
    client.close();
    await untilGone(...pids);
    await Deno.remove(scripts.in(`scratch/${name}`));
  }
});

test("run_cgi() kills a script if the client disconnects after pipelining another request", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": WITH_CHILD + "sleep 60",
  });
  using client = await scripts.connect();
  await client.write(get("/cgi-bin/x") + get("/cgi-bin/x").slice(0, 10));
  const pids = await pidsOf(scripts);
  client.close();
  await untilGone(...pids);
});

test("run_cgi() sends a slow script the whole body of a half-closed connection", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "sleep 0.8; head -c 60000 | wc -c; sleep 0.8; wc -c",
  });
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "x".repeat(200_000)));
  await client.closeWrite();
  const { body } = await client.answer();
  assertEquals(body.split(/\s+/).slice(0, 2), ["60000", "140000"]);
});

test("run_cgi() responds on a half-closed connection", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": "cat > ../scratch/body; sleep 0.2\n" + HEAD + "echo hello",
  });
  using client = await scripts.connect();
  await client.write(post("/cgi-bin/x", "body\n"));
  await client.closeWrite();
  assertEquals((await client.answer()).body, "hello\n");
  assertEquals(await lineOf(scripts.in("scratch/body")), "body");
});

test("run_cgi() lets a killed script clean up after SIGTERM", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x":
      "trap 'echo cleaned > ../scratch/end; exit 0' TERM; echo $$ > ../scratch/pid\n" +
      "while :; do sleep 0.02; done",
  }, { scriptTimeLimit: 0.3 });
  const answer = await scripts.ask(get("/cgi-bin/x"));
  assertEquals(answer.status, 504);
  assertEquals(await lineOf(scripts.in("scratch/end")), "cleaned");
  await untilGone(await lineOf(scripts.in("scratch/pid")));
});

test("scriptTimeLimit kills a script, sends 504 and logs one line", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": WITH_CHILD + "sleep 60",
    "cgi-bin/nph-x": WITH_CHILD + "sleep 60",
    "cgi-bin/go": "printf 'Location: /file\\n\\n'; sleep 60",
    "file": "the file",
  }, { scriptTimeLimit: 0.2 });
  for (const name of ["x", "nph-x", "go"]) {
    const answer = await scripts.ask(get(`/cgi-bin/${name}`));
    assertEquals([answer.status, answer.reason], [
      504,
      "CGI script took too long",
    ]);
  }
  await untilGone(...(await lineOf(scripts.in("scratch/x"))).split(" "));
  assertEquals(scripts.log.slice(0, 2), [
    "code 504, message CGI script took too long",
    '"GET /cgi-bin/x HTTP/1.1" 504 -',
  ]);
  assertEquals(scripts.log.length, 6);
  assertEquals(await scripts.get("/file"), "the file");
});

test("scriptTimeLimit leaves a response that has begun incomplete", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello; sleep 60",
    "cgi-bin/y": "trap 'exit 0' TERM\n" + HEAD +
      "echo hello; while :; do sleep 0.02; done",
  }, { scriptTimeLimit: 0.2 });
  for (const name of ["x", "y"]) {
    const answer = await scripts.send(get(`/cgi-bin/${name}`));
    assertEquals(
      answer.slice(answer.indexOf("\r\n\r\n") + 4),
      "6\r\nhello\n\r\n",
    );
    assertEquals(scripts.log.at(-1), "CGI script took too long");
  }
});

test("server_close() kills running scripts and their children", async () => {
  class Hasty extends ThreadingHTTPServer {
    static override gracePeriod = 0.1;
  }
  await using made = await scriptFolder({
    "cgi-bin/x": WITH_CHILD + HEAD + "echo hello; sleep 60",
  });
  const log: string[] = [];
  const server = new Hasty(
    ["127.0.0.1", 0],
    partial(logged(log), { directory: made.path }),
  );
  const serving = server.serve_forever();
  using client = new Client(
    await Deno.connect({ hostname: "127.0.0.1", port: server.server_port }),
  );
  await client.write(get("/cgi-bin/x"));
  await client.readUntil("hello\n");
  const pids = await pidsOf(made);
  await server.server_close();
  await serving;
  await untilGone(...pids);
  assertEquals(log, ['"GET /cgi-bin/x HTTP/1.1" 200 -']);
});

test("server_close() waits for a script that finishes in time", async () => {
  const scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello; sleep 0.2; echo world",
  });
  using client = await scripts.connect();
  {
    await using _scripts = scripts;
    await client.write(get("/cgi-bin/x"));
    await client.readUntil("hello\n");
  }
  assert((await client.readToEnd()).includes("world\n\r\n0\r\n\r\n"));
});

test("run_cgi() sends no last chunk if it kills the script of a half-closed connection", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo hello; sleep 60",
  });
  using client = await scripts.connect();
  await client.write(get("/cgi-bin/x"));
  await client.closeWrite();
  const answer = await client.readToEnd();
  assertEquals(
    answer.slice(answer.indexOf("\r\n\r\n") + 4),
    "6\r\nhello\n\r\n",
  );
});

test("scriptTimeLimit ends the output of a child in another process group", async () => {
  await using scripts = await serveScripts({
    "cgi-bin/x": HEAD + "echo $$ > ../scratch/pid\n" +
      "setsid sh -c 'echo $$ > ../scratch/escaped; " +
      "while echo more; do sleep 0.05; done' & sleep 60",
  }, { scriptTimeLimit: 0.3 });
  const before = performance.now();
  await scripts.send(get("/cgi-bin/x"));
  assert(performance.now() - before < 6_000);
  // Its pipe is closed, which ends it.
  await untilGone(await lineOf(scripts.in("scratch/escaped")));
});

test("the command kills its scripts even after a second interrupt", async () => {
  await using folder = await scriptFolder({
    "cgi-bin/x": "trap '' TERM INT\n" + WITH_CHILD + "sleep 60; sleep 60",
  });
  await using serving = await startCommand(["--cgi", "-d", folder.path, "0"]);
  using client = await Deno.connect({ port: serving.port });
  await client.write(new TextEncoder().encode(get("/cgi-bin/x")));
  const pids = await pidsOf(folder);
  const stopped = serving.stop();
  const again = setInterval(() => serving.interrupt(), 20);
  const { code } = await stopped;
  clearInterval(again);
  assertEquals(code, 130);
  await untilGone(...pids);
});

test("run_cgi() can kill a script if --allow-run is a list of programs", async () => {
  await using folder = await scriptFolder({
    "cgi-bin/x": "echo $$ > ../scratch/x\nexec sleep 60",
  });
  await using serving = await startCommand(["--cgi", "-d", folder.path, "0"], {
    permissions: [
      "--allow-net",
      "--allow-read",
      "--allow-env",
      "--allow-sys",
      `--allow-run=${await Deno.realPath(folder.in("cgi-bin/x"))}`,
    ],
  });
  using client = await Deno.connect({ port: serving.port });
  await client.write(new TextEncoder().encode(get("/cgi-bin/x")));
  const pid = await lineOf(folder.in("scratch/x"));
  client.close();
  await untilGone(pid);
  const url = `http://127.0.0.1:${serving.port}/none`;
  const response = await fetch(url);
  await response.body?.cancel();
  assertEquals(response.status, 404);
  await serving.stop();
});
