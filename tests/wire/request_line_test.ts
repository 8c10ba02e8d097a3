// Request lines, good, odd and bad, over a socket. Numbers are behaviours of CPython,
// as listed in docs/parity.md.

import {
  Echo,
  error,
  errorPage,
  LAST,
  LAST_OK,
  ok,
  request,
  response,
  SMUGGLED,
  transcripts,
} from "./_transcript.ts";

transcripts([
  {
    name: "an HTTP/1.1 GET gets a response, and the connection stays open",
    send: request("GET /a?b=c") + LAST,
    expect: ok("GET /a?b=c\n") + LAST_OK,
  },
  {
    name:
      "an HTTP/1.0 GET gets a response of the server's version, and the connection closes", // 49
    send: "GET /a HTTP/1.0\r\n\r\n" + SMUGGLED,
    expect: ok("GET /a\n"),
  },
  {
    name: "lines may end with a lone LF", // 57
    send:
      "GET /a HTTP/1.1\nHost: a\n\nGET /b HTTP/1.1\nHost: a\nConnection: close\n\n",
    expect: ok("GET /a\n") + ok("GET /b\n"),
  },
  {
    name: "an unknown method is 501", // 1
    send: request("BREW /pot") + SMUGGLED,
    expect: error("501", "Unsupported method ('BREW')"),
  },
  {
    name: "methods are case-sensitive", // 77
    send: request("get /"),
    expect: error("501", "Unsupported method ('get')"),
  },
  {
    name: "a method that names something else of the handler is 501",
    send: request("toString /"),
    expect: error("501", "Unsupported method ('toString')"),
  },
  {
    name: "OPTIONS * is 501 without a handler for it", // 63
    send: request("OPTIONS *"),
    expect: error("501", "Unsupported method ('OPTIONS')"),
  },
  {
    name: "a bogus version is 400", // 3
    send: "GET / FUBAR\r\nHost: a\r\n\r\n" + SMUGGLED,
    expect: error("400", "Bad request version ('FUBAR')"),
  },
  {
    name: "a version of three numbers is 400", // 4
    send: "GET / HTTP/9.9.9\r\n\r\n",
    expect: error("400", "Bad request version ('HTTP/9.9.9')"),
  },
  {
    name: "a version of another major number is 505, with a status line", // 10, 56
    send: "GET / HTTP/9.9\r\n\r\n",
    expect: error("505", "Invalid HTTP version (9.9)"),
  },
  {
    name: "the preface of HTTP/2 is 505", // 56
    send: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    expect: error("505", "Invalid HTTP version (2.0)"),
  },
  {
    name: "a TLS handshake is 400 or closed, not waited for",
    send: "\x16\x03\x01\x00\x05hello\n",
    expect: error(
      "400",
      "Bad request syntax ('\\x16\\x03\\x01\\x00\\x05hello')",
      "A request line must not contain CR or NUL",
    ),
  },
  {
    name: "four words are 400", // 28
    send: request("GET /spaced out") + SMUGGLED,
    expect: error("400", "Bad request syntax ('GET /spaced out HTTP/1.1')"),
  },
  {
    name: "one word is 400", // 11
    send: " / \r\n\r\n",
    expect: error("400", "Bad request syntax (' / ')"),
  },
  {
    name: "a bare CR in the line is 400 (differs from CPython)",
    send: "GET /a\rb HTTP/1.1\r\nHost: a\r\n\r\n" + SMUGGLED,
    expect: error(
      "400",
      "Bad request syntax ('GET /a\\rb HTTP/1.1')",
      "A request line must not contain CR or NUL",
    ),
  },
  {
    name: "NUL in the line is 400 (differs from CPython)", // 106
    send: "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n",
    expect: error(
      "400",
      "Bad request syntax ('GET /a\\x00b HTTP/1.1')",
      "A request line must not contain CR or NUL",
    ),
  },
  {
    name: "words may be separated by several spaces and tabs", // 55
    send: " GET\t/a \t HTTP/1.0 \r\n\r\n",
    expect: ok("GET /a\n"),
  },
  {
    name: "other white space in the line is 400 (differs from CPython)", // 55
    send: "GET\x0b/a\x0cHTTP/1.0\r\n\r\n",
    expect: error(
      "400",
      "Bad request syntax ('GET\\x0b/a\\x0cHTTP/1.0')",
      "A request line must not contain control characters",
    ),
  },
  {
    name: "a line without a target is 400 with a head (differs from CPython)",
    send: "GET HTTP/1.1\r\n\r\n" + SMUGGLED,
    expect: error(
      "400",
      "Bad request syntax ('GET HTTP/1.1')",
      "The request line has no target",
    ),
  },
  {
    name:
      "a line with an empty version is 400 with a head (differs from CPython)",
    send: "GET / \r\n\r\n" + SMUGGLED,
    expect: error(
      "400",
      "Bad request syntax ('GET / ')",
      "The request line has no version",
    ),
  },
  {
    name:
      "the asterisk form of HEAD is 400 without a body (differs from CPython)",
    send: request("HEAD *") + SMUGGLED,
    expect: response("400 Bad request syntax ('HEAD * HTTP/1.1')", [
      "Connection: close",
      "Content-Type: text/html;charset=utf-8",
      `Content-Length: ${
        errorPage(
          "400",
          "Bad request syntax ('HEAD * HTTP/1.1')",
          'Only OPTIONS may have the target "*"',
        ).length
      }`,
    ]),
  },
  {
    name: "several slashes at the start of the target become one", // 64
    send: request("GET ///evil.com//a") + LAST,
    expect: ok("GET /evil.com//a\n") + LAST_OK,
  },
  {
    name: "HTML in the method is escaped in the error page", // 36
    send: request("<script>alert(1)</script> /"),
    expect: error("501", "Unsupported method ('<script>alert(1)</script>')"),
  },
  {
    name: "a method of 60 KiB is shown shortened (differs from CPython)",
    send: request("M".repeat(60_000) + " /"),
    expect: error("501", `Unsupported method ('${"M".repeat(100)}...')`),
  },
  {
    name: "a line of 65536 bytes is accepted", // 52
    send: `GET /${"x".repeat(65_536 - 16)} HTTP/1.0\r\n\r\n`,
    expect: ok(`GET /${"x".repeat(65_536 - 16)}\n`),
  },
  {
    name: "a line of 65537 bytes is 414, and nothing after it is read", // 33, 52
    send: `GET /${"x".repeat(65_537 - 16)} HTTP/1.0\r\n\r\n` + SMUGGLED,
    expect: error("414", "URI Too Long"),
  },
  {
    name: "an endless line is 414",
    send: "x".repeat(300_000),
    expect: error("414", "URI Too Long"),
  },
  {
    name: "an empty first line is skipped", // RFC 9112 §2.2
    send: "\r\n" + LAST,
    expect: LAST_OK,
  },
  {
    name: "an empty line between requests is ignored", // RFC 9112 §2.2
    send: request("POST /a", ["Content-Length: 1"], "x") + "\r\n" + LAST,
    expect: ok("POST /a [x]\n") + LAST_OK,
  },
  {
    name: "four empty lines between requests are skipped",
    send: request("GET /a") + "\r\n\r\n\n\n" + LAST,
    expect: ok("GET /a\n") + LAST_OK,
  },
  {
    name: "five empty lines between requests are 400",
    send: request("GET /a") + "\r\n".repeat(5) + SMUGGLED,
    expect: ok("GET /a\n") + error(
      "400",
      "Bad request syntax ('')",
      "More than 4 empty lines before a request",
    ),
  },
]);

class Old extends Echo {
  override do_GET() {
    this.wfile.write(`OK: here is ${this.path}\r\n`);
  }
}

transcripts([
  {
    name: "HTTP/0.9 gets only the body, and the connection closes", // 23, 25
    send: "GET /foo.html\r\nGET /bar.html\r\n",
    expect: "OK: here is /foo.html\r\n",
    Handler: Old,
  },
  {
    name: "three words with HTTP/0.9 get only the body", // 26
    send: "GET /foo.html HTTP/0.9\r\n\r\n" + SMUGGLED,
    expect: "OK: here is /foo.html\r\n",
    Handler: Old,
  },
  {
    name: "HTTP/0.9 gets no head, even if the handler sends one", // 23
    send: "GET /a\r\n",
    expect: "GET /a\n",
  },
  {
    name: "POST in the form of HTTP/0.9 is 400 without a head", // 24
    send: "POST /index.html\r\n",
    expect: errorPage("400", "Bad HTTP/0.9 request type ('POST')"),
  },
  {
    name: "default_request_version adds a head to such a response", // 8
    send: "BREW /\r\n",
    expect: error("400", "Bad HTTP/0.9 request type ('BREW')"),
    Handler: class extends Echo {
      override default_request_version = "HTTP/1.1";
    },
  },
]);

transcripts([
  {
    name: "an HTTP/1.0 handler responds with its version, and closes", // 49
    send: request("GET /a", ["Connection: keep-alive"]) + SMUGGLED,
    expect: ok("GET /a\n").replace("HTTP/1.1", "HTTP/1.0"),
    Handler: class extends Echo {
      override protocol_version = "HTTP/1.0";
    },
  },
  {
    name: "send_response() sends an empty reason for an unknown code", // 17
    send: request("GET /a"),
    expect: response("999 ", ["Content-Length: 0", "Connection: close"]),
    Handler: class extends Echo {
      override do_GET() {
        this.send_response(999);
        this.send_header("Content-Length", 0);
        this.send_header("Connection", "close");
        this.end_headers();
      }
    },
  },
]);
