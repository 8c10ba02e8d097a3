// Folders that are renamed while a file is received into them.

import { assertEquals } from "@std/assert";
import { stateFiles, until, uploads } from "./_upload.ts";

const RESUMABLE = "Upload-Complete: ?1\r\nUpload-Draft-Interop-Version: 8\r\n";

Deno.test("an upload into a folder that is renamed leaves nothing", async () => {
  for (const ends of ["complete", "cut"] as const) {
    for (const fields of ["", RESUMABLE]) {
      for (const again of [false, true]) {
        await using site = await uploads({ "sub/a/": "" });
        const { folder, served } = site;
        using client = await served.connect();
        await client.write(
          `PUT /sub/a/f HTTP/1.1\r\nHost: localhost\r\n${fields}` +
            "Content-Length: 10\r\n\r\nhello",
        );
        if (fields !== "") await client.readUntil("\r\n\r\n");
        await until(async () => {
          const [name = ""] = await site.all();
          return name !== "" && await site.text(name) === "hello";
        });
        await Deno.rename(folder.in("sub"), folder.in("moved"));
        if (again) await Deno.mkdir(folder.in("sub"));
        if (ends === "complete") {
          await client.write("world");
          assertEquals((await client.answer()).status, 409);
        } else if (fields === "") {
          await client.closeWrite();
          assertEquals((await client.answer()).status, 400);
        } else {
          // Removed later: nobody can find it anymore.
          continue;
        }
        assertEquals(await site.all(), []);
        const names: string[] = [];
        for await (const { name } of Deno.readDir(folder.path)) {
          names.push(name);
        }
        assertEquals(names.sort(), again ? ["moved", "sub"] : ["moved"]);
      }
    }
  }
  assertEquals(await stateFiles(), []);
});

Deno.test("an unfinished upload in a folder that was renamed is removed when the server ends", async () => {
  const site = await uploads({ "sub/a/": "" });
  using client = await site.served.connect();
  await client.write(
    `PUT /sub/a/f HTTP/1.1\r\nHost: localhost\r\n${RESUMABLE}` +
      "Content-Length: 10\r\n\r\nhello",
  );
  await client.readUntil("\r\n\r\n");
  const parts = () => [...Deno.readDirSync(site.folder.in("moved/a"))];
  await Deno.rename(site.folder.in("sub"), site.folder.in("moved"));
  await client.closeWrite();
  await client.answer();
  assertEquals(parts().length, 1);
  const { endUploads } = await import(
    "../../../handlers/static/upload/entrance.ts"
  );
  await endUploads();
  assertEquals(parts(), []);
  await site[Symbol.asyncDispose]();
});
