// Splits a CGI target into the script's path, the path info and the query.

/** The path of a CGI target, split at the script. */
export interface ScriptPath {
  /** The script's decoded URL path; ends with a slash if there is no script name. */
  readonly scriptName: string;
  /** The rest of the path, with its leading slash, or an empty string. */
  readonly pathInfo: string;
}

/**
 * Splits a CGI path. The script is the first name that is not a directory, or the last name.
 *
 * @param directory The CGI directory, such as "/cgi-bin".
 * @param path The decoded path in that directory, without a leading slash and the query.
 * @param isDirectory Returns whether a decoded URL path is a directory.
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
 * Splits the query off the second part of `cgi_info`. This needs the target, since a decoded name
 * can contain a question mark.
 *
 * @param rest The second part of `cgi_info`.
 * @param target The request target.
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
