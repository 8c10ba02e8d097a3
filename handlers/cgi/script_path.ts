// Which part of a CGI target is the directory, the script, what stands behind it, and
// the query.

/** A CGI target's path, taken apart. */
export interface ScriptPath {
  /** The script's path in URLs, decoded; it ends with a slash where no script is named. */
  readonly scriptName: string;
  /** What stands behind the script's name, with its slash; empty where nothing does. */
  readonly pathInfo: string;
}

/**
 * Takes a CGI path apart. Folders below a CGI directory are walked through, as long as
 * they are there.
 *
 * @param directory The CGI directory, such as "/cgi-bin".
 * @param path What stands behind it, decoded, without the slash between and the query.
 * @param isDirectory Tells of a path in URLs, decoded, whether it leads to a directory.
 * @returns The parts.
 */
export function splitScriptPath(
  directory: string,
  path: string,
  isDirectory: (path: string) => boolean,
): ScriptPath {
  let folder = directory;
  let start = 0;
  for (;;) {
    const slash = path.indexOf("/", start);
    const name = slash < 0 ? path.slice(start) : path.slice(start, slash);
    const scriptName = `${folder}/${name}`;
    if (slash < 0) return { scriptName, pathInfo: "" };
    if (!isDirectory(scriptName)) {
      return { scriptName, pathInfo: path.slice(slash) };
    }
    folder = scriptName;
    start = slash + 1;
  }
}

/**
 * Cuts the query off the second part of `cgi_info`. Where it begins can only be told from
 * the target, as a decoded name may hold a question mark of its own.
 *
 * @param rest The second part of `cgi_info`.
 * @param target The request's target.
 * @returns The path, and the query without its "?".
 */
export function splitQuery(
  rest: string,
  target: string,
): [path: string, query: string] {
  const mark = target.search(/[?#]/);
  const query = target[mark] === "?" ? target.slice(mark + 1) : "";
  return query !== "" && rest.endsWith("?" + query)
    ? [rest.slice(0, rest.length - query.length - 1), query]
    : [rest, query];
}
