// The examples in doc comments and Markdown files, as modules that can run in one process.
// `deno test --doc` starts an isolate for each of them, which took most of a minute. Pure.

/** An example. */
export interface DocExample {
  /** Its file and lines, such as "README.md#10-20". */
  readonly name: string;
  /** The code of a module that runs it. */
  readonly code: string;
}

const FENCE = /^([ \t]*)```(?:ts|typescript|js|javascript)\b(.*)$/;

/** An export of a value that an example may use without importing it. */
const EXPORT =
  /^export (?:default )?(?:abstract |async )*(?:function\*?|class|const|let|enum) (\w+)/gm;

/**
 * Finds the examples of a file.
 *
 * @param path The file's path.
 * @param url The file's URL, from which its own exports are imported.
 * @param text What it holds.
 * @param resolve Gives the URL of a specifier of this package, such as "@x/httpserver/parser".
 * @returns The examples, without those that are marked `ignore`.
 */
export function docExamples(
  path: string,
  url: string,
  text: string,
  resolve: (specifier: string) => string,
): DocExample[] {
  const markdown = path.endsWith(".md");
  const names = markdown ? [] : exportsOf(text);
  return blocksOf(markdown ? text : onlyComments(text)).map((block) => {
    const used = names.filter((name) => uses(block.code, name));
    const own = used.length === 0
      ? ""
      : `import { ${used.join(", ")} } from ${JSON.stringify(url)};\n`;
    const code = block.code.replace(
      /(from |import\()"(@x\/httpserver[^"]*)"/g,
      (_, before, specifier) => before + JSON.stringify(resolve(specifier)),
    );
    return { name: `${path}#${block.first}-${block.last}`, code: own + code };
  });
}

interface Block {
  readonly first: number;
  readonly last: number;
  readonly code: string;
}

/** A file whose lines outside of doc comments are empty. */
function onlyComments(text: string): string {
  let inside = false;
  return text.split("\n").map((line) => {
    if (!inside && /^\s*\/\*\*/.test(line)) inside = !line.includes("*/");
    else if (inside && line.includes("*/")) inside = false;
    else if (inside) return line.replace(/^\s*\* ?/, "");
    return "";
  }).join("\n");
}

function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { first: number; lines: string[]; ignored: boolean } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open === undefined) {
      const fence = FENCE.exec(line);
      if (fence === null) continue;
      const ignored = /\bignore\b/.test(fence[2]!);
      open = { first: index + 1, lines: [], ignored };
    } else if (line.trim() === "```") {
      const { first, lines, ignored } = open;
      if (!ignored) {
        blocks.push({ first, last: index + 1, code: lines.join("\n") + "\n" });
      }
      open = undefined;
    } else {
      open.lines.push(line);
    }
  }
  return blocks;
}

function exportsOf(text: string): string[] {
  return [...text.matchAll(EXPORT)].map(([, name]) => name!);
}

/** Whether code uses a name that it neither imports nor declares. */
function uses(code: string, name: string): boolean {
  const imports = [...code.matchAll(/import [^;]*?from/g)].join(" ");
  const declared = new RegExp(`(?:class|function|const|let) ${name}\\b`);
  return new RegExp(`\\b${name}\\b`).test(code) && !declared.test(code) &&
    !new RegExp(`\\b${name}\\b`).test(imports);
}
