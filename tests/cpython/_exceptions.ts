// The intended differences from CPython, as docs/differences.md describes them. Each entry
// is checked: the differential test fails if a request that it names gets CPython's
// response, or one that the entry does not describe.
// deno-lint-ignore-file no-control-regex

/** An intended difference from CPython. */
export interface Exception {
  /** Why. */
  readonly reason: string;
  /** The requests, in latin-1 text. */
  readonly requests: RegExp;
  /** This project's behaviour: the status codes and the state of the connection. */
  readonly ours: string;
  /** Only if the handlers speak this version. */
  readonly protocol?: "HTTP/1.0" | "HTTP/1.1";
  /**
   * Only before this minor version of Python 3, which responds as this project does. A
   * patch of an earlier version may have the fix too, so the difference is not required.
   */
  readonly before?: number;
}

const AUTHORITY = "scheme and host of an absolute target";
const BACKSLASH = "a redirect with a backslash";
const CONTROL = "control characters in a request line";
const FRAMING = "a repeated or malformed length, or one with a coding";
const NO_HEAD = "an error in a request line with a version, or without one";
const UNREAD = "a request body that no handler reads";

const OLD_SLASH = 'Python did not treat "%2f" at the end of a path as a slash';

/** The first entry that matches counts. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    // Without a method, neither server knows that the request is HEAD.
    reason: CONTROL,
    requests: /^HEAD \/\S*[\0\x01\x7f]/,
    ours: "400 headless closed",
  },
  {
    reason: CONTROL,
    requests: /^(?:[^\n]*[\0-\x08\x0b\x0c\x0e-\x1f\x7f]|[^\n]*\r[^\n])/,
    ours: "400 closed",
  },
  {
    reason: "NEL or NBSP between the words of a request line",
    requests: /^GET \/a\.txt\x85HTTP/,
    ours: "400 closed",
  },
  {
    reason: "a request line of white space",
    requests: /^[ \t]+\r\n/,
    ours: "400 closed",
  },
  {
    reason: "the asterisk form of a method other than OPTIONS",
    requests: /^(?:GET|HEAD) \* HTTP\/1/,
    ours: "400 closed",
  },
  {
    reason: "a request line without a target",
    requests: /^GET HTTP\/1\.1\r/,
    ours: "400 closed",
  },
  {
    reason: "a version of more than one digit and one",
    requests: /^[^\n]* HTTP\/(?:0\d+\.\d+|[01]\.\d{2,})\r/,
    ours: "400 closed",
  },
  {
    reason: "NUL in a path",
    requests: /^\S+ \/(?:%00|a%00\.txt|a\.txt%00|dir\/%00) /,
    ours: "404 closed",
  },
  {
    reason: "half of a surrogate pair in a path",
    requests: /^\S+ \/%ed%a0%80 /,
    ours: "404 closed",
  },
  {
    reason: BACKSLASH,
    requests: /^\S+ \/?\\\\?evil\.com\S* HTTP\/1\.1/,
    protocol: "HTTP/1.1",
    ours: "301 open",
  },
  {
    reason: BACKSLASH,
    requests: /^\S+ \/?\\\\?evil\.com\S* /,
    ours: "301 closed",
  },
  {
    reason: NO_HEAD,
    requests: /^ ?\S+ ?\r\n[^\r]/,
    ours: "400 closed",
  },
  {
    reason: NO_HEAD,
    requests: /^\S+ \S+ HTTP\/[2-9]\.\d\r\n/,
    ours: "505 closed",
  },
  {
    reason: NO_HEAD,
    requests: /^(?:\S+ ){2,}(?!HTTP\/\d{1,10}\.\d{1,10}\s)\S+\r\n/,
    ours: "400 closed",
  },
  {
    reason: NO_HEAD,
    requests: /\r\n\r\nFUBAR\r\n/,
    protocol: "HTTP/1.1",
    ours: "200 400 closed",
  },
  {
    reason: NO_HEAD,
    requests: /\r\n\r\nGET \/ HTTP\/2\.0\r\n/,
    protocol: "HTTP/1.1",
    ours: "200 505 closed",
  },
  {
    reason: "the client's text in an error page",
    requests: /^M{101,} /,
    ours: "501 closed",
  },
  {
    reason: "a malformed header line",
    requests:
      /^[^\n]* HTTP\/1\.[01]\r?\n(?:[^\r\n][^\n]*\n)*?(?![!#$%&'*+.^_`|~\w-]+:[^\0-\x08\n-\x1f\x7f]*(?:\r?\n|$)|\r?\n|$)/,
    ours: "400 closed",
  },
  {
    reason: "two Hosts, or a malformed one",
    requests: /\r\nHost: (?:a b|a\/b|"a"|a\r\nHost: [ab])\r\n/,
    ours: "400 closed",
  },
  {
    reason: AUTHORITY,
    requests: /^\S+ https?:\/\/(?:h\/a\.txt|h)? HTTP\/1\.1\r/,
    protocol: "HTTP/1.1",
    ours: "200 open",
  },
  {
    reason: AUTHORITY,
    requests: /^\S+ https?:\/\/(?:h\/a\.txt|h)? /,
    ours: "200 closed",
  },
  {
    reason: AUTHORITY,
    requests: /^\S+ https?:\/\/h\/(?:\.\.%2fdir|dir|\/dir\/\.\.) HTTP\/1\.1\r/i,
    protocol: "HTTP/1.1",
    ours: "301 open",
  },
  {
    reason: AUTHORITY,
    requests: /^\S+ https?:\/\/h\/(?:\.\.%2fdir|dir|\/dir\/\.\.) /i,
    ours: "301 closed",
  },
  {
    reason: FRAMING,
    requests:
      /\r\nContent-Length: ?(?:-1|x|1_0|\+5|0x5|5, 5|5\r\nContent-Length: [56]|)\r\n/,
    ours: "400 closed",
  },
  {
    reason: FRAMING,
    requests: / HTTP\/1\.0\r\n[^]*Transfer-Encoding:/,
    ours: "400 closed",
  },
  {
    reason: FRAMING,
    requests:
      /\r\nTransfer-Encoding: chunked(?:, gzip|\r\nContent-Length: 5)\r\n/,
    ours: "400 closed",
  },
  {
    reason: "an unknown transfer coding",
    requests: /\r\nTransfer-Encoding: (?:gzip|identity)\r\n/,
    ours: "501 closed",
  },
  {
    reason: UNREAD,
    requests: /^GET [^\n]* HTTP\/1\.1\r\n[^]*\r\nContent-Length: 9{20}\r\n/,
    protocol: "HTTP/1.1",
    ours: "200 closed",
  },
  {
    reason: UNREAD,
    requests: /^GET[^]*\r\nTransfer-Encoding: chunked\r\n\r\nzz/,
    protocol: "HTTP/1.1",
    ours: "200 closed",
  },
  {
    reason: UNREAD,
    requests:
      /^GET [^\n]* HTTP\/1\.1\r\n[^]*\r\n(?:Content-Length: (?:5|35)|Transfer-Encoding: [Cc]hunked)\r\n\r\n/,
    protocol: "HTTP/1.1",
    ours: "200 open",
  },
  {
    reason: "an HTTP/1.0 client that asks to keep the connection",
    requests: / HTTP\/1\.0\r\n[^]*Connection: keep-alive\r\n\r\nGET/,
    protocol: "HTTP/1.1",
    ours: "200 200 closed",
  },
  {
    reason: "an HTTP/1.0 client that asks to keep the connection",
    requests: / HTTP\/1\.0\r\n[^]*\nConnection: [Kk]eep-[Aa]live\r\n/,
    protocol: "HTTP/1.1",
    ours: "200 open",
  },
  {
    reason: "Connection is a list",
    requests:
      / HTTP\/1\.1\r\n[^]*Connection: (?:keep-alive, close|close, x|x\r\nConnection: close)\r\n/,
    protocol: "HTTP/1.1",
    ours: "200 closed",
  },
  {
    reason: "empty lines before the first request",
    requests: /^(?:\r\n)+GET/,
    ours: "200 closed",
  },
  {
    reason: "an empty line before a request on a kept connection",
    requests: /\r\n\r\n\r\nGET/,
    protocol: "HTTP/1.1",
    ours: "200 200 open",
  },
  {
    reason: "an empty line before a request on a kept connection",
    requests: / HTTP\/1\.1\r\n[^]*\nX: y\n\r\n\r\n$/,
    protocol: "HTTP/1.1",
    ours: "200 open",
  },
  {
    reason: OLD_SLASH,
    requests: /^\S+ \/a\.txt%2[fF] /,
    ours: "404 closed",
    before: 14,
  },
  {
    reason: OLD_SLASH,
    requests: /^\S+ \/dir%2[fF] HTTP\/1\.1\r/,
    protocol: "HTTP/1.1",
    ours: "200 open",
    before: 14,
  },
  {
    reason: OLD_SLASH,
    requests: /^\S+ \/dir%2[fF] /,
    ours: "200 closed",
    before: 14,
  },
  {
    reason: "Python showed the query in the title of a listing",
    requests: /^GET \S*\/[?#]\S* HTTP\/1\.1\r/,
    protocol: "HTTP/1.1",
    ours: "200 open",
    before: 14,
  },
  {
    reason: "Python showed the query in the title of a listing",
    requests: /^GET \S*\/[?#]\S* /,
    ours: "200 closed",
    before: 14,
  },
  {
    reason: "Python called it Request-URI Too Long",
    requests: /^GET \/a{65532}/,
    ours: "414 closed",
    before: 13,
  },
];

/** The exception for a request; `undefined` if both responses must be equal. */
export function exceptionFor(
  request: string,
  protocol: string,
  minor: number,
): Exception | undefined {
  return EXCEPTIONS.find((exception) =>
    exception.requests.test(request) &&
    (exception.protocol ?? protocol) === protocol &&
    minor < (exception.before ?? Infinity)
  );
}
