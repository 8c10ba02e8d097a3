import { assertRejects } from "@std/assert";
import { SimpleHTTPRequestHandler } from "../../handlers/mod.ts";
import { checkExecutable, checkSite, SITE } from "../../tools/check_binary.ts";
import { denoArguments } from "../_command.ts";
import { serveFolder } from "../handlers/_folder.ts";
import { site } from "../static/_site.ts";

Deno.test("checkSite() accepts what the static site sends, and nothing else", async () => {
  await using files = await site(SITE);
  const at = (port: number) => `http://127.0.0.1:${port}/`;
  await checkSite(at(files.served.port));
  class Quiet extends SimpleHTTPRequestHandler {
    override log_message() {}
  }
  await using other = serveFolder(files.folder.path, Quiet);
  await assertRejects(() => checkSite(at(other.port)), Error, "has ETag");
  await Deno.writeTextFile(files.folder.in("index.html"), "<p>other");
  await assertRejects(
    () => checkSite(at(files.served.port)),
    Error,
    "the body of index.html is",
  );
});

Deno.test({
  name:
    "checkExecutable() starts a program, and fails if it does not serve the site",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using files = await site(SITE);
    const program = files.folder.in("program");
    const deno = denoArguments("mod.ts").join('" "');
    const rows: [script: string, fault: string | undefined][] = [
      [`exec "${Deno.execPath()}" "${deno}" "$@"`, undefined],
      ["echo nothing", "did not start"],
      ["true", "did not start"],
    ];
    for (const [script, fault] of rows) {
      await Deno.writeTextFile(program, `#!/bin/sh\n${script}\n`);
      await Deno.chmod(program, 0o755);
      const checking = checkExecutable(program, ["-d", files.folder.path]);
      if (fault === undefined) await checking;
      else await assertRejects(() => checking, Error, fault);
    }
  },
});
