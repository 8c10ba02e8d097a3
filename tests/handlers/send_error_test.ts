// What a handler sends: error pages. Numbers are those of the list of
// CPython's behaviours.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { encodeLatin1 } from "../../text/latin1.ts";
import { answerOne, split } from "./_memory.ts";
import { Quiet, responding } from "./_responding.ts";

/** The error that a handler of GET sends, on the wire. */
async function errorPage(
  send: (handler: Quiet) => void,
  method = "GET",
): Promise<{ head: string[]; body: string }> {
  class Failing extends Quiet {
    do_GET() {
      send(this);
    }
    do_HEAD() {
      send(this);
    }
  }
  const { sent } = await answerOne(
    Failing,
    `${method} / HTTP/1.1\r\nHost: a\r\n\r\n`,
  );
  return split(sent);
}

// behaviour 38
Deno.test("send_error() writes twice: the head, and the page", () => {
  const { handler, wfile } = responding();
  handler.send_error(418);
  assertEquals(wfile.calls.length, 2);
  assert(wfile.calls[0]!.endsWith("\r\n\r\n"));
  assert(wfile.calls[1]!.startsWith("<!DOCTYPE HTML>"));
  const head = responding("HEAD");
  head.handler.send_error(418);
  assertEquals(head.wfile.calls, [wfile.calls[0]]);
});

// behaviours 20, 47
Deno.test("send_error() sends CPython's page to the character", async () => {
  const { head, body } = await errorPage((handler) => handler.send_error(404));
  assertEquals(head, [
    "HTTP/1.1 404 Not Found",
    "Server: BaseHTTP/0.6 Test/1",
    "Date: now",
    "Connection: close",
    "Content-Type: text/html;charset=utf-8",
    `Content-Length: ${body.length}`,
  ]);
  assertEquals(
    body,
    `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: 404</p>
        <p>Message: Not Found.</p>
        <p>Error code explanation: 404 - Nothing matches the given URI.</p>
    </body>
</html>
`,
  );
});

// behaviours 16, 18
Deno.test("send_error() takes an unknown code, and an explanation of several lines", async () => {
  const unknown = await errorPage((handler) => handler.send_error(999));
  assertEquals(unknown.head[0], "HTTP/1.1 999 ???");
  assertMatch(unknown.body, /<p>Message: \?\?\?\.<\/p>/);
  const long = await errorPage((handler) =>
    handler.send_error(999, "Short Message", "This is a long \n explanation")
  );
  assertMatch(long.body, /999 - This is a long \n explanation\.<\/p>/);
  assert(long.head.includes(`Content-Length: ${long.body.length}`));
});

// behaviour 36
Deno.test("send_error() escapes HTML in the message and in the explanation", async () => {
  const { body } = await errorPage((handler) =>
    handler.send_error(400, "<script>\"&'", "<b>&</b>")
  );
  assertMatch(body, /<p>Message: &lt;script&gt;"&amp;'\.<\/p>/);
  assertMatch(body, /400 - &lt;b&gt;&amp;&lt;\/b&gt;\.<\/p>/);
});

// behaviour 21
Deno.test("send_error() has no page where the status allows none", async () => {
  for (const code of [204, 304, 102, 205, 101]) {
    const { head, body } = await errorPage((handler) =>
      handler.send_error(code)
    );
    assertMatch(head[0]!, new RegExp(`^HTTP/1.1 ${code} `));
    assertEquals(head.slice(3), ["Connection: close"]);
    assertEquals(body, "");
  }
});

// behaviour 22
Deno.test("send_error() sends only the head of the page to HEAD", async () => {
  const page = await errorPage((handler) => handler.send_error(200));
  const { head, body } = await errorPage(
    (handler) => handler.send_error(200),
    "HEAD",
  );
  assertEquals(head, page.head);
  assertEquals(body, "");
  for (const code of [204, 304, 205, 101]) {
    const bare = await errorPage((handler) => handler.send_error(code), "HEAD");
    assertEquals(bare.head.slice(3), ["Connection: close"]);
    assertEquals(bare.body, "");
  }
});

Deno.test("send_error() uses the handler's own texts, template and type", async () => {
  const { head, body } = await errorPage((handler) => {
    handler.responses = { 404: ["Nope", "It is not <here>"] };
    handler.error_message_format =
      "%(code)d|%(message)s|%(explain)s|100%% \u20ac";
    handler.error_content_type = "text/plain";
    handler.send_error(404);
  });
  assertEquals(head[0], "HTTP/1.1 404 Nope");
  assert(head.includes("Content-Type: text/plain"));
  assert(head.includes(`Content-Length: ${body.length}`));
  assertEquals(
    new TextDecoder().decode(encodeLatin1(body)),
    "404|Nope|It is not &lt;here&gt;|100% \u20ac",
  );
});

Deno.test("send_error() shows a lone surrogate in the explanation as ?", async () => {
  const { body } = await errorPage((handler) =>
    handler.send_error(404, undefined, "\ud800")
  );
  assertMatch(body, /404 - \?\./);
});
