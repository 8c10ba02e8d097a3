// Finds a name that occurs twice in a JSON object with comments. `@std/jsonc` takes the last
// of them silently. Pure.

/** A string, a comment, or one of the marks that decide where a key is. */
const TOKEN = /"(?:[^"\\]|\\.)*"|\/\/[^\n\r]*|\/\*[^]*?\*\/|[{}[\]:,]/g;

/**
 * Finds the first repeated key of the outermost object.
 *
 * @param text The text, which is well-formed.
 * @returns The key; `undefined` without repetitions.
 */
export function duplicateKey(text: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  let last: string | undefined;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token.startsWith("/")) continue;
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
    else if (token === ":" && depth === 1 && last !== undefined) {
      if (seen.has(last)) return last;
      seen.add(last);
    }
    last = token.startsWith('"') ? JSON.parse(token) : undefined;
  }
  return undefined;
}
