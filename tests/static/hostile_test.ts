// Many spellings of paths: none bypasses a policy, wherever the folder is mounted. A shorter list,
// with the routing options, is in `policies_hold_test.ts`.

import { assert, assertEquals } from "@std/assert";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { type Site, site } from "./_site.ts";

const SECRET = "not to be seen";

/** A percent-encoded byte. */
function escaped(character: string, upper = false): string {
  const code = character.charCodeAt(0).toString(16).padStart(2, "0");
  return "%" + (upper ? code.toUpperCase() : code);
}

/** Other spellings of a path that begins with "/". */
function* spellings(path: string): Generator<string> {
  yield path;
  // Each character and all of them, percent-encoded: once, twice, and in overlong UTF-8.
  for (let at = 1; at < path.length; at++) {
    const character = path[at]!;
    const spell = (text: string) =>
      path.slice(0, at) + text + path.slice(at + 1);
    yield spell(escaped(character));
    yield spell(escaped(character, true));
    yield spell(escaped(character).replace("%", "%25"));
    const code = character.charCodeAt(0);
    const overlong = [0xc0 | code >> 6, 0x80 | code & 0x3f]
      .map((byte) => String.fromCharCode(byte));
    yield spell(overlong.join(""));
    yield spell(overlong.map((byte) => escaped(byte)).join(""));
    // The same letter in full width, which a file system might fold.
    yield spell(encodeURIComponent(String.fromCharCode(code + 0xfee0)));
    if (/[a-z]/.test(character)) yield spell(character.toUpperCase());
  }
  yield "/" + [...path.slice(1)].map((letter) => escaped(letter)).join("");
  // Each slash with redundant segments around it.
  const slashes = [
    ...["//", "///", "/./", "/././", "/%2e/", "%2f", "%2F", "/%2f", "%2f%2f"],
    ...["/x/../", "/x/%2e%2e/", "/x/%2E./", "/x%2f..%2f", "/../", "/..//"],
    ...["\\", "%5c", "/\\", "\\/", "/.\\", "/;/", "/;a=b/", "/ /", "/%20/"],
    ...["/\t/", "/%09/", "/%00/", "/%0d%0a/", "/%7f/", "/\xad/", "/%ad/"],
    ...["/%e2%80%8b/", "/%ef%bb%bf/", "/.%00/", "/%2e%00/", "/...//", "/*/"],
  ];
  for (let at = 0; at < path.length; at++) {
    if (path[at] !== "/") continue;
    for (const slash of slashes) {
      yield path.slice(0, at) + slash + path.slice(at + 1);
    }
  }
  const tails = [
    ...["/", "//", "/.", "/./", "/..", "/x/..", ".", "..", "%2e", "%20", " "],
    ...["?", "?a=b", "??", "#", "#a", ";", ";a=b", "%3f", "%23", "%3b", "~"],
    ...["%00", "%00.txt", "%00/", "\0", "::$DATA", ":", "%0a", "%0d%0a"],
    ...["/%2e%2e/config", "?/../../x", "#/../x", "%2f", "%5c", "\\", ".html"],
  ];
  for (const tail of tails) yield path + tail;
  // Without a slash, and with a scheme and a host before it.
  yield path.slice(1);
  for (
    const origin of [
      ...["http://localhost", "HTTP://localhost", "https://localhost:1"],
      ...["http://user:pw@localhost", "http://", "http:", "//localhost"],
      ...["http://localhost/.", "http://localhost/x/..", "file://", "ws://a"],
    ]
  ) yield origin + path;
}

/** Paths below each folder that must not be served. */
const HIDDEN = ["/.git/config", "/sub/.env", "/.well-known/.key"];

async function guarded(): Promise<Folder> {
  const files: Record<string, string> = { "outside.txt": SECRET };
  for (const name of ["www", "manual", "api"]) {
    files[`${name}/a.txt`] = "public";
    files[`${name}/.well-known/b.txt`] = "public";
    for (const path of HIDDEN) files[name + path] = SECRET;
  }
  const made = await folder(files);
  for (const name of ["www", "manual", "api"]) {
    await Deno.symlink("../outside.txt", made.in(`${name}/link`));
  }
  return made;
}

const PREFIXES = { www: "/app", manual: "/docs", api: "/app/api/v1" };

function optionsFor(made: Folder): StaticFileOptions {
  return {
    directory: made.in("www"),
    base: PREFIXES.www,
    mounts: {
      [PREFIXES.manual]: made.in("manual"),
      [PREFIXES.api]: made.in("api"),
    },
  };
}

/** Requests every spelling of a path; returns how often each status occurred. */
async function statusesOf(
  files: Site,
  path: string,
  check: (body: string, target: string) => void,
): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  for (const target of spellings(path)) {
    const answer = await files.served.send(
      `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
    const status = Number(answer.slice(9, 12));
    check(answer, target);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  return statuses;
}

function assertUnseen(answer: string, target: string): void {
  assert(!answer.includes(SECRET), target);
  const status = Number(answer.slice(9, 12));
  const kinds = [200, 301, 400, 404, 414];
  assert(kinds.includes(status), `${target}: ${answer.slice(0, 200)}`);
}

for (const [name, prefix] of Object.entries(PREFIXES)) {
  Deno.test(`StaticFileHandler serves nothing hidden below ${prefix} by any spelling`, async () => {
    await using made = await guarded();
    await using files = await site({}, optionsFor(made));
    for (const path of HIDDEN) {
      const statuses = await statusesOf(files, prefix + path, assertUnseen);
      assert((statuses.get(404) ?? 0) > 50, name);
    }
  });

  Deno.test(`StaticFileHandler serves nothing outside ${prefix} by any spelling`, async () => {
    await using made = await guarded();
    await using files = await site({}, optionsFor(made));
    for (const path of ["/link", "/../outside.txt", "/../../outside.txt"]) {
      await statusesOf(files, prefix + path, assertUnseen);
    }
  });
}

Deno.test("StaticFileHandler serves public files by equivalent spellings", async () => {
  await using made = await guarded();
  await using files = await site({}, optionsFor(made));
  for (const prefix of Object.values(PREFIXES)) {
    for (const path of ["/a.txt", "/.well-known/b.txt"]) {
      const statuses = await statusesOf(files, prefix + path, () => {});
      assert((statuses.get(200) ?? 0) > 20, prefix + path);
    }
  }
});

Deno.test("StaticFileHandler requires the password for every spelling, also of missing files", async () => {
  await using made = await guarded();
  const options = { ...optionsFor(made), users: "ada:lovelace" };
  await using files = await site({}, options);
  for (const path of ["/app/a.txt", "/docs/.git/config", "/none", "/app"]) {
    await statusesOf(files, path, (answer, target) => {
      const status = Number(answer.slice(9, 12));
      assert([400, 401, 414].includes(status), `${target}: ${status}`);
      assert(!answer.includes("public") && !answer.includes(SECRET), target);
    });
  }
});

Deno.test("StaticFileHandler never redirects to another host, by any spelling of a folder", async () => {
  await using made = await guarded();
  await using files = await site({}, optionsFor(made));
  for (const path of ["/app/sub", "/app", "/docs/.well-known"]) {
    const check = (answer: string, target: string) => {
      const location = /\r\nLocation: ([^\r]*)/.exec(answer)?.[1];
      if (location === undefined) return;
      const url = new URL(
        location,
        "http://localhost" + (target.startsWith("/") ? target : "/"),
      );
      assertEquals(url.host, "localhost", `${target} -> ${location}`);
      assert(/^[.%\w]/.test(location), `${target} -> ${location}`);
    };
    const statuses = await statusesOf(files, path, check);
    assert((statuses.get(301) ?? 0) > 0, path);
  }
});
