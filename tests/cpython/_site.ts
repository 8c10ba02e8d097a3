// The folder that both servers of the differential test serve.

import { type Folder, folder } from "../handlers/_folder.ts";

/** The time of every file, in seconds since the epoch. */
const MODIFIED = 1_000_000_000;

/** The files; a name that ends with "/" is a folder. */
const FILES: Readonly<Record<string, string>> = {
  "probe": "the probe",
  "a.txt": "hello",
  "empty": "",
  "noext": "x",
  "large.bin": "0123456789abcdef".repeat(20_000),
  "x.tar.gz": "x",
  "page.html": "<p>",
  "PAGE.HTML": "<p>",
  "picture.png": "x",
  "data.json": "{}",
  "x.bz2": "x",
  "x.unknown-thing": "x",
  ".hidden": "hidden",
  "dir/a&b.txt": "x",
  "dir/B.TXT": "x",
  "dir/sub/deep.txt": "deep",
  "idx/index.html": "<p>the index",
  "old/index.htm": "<p>the old index",
  "spam/index.html/": "",
  "sp ace/in it": "x",
  "names/caf\xe9 \u20ac.txt": "x",
  "names/<i>.txt": "x",
  'names/"dq".txt': "x",
  "names/'sq'.txt": "x",
  "names/q?.txt": "x",
  "names/f#.txt": "x",
  "names/%41.txt": "x",
  "names/&amp;.txt": "x",
  "names/javascript:alert(1)": "x",
  "names/back\\slash": "x",
  "names/~tilde": "x",
  "names/\ufffd": "x",
  "names/zz/": "",
  "\\evil.com/": "",
};

/** Symlinks in the folder, and their targets. */
const LINKS: Readonly<Record<string, string>> = {
  "link": "dir",
  "names/link": "zz",
  "names/link.txt": "../a.txt",
  "names/broken": "nowhere",
};

/** Creates the folder. */
export async function site(): Promise<Folder> {
  const made = await folder(FILES);
  for (const [name, target] of Object.entries(LINKS)) {
    await Deno.symlink(target, made.in(name));
  }
  for (const name of Object.keys(FILES)) {
    await Deno.utime(made.in(name), MODIFIED, MODIFIED);
  }
  return made;
}
