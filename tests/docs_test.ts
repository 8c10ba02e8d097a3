// Checks the documentation: the files and functions that it names exist, its links work,
// and the README is short.

import { assert, assertEquals } from "@std/assert";

const root = new URL("..", import.meta.url);

const read = (path: string) => Deno.readTextFile(new URL(path, root));

/** The paths of the pages. */
async function pages(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["", "docs/"]) {
    for await (const { name } of Deno.readDir(new URL(`./${folder}`, root))) {
      if (name.endsWith(".md")) found.push(folder + name);
    }
  }
  return found.toSorted();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(path, root));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes the code blocks of a page. */
function prose(text: string): string {
  return text.replace(/^```[^]*?^```$/gm, "");
}

/** The fragments that GitHub generates for a page's headings. */
function anchors(text: string): Set<string> {
  const headings = [...prose(text).matchAll(/^#+ (.+)$/gm)];
  return new Set(
    headings.map(([, title]) =>
      title!.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "")
        .replaceAll(" ", "-")
    ),
  );
}

Deno.test("docs/architecture.md names existing files", async () => {
  const text = await read("docs/architecture.md");
  const paths = [...text.matchAll(/`([\w/.]+\.ts|[\w/]+\/)`/g)]
    .map(([, path]) => path!);
  assert(paths.length > 80, `${paths.length}`);
  // The folders of the static site are named without their parent.
  const missing = [];
  for (const path of new Set(paths)) {
    if (
      !await exists(path) && !await exists(`handlers/static/${path}`)
    ) missing.push(path);
  }
  assertEquals(missing, []);
});

Deno.test("docs/architecture.md names functions and classes that its files have", async () => {
  const text = (await read("docs/architecture.md")).replace(/\s+/g, " ");
  const named = [
    ...text.matchAll(/`(?:\w+\.)?(\w+)(?:\(\))?` \(`([\w/.]+\.ts)`\)/g),
  ];
  assert(named.length > 20, `${named.length}`);
  for (const [, name, path] of named) {
    assert(
      new RegExp(
        `(?:function|class|interface|type) ${name}\\b|^ .*\\b${name}\\(`,
        "m",
      )
        .test(await read(path!)),
      `${name} in ${path}`,
    );
  }
});

Deno.test("docs/architecture.md lists where at least 40 things are decided, each in one file", async () => {
  const text = await read("docs/architecture.md");
  const table = text.slice(text.indexOf("## Where is it decided?"));
  const rows = table.split("\n").filter((line) => line.startsWith("| "))
    .slice(2)
    .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
  assert(rows.length >= 40, `${rows.length}`);
  for (const [question, file] of rows) {
    assert(/\?$/.test(question!), question);
    assert(/^`[\w/.]+\.ts`$/.test(file!), file);
  }
});

Deno.test("the connection's states in docs/architecture.md are those of State", async () => {
  const source = await read("connection/lifecycle.ts");
  const body = /export enum State \{([^}]*)\}/.exec(source)?.[1] ?? "";
  const states = [...body.matchAll(/^ {2}(\w+),$/gm)].map(([, name]) => name!);
  assertEquals(states.length, 10);
  const rows = (await read("docs/architecture.md"))
    .matchAll(/^\| `([A-Z]\w+)` +\|/gm);
  assertEquals([...rows].map(([, name]) => name!), states);
});

Deno.test("links between the pages resolve to existing files and headings", async () => {
  const broken: string[] = [];
  for (const page of await pages()) {
    const text = prose(await read(page));
    const targets = [
      ...text.matchAll(/\]\(([^)\s]+)\)/g),
      ...text.matchAll(/(?:src|srcset)="([^"]+)"/g),
    ].map(([, target]) => target!);
    for (const target of targets) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = "", fragment] = target.split("#");
      const path = file === ""
        ? page
        : new URL(file, `file:///${page}`).pathname.slice(1);
      const there = await exists(path) && (fragment === undefined ||
        anchors(await read(path)).has(fragment));
      if (!there) broken.push(`${page}: ${target}`);
    }
  }
  assertEquals(broken, []);
});

Deno.test("the README has at most 150 lines, and no line of a table is wider than 100 columns", async () => {
  const lines = (await read("README.md")).trimEnd().split("\n");
  assert(lines.length <= 150, `${lines.length}`);
  const wide = lines.filter((line) =>
    line.startsWith("|") && line.length > 100
  );
  assertEquals(wide, []);
});
