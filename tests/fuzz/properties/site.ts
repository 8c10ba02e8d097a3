// Files over whole connections: nothing outside the folder or hidden in it is ever sent,
// and every response agrees with the file, its own fields and its request.

import { assert, assertEquals } from "@std/assert";
import type { BaseHTTPRequestHandler } from "../../../handlers/base.ts";
import { CGIHTTPRequestHandler } from "../../../handlers/cgi/handler.ts";
import { SimpleHTTPRequestHandler } from "../../../handlers/simple.ts";
import { StaticFileHandler } from "../../../handlers/static/handler.ts";
import type { StaticFileOptions } from "../../../handlers/static/options.ts";
import { decodeLatin1, encodeLatin1 } from "../../../text/latin1.ts";
import { property, type Subject } from "../_lib.ts";
import { converse } from "../_connection.ts";
import corpus from "../corpus/site.json" with { type: "json" };
import { ODD, type Random, texts } from "../_random.ts";
import { type Parsed, parseResponses, valuesOf } from "../_responses.ts";
import { FILES, openSite, SECRET } from "../_site.ts";

const targets = texts(
  [..."/ / .. . %2e %2e%2e %2f %5c \\ %00 // .git config .env secret.txt link.txt up site-2 a.txt b.bin dir sub index.html page ? # %3f .gz C:"
    .split(" ")],
  [
    ...Object.keys(FILES).map((name) =>
      "/" + encodeURI(name).replace("?", "%3F")
    ),
    "/",
    "/dir",
    "/dir/",
    "/sub",
    "/page",
    "/m/deep/f.js",
    "/.git/config",
    "/../secret.txt",
    "/link.txt",
    "/up/secret.txt",
    "/../site-2/secret.txt",
    "http://a.test/a.txt",
    "/sub/?sort=size",
  ],
  { most: 7, odd: [...ODD.filter((odd) => !/\s/.test(odd)), "/"] },
);

const FIELDS: readonly (readonly [string, readonly string[]])[] = [
  ["Range", [
    "bytes=0-4",
    "bytes=5-",
    "bytes=-3",
    "bytes=0-1,4-5",
    "bytes=9999-",
    "bytes=0-0,-1",
    "lines=1",
    "bytes=",
    "bytes=1-0",
  ]],
  ["If-Range", [
    '"x"',
    "Fri, 01 Mar 2024 12:00:00 GMT",
    "Fri, 01 Mar 2024 12:00:01 GMT",
  ]],
  ["If-None-Match", ["*", '"x"', 'W/"x"', "x"]],
  ["If-Match", ["*", '"x"']],
  ["If-Modified-Since", [
    "Fri, 01 Mar 2024 12:00:00 GMT",
    "Thu, 29 Feb 2024 12:00:00 GMT",
    "x",
  ]],
  ["If-Unmodified-Since", [
    "Fri, 01 Mar 2024 12:00:00 GMT",
    "Thu, 29 Feb 2024 12:00:00 GMT",
  ]],
  ["Accept", ["text/html", "application/json", "*/*"]],
  ["Origin", ["http://a.test", "http://evil.test", "null"]],
  ["Sec-Fetch-Mode", ["navigate", "cors"]],
  ["Authorization", ["Basic QTpi", "x"]],
];

const OPTIONS: readonly StaticFileOptions[] = [
  {},
  { cleanUrls: true },
  { spa: true, errorPages: false },
  { cors: true, listing: false },
  { cors: { origins: ["http://a.test"], credentials: true }, security: true },
  { compressMinSize: 1, cache: ["**=no-cache"] },
  { base: "/base" },
];

interface Asked {
  readonly target: string;
  readonly method: number;
  readonly fields: readonly (readonly [number, number])[];
  readonly options: number;
}

function anyAsked(random: Random): Asked {
  return {
    target: (random.oneIn(6) ? "/base" : "") + targets(random),
    method: random.pick([0, 0, 0, 1, 2, 3]),
    fields: random.list(3, (r) => [r.int(FIELDS.length), r.int(9)] as const),
    options: random.int(OPTIONS.length),
  };
}

function textOf(
  { target, fields }: Asked,
  name: string,
  coding: string,
): string {
  const lines = fields.map(([field, value]) => {
    const [name, values] = FIELDS[field % FIELDS.length]!;
    return `${name}: ${values[value % values.length]}`;
  });

  return [
    `${name} ${target} HTTP/1.1`,
    "Host: a.test",
    `Accept-Encoding: ${coding}`,
    "Connection: close",
    ...lines,
    "",
    "",
  ].join("\r\n");
}

type Constructor = new (
  ...args: ConstructorParameters<typeof SimpleHTTPRequestHandler>
) => BaseHTTPRequestHandler;

async function ask(
  Handler: Constructor,
  text: string,
): Promise<Parsed | undefined> {
  const { output, asked, error } = await converse(Handler as never, [text]);
  assertEquals(error, undefined);
  const responses = parseResponses(output, asked);
  assert(responses.length <= 1);
  return responses[0];
}

const STATUSES = new Set([
  0,
  200,
  204,
  206,
  301,
  302,
  304,
  307,
  308,
  400,
  404,
  405,
  412,
  416,
  421,
  501,
  505,
]);

/** Resolves a path as a file system would, after decoding it once. */
function fileAt(target: string, base: string): string | undefined {
  const raw = target.replace(/^https?:\/\/[^/?#]*/i, "").replace(
    /[?#].*$/s,
    "",
  );
  const bytes = raw.replace(
    /%([0-9a-f]{2})/gi,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
  const names: string[] = [];
  for (const name of bytes.split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  const path = names.join("/");
  return path === base
    ? ""
    : path.startsWith(base + "/")
    ? path.slice(base.length + 1)
    : base === ""
    ? path
    : undefined;
}

async function decoded({ body, fields }: Parsed): Promise<string> {
  const [coding] = valuesOf(fields, "content-encoding");
  if (coding === undefined) return body;
  assertEquals(coding, "gzip");
  const stream = new Blob([encodeLatin1(body) as BlobPart]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return decodeLatin1(new Uint8Array(await new Response(stream).arrayBuffer()));
}

/** Fields that a response may have only once. */
const SINGLE: readonly string[] = [
  "content-type",
  "content-length",
  "location",
  "etag",
  "last-modified",
  "vary",
  "content-encoding",
  "content-range",
];

/** Checks that hold for every response. */
function assertSane(
  response: Parsed,
  target: string,
  options: StaticFileOptions,
): void {
  const { status, fields } = response;
  assert(STATUSES.has(status), String(status));
  const one = (name: string) => {
    const values = valuesOf(fields, name);
    assert(values.length <= 1, name);
    return values[0];
  };
  for (const name of SINGLE) one(name);
  const etag = one("etag");
  if (etag !== undefined) {
    assert(/^(?:W\/)?"[\x21\x23-\x7e]*"$/.test(etag), etag);
  }
  if (one("content-encoding") !== undefined) {
    assert(/accept-encoding/i.test(one("vary") ?? ""));
  }
  const location = one("location");
  assertEquals(
    location !== undefined,
    status >= 301 && status !== 304 && status < 309,
  );
  if (location !== undefined) {
    const path = "/" +
      target.replace(/^https?:\/\/[^/?#]*/i, "").replace(/[?#].*$/s, "")
        .replace(/^\/+/, "");
    const url = new URL(
      location,
      new URL(path.replaceAll("\\", "%5C"), "http://a.test"),
    );
    assertEquals(url.origin, "http://a.test", location);
  }
  const origin = one("access-control-allow-origin");
  if (options.cors === undefined) assertEquals(origin, undefined);
  else if (options.cors !== true) {
    assert(origin === undefined || origin === "http://a.test");
  }
  if (status === 304) assertEquals(one("content-type"), undefined);
  if (status === 206) {
    assert(
      one("content-range") !== undefined ||
        one("content-type")!.startsWith("multipart/byteranges"),
    );
  }
  if (status === 416) {
    assert(/^bytes \*\/\d+$/.test(one("content-range") ?? ""));
  }
  if (status === 405) assert(one("allow") !== undefined);
}

/** Checks a body with ranges against the file. */
function assertSlices({ fields, body }: Parsed, content: string): void {
  const check = (value: string | undefined, data: string) => {
    const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(
      value ?? "",
    )!;
    assertEquals(Number(size), content.length);
    assertEquals(data, content.slice(Number(first), Number(last) + 1));
  };
  const [type = ""] = valuesOf(fields, "content-type");
  const boundary = /^multipart\/byteranges; boundary=(.*)$/.exec(type)?.[1];
  if (boundary === undefined) {
    return check(valuesOf(fields, "content-range")[0], body);
  }
  const parts = ("\r\n" + body).split(`\r\n--${boundary}`);
  assertEquals([parts.shift(), parts.pop()], ["", "--\r\n"]);
  for (const part of parts) {
    const end = part.indexOf("\r\n\r\n");
    check(
      /\r\nContent-Range: (.*)/i.exec(part.slice(0, end))?.[1],
      part.slice(end + 4),
    );
  }
}

const files = property(
  "StaticFileHandler sends files unchanged, and nothing outside its folder",
  anyAsked,
  async (asked) => {
    const directory = await openSite();
    const options = OPTIONS[asked.options % OPTIONS.length]!;
    const Handler = class extends StaticFileHandler {
      constructor(
        ...[request, address, server]: ConstructorParameters<
          typeof StaticFileHandler
        >
      ) {
        super(request, address, server, { directory, log: "none", ...options });
      }
    };
    const method = ["GET", "HEAD", "POST", "OPTIONS"][asked.method % 4]!;
    const plain = await ask(Handler, textOf(asked, method, "identity"));
    if (plain === undefined || plain.status === 0) return;
    assert(!plain.body.includes(SECRET), "a secret");
    assertSane(plain, asked.target, options);
    const file = fileAt(asked.target, (options.base ?? "").slice(1));
    const content = file === undefined ? undefined : FILES[file];
    if (
      method === "GET" && content !== undefined && !asked.target.endsWith("/")
    ) {
      if (plain.status === 200) assertEquals(plain.body, content);
      if (plain.status === 206) assertSlices(plain, content);
    }
    const coded = await ask(Handler, textOf(asked, method, "gzip"));
    assert(coded !== undefined);
    if (coded === undefined) return;
    assertSane(coded, asked.target, options);
    if (method === "GET" && coded.status === 200 && plain.status === 200) {
      assertEquals(await decoded(coded), plain.body);
    }
    if (valuesOf(coded.fields, "content-encoding").length > 0) {
      const vary = (response: Parsed) =>
        /accept-encoding/i.test(valuesOf(response.fields, "vary").join());
      assert(vary(coded) && vary(plain), "Vary");
    }
    if (method !== "GET") return;
    // HEAD has the fields of GET (RFC 9110 §9.3.2).
    const head = await ask(Handler, textOf(asked, "HEAD", "identity"));
    const named = (response: Parsed | undefined) =>
      response?.fields.filter(([name]) =>
        !/^(?:content-type|content-length)$/i.test(name) ||
        response.status < 300
      );
    if (plain.untilClose) return;
    const stable = (response: Parsed | undefined) =>
      JSON.stringify(named(response)).replace(/boundary=[0-9a-f]+/g, "");
    assertEquals(head?.status, plain.status);
    assertEquals(stable(head), stable(plain));
  },
  100,
);

const simple = property(
  "SimpleHTTPRequestHandler sends nothing outside its folder, except through symlinks in it",
  anyAsked,
  async (asked) => {
    const directory = await openSite();
    const Handler = class extends SimpleHTTPRequestHandler {
      override log_message(): void {}
      constructor(
        ...[request, address, server]: ConstructorParameters<
          typeof SimpleHTTPRequestHandler
        >
      ) {
        super(request, address, server, { directory });
      }
    };
    const response = await ask(Handler, textOf(asked, "GET", "identity"));
    if (response === undefined || response.status === 0) return;
    // As in CPython, the redirect of an absolute target is absolute too.
    if (asked.target.startsWith("/")) assertSane(response, asked.target, {});
    const file = fileAt(asked.target, "")!;
    // Dotfiles and symlinks are served as in CPython.
    if (!/(?:^|\/)\.|^link\.txt|^up(?:\/|$)/.test(file)) {
      assert(!response.body.includes(SECRET), "a secret");
    }
    if (response.status === 200 && FILES[file] !== undefined) {
      assertEquals(response.body, FILES[file]);
    }
  },
  100,
);

const scriptTargets = texts(
  [..."/cgi-bin /htbin / run.sh sub run .. . %2e%2e %2f %5c %00 // x ? = + %41 # ; %0a CGI-BIN %63gi-bin"
    .split(" ")],
  [
    "/cgi-bin/run.sh",
    "/cgi-bin/sub/run/info?a+b",
    "/cgi-bin/run.sh/%00",
    "/x/../cgi-bin/run.sh",
    "/cgi%2dbin/run.sh",
    "/cgi-bin%2frun.sh",
    "/cgi-bin/",
    "/%2e/cgi-bin/run.sh",
    "http://a.test/cgi-bin/run.sh",
    "/cgi-bin//run.sh",
    "/cgi-bin/run.sh/..%2f..%2fx",
  ],
  { most: 6, odd: ODD.filter((odd) => !/\s/.test(odd)) },
);

const scripts = property(
  "CGIHTTPRequestHandler never sends a script instead of running it",
  (random) => ({
    target: scriptTargets(random),
    post: random.oneIn(4),
    body: random.list(3, (r) => r.pick(["a", "=", "\n"])).join(""),
  }),
  async ({ target, post, body }) => {
    const directory = (await openSite()).replace(/site$/, "cgi");
    const Handler = class extends CGIHTTPRequestHandler {
      override log_message(): void {}
      constructor(
        ...[request, address, server]: ConstructorParameters<
          typeof CGIHTTPRequestHandler
        >
      ) {
        super(request, address, server, { directory });
      }
    };
    const response = await ask(
      Handler,
      `${post ? "POST" : "GET"} ${target} HTTP/1.1\r\nHost: a.test\r\n` +
        `Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    if (response === undefined || response.status === 0) return;
    assert(!response.body.includes(SECRET), "a script");
    assert(
      STATUSES.has(response.status) || response.status === 403,
      String(response.status),
    );
  },
  40,
);

/** Properties of served files. */
export const SITE: Subject = {
  name: "site",
  properties: [files, simple, scripts],
  corpus,
};
