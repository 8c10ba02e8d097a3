// Imports the programs of a folder one after the other, and prints the port of each.

// deno-lint-ignore-file no-console

const [folder = ""] = Deno.args;
const { log } = console;
for (const { name } of [...Deno.readDirSync(folder)].sort(byName)) {
  if (!name.endsWith(".ts")) continue;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  console.log = (line: string) => {
    log(`${name} ${/\d+/.exec(line)?.[0]}`);
    resolve();
  };
  // Each program serves until the end.
  import(`file://${folder}/${name}`).catch(reject);
  await promise;
}
log("all");

function byName(a: Deno.DirEntry, b: Deno.DirEntry): number {
  return a.name < b.name ? -1 : 1;
}
