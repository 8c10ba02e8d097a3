// docs/static.md describes each option of `StaticFileHandler`, with its default and the flags
// of the command that set it.

import { assert, assertEquals } from "@std/assert";
import { OPTIONS } from "../../cli/options.ts";
import { SITE_OPTIONS } from "../../cli/site_options.ts";

/** An option as docs/static.md has it. */
interface Documented {
  readonly name: string;
  readonly type: string;
  readonly standard: string;
  readonly flags: readonly string[];
}

const read = (path: string) =>
  Deno.readTextFile(new URL(`../../${path}`, import.meta.url));

async function documented(): Promise<Documented[]> {
  const entries = (await read("docs/static.md")).split(/^#### /m).slice(1);
  return entries.map((entry) => {
    const [title = "", facts = ""] = entry.split("\n\n", 2);
    const [, type = "", standard = "", flags = ""] =
      /^_Type_: (.+) · _Default_: (.+) · _Flag_: (.+)$/
        .exec(facts.replace(/\s+/g, " ")) ?? [];
    assert(flags !== "", title);
    return {
      name: title.replaceAll("`", ""),
      type,
      standard,
      flags: [...flags.matchAll(/`--([a-z-]+)`/g)].map(([, name]) => name!),
    };
  });
}

/** The options of an interface, with the literal that their doc comment gives as default. */
async function declared(
  path: string,
  prefix = "",
): Promise<Map<string, string | undefined>> {
  const source = await read(path);
  const start = source.search(/^export interface \w+Options/m);
  const declaration = source.slice(start, source.indexOf("\n}", start));
  const options = declaration.matchAll(
    /\/\*\*((?:(?!\*\/)[^])*)\*\/\s+readonly (\w+)\?:/g,
  );
  return new Map(
    [...options].map(([, comment, name]) => {
      const tag = /@default \{(.*)\}\s/.exec(comment!)?.[1];
      return [prefix + name!, tag];
    }),
  );
}

async function allDeclared(): Promise<Map<string, string | undefined>> {
  return new Map([
    ...await declared("handlers/static/options.ts"),
    ...await declared("handlers/simple.ts"),
    ...await declared("handlers/static/response/cors.ts", "cors."),
    ...await declared("handlers/static/upload/options.ts", "upload."),
  ]);
}

Deno.test("docs/static.md describes every option of StaticFileHandler once, those of cors and upload too", async () => {
  assertEquals(
    (await documented()).map(({ name }) => name).toSorted(),
    [...(await allDeclared()).keys()].toSorted(),
  );
});

Deno.test("docs/static.md gives each option the default that its doc comment has", async () => {
  const options = await allDeclared();
  let compared = 0;
  for (const { name, standard } of await documented()) {
    const literal = options.get(name);
    // Some say it in words.
    if (literal === undefined || !/^(?:["[{\d]|true$|false$)/.test(literal)) {
      continue;
    }
    assertEquals(standard, `\`${literal}\``, name);
    compared++;
  }
  assert(compared > 15, `${compared}`);
});

Deno.test("docs/static.md names for each option the flags of the command that set it", async () => {
  const named = (await documented()).flatMap(({ flags }) => flags);
  const known = OPTIONS.map(({ name }) => name);
  assertEquals(named.filter((flag) => !known.includes(flag)), []);
  assertEquals(SITE_OPTIONS.filter((flag) => !named.includes(flag)), []);
});
