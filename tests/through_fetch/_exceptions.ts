// The tests that can't pass on `Deno.serve()`, and why: docs/deploy.md says the same to users.

/** Tests that can't pass for one reason. */
export interface Exceptions {
  /** The entry that has the tests: `handlers.ts`, `static.ts` or both. */
  readonly part: "handlers" | "static" | "both";
  readonly why: string;
  readonly tests: readonly string[];
}

/** By reason. An entry whose test passes is an error, and so is one that names no test. */
export const EXCEPTIONS: readonly Exceptions[] = [
  {
    part: "handlers",
    why: "there is no connection: only requests reach a handler",
    tests: [
      "BaseRequestHandler stores its connection, client address and server",
      "StreamRequestHandler reads lines and writes data",
      "finish() flushes wfile and closes both files",
      "finish() is called after handle(), even if it throws",
      "recv() and sendall() work like those of Python's sockets",
      "sendall() rejects if the client has disconnected",
      "setup() applies rbufsize: with 0, data after a line stays in the socket",
      "setup() applies timeout",
      "setup() applies wbufsize: with -1, data is sent at a flush or at the end",
      "setup() applies wbufsize: with 0, data is sent without a flush",
      "setup() rejects invalid buffer sizes",
    ],
  },
  {
    part: "handlers",
    why: "there are no raw streams, neither after 101 nor after CONNECT",
    tests: [
      "101 of an HTTP/1.0 handler opens a tunnel",
      "101 of an HTTP/1.1 handler opens a tunnel",
      "200 to CONNECT of an HTTP/1.0 handler opens a tunnel",
      "200 to CONNECT of an HTTP/1.1 handler opens a tunnel",
      "200 with Content-Length to CONNECT of an HTTP/1.0 handler opens a tunnel",
      "200 with Content-Length to CONNECT of an HTTP/1.1 handler opens a tunnel",
      "200 with Transfer-Encoding to CONNECT of an HTTP/1.0 handler opens a tunnel",
      "200 with Transfer-Encoding to CONNECT of an HTTP/1.1 handler opens a tunnel",
      "204 to CONNECT of an HTTP/1.0 handler opens a tunnel",
      "204 to CONNECT of an HTTP/1.1 handler opens a tunnel",
      "299 to CONNECT of an HTTP/1.0 handler opens a tunnel",
      "299 to CONNECT of an HTTP/1.1 handler opens a tunnel",
      "a tunnel closes when its handler returns, even if a read is pending",
      "an unread request body is not part of the raw stream",
      "rfile and wfile are the raw connection after 101 and close when the handler returns",
      "rfile becomes the raw stream even if it was read from before the head",
      "timeout closes a tunnel only if both directions are silent",
    ],
  },
  {
    part: "handlers",
    why:
      "there are no interim responses, and the runtime sends 100 Continue at once",
    tests: [
      "a final status without 100 closes the connection, since the body may follow",
      "an unsupported method gets 501 without a 100",
      "interim responses are sent before the final one",
    ],
  },
  {
    part: "static",
    why:
      "there are no interim responses, and the runtime sends 100 Continue at once",
    tests: [
      "StaticFileHandler sends 100 for the methods of a subclass",
      "StaticFileHandler sends the final status at once if it rejects a request by its head",
      "StaticFileHandler uses the handle_expect_100() of a subclass",
      "allow sends no 100 to a client that it refuses",
    ],
  },
  {
    part: "handlers",
    why: "there is no HTTP/0.9",
    tests: [
      "BaseHTTPServerTestCase.test_version_none: any other method without a version gets 400",
      "BaseHTTPServerTestCase.test_version_none_get: GET without a version goes to the handler, which has no do_GET()",
      "HTTP/0.9 gets an empty response instead of a redirect",
    ],
  },
  {
    part: "static",
    why: "there is no HTTP/0.9",
    tests: [
      "StaticFileHandler responds to HTTP/0.9 with the content only",
    ],
  },
  {
    part: "handlers",
    why: "the runtime parses requests, and refuses malformed ones itself",
    tests: [
      "BaseHTTPServerTestCase.test_major_version_number_too_long: a major version of more than ten digits gets 400",
      "BaseHTTPServerTestCase.test_minor_version_number_too_long: a minor version of more than ten digits gets 400",
      "BaseHTTPServerTestCase.test_send_blank: a request line of one word gets 400",
      "BaseHTTPServerTestCase.test_version_bogus: a malformed version gets 400",
      "BaseHTTPServerTestCase.test_version_digits: a version of three numbers gets 400",
      "BaseHTTPServerTestCase.test_version_invalid: a version from 2.0 on gets 505",
      "BaseHTTPServerTestCase.test_version_signs_and_underscores: a version in other notations of Python's int() gets 400",
      "a body that ends early sends 400",
      "a malformed chunked body leaves a response that has begun incomplete",
      "a malformed chunked body sends 400 and is not reported to handle_error()",
      "behaviour 58: a malformed header line gets 400 (differs from CPython)",
      "malformed and long targets get a response",
      "no target resolves outside the directory",
    ],
  },
  {
    part: "static",
    why: "the runtime parses requests, and refuses malformed ones itself",
    tests: [
      "StaticFileHandler adds the site's fields to the responses of a subclass and the base class",
      "StaticFileHandler rejects a target without a host or with user information",
      "StaticFileHandler sends its own error pages only to requests that may see files",
      "log: json logs a request that was rejected before it was parsed, without data of the last one",
      "no line of the log has the secret: combined",
      "no line of the log has the secret: common",
      "no line of the log has the secret: json",
      "no line of the log has the secret: python",
    ],
  },
  {
    part: "handlers",
    why:
      "an absolute target looks like Host if there is none, and must not name a user",
    tests: [
      "SimpleHTTPRequestHandler ignores the scheme and host of an absolute target",
      "SimpleHTTPServerTestCase.test_get_dir_redirect_location_domain_injection_bug: a redirect never goes to another host",
      "SimpleHTTPServerTestCase.test_path_without_leading_slash: a target without a leading slash is found",
      "a directory redirect keeps the scheme and host of an absolute target",
      "a directory redirect stays on this host (differs from CPython for a backslash)",
      "path and translate_path() get an absolute target unchanged",
    ],
  },
  {
    part: "handlers",
    why: "fields of the same name arrive as one",
    tests: [
      "behaviour 58: repeated fields are kept in order, and found in any case",
    ],
  },
  {
    part: "static",
    why: "fields of the same name arrive as one",
    tests: [
      "StaticFileHandler uses the first of two Range fields, since it is not a list",
    ],
  },
  {
    part: "handlers",
    why: "no status line is sent: there are only the runtime's reason phrases",
    tests: [
      "BaseHTTPServerTestCase.test_command: a method that the handler lacks gets 501",
      "BaseHTTPServerTestCase.test_request_line_trimming: a line end after the version is trimmed",
      "a target gets a file, a listing, a redirect or 404",
      "methods other than GET and HEAD get 501; methods are case-sensitive",
    ],
  },
  {
    part: "static",
    why: "no status line is sent: there are only the runtime's reason phrases",
    tests: [
      "StaticFileHandler sends no prepared response after a change of responses",
      "responses can be set in a subclass",
    ],
  },
  {
    part: "both",
    why: "no status line is sent: there are only the runtime's reason phrases",
    tests: [
      "flush_headers() may be overridden",
      "list_directory() and index_pages may be overridden",
      "send_response() may be overridden",
      "send_response_only() may be overridden",
    ],
  },
  {
    part: "handlers",
    why: "the version is that of the request",
    tests: [
      "do_GET() of five lines sends a response",
    ],
  },
  {
    part: "static",
    why: "the version is that of the request",
    tests: [
      "protocol_version can be set in a subclass",
    ],
  },
  {
    part: "handlers",
    why: "a status is from 200 to 599",
    tests: [
      "BaseHTTPServerTestCase.test_head_via_send_error: HEAD gets only the head of an error",
      "BaseHTTPServerTestCase.test_internal_key_error: send_error() accepts a code without a phrase",
      "BaseHTTPServerTestCase.test_latin1_header: header values are received and sent in latin-1",
      "BaseHTTPServerTestCase.test_return_custom_status: send_response() accepts a code without a phrase",
      "BaseHTTPServerTestCase.test_return_explain_error: an explanation of several lines does not break the head",
      "BaseHTTPServerTestCase.test_send_error: an error whose status allows no content has no content and no fields for it",
    ],
  },
  {
    part: "handlers",
    why: "the runtime decides when a connection closes",
    tests: [
      "BaseHTTPServerTestCase.test_error_content_length: an error's Content-Length is that of its page",
      "BaseHTTPServerTestCase.test_header_keep_alive: a request with Connection: keep-alive gets a response",
      "BaseHTTPServerTestCase.test_return_header_keep_alive: a handler that sends Connection: keep-alive gets a second request",
      "a body that does not match its Content-Length is cut and closes the connection (differs from CPython)",
      "a handler that throws before its response sends 500 without details, and handle_error() gets the error",
      "finish() ends the chunked response of a handle() override, which serves one request",
      "send_error() replaces a head that was not sent",
      "send_header() with Connection: keep-alive keeps an HTTP/1.0 connection",
      "send_response() throws after a complete response (differs from CPython)",
      "timeout restarts for each request, even if the empty line between two requests is split",
    ],
  },
  {
    part: "static",
    why: "the runtime decides when a connection closes",
    tests: [
      "StaticFileHandler sends no prepared response after a handler's own",
      "StaticFileHandler keeps a connection open after errors that concern only the target",
      "StaticFileHandler sends no prepared response after a change of close_connection",
    ],
  },
  {
    part: "both",
    why: "the runtime decides when a connection closes",
    tests: [
      "setup(), handle(), handle_one_request() and finish() may be overridden",
    ],
  },
  {
    part: "handlers",
    why:
      "the runtime ends a request with its response, and reads no more of its body",
    tests: [
      "a write between two requests rejects, and nothing is sent",
      "an upload that is saved without await is saved completely",
      "connection.recv() that is not awaited never receives the next request",
      "connection.rfile.readline() that is not awaited never receives the next request",
      "for await that is not awaited never receives the next request",
      "read() that is not awaited never receives the next request",
      "read(999) that is not awaited never receives the next request",
      "read1() that is not awaited never receives the next request",
      "readable that is not awaited never receives the next request",
      "readinto() that is not awaited never receives the next request",
      "readline() that is not awaited never receives the next request",
      "readlines() that is not awaited never receives the next request",
    ],
  },
  {
    part: "handlers",
    why: "the runtime frames the body, and puts Date and Content-Length last",
    tests: [
      "a body for HEAD, 204 or 304 is not sent, and the connection stays open (differs from CPython)",
      "a body without framing closes the connection (differs from CPython)",
      "a handler that throws during its response leaves it incomplete",
      "a missing or incomplete response closes the connection (differs from CPython)",
      "do_GET() and do_HEAD() send exactly CPython's bytes for a file",
      "send_header() after the head sends the fields of multipart parts (MJPEG)",
      "wfile.write() without a head sends the bytes unchanged and closes the connection",
    ],
  },
  {
    part: "static",
    why: "the runtime frames the body, and puts Date and Content-Length last",
    tests: [
      "StaticFileHandler compresses a large file while sending it",
      "StaticFileHandler sends a file with its type, validators and ranges",
      "StaticFileHandler sends only the fields that a cache needs with a 304",
    ],
  },
  {
    part: "static",
    why:
      "the runtime has its own reason phrases, methods, targets and connections, and no interim responses and trailer fields",
    tests: [
      "a client of HTTP/1.0 gets a chunked response until the end of the connection",
      "a final response before the body gets no 100",
      "a proxied response has the fields of the upstream, and none of its connection",
      "every method is forwarded except CONNECT and TRACE",
      "interim responses and trailer fields are passed on",
      "no target changes the upstream",
    ],
  },
];
