import { assertEquals } from "@std/assert";
import { toReference } from "../../../handlers/static/lookup/location.ts";
import { isNavigation } from "../../../handlers/static/lookup/navigation.ts";
import {
  type Candidate,
  planRoute,
} from "../../../handlers/static/lookup/routing.ts";
import { translateSegments } from "../../../text/paths.ts";
import { pureTest } from "../../_lib/pure.ts";

/** A candidate in short: "a/b" for a file, "a/" for a folder, and the action. */
function describe(
  segments: readonly string[],
  { suffix, kind, action }: Candidate,
): string {
  const path = (segments.join("/") + suffix).replace(/^\//, "") +
    (kind === "directory" ? "/" : "");
  if (typeof action === "string") return `${path} ${action}`;
  const to = ["", ...action.segments].join("/") || "/";
  const slash = action.trailingSlash && to !== "/" ? "/" : "";
  return `${path} ${action.status} ${to}${slash}`;
}

function route(
  path: string,
  { indexPages = ["index.html", "index.htm"], cleanUrls = false }: {
    indexPages?: string[];
    cleanUrls?: boolean;
  } = {},
): string[] {
  const { segments, trailingSlash } = translateSegments(path, "posix");
  return planRoute(segments, trailingSlash, indexPages, cleanUrls)
    .map((candidate) => describe(segments, candidate));
}

pureTest(
  "planRoute() finds a file, or redirects to the folder of that name",
  () => {
    assertEquals(route("/a/b.css"), ["a/b.css send", "a/b.css/ 301 /a/b.css/"]);
    assertEquals(route("/a.html"), ["a.html send", "a.html/ 301 /a.html/"]);
  },
);

pureTest("planRoute() finds a folder's index page, or lists it", () => {
  assertEquals(route("/a/"), [
    "a/index.html send",
    "a/index.htm send",
    "a/ list",
  ]);
  assertEquals(route("/"), ["index.html send", "index.htm send", "/ list"]);
  assertEquals(route("", { indexPages: [] }), ["/ list"]);
});

pureTest(
  "planRoute() finds pages without their extension if URLs are clean",
  () => {
    const options = { cleanUrls: true };
    assertEquals(route("/about", options), [
      "about send",
      "about.html send",
      "about/ 301 /about/",
    ]);
    assertEquals(route("/a/about/", options), [
      "a/about/index.html send",
      "a/about/index.htm send",
      "a/about/ list",
      "a/about.html 302 /a/about",
    ]);
    assertEquals(route("/", options), [
      "index.html send",
      "index.htm send",
      "/ list",
    ]);
  },
);

pureTest("planRoute() redirects from a page's file to its clean URL", () => {
  const options = { cleanUrls: true };
  assertEquals(route("/a/b.html", options), [
    "a/b.html 302 /a/b",
    "a/b.html.html send",
    "a/b.html/ 301 /a/b.html/",
  ]);
  assertEquals(route("/a/index.html", options)[0], "a/index.html 302 /a/");
  assertEquals(route("/index.html", options)[0], "index.html 302 /");
  assertEquals(route("/.html", options)[0], ".html send");
  assertEquals(route("/a.htm", options)[0], "a.htm send");
});

pureTest("planRoute() makes no redirect loops", () => {
  for (const path of ["/a", "/a/", "/a.html", "/index.html", "/a/index.html"]) {
    const { segments, trailingSlash } = translateSegments(path, "posix");
    for (
      const { action } of planRoute(
        segments,
        trailingSlash,
        ["index.html"],
        true,
      )
    ) {
      if (typeof action === "string") continue;
      const { segments, trailingSlash } = action;
      const to = new URL(
        toReference(segments, trailingSlash, path),
        `http://a.test${path}`,
      );
      assertEquals(to.pathname === path, false);
    }
  }
});

const BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8";

/** Whether GET and HEAD with these fields are page loads. */
function navigates(fields: Record<string, string>, name: string): boolean {
  const headers = new Headers(fields);
  const [get, head, post] = ["GET", "HEAD", "POST"].map((method) =>
    isNavigation({ method, headers, segments: name === "" ? [] : ["a", name] })
  );
  assertEquals([head, post], [get, false]);
  return get!;
}

pureTest(
  "isNavigation() uses the Sec-Fetch fields if the browser sends them",
  () => {
    const rows: [Record<string, string>, boolean][] = [
      [{ "Sec-Fetch-Mode": "navigate", Accept: BROWSER }, true],
      [{ "Sec-Fetch-Mode": "navigate" }, true],
      [{ "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document" }, true],
      [{ "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe" }, true],
      [{ "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "object" }, false],
      [{ "Sec-Fetch-Mode": "cors", Accept: BROWSER }, false],
      [{ "Sec-Fetch-Mode": "no-cors", Accept: BROWSER }, false],
      [{ "Sec-Fetch-Mode": "", Accept: BROWSER }, false],
      [{ "Sec-Fetch-Dest": "document" }, true],
      [{ "Sec-Fetch-Dest": "empty", Accept: BROWSER }, false],
      [{ "Sec-Fetch-Dest": "image", Accept: BROWSER }, false],
    ];
    for (const [fields, expected] of rows) {
      for (const name of ["", "users", "j.doe", "app.js"]) {
        assertEquals([fields, navigates(fields, name)], [fields, expected]);
      }
    }
  },
);

pureTest(
  "isNavigation() otherwise uses Accept, as real clients send it",
  () => {
    const rows: [accept: string, expected: boolean][] = [
      // Pages: current browsers, those of 2015 and 2009, Internet Explorer, Lynx.
      [BROWSER, true],
      ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true],
      [
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7",
        true,
      ],
      [
        "application/xml,application/xhtml+xml,text/html;q=0.9,text/plain;q=0.8,image/png,*/*;q=0.5",
        true,
      ],
      ["text/html, application/xhtml+xml, */*", true],
      ["text/html, text/plain, text/sgml, text/css, */*;q=0.01", true],
      ["TEXT/HTML", true],
      // Scripts, fetch(), and tools.
      ["*/*", false],
      ["", false],
      ["application/json, text/plain, */*", false],
      ["application/json", false],
      ["text/event-stream", false],
      // Styles, images, media and fonts.
      ["text/css,*/*;q=0.1", false],
      [
        "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
        false,
      ],
      ["image/png,image/svg+xml,image/*;q=0.8,video/*;q=0.8,*/*;q=0.5", false],
      ["audio/webm,audio/ogg,audio/wav,audio/*;q=0.9,*/*;q=0.5", false],
      [
        "application/font-woff2;q=1.0,application/font-woff;q=0.9,*/*;q=0.8",
        false,
      ],
      // Weights.
      ["text/html;q=0, */*", false],
      ["text/html;q=0.000", false],
      ["application/json, text/html;q=0.9", false],
      ["text/html;q=0.5, */*;q=0.8", false],
      ["text/html;q=0.5, */*;q=0.1", true],
      ["text/html;q=nonsense, */*;q=0.1", false],
      ["text/*", false],
    ];
    for (const [accept, expected] of rows) {
      for (const name of ["", "users", ".config", "j.doe", "v1.2"]) {
        const got = navigates({ Accept: accept }, name);
        assertEquals([accept, name, got], [accept, name, expected]);
      }
    }
    assertEquals(navigates({}, "users"), false);
    // A route may look like a script, but a client that accepts anything wants the script.
    assertEquals(navigates({ Accept: BROWSER }, "app.js"), true);
    assertEquals(navigates({ Accept: "text/html, */*" }, "app.js"), false);
  },
);
