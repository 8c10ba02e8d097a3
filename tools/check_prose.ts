// Finds wording that slows readers down, in comments, messages, test names and Markdown.
// Run by `deno task lint`; takes the files and folders to check, by default all.

// deno-lint-ignore-file no-console

/** One wording to avoid. */
interface Rule {
  /** Matched against prose. A space matches any white space, line breaks included. */
  readonly pattern: RegExp;
  /** What to write instead. */
  readonly advice: string;
  /** Skips files in which this identifier occurs. */
  readonly unlessNamed?: RegExp;
}

const RULES: readonly Rule[] = [
  {
    pattern: /\banswer(?:s|ed|ing)?\b/,
    advice: 'say "response" or "respond"',
    unlessNamed: /\bAnswer\b/,
  },
  { pattern: /\bwhat is\b(?! wrong)/, advice: "name the thing" },
  { pattern: /\bwhoever\b/i, advice: "name the client, caller or handler" },
  {
    pattern: /(?<!\bthere )\b(?:is|are|was|were) none\b/i,
    advice: 'say "must be one of" or "there is no"',
  },
  {
    pattern: /\b(?:tell|tells|telling|told) (?:of|about)\b|\btold\b/i,
    advice: 'say "reports", "describes" or "says"',
  },
  {
    pattern:
      /(?<!\b(?:leaves?|leaving|left) (?:\S+ ){0,3})\bbehind\b(?!\.md| (?:\S+ ){0,4}(?:proxy|proxies|balancer|nginx|Caddy|CDN|NAT|router)\b)/i,
    advice: 'say "after"',
  },
  { pattern: /\b(?:stands?|stood)\b(?!-)/i, advice: 'say "is" or "means"' },
  {
    pattern: /\bso that\b[^.;:]{0,60} may\b/i,
    advice: 'say "so that ... can", or use two sentences',
  },
  {
    pattern: /\bof (?:its|their|his) own\b/i,
    advice: 'say "its own ...", "separate" or "custom"',
  },
  {
    pattern:
      /`[^`]*`,? where (?:it|this|that|there|they|the|a|an|no|nothing) /i,
    advice: 'say "if" or "when"',
  },
  {
    pattern:
      /\bwhere (?:nobody|nothing|none|no|it is|there is|there are|that is|this is|one is)\b/i,
    advice: 'say "if" or "when"',
  },
  {
    pattern: /\bon (?:the|its|their) way\b/i,
    advice: 'say "on the fly", "in transit" or "pending"',
  },
  {
    pattern:
      /\b(?:lead|leads|leading|led) (?:to|into|out|outside|elsewhere|nowhere|back|away|there|anywhere)\b/i,
    advice: 'say "redirects to", "resolves to" or "causes"',
  },
  {
    pattern:
      /\b(?:it|which|that|this|}) is no (?!longer|more|less|better|need|use|reason|way|limit)/i,
    advice: 'say "is not a" or "must be a"',
  },
  { pattern: /\bbut for\b/i, advice: 'say "except" or "unless"' },
  {
    pattern: /\bRFC \d+,? (?:[Ss]ections? )?\d/,
    advice: "cite sections as RFC 9110 §13.2.2",
  },
  {
    pattern: /\bfrom birth\b|\bdeserves?\b/i,
    advice: "say what it does",
  },
].map((rule) => ({
  ...rule,
  pattern: new RegExp(
    rule.pattern.source.replaceAll(" ", "\\s+"),
    `${rule.pattern.flags}g`,
  ),
}));

/** Replaces each character of code, so that offsets stay the same and no phrase matches across code. */
const GAP = "\0";

/** A place to reword. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly phrase: string;
  readonly advice: string;
}

/**
 * Finds the phrases to avoid in one file.
 *
 * @param path The file's path; `.md` is Markdown, anything else TypeScript.
 * @param text The file's text.
 * @returns The phrases in the order of the file.
 */
export function findPhrases(path: string, text: string): Finding[] {
  const prose = path.endsWith(".md") ? proseOfMarkdown(text) : proseOf(text);
  return RULES.filter(({ unlessNamed }) => !unlessNamed?.test(text))
    .flatMap(({ pattern, advice }) =>
      [...prose.matchAll(pattern)].map((match) => ({ match, advice }))
    )
    .sort((a, b) => a.match.index - b.match.index)
    .map(({ match, advice }) => ({
      path,
      line: text.slice(0, match.index).split("\n").length,
      phrase: text.slice(match.index, match.index + match[0].length)
        .replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, " "),
      advice,
    }));
}

function gap(text: string): string {
  return text.replace(/\S/g, GAP);
}

/** Leaves out code blocks, but not the comments in TypeScript ones. Code spans become empty ones of the same length. */
function proseOfMarkdown(text: string): string {
  return text
    .replace(
      /^([ \t]*)(`{3,})(\w*)[^\n]*\n([\s\S]*?)^[ \t]*\2[ \t]*$/gm,
      (block, _indent, _fence, language, code) => {
        if (language !== "ts") return gap(block);
        const at = block.indexOf(code);
        return gap(block.slice(0, at)) + proseOf(code) +
          gap(block.slice(at + code.length));
      },
    )
    .replace(
      /(`+)[^`]+?\1/g,
      (span, ticks) =>
        ticks + gap(span.slice(ticks.length, -ticks.length)) + ticks,
    )
    .replace(/\]\([^)\s]*\)/g, gap);
}

function proseOfComment(comment: string): string {
  return proseOfMarkdown(
    comment.replace(
      /^\/\*\*?|\*\/$|^[ \t]*(?:\*(?!\/)|\/\/)/gm,
      (mark) => " ".repeat(mark.length),
    ),
  );
}

/** Tokens that may hold prose, or quotes that are not strings. */
const TOKEN =
  /(?<comment>\/\*[\s\S]*?\*\/|\/\/[^\n]*(?:\n[ \t]*\/\/[^\n]*)*)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<regex>(?<=(?:^|[=(,:;!&|?{}[\n>]|\breturn)\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/)|(?<template>`)/g;

/** Leaves of TypeScript code the comments and the strings of several words. */
function proseOf(code: string): string {
  let prose = "";
  let at = 0;
  for (;;) {
    const pattern = new RegExp(TOKEN);
    pattern.lastIndex = at;
    const match = pattern.exec(code);
    if (match === null) return prose + gap(code.slice(at));
    prose += gap(code.slice(at, match.index));
    const [token] = match;
    const end = match.index + token.length;
    const { comment, string, template } = match.groups!;
    if (template !== undefined) {
      const close = endOf("`", code, end);
      prose += proseOfTemplate(code.slice(match.index, close));
      at = close;
      continue;
    }
    if (comment !== undefined) prose += proseOfComment(comment);
    else if (string?.includes(" ")) prose += GAP + string.slice(1, -1) + GAP;
    else prose += gap(token);
    at = end;
  }
}

/** The index after the template literal or hole that began before `from`. */
function endOf(close: "`" | "}", code: string, from: number): number {
  for (let at = from; at < code.length; at++) {
    const char = code[at];
    if (char === close) return at + 1;
    if (char === "\\") at++;
    else if (close === "}" && char === "{") at = endOf("}", code, at + 1) - 1;
    else if (close === "}" && char === "`") at = endOf("`", code, at + 1) - 1;
    else if (close === "`" && code.startsWith("${", at)) {
      at = endOf("}", code, at + 2) - 1;
    }
  }
  return code.length;
}

/** Keeps the text of a template literal, and the prose in its holes. */
function proseOfTemplate(template: string): string {
  let prose = GAP;
  let at = 1;
  for (;;) {
    const hole = template.indexOf("${", at);
    if (hole < 0) return prose + template.slice(at, -1) + GAP;
    const end = endOf("}", template, hole + 2);
    prose += template.slice(at, hole + 2) +
      proseOf(template.slice(hole + 2, end - 1)) + "}";
    at = end;
  }
}

/** Lists the source and Markdown files at or below a path. */
async function* listFiles(path: string): AsyncGenerator<string> {
  if (/\.(?:ts|md)$/.test(path)) return yield path;
  if (!(await Deno.stat(path)).isDirectory) return;
  for await (const { name } of Deno.readDir(path)) {
    if (name.startsWith(".") || name === "node_modules") continue;
    yield* listFiles(path === "." ? name : `${path}/${name}`);
  }
}

if (import.meta.main) {
  let files = 0;
  const findings: Finding[] = [];
  for (const root of Deno.args.length > 0 ? Deno.args : ["."]) {
    for await (const path of listFiles(root)) {
      files++;
      findings.push(...findPhrases(path, await Deno.readTextFile(path)));
    }
  }
  for (const { path, line, phrase, advice } of findings) {
    console.error(`${path}:${line}: "${phrase}": ${advice}`);
  }
  console.log(`${files} files, ${findings.length} phrases to reword`);
  if (findings.length > 0) Deno.exit(1);
}
