// A folder that is deleted, replaced, made unreadable or created again while it is
// served.

import { assert, assertEquals } from "@std/assert";
import { ask, assertServed, fault, get, noise, Rig, SMALL } from "./_rig.ts";

const OTHER = noise(2_000, 3);

async function status(rig: Rig, path: string): Promise<number> {
  return (await ask(rig.port, get(path))).status;
}

fault("a served folder may be deleted and made again", async () => {
  await using rig = await Rig.start();
  await Deno.remove(rig.site.path, { recursive: true });
  for (const path of ["/small.bin", "/big.bin", "/", "/missing"]) {
    assertEquals(await status(rig, path), 404, path);
  }
  await rig.assertClean();
  rig.site.make();
  await rig.assertUnharmed();
  assertEquals(await status(rig, "/"), 200);
  await assertServed(rig.port, "/big.bin", rig.site.big);
});

fault("a served folder may be replaced by another", async () => {
  await using rig = await Rig.start();
  const other = rig.site.beside("other");
  await Deno.mkdir(other);
  await Deno.writeFile(`${other}/small.bin`, OTHER);
  await Deno.rename(rig.site.path, rig.site.beside("before"));
  await Deno.rename(other, rig.site.path);
  await assertServed(rig.port, "/small.bin", OTHER);
  assertEquals(await status(rig, "/big.bin"), 404);
  await rig.assertClean();
});

fault("a served folder that became a file is 404, and recovers", async () => {
  await using rig = await Rig.start();
  await Deno.rename(rig.site.path, rig.site.beside("before"));
  await Deno.writeTextFile(rig.site.path, "a file");
  for (const path of ["/small.bin", "/"]) {
    assertEquals(await status(rig, path), 404, path);
  }
  await Deno.remove(rig.site.path);
  await Deno.rename(rig.site.beside("before"), rig.site.path);
  await rig.assertUnharmed();
});

fault(
  "a served folder that became unreadable reveals none of its files, and recovers",
  async () => {
    await using rig = await Rig.start({ obeysModes: true });
    await Deno.chmod(rig.site.path, 0o000);
    for (const path of ["/small.bin", "/big.bin", "/"]) {
      const { status, body } = await ask(rig.port, get(path));
      assert(status === 403 || status === 404, `${path}: ${status}`);
      assert(body.length < 1_000, path);
    }
    await rig.assertClean();
    await Deno.chmod(rig.site.path, 0o755);
    await rig.assertUnharmed();
  },
);

fault(
  "a file that became unreadable is not served from memory, and recovers",
  async () => {
    await using rig = await Rig.start({ obeysModes: true });
    // An old file is cached from the first request on.
    const hourAgo = new Date(Date.now() - 3_600_000);
    await Deno.utime(rig.site.in("small.bin"), hourAgo, hourAgo);
    for (let n = 0; n < 3; n++) {
      await assertServed(rig.port, "/small.bin", SMALL);
    }
    for (const name of ["small.bin", "big.bin"]) {
      await Deno.chmod(rig.site.in(name), 0o000);
      const found = await status(rig, `/${name}`);
      assert(found === 403 || found === 404, `${name}: ${found}`);
      await Deno.chmod(rig.site.in(name), 0o644);
    }
    await rig.assertUnharmed();
    await assertServed(rig.port, "/big.bin", rig.site.big);
  },
);
