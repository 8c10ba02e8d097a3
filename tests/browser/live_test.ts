// Live reload as a person sees it: what changes in a page, and what stays.

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import type { Frame, Page } from "playwright-core";
import { Hub } from "../../handlers/static/live/hub.ts";
import { stopWatching } from "../../handlers/static/live/entrance.ts";
import type { StaticFileOptions } from "../../handlers/static/mod.ts";
import { captureLog } from "../_lib/captured_log.ts";
import { startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";
import { browserTest, visit } from "./_browser.ts";
import { picture } from "./_media.ts";
import { type Site, site } from "./_site.ts";

const HEAD = '<!DOCTYPE html><link rel="icon" href="data:,">';

/** Serves a site with live reload, and stops watching at the end. */
async function liveSite(
  files: Readonly<Record<string, string>>,
  options: StaticFileOptions = {},
): Promise<Site & { save(name: string, text: string): Promise<void> }> {
  const served = await site(files, { live: true, ...options });
  return {
    ...served,
    save: (name, text) => Deno.writeTextFile(served.in(name), text),
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]();
      stopWatching();
    },
  };
}

/** Leaves a mark in a page, which a reload removes. */
async function mark(page: Page | Frame): Promise<void> {
  await page.evaluate("window.mark = 1");
}

function isMarked(page: Page | Frame): Promise<boolean> {
  return page.evaluate("window.mark === 1");
}

function colorOf(page: Page, selector: string): Promise<string> {
  return page.evaluate(
    `getComputedStyle(document.querySelector("${selector}")).color`,
  );
}

async function untilColor(page: Page, color: string): Promise<void> {
  await page.waitForFunction(
    `getComputedStyle(document.querySelector("p")).color === "${color}"`,
  );
}

async function untilText(page: Page | Frame, text: string): Promise<void> {
  await page.locator(`p:text-is(${JSON.stringify(text)})`).waitFor();
}

browserTest("live swaps a style without a reload", async () => {
  await using served = await liveSite({
    "index.html": `${HEAD}<link rel="stylesheet" href="a.css"><p>text`,
    "a.css": "p { color: rgb(1, 0, 0) }",
  });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  assertEquals(await colorOf(page, "p"), "rgb(1, 0, 0)");
  await mark(page);
  for (const color of ["rgb(2, 0, 0)", "rgb(3, 0, 0)"]) {
    await served.save("a.css", `p { color: ${color} }`);
    await untilColor(page, color);
  }
  assert(await isMarked(page));
  await page.waitForFunction("document.querySelectorAll('link').length === 2");
  // Nothing of live reload is left in the document.
  assert(!(await page.content()).includes("<script"));
});

browserTest(
  "live reloads a page, and keeps its scroll position, focus and typed text",
  async () => {
    const html = (text: string) =>
      `${HEAD}<p>${text}</p><div style="height: 3000px"></div>` +
      '<input id="name" value="default"><textarea></textarea>' +
      '<input type="checkbox"><select><option>a<option>b</select>' +
      '<input type="password"><div id="box" style="height: 50px; overflow: auto">' +
      '<div style="height: 500px"></div></div>';
    await using served = await liveSite({ "index.html": html("old") });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await page.locator("textarea").fill("several\nlines");
    await page.locator("[type=checkbox]").check();
    await page.locator("select").selectOption("b");
    await page.locator("[type=password]").fill("secret");
    await page.locator("#name").fill("typed");
    await page.evaluate(
      "box.scrollTop = 70; scrollTo(0, 2000); document.querySelector('#name').setSelectionRange(1, 3)",
    );
    await served.save("index.html", html("new"));
    await untilText(page, "new");
    await page.waitForFunction("document.activeElement.id === 'name'");
    assertEquals(
      await page.evaluate(`[
        document.querySelector("#name").value,
        document.querySelector("textarea").value,
        document.querySelector("[type=checkbox]").checked,
        document.querySelector("select").value,
        document.querySelector("[type=password]").value,
        document.querySelector("#name").selectionStart,
        document.querySelector("#name").selectionEnd,
        box.scrollTop,
        scrollY,
      ]`),
      ["typed", "several\nlines", true, "b", "", 1, 3, 70, 2000],
    );
  },
);

browserTest("live reloads only the tabs that a change concerns", async () => {
  await using served = await liveSite({
    "a.html": `${HEAD}<p>a`,
    "b.html": `${HEAD}<p>b<script src="b.js"></script>`,
    "b.js": "",
    "unused.js": "",
  });
  await using visited = await visit();
  const { page: a } = visited;
  const b = await a.context().newPage();
  try {
    await a.goto(`${served.url}/a.html`);
    await b.goto(`${served.url}/b.html`);
    await mark(a);
    await mark(b);
    await a.bringToFront();
    await served.save("a.html", `${HEAD}<p>a2`);
    await untilText(a, "a2");
    assert(await isMarked(b));
    await mark(a);
    await b.bringToFront();
    await served.save("unused.js", "1");
    await served.save("b.js", "document.querySelector('p').textContent = 'b2'");
    await untilText(b, "b2");
    assert(await isMarked(a));
  } finally {
    await b.close();
  }
});

browserTest("live needs one connection for many tabs", async () => {
  const ours = Hub.prototype;
  const { connect } = ours;
  let count = 0;
  ours.connect = function (...args) {
    count++;
    return connect.apply(this, args);
  };
  await using served = await liveSite({ "index.html": `${HEAD}<p>old` });
  await using visited = await visit();
  const { page } = visited;
  const tabs = [page];
  try {
    // Browsers open six connections to a host.
    while (tabs.length < 8) tabs.push(await page.context().newPage());
    for (const tab of tabs) await tab.goto(served.url);
    await served.save("index.html", `${HEAD}<p>new`);
    for (const tab of tabs) {
      await tab.bringToFront();
      await untilText(tab, "new");
    }
    // While all tabs reload at once, the worker may be without a page.
    assert(count <= 2, `${count}`);
  } finally {
    ours.connect = connect;
    for (const tab of tabs.slice(1)) await tab.close();
  }
});

/** A site whose pages have this policy. */
function withPolicy(policy: string): StaticFileOptions {
  return { extra_response_headers: [["Content-Security-Policy", policy]] };
}

const STRICT: readonly StaticFileOptions[] = [
  // The worker's connection isn't bound by connect-src.
  withPolicy(
    "default-src 'none'; script-src 'self'; connect-src 'none'; img-src data:",
  ),
  withPolicy("script-src 'self'; require-trusted-types-for 'script'"),
  { isolation: true, security: true },
];

browserTest("live works with policies that allow 'self' scripts", async () => {
  for (const options of STRICT) {
    await using served = await liveSite(
      { "index.html": `${HEAD}<p>old` },
      options,
    );
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await served.save("index.html", `${HEAD}<p>new`);
    await untilText(page, "new");
    assertEquals(visited.takeComplaints(), []);
  }
});

const WITHOUT_WORKER: readonly string[] = [
  "worker-src 'none'",
  "sandbox allow-scripts",
];

browserTest("live works in pages that can't have a worker", async () => {
  for (const policy of WITHOUT_WORKER) {
    await using served = await liveSite(
      { "index.html": `${HEAD}<p>old` },
      withPolicy(policy),
    );
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await served.save("index.html", `${HEAD}<p>new`);
    await untilText(page, "new");
    // The browser reports the worker that the policy forbids, each time the page is loaded.
    await page.goto("about:blank");
    visited.takeComplaints();
  }
});

browserTest("live connects a page again that was refused", async () => {
  await using served = await liveSite(
    { "index.html": `${HEAD}<p>old` },
    withPolicy("worker-src 'none'"),
  );
  await using visited = await visit();
  const { page } = visited;
  let refused = 0;
  await page.route("**/.httpserver/events*", (route) => {
    if (refused === 2) return route.continue();
    refused++;
    return route.fulfill({ status: 503 });
  });
  await page.goto(served.url);
  await served.save("index.html", `${HEAD}<p>new`);
  await untilText(page, "new");
  await page.unrouteAll({ behavior: "wait" });
  assertEquals(refused, 2);
  await page.goto("about:blank");
  visited.takeComplaints();
});

browserTest("live doesn't insist if a policy forbids connections", async () => {
  await using served = await liveSite(
    { "index.html": `${HEAD}<p>old` },
    withPolicy("worker-src 'none'; connect-src 'none'"),
  );
  await using visited = await visit();
  await visited.page.goto(served.url);
  await visited.page.waitForTimeout(2_500);
  const complaints = visited.takeComplaints()
    .filter((text) => text.startsWith("Forbidden by connect-src"));
  assertEquals(complaints.length, 1);
});

browserTest("live reloads a frame, and not the page around it", async () => {
  await using served = await liveSite({
    "index.html": `${HEAD}<p>outer<iframe src="inner.html"></iframe>`,
    "inner.html": `${HEAD}<p>inner`,
  });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  await mark(page);
  await served.save("inner.html", `${HEAD}<p>inner2`);
  await untilText(page.frames()[1]!, "inner2");
  assert(await isMarked(page));
});

browserTest("live shows a missing page as soon as it exists", async () => {
  await using served = await liveSite({ "404.html": `${HEAD}<p>none` });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${served.url}/about.html`);
  await served.save("404.html", `${HEAD}<p>still none`);
  await untilText(page, "still none");
  await served.save("about.html", `${HEAD}<p>about`);
  await untilText(page, "about");
  // 404 each.
  assertEquals(visited.takeComplaints().length, 2);
  await Deno.remove(served.in("about.html"));
  await untilText(page, "still none");
  assertEquals(visited.takeComplaints().length, 1);
});

const PAGES: Readonly<Record<string, (text: string) => string>> = {
  "without a body": (text) => `<p>${text}`,
  "with </body> in a script": (text) =>
    `${HEAD}<body><p>${text}</p><script>var a = "</body></html>";</script></body></html>`,
  "with a base of another origin": (text) =>
    `${HEAD}<base href="https://other.test/"><p>${text}`,
  "that is large": (text) => `${HEAD}<p>${text}</p>${"x".repeat(300_000)}`,
};

browserTest("live reloads pages of any form", async () => {
  const forms = Object.entries(PAGES).map(([form, html], index) => ({
    form,
    html,
    name: `${index}.html`,
  }));
  await using served = await liveSite(
    Object.fromEntries(forms.map(({ html, name }) => [name, html("old")])),
  );
  await using visited = await visit();
  const { page } = visited;
  for (const { form, html, name } of forms) {
    await page.goto(`${served.url}/${name}`);
    await untilText(page, "old");
    await served.save(name, html("new"));
    await untilText(page, "new").catch((error) => {
      throw new Error(`A page ${form} was not reloaded`, { cause: error });
    });
  }
});

browserTest("live reloads the route of an application", async () => {
  await using served = await liveSite({ "index.html": `${HEAD}<p>old` }, {
    spa: true,
  });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(`${served.url}/users/7`);
  await page.evaluate("history.pushState(null, '', '/users/8')");
  await served.save("index.html", `${HEAD}<p>new`);
  await untilText(page, "new");
  assertEquals(page.url(), `${served.url}/users/8`);
});

browserTest(
  "live swaps images without a reload, also those of styles",
  async () => {
    await using served = await liveSite({
      "index.html": `${HEAD}<link rel="stylesheet" href="a.css"><p>text</p>` +
        '<img src="a.svg"><img srcset="a.svg 1x, b.svg 2x">',
      "a.css": 'p { background-image: url("a.svg") }',
      "a.svg": picture("orange"),
      "b.svg": picture("teal"),
    });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await mark(page);
    const asked = () =>
      served.seen.filter(({ path }) => path.startsWith("/a.svg")).length;
    const before = asked();
    await served.save("a.svg", picture("red"));
    await page.waitForFunction(`
    [...document.images].every((image) => image.currentSrc.includes("httpserver-live")) &&
    getComputedStyle(document.querySelector("p")).backgroundImage.includes("httpserver-live")
  `);
    assert(await isMarked(page));
    assert(asked() > before);
  },
);

browserTest("live reloads a listing when an entry is added", async () => {
  await using served = await liveSite({ "a.txt": "a" });
  await using visited = await visit();
  const { page } = visited;
  await page.goto(served.url);
  await served.save("b.txt", "b");
  await page.getByRole("link", { name: "b.txt" }).waitFor();
  assertEquals(visited.takeComplaints(), []);
});

browserTest("live shows the errors of pages in the terminal", async () => {
  using log = captureLog();
  let place: string;
  {
    await using other = await site({
      "other.js": "throw new Error('from there')",
    }, { cors: true });
    await using served = await liveSite({
      "index.html": `${HEAD}<button onclick="boom()">`,
      "a.js": "",
    });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await page.waitForFunction("window[Symbol.for('httpserver live')]");
    await page.getByRole("button").click();
    await page.evaluate("void Promise.reject(new TypeError('\\u001b[31mred'))");
    await page.evaluate("void Promise.reject(Object.create(null))");
    await page.evaluate(`new Promise((resolve) => {
      const script = document.createElement("script");
      script.crossOrigin = "anonymous";
      script.src = "${other.url}/other.js";
      script.onload = resolve;
      document.head.append(script);
    })`);
    await served.save("index.html", `${HEAD}<p>new`);
    await untilText(page, "new");
    assertEquals(visited.takeComplaints().length, 4);
    place = `(${other.url}/other.js:1:7)`;
  }
  assertStringIncludes(log.text, `Error: from there ${place}\n`);
  assertStringIncludes(log.text, "Unhandled rejection: [object Object]\n");
  assertMatch(
    log.text,
    /^Error in \/: Uncaught ReferenceError: boom is not defined \(\/:1:\d+\)$/m,
  );
  assertMatch(
    log.text,
    /^Error in \/: Unhandled rejection: TypeError: \\x1b\[31mred/m,
  );
});

browserTest(
  "httpserver --live reloads its pages when it was restarted",
  async () => {
    await using files = await folder({ "index.html": `${HEAD}<p>old` });
    const args = ["--live", "-b", "127.0.0.1", "-d", files.path];
    await using visited = await visit();
    const { page } = visited;
    let port: number;
    {
      await using first = await startCommand([...args, "0"]);
      port = first.port;
      await page.goto(`http://127.0.0.1:${port}/`);
      await page.waitForFunction("window[Symbol.for('httpserver live')]");
      const { code, stderr } = await first.stop();
      assertEquals(code, 0);
      assert(!stderr.includes(".httpserver"), stderr);
    }
    await Deno.writeTextFile(files.in("index.html"), `${HEAD}<p>new`);
    await using _second = await startCommand([...args, String(port)]);
    await untilText(page, "new");
    // The connections in between that were refused.
    visited.takeComplaints();
  },
);
