// CPython's `_url_collapse_path()`: which directory and script a target names, by text
// alone, so that no other spelling of a path can pass by `cgi_directories`.

import { unquote } from "../../text/quote.ts";

/**
 * Resolves "." and ".." in a request's target and puts the name behind the last slash
 * apart: what is before it never ends with a slash, except that of the root.
 *
 * Unlike CPython's, it cuts off a fragment, as `translate_path()` does: two readings of
 * one target would let `/cgi-bin/script#/../../x` pass for a file, and show its source.
 *
 * @param target The target, encoded, perhaps with query and fragment.
 * @returns The path, decoded, with the query as it came.
 * @throws {RangeError} Where the path leads above the root.
 */
export function collapseUrlPath(target: string): string {
  const end = target.search(/[?#]/);
  const path = unquote(end < 0 ? target : target.slice(0, end));
  const query = target[end] === "?" ? target.slice(end) : "";
  const names = path.split("/");
  const last = names.pop()!;
  const head: string[] = [];
  for (const name of names) descend(head, name);
  const isName = last !== "." && last !== "..";
  if (!isName) descend(head, last);
  const tail = isName ? last : "";
  // CPython takes a query of nothing for none.
  return `/${head.join("/")}/${tail}${query === "?" ? "" : query}`;
}

function descend(names: string[], name: string): void {
  if (name === "..") {
    if (names.pop() === undefined) {
      throw new RangeError("Cannot collapse the path: it leads above the root");
    }
  } else if (name !== "" && name !== ".") {
    names.push(name);
  }
}
