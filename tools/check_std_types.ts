// Checks this project's types against std's own. `tools/npm_std.json` maps `@std/...` to an
// npm package without types, so the usual check can't; users of the JSR package get the
// real types.
//
// Takes the path of a local checkout of https://github.com/denoland/std:
//
//   git clone --depth 1 https://github.com/denoland/std ../std
//   deno run -A tools/check_std_types.ts ../std
//
// Exits with the code of `deno check`, or 2 if the checkout is invalid.

// deno-lint-ignore-file no-console

import { toFileUrl } from "@std/path";

/** The relevant parts of a package's `deno.json`. */
interface Package {
  readonly name: string;
  readonly exports: string | Readonly<Record<string, string>>;
}

/**
 * Maps the import names of packages to files of a checkout.
 *
 * @param std The URL of the checkout, with a trailing slash.
 * @param packages The packages, by folder name.
 * @param others The imports of other packages.
 * @returns The imports of an import map.
 */
export function stdImports(
  std: string,
  packages: ReadonlyMap<string, Package>,
  others: Readonly<Record<string, string>>,
): Record<string, string> {
  const imports: Record<string, string> = {};
  for (const [name, target] of Object.entries(others)) {
    if (!name.startsWith("@std/")) imports[name] = target;
  }
  for (const [folder, { name, exports }] of packages) {
    const entries = typeof exports === "string" ? { ".": exports } : exports;
    for (const [path, file] of Object.entries(entries)) {
      imports[name + path.slice(1)] = new URL(`${folder}/${file}`, std).href;
    }
  }
  return imports;
}

async function readPackages(std: string): Promise<Map<string, Package>> {
  const packages = new Map<string, Package>();
  for await (const { name, isDirectory } of Deno.readDir(new URL(std))) {
    if (!isDirectory) continue;
    const file = new URL(`${name}/deno.json`, std);
    const text = await Deno.readTextFile(file).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
    if (text === undefined) continue;
    const config = JSON.parse(text) as Partial<Package>;
    if (config.name?.startsWith("@std/")) packages.set(name, config as Package);
  }
  return packages;
}

async function check(path: string): Promise<number> {
  const std = toFileUrl(`${await Deno.realPath(path)}/`).href;
  const packages = await readPackages(std);
  if (!packages.has("assert")) {
    console.error(`Cannot use ${path}: it is not a checkout of denoland/std`);
    return 2;
  }
  const root = new URL("../", import.meta.url);
  const map = await Deno.readTextFile(new URL("tools/npm_std.json", root));
  const imports = stdImports(std, packages, JSON.parse(map).imports);
  const file = await Deno.makeTempFile({ suffix: ".json" });
  try {
    await Deno.writeTextFile(file, JSON.stringify({ imports }));
    const { code } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--no-lock", `--import-map=${file}`, "."],
      cwd: root,
    }).spawn().status;
    return code;
  } finally {
    await Deno.remove(file);
  }
}

if (import.meta.main) {
  const [path] = Deno.args;
  if (path === undefined) {
    console.error("usage: deno run -A tools/check_std_types.ts PATH_OF_STD");
    Deno.exit(2);
  }
  Deno.exit(await check(path));
}
