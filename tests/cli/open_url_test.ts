// Opening the site in a browser.

import { assertEquals, assertMatch } from "@std/assert";
import { openCommands } from "../../cli/open_url.ts";
import { startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { pureTest } from "../_lib/pure.ts";

const URL = "http://localhost:8000/";

pureTest(
  "openCommands() tries the commands in BROWSER, then the one of the system",
  () => {
    const own = ["xdg-open", URL];
    assertEquals(openCommands("linux", undefined, URL), [own]);
    assertEquals(openCommands("linux", "", URL), [own]);
    assertEquals(openCommands("linux", "w3m:firefox -P %s --new::", URL), [
      ["w3m", URL],
      ["firefox", "-P", URL, "--new"],
      own,
    ]);
    assertEquals(openCommands("darwin", undefined, URL), [["open", URL]]);
    assertEquals(openCommands("windows", "C:\\a.exe", URL), [
      ["C:\\a.exe", URL],
      ["cmd", "/c", "start", "", URL],
    ]);
  },
);

Deno.test("the command opens its URL with --open", {
  ignore: Deno.build.os === "windows",
}, async () => {
  await using files = await folder({});
  const browser = files.in("browser");
  await Deno.writeTextFile(browser, `#!/bin/sh\necho "$1" > "$0.out"\n`);
  await Deno.chmod(browser, 0o755);
  await using serving = await startCommand(
    ["-b", "127.0.0.1", "-q", "--open", "-d", files.path, "0"],
    { env: { BROWSER: `/no/such/command:${browser} %s` } },
  );
  const url = `http://127.0.0.1:${serving.port}/`;
  const deadline = AbortSignal.timeout(8_000);
  let opened = "";
  while (opened === "") {
    deadline.throwIfAborted();
    opened = await Deno.readTextFile(`${browser}.out`).catch(() => "");
  }
  assertEquals(opened, `${url}\n`);
  const { code, stderr } = await serving.stop();
  assertEquals([code, stderr], [0, ""]);
});

Deno.test(
  "the command keeps serving if no browser opens, and prints one line",
  {
    ignore: Deno.build.os === "windows",
  },
  async () => {
    await using files = await folder({ "a.txt": "a", "bin/xdg-open": "" });
    for (const name of ["xdg-open", "open"]) {
      await Deno.writeTextFile(files.in(`bin/${name}`), "#!/bin/sh\nexit 4\n");
      await Deno.chmod(files.in(`bin/${name}`), 0o755);
    }
    await using serving = await startCommand(
      ["-b", "127.0.0.1", "-q", "--open", "-d", files.path, "0"],
      { env: { BROWSER: "/no/such/command", PATH: files.in("bin") } },
    );
    const response = await fetch(`http://127.0.0.1:${serving.port}/a.txt`);
    assertEquals(await response.text(), "a");
    // The commands have ended by then.
    await new Promise((resolve) => setTimeout(resolve, 500));
    const { code, stderr } = await serving.stop();
    assertEquals(code, 0);
    assertMatch(
      stderr,
      /^httpserver: Cannot open http:\S+: \/no\/such\/command: no such command; (?:xdg-)?open: exit code 4\n$/,
    );
  },
);
