import { assertEquals, assertThrows } from "@std/assert";
import { planWatches } from "../../../handlers/static/live/watch_plan.ts";
import { boundedTest } from "../../_lib/bounded.ts";
import { folder } from "../../handlers/_folder.ts";

boundedTest(
  "planWatches() leaves out ignored folders and symlinks",
  async () => {
    await using files = await folder({
      "node_modules/a/": "",
      ".git/": "",
      "src/a/b/": "",
      "packages/one/src/": "",
      "packages/one/node_modules/": "",
      "packages/two/src/": "",
      "linked/": "",
    });
    const { path } = files;
    await Deno.symlink("/usr", files.in("linked/usr"));
    const { alone, whole } = planWatches(path, "linux");
    const below = (paths: readonly string[]) =>
      paths.map((each) => each.slice(path.length)).toSorted();
    assertEquals(below(alone), ["", "/linked", "/packages", "/packages/one"]);
    assertEquals(below(whole), ["/packages/one/src", "/packages/two", "/src"]);
    assertEquals(planWatches(path, "darwin"), { alone: [], whole: [path] });
  },
);

boundedTest(
  "planWatches() watches a whole tree at once if it can",
  async () => {
    await using files = await folder({ "a/b/c/": "", "d/": "" });
    assertEquals(
      planWatches(files.path, "linux"),
      { alone: [], whole: [files.path] },
    );
    assertEquals(
      planWatches(files.in("missing"), "linux").whole,
      [files.in("missing")],
    );
  },
);

boundedTest("planWatches() refuses a tree of very many folders", async () => {
  await using files = await folder();
  for (let count = 0; count < 5_000; count++) {
    await Deno.mkdir(files.in(`${count}`));
  }
  assertThrows(
    () => planWatches(files.path, "linux"),
    RangeError,
    "more than 5000 folders",
  );
});
