// A folder to serve, with secrets in it and next to it that no response may contain.

import { encodeLatin1 } from "../../text/latin1.ts";

/** The secret that no response may contain. */
export const SECRET = "SECRET-9f1c";

/** The files of the folder, in latin-1 text. */
export const FILES: Readonly<Record<string, string>> = {
  "index.html": "<p>root</p>",
  "a.txt": "0123456789".repeat(200),
  "b.bin": Array.from(
    { length: 300 },
    (_, index) => String.fromCharCode(index % 256),
  ).join(""),
  "empty.txt": "",
  "page.html": "<p>page</p>",
  "dir/index.html": "<p>dir</p>",
  "sub/c d.txt": "space",
  "sub/e.css": "p{}".repeat(500),
  "sub/x%41.txt": "percent",
  "sub/q?.txt": "question",
  "sub/deep/f.js": "f()",
};

const HIDDEN: Readonly<Record<string, string>> = {
  "site/.git/config": SECRET,
  "site/.env": SECRET,
  "site/sub/.htpasswd": SECRET,
  "secret.txt": SECRET,
  "site-2/secret.txt": SECRET,
};

const OLD = new Date("2024-03-01T12:00:00Z");

let root: Promise<string> | undefined;

/** A script that would reveal the secret if it were sent instead of run. */
const SCRIPT = `#!/bin/sh
# ${SECRET}
printf 'Content-Type: text/plain\n\nran'
`;

/** Creates the folder once; `closeSite()` removes it. */
export function openSite(): Promise<string> {
  return root ??= make();
}

/** Removes the folder. */
export async function closeSite(): Promise<void> {
  if (root === undefined) return;
  const path = await root;
  root = undefined;
  await Deno.remove(path.slice(0, -"/site".length), { recursive: true });
}

async function make(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "httpserver-fuzz-" });
  const all = Object.entries(FILES).map(([name, text]) =>
    [`site/${name}`, text] as const
  );
  for (const [name, text] of [...all, ...Object.entries(HIDDEN)]) {
    const path = `${folder}/${name}`;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(path, encodeLatin1(text));
    await Deno.utime(path, OLD, OLD);
  }
  for (const path of ["cgi/cgi-bin/run.sh", "cgi/cgi-bin/sub/run"]) {
    const script = `${folder}/${path}`;
    await Deno.mkdir(script.slice(0, script.lastIndexOf("/")), {
      recursive: true,
    });
    await Deno.writeTextFile(script, SCRIPT, { mode: 0o755 });
  }
  // If the tests run as root, scripts run as another user.
  await Deno.chmod(folder, 0o755);
  await Deno.symlink("../secret.txt", `${folder}/site/link.txt`);
  await Deno.symlink("..", `${folder}/site/up`);
  return `${folder}/site`;
}
