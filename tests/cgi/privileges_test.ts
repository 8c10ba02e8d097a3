// The user that scripts run as, and the environment that they get.

import { assertEquals, assertThrows } from "@std/assert";
import {
  findNobody,
  passedVariables,
  scriptUser,
} from "../../handlers/cgi/privileges.ts";
import { HEAD, NO_SCRIPTS, serveScripts, test } from "./_scripts.ts";
import { pureTest } from "../_lib/pure.ts";

const IS_ROOT = !NO_SCRIPTS && Deno.uid() === 0;

pureTest("findNobody() finds the numbers of nobody", () => {
  assertEquals(
    findNobody("root:x:0:0::/:/bin/sh\nnobody:x:65534:65533:n:/:/x\n"),
    { uid: 65534, gid: 65533 },
  );
});

pureTest("findNobody() finds nobody else, and never root", () => {
  for (
    const passwd of [
      "",
      "root:x:0:0::/:/bin/sh\n",
      "nobody:x:0:0::/:/bin/sh\n",
      "notnobody:x:65534:65534::/:/x\n",
      "nobody2:x:65534:65534::/:/x\n",
      "nobody:x:-2:-2::/:/x\n",
      "nobody:x\n",
      "# nobody:x:1:1:\n",
    ]
  ) assertEquals(findNobody(passwd), undefined, passwd);
});

pureTest("passedVariables() needs the permission to read what it reads", () => {
  assertEquals(passedVariables([]), {});
  assertThrows(() => passedVariables(["PATH"]), Deno.errors.NotCapable);
  assertThrows(() => passedVariables("all"), Deno.errors.NotCapable);
});

Deno.test("passedVariables() returns the variables that are set", () => {
  const { PATH } = Deno.env.toObject();
  assertEquals(passedVariables(["PATH", "NO_SUCH_VARIABLE"]), { PATH: PATH! });
  assertEquals(passedVariables("all"), Deno.env.toObject());
});

const SIGPIPE = 13;

test("scriptUser() is the server's user unless that is root", () => {
  assertEquals(scriptUser() === "self", !IS_ROOT);
  return Promise.resolve();
});

test(
  "CGIHTTPRequestHandler as root runs scripts as nobody, without supplementary groups",
  async () => {
    await using scripts = await serveScripts({
      "cgi-bin/x": HEAD + 'echo "$(id -u) $(id -G)"',
    });
    const user = scriptUser();
    const { uid, gid } = user === "self" ? { uid: 0, gid: 0 } : user;
    assertEquals(await scripts.get("/cgi-bin/x"), `${uid} ${gid}\n`);
  },
  !IS_ROOT,
);

test(
  "CGIHTTPRequestHandler runs a script in its directory, without sockets and with the default SIGPIPE",
  async () => {
    await using scripts = await serveScripts({
      "cgi-bin/sub/x": HEAD +
        "pwd; ls -l /proc/self/fd | grep -c socket; grep SigIgn /proc/self/status",
    });
    const [folder, sockets, ignored] = (await scripts.get("/cgi-bin/sub/x"))
      .split("\n");
    assertEquals(folder, await Deno.realPath(scripts.in("cgi-bin/sub")));
    assertEquals(sockets, "0");
    // Deno ignores SIGPIPE, and child processes inherit ignored signals.
    const mask = BigInt("0x" + ignored!.replace("SigIgn:", "").trim());
    assertEquals(mask & (1n << BigInt(SIGPIPE - 1)), 0n);
  },
  Deno.build.os !== "linux",
);

test("passEnvironment selects the server's variables that scripts get", async () => {
  const files = { "cgi-bin/x": HEAD + "env" };
  const namesFor = async (passEnvironment?: readonly string[] | "all") => {
    await using scripts = await serveScripts(
      files,
      passEnvironment === undefined ? {} : { passEnvironment },
    );
    const lines = (await scripts.get("/cgi-bin/x")).split("\n");
    return lines.map((line) => line.split("=", 1)[0]!);
  };
  const { HOME } = Deno.env.toObject();
  const meta = await namesFor([]);
  assertEquals(meta.includes("SCRIPT_NAME"), true);
  assertEquals((await namesFor()).includes("HOME"), false);
  assertEquals((await namesFor()).includes("PATH"), true);
  assertEquals((await namesFor(["HOME"])).includes("HOME"), HOME !== undefined);
  assertEquals((await namesFor("all")).includes("HOME"), HOME !== undefined);
});
