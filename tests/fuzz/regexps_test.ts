// Checks that regular expressions for a peer's text take linear time.

import { assert, assertEquals } from "@std/assert";
import { Secret } from "../../handlers/static/access/secret.ts";
import { findSlow, literalsOf } from "./_backtracking.ts";

/** The folders whose regular expressions see text from others. */
const FOLDERS = ["text", "parser", "connection", "handlers", "server", "cli"];

/** Patterns that may take longer, because their input is short or written by the operator. */
const EXCEPTED: ReadonlyMap<string, string> = new Map([
  [
    "text/template.ts /([-+ 0#]*)(\\*|\\d+)?(?:\\.(\\*|\\d*))?[hlL]?([a-zA-Z])/y",
    "a template is the program's own text",
  ],
  [
    "text/float_digits.ts /(?<=.)0+$/",
    "a template, which is the program's own text, says how many digits there are",
  ],
  [
    "text/float_digits.ts /\\.?0+$/",
    "a template, which is the program's own text, says how many digits there are",
  ],
  [
    "handlers/static/representation/content_type.ts /(?<!^\\.*)\\./g",
    "it sees the names of existing files, which file systems keep short",
  ],
  [
    "handlers/static/listing/human_size.ts /\\B(?=(?:\\d{3})+$)/g",
    "a size has at most 16 digits",
  ],
  [
    "handlers/static/response/glob.ts /\\\\(.?)|\\[((?:![^/]|[^!/])[^\\]/]*)\\]|./gsu",
    "globs are the operator's own text",
  ],
  [
    "handlers/cgi/cgi_directory.ts /^\\/+|\\/+$/g",
    "the folders of scripts are the operator's own text",
  ],
]);

/** Files that build patterns when they are called: for one character each, from the operator's text. */
const BUILT_ON_CALL: ReadonlySet<string> = new Set([
  "handlers/static/access/secret.ts",
  "handlers/static/response/glob.ts",
]);

Deno.test("findSlow() finds patterns that backtrack too much and accepts others", () => {
  for (
    const slow of [
      /^(?:a+)+$/,
      /[ \t]+$/,
      /^(?:a|a)*$/,
      /a*b?a*$/,
      /^(.*),(.*),(.*)$/,
      /x(?=.*y)/g,
    ]
  ) {
    assert(findSlow(slow) !== undefined, String(slow));
  }
  for (
    const fast of [
      /^[ \t]*a/,
      /^(?:[a-z]+,)*$/,
      /[\r\n]/,
      /a{1,8}$/,
      /^"(?:[^"\\]|\\.)*"$/,
      /(?:^|,)x/,
    ]
  ) {
    assertEquals(findSlow(fast), undefined, String(fast));
  }
});

Deno.test("literalsOf() distinguishes expressions from divisions, strings and comments", () => {
  const code =
    'const a = b / c / d; // no /x/\nf(/y[/]\\//g, "/z/"); const q = `/t/`;\nreturn /w/.test(x) / 2;';
  assertEquals(literalsOf(code).map(String), ["/y[/]\\//g", "/w/"]);
});

Deno.test({
  name: "every pattern of the project takes linear time",
  permissions: { read: true },
  async fn() {
    const slow: string[] = [];
    let count = 0;
    for (const folder of FOLDERS) {
      for await (const path of sources(folder)) {
        const code = await Deno.readTextFile(path);
        const patterns = [
          ...literalsOf(code),
          ...await constructedBy(path, code),
        ];
        for (const pattern of patterns) {
          count++;
          const found = findSlow(pattern);
          const key = `${path} ${pattern}`;
          if (found === undefined || EXCEPTED.has(key)) continue;
          slow.push(`${key} on ${JSON.stringify(found.pump)}: ${found.steps}`);
        }
      }
    }
    assert(count > 150, `It finds only ${count} patterns`);
    assertEquals(slow, []);
  },
});

Deno.test("the pattern that masks a secret takes linear time", async () => {
  const [pattern, ...others] = await constructedIn(() => {
    new Secret("aaaaaaaaaaaaaaaa");
  });
  assertEquals(others, []);
  assertEquals(findSlow(pattern!), undefined);
});

/** The expressions that a file constructs when it is loaded. */
async function constructedBy(path: string, code: string): Promise<RegExp[]> {
  if (!code.includes("new RegExp(") || BUILT_ON_CALL.has(path)) return [];
  const made = await constructedIn(() => import(`../../${path}`));
  assert(made.length > 0, `${path} was loaded before it was watched`);
  return made;
}

/** The expressions that are constructed during a call. */
async function constructedIn(call: () => unknown): Promise<RegExp[]> {
  const original = RegExp;
  const made: RegExp[] = [];
  globalThis.RegExp = new Proxy(original, {
    construct(target, args) {
      const pattern = Reflect.construct(target, args) as RegExp;
      made.push(pattern);
      return pattern;
    },
  });
  try {
    await call();
  } finally {
    globalThis.RegExp = original;
  }
  return made;
}

async function* sources(folder: string): AsyncIterable<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* sources(path);
    else if (name.endsWith(".ts")) yield path;
  }
}
