// The package as JSR gets it: what its score counts, and which files it has.

import { assert, assertEquals, assertMatch } from "@std/assert";

const root = new URL("../", import.meta.url);

interface Config {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[] };
  readonly tasks: Readonly<Record<string, string>>;
}

/** A file as `deno doc --json` describes it. */
interface Documented {
  readonly module_doc?: {
    readonly doc?: string;
    readonly tags?: readonly { readonly kind: string; readonly doc?: string }[];
  };
  readonly symbols: readonly {
    readonly name: string;
    readonly declarations: readonly { readonly jsDoc?: unknown }[];
  }[];
}

const config: Config = JSON.parse(
  Deno.readTextFileSync(new URL("deno.json", root)),
);

const entries = Object.values(config.exports).map((path) => path.slice(2));

/** Describes an entry point. Together, those would refer to each other's symbols. */
async function documentationOf(path: string): Promise<Documented> {
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--import-map=tools/npm_std.json", path],
    cwd: root,
    signal: AbortSignal.timeout(60_000),
  }).output();
  assert(success);
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout));
  return nodes[new URL(path, root).href];
}

/** The modules that an entry point loads. */
async function modulesFrom(paths: readonly string[]): Promise<string[]> {
  const found = new Set<string>();
  const visit = async (url: URL) => {
    const path = url.href.slice(root.href.length);
    if (found.has(path)) return;
    found.add(path);
    const code = (await Deno.readTextFile(url)).replace(/^\s*\*.*$/gm, "");
    const targets = code.matchAll(
      /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g,
    );
    for (const [, target] of targets) await visit(new URL(target!, url));
  };
  for (const path of paths) await visit(new URL(path, root));
  return [...found];
}

/** Whether a pattern of `publish.include` matches a path. */
function matches(pattern: string, path: string): boolean {
  const source = pattern.replace(/[.+]/g, "\\$&")
    .replace(/\*\*\/|\*/g, (star) => star === "*" ? "[^/]*" : "(?:.*/)?");
  return new RegExp(`^${source}$`).test(path);
}

Deno.test("every entry point has a module doc with an example, and at least 80 % of its symbols are documented", async () => {
  assert(entries.length >= 7, `${entries.length}`);
  for (const path of entries) {
    const { module_doc, symbols } = await documentationOf(path);
    const tags = module_doc?.tags ?? [];
    assert(tags.some(({ kind }) => kind === "module"), path);
    const text = [module_doc?.doc, ...tags.map(({ doc }) => doc)].join("\n");
    assert(text.includes("```ts"), path);
    const without = symbols.filter(({ declarations }) =>
      declarations.every(({ jsDoc }) => jsDoc === undefined)
    ).map(({ name }) => name);
    assert(symbols.length > 0, path);
    assert(without.length <= symbols.length / 5, `${path}: ${without}`);
  }
});

Deno.test("deno task lint checks the docs of every entry point", () => {
  const [, checked = ""] = /doc --lint (?:\S+ \S+\.json )(.*?) &&/
    .exec(config.tasks.lint!) ?? [];
  assertEquals(checked.split(" ").toSorted(), entries.toSorted());
});

Deno.test("deno.json has a name, a version and a license, and LICENSE is that one", async () => {
  assertMatch(config.name, /^@[a-z0-9-]+\/[a-z0-9-]+$/);
  assertMatch(config.version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  const license = await Deno.readTextFile(new URL("LICENSE", root));
  assertMatch(license, new RegExp(`^${config.license}\\b`));
});

Deno.test("the package contains every module that its entry points load, and nothing for development", async () => {
  const { include } = config.publish;
  const included = (path: string) =>
    include.some((pattern) => matches(pattern, path));
  const modules = await modulesFrom(entries);
  assert(modules.length > 150, `${modules.length}`);
  assertEquals(modules.filter((path) => !included(path)), []);
  const development = ["tests", "bench", "tools", "examples", ".github", ".ci"];
  for (const folder of development) {
    for (const name of ["a.ts", "a/b.ts", "a.md"]) {
      assert(!included(`${folder}/${name}`), `${folder}/${name}`);
    }
  }
  for (const path of ["README.md", "LICENSE", "deno.json"]) {
    assert(included(path), path);
  }
});

Deno.test("the CHANGELOG describes the version of deno.json", async () => {
  const text = await Deno.readTextFile(new URL("CHANGELOG.md", root));
  const [, latest] = /^## (\S+)/m.exec(text) ?? [];
  assertEquals(latest, config.version);
});
