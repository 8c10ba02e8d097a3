// The environment of a script, made of plain data: the meta-variables of RFC 3875
// section 4.1, and of the server's own environment only what is on a list.

import type { HTTPMessage } from "../../parser/headers.ts";

/**
 * The variables of the server that a script gets by default: those by which programs
 * are found and know their language and time zone. CPython passes all, secrets too.
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

/** What the meta-variables are made of. */
export interface ScriptRequest {
  /** The request's method. */
  readonly command: string;
  /** The request's header fields. */
  readonly headers: HTTPMessage;
  /** Whether the script is given the request's body. */
  readonly hasBody: boolean;
  /** The server's `version_string()`. */
  readonly software: string;
  /** The version that the server speaks, such as "HTTP/1.1". */
  readonly protocol: string;
  /** The server's name. */
  readonly serverName: string;
  /** The server's port. */
  readonly serverPort: number;
  /** Whether the connection is a TLS one. */
  readonly secure: boolean;
  /** The client's address. */
  readonly clientHost: string;
  /** The script's path in URLs, decoded. */
  readonly scriptName: string;
  /** What stands behind the script's name, decoded, with its slash. */
  readonly pathInfo: string;
  /** Where `pathInfo` would be among the served files. */
  readonly pathTranslated: string;
  /** The query as it came, without its "?". */
  readonly query: string;
}

/**
 * Fields that get no HTTP_* variable: these two have variables of their own, the coding
 * of the message is undone already (RFC 3875 4.1.18), and HTTP_PROXY is what many
 * programs take their own proxy from.
 */
const WITHOUT_VARIABLE: ReadonlySet<string> = new Set([
  "content-length",
  "content-type",
  "transfer-encoding",
  "proxy",
]);

/** "X_User" and "X-User" would be one variable, and only one of them may be trusted by a proxy. */
const CONVERTIBLE = /^[A-Za-z0-9-]+$/;

/**
 * Makes the meta-variables of a request.
 *
 * @param request The request and its script.
 * @returns Names and values.
 */
export function metaVariables(
  request: ScriptRequest,
): Record<string, string> {
  const { headers } = request;
  return {
    // As CPython has it, scripts find these even where the request has no such field.
    HTTP_ACCEPT: "",
    HTTP_USER_AGENT: "",
    HTTP_COOKIE: "",
    HTTP_REFERER: "",
    ...headerVariables(headers),
    ...credentialVariables(headers.get("Authorization")),
    ...(request.secure && { HTTPS: "on" }),
    CONTENT_LENGTH: request.hasBody ? contentLength(headers) : "",
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
 * The arguments that a script is given: the words of a query that is a search string
 * (RFC 3875 4.4), and of no other.
 *
 * @param command The request's method.
 * @param query The query as it came.
 * @returns The words, decoded.
 */
export function searchWords(command: string, query: string): string[] {
  const searches = command === "GET" || command === "HEAD";
  if (!searches || query === "" || query.includes("=")) return [];
  try {
    const words = query.split("+").map(decodeURIComponent);
    // An argument ends at a NUL.
    return words.some((word) => word.includes("\0")) ? [] : words;
  } catch (error) {
    // RFC 3875 4.4: where a word can't be passed, none is.
    if (error instanceof URIError) return [];
    throw error;
  }
}

/** RFC 9110 8.6: "5, 5" was taken for 5 when the request was parsed; a script needs a number. */
function contentLength(headers: HTTPMessage): string {
  return headers.get("Content-Length", "").split(",", 1)[0]!.trim();
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

/** RFC 3875 4.1.18: lines are joined so that the value means the same. */
function separatorOf(name: string): string {
  if (name === "cookie") return "; ";
  return name === "accept" ? "," : ", ";
}

/** Who the client says it is. Nobody has checked the password: that is for the script, or a subclass. */
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

/** The user-id of Basic credentials (RFC 7617 2), `undefined` where they are malformed. */
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
