// onProcessEnd() keeps watching after a signal that did not end the process.

import { assertEquals } from "@std/assert";
import { denoArguments } from "../_command.ts";
import { test } from "./_scripts.ts";

test("onProcessEnd() calls back for each signal that another listener handles, and raises it again", async () => {
  const program = `
    import { handleElsewhere, onProcessEnd } from "${
    import.meta.resolve("../../handlers/cgi/process_end.ts")
  }";
    let ends = 0;
    let heard = 0;
    Deno.addSignalListener("SIGHUP", () => heard++);
    const raise = async () => {
      Deno.kill(Deno.pid, "SIGHUP");
      await new Promise((resolve) => setTimeout(resolve, 1_300));
    };
    {
      using _watch = onProcessEnd(() => ends++);
      await raise();
      await raise();
      console.log(ends, heard);
      using _handled = handleElsewhere(["SIGHUP"]);
      await raise();
      console.log(ends, heard);
    }
    await raise();
    console.log(ends, heard);
    Deno.exit(0);`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, program);
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: denoArguments(file),
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(15_000),
    }).output();
    assertEquals(code, 0);
    assertEquals(new TextDecoder().decode(stdout), "2 4\n2 5\n2 6\n");
  } finally {
    await Deno.remove(file);
  }
});
