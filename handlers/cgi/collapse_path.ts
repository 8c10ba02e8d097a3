// CPython's `_url_collapse_path()`: normalizes a target, so that no other spelling of a path can
// bypass `cgi_directories`.

import { unquote } from "../../text/quote.ts";

/**
 * Resolves "." and ".." in a request target and removes repeated slashes. The last slash separates
 * the directory from the file name, so the result is "//NAME" for a file in the root.
 *
 * Unlike CPython's, it drops the fragment, as `translate_path()` does. Otherwise
 * `/cgi-bin/script#/../../x` would count as a file, and its source would be served.
 *
 * @param target The encoded target, optionally with a query and a fragment.
 * @returns The decoded path, with the query unchanged.
 * @throws {RangeError} If the path goes above the root.
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
  // CPython drops an empty query.
  return `/${head.join("/")}/${tail}${query === "?" ? "" : query}`;
}

function descend(names: string[], name: string): void {
  if (name === "..") {
    if (names.pop() === undefined) {
      throw new RangeError("Cannot normalize the path: it goes above the root");
    }
  } else if (name !== "" && name !== ".") {
    names.push(name);
  }
}
