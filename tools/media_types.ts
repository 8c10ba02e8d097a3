// Prints the table of text/media_type_table.ts: the type that `@std/media-types` gives each
// extension. It doesn't list its extensions, so this takes the database that it is made of,
// https://github.com/jshttp/mime-db, as a file:
//
//   deno run --allow-read --import-map tools/npm_std.json tools/media_types.ts db.json

// deno-lint-ignore-file no-console

import { typeByExtension } from "@std/media-types/type-by-extension";

/** The relevant part of the database. */
export type Database = Readonly<
  Record<string, { readonly extensions?: readonly string[] }>
>;

/** The width of the table, in characters. */
const WIDTH = 100;

/**
 * Formats the table: each type followed by its extensions, all in order.
 *
 * @param database The database.
 * @param typeOf Returns the type of an extension.
 * @returns The lines.
 */
export function tableOf(
  database: Database,
  typeOf: (extension: string) => string | undefined,
): string[] {
  const all = Object.values(database).flatMap(({ extensions = [] }) =>
    extensions
  );
  const types = new Map<string, string[]>();
  for (const extension of [...new Set(all)].sort()) {
    const type = typeOf(extension);
    if (type === undefined) continue;
    const extensions = types.get(type);
    if (extensions === undefined) types.set(type, [extension]);
    else extensions.push(extension);
  }
  const lines: string[] = [""];
  for (const type of [...types.keys()].sort()) {
    const entry = [type, ...types.get(type)!].join(" ") + ";";
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = entry;
    else if (line.length + 1 + entry.length > WIDTH) lines.push(entry);
    else lines[lines.length - 1] = `${line} ${entry}`;
  }
  return lines;
}

if (import.meta.main) {
  const [path] = Deno.args;
  if (path === undefined) {
    console.error("usage: deno run --allow-read tools/media_types.ts DB.JSON");
    Deno.exit(2);
  }
  const database = JSON.parse(await Deno.readTextFile(path)) as Database;
  console.log(tableOf(database, typeByExtension).join("\n"));
}
