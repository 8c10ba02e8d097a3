// The environment of a script: the meta-variables of RFC 3875 §4.1, and the list of variables that
// are passed from the server's environment. Pure.

import type { HTTPMessage } from "../../parser/headers.ts";

/**
 * The environment variables of the server that scripts get by default, such as search paths, the
 * locale and the time zone. CPython passes all variables, including secrets.
 */
export const PASSED_VARIABLES: readonly string[] = Object.freeze([
  "PATH",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "TZ",
  "TMPDIR",
  "TEMP",
  "TMP",
  "LD_LIBRARY_PATH",
  "DYLD_LIBRARY_PATH",
  "SYSTEMROOT",
  "COMSPEC",
  "PATHEXT",
  "WINDIR",
]);

/** The request data for the meta-variables. */
export interface ScriptRequest {
  /** The request method. */
  readonly command: string;
  /** The request's header fields. */
  readonly headers: HTTPMessage;
  /** Whether the script gets the request body. */
  readonly hasBody: boolean;
  /** The server's `version_string()`. */
  readonly software: string;
  /** The handler's `protocol_version`, such as "HTTP/1.1". */
  readonly protocol: string;
  /** The server's name. */
  readonly serverName: string;
  /** The server's port. */
  readonly serverPort: number;
  /** Whether the connection uses TLS. */
  readonly secure: boolean;
  /** The client's address. */
  readonly clientHost: string;
  /** The script's decoded URL path. */
  readonly scriptName: string;
  /** The decoded path after the script's name, with its leading slash. */
  readonly pathInfo: string;
  /** The file path for `pathInfo`. */
  readonly pathTranslated: string;
  /** The undecoded query, without its "?". */
  readonly query: string;
}

/**
 * Fields without an HTTP_* variable: the first two have their own variables, the transfer coding is
 * already decoded (RFC 3875 §4.1.18), and many programs read their proxy setting from HTTP_PROXY.
 */
const WITHOUT_VARIABLE: ReadonlySet<string> = new Set([
  "content-length",
  "content-type",
  "transfer-encoding",
  "proxy",
]);

/** Names with a variable. X_User would get the same one as X-User, but bypass a proxy that filters X-User. */
const CONVERTIBLE = /^[A-Za-z0-9-]+$/;

/**
 * Returns the meta-variables of a request.
 *
 * @param request The request and its script.
 * @returns The variables by name.
 */
export function metaVariables(
  request: ScriptRequest,
): Record<string, string> {
  const { headers } = request;
  return {
    // As in CPython, these are set even if the request has no such field.
    HTTP_ACCEPT: "",
    HTTP_USER_AGENT: "",
    HTTP_COOKIE: "",
    HTTP_REFERER: "",
    ...headerVariables(headers),
    ...credentialVariables(headers.get("Authorization")),
    ...(request.secure && { HTTPS: "on" }),
    CONTENT_LENGTH: request.hasBody ? headers.get("Content-Length", "") : "",
    CONTENT_TYPE: headers.get("Content-Type") ?? headers.get_content_type(),
    GATEWAY_INTERFACE: "CGI/1.1",
    PATH_INFO: request.pathInfo,
    PATH_TRANSLATED: request.pathTranslated,
    QUERY_STRING: request.query,
    REMOTE_ADDR: request.clientHost,
    REMOTE_HOST: "",
    REQUEST_METHOD: request.command,
    SCRIPT_NAME: request.scriptName,
    SERVER_NAME: request.serverName,
    SERVER_PORT: String(request.serverPort),
    SERVER_PROTOCOL: request.protocol,
    SERVER_SOFTWARE: request.software,
  };
}

/**
 * Returns a script's arguments: the words of a search-string query, which has no "="
 * (RFC 3875 §4.4).
 *
 * @param command The request method.
 * @param query The undecoded query.
 * @returns The decoded words; empty for any other query or method.
 */
export function searchWords(command: string, query: string): string[] {
  const searches = command === "GET" || command === "HEAD";
  if (!searches || query === "" || query.includes("=")) return [];
  try {
    const words = query.split("+").map(decodeURIComponent);
    // An argument can't contain NUL.
    return words.some((word) => word.includes("\0")) ? [] : words;
  } catch (error) {
    // If one word can't be decoded, no arguments are passed (RFC 3875 §4.4).
    if (error instanceof URIError) return [];
    throw error;
  }
}

function headerVariables(headers: HTTPMessage): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of new Set(headers.keys().map((key) => key.toLowerCase()))) {
    if (WITHOUT_VARIABLE.has(name) || !CONVERTIBLE.test(name)) continue;
    const variable = `HTTP_${name.toUpperCase().replaceAll("-", "_")}`;
    variables[variable] = headers.get_all(name, []).join(separatorOf(name));
  }
  return variables;
}

/** The separator that joins repeated fields without changing their meaning (RFC 3875 §4.1.18). */
function separatorOf(name: string): string {
  if (name === "cookie") return "; ";
  return name === "accept" ? "," : ", ";
}

/** The user that the client claims to be. The password is not checked: a script or subclass must do that. */
function credentialVariables(
  authorization: string | null,
): Record<string, string> {
  const words = authorization?.split(/[ \t]+/) ?? [];
  const [scheme, credentials] = words;
  if (scheme === undefined || credentials === undefined || words.length > 2) {
    return {};
  }
  const user = scheme.toLowerCase() === "basic"
    ? basicUser(credentials)
    : undefined;
  return {
    AUTH_TYPE: scheme,
    ...(user !== undefined && { REMOTE_USER: user }),
  };
}

/** The user-id of Basic credentials (RFC 7617 §2); `undefined` if they are malformed. */
function basicUser(credentials: string): string | undefined {
  let pair: string;
  try {
    const bytes = Uint8Array.from(atob(credentials), (c) => c.charCodeAt(0));
    pair = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    // Not base64, or not UTF-8.
    if (error instanceof DOMException || error instanceof TypeError) {
      return undefined;
    }
    throw error;
  }
  const colon = pair.indexOf(":");
  // deno-lint-ignore no-control-regex
  return colon < 0 || /[\x00-\x1f\x7f]/.test(pair)
    ? undefined
    : pair.slice(0, colon);
}
