// Pages of a site in a browser: sound, applications, isolation, passwords.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { browserTest, visit } from "./_browser.ts";
import { writeSilence } from "./_media.ts";
import { site } from "./_site.ts";

browserTest("visit() complains if a page violates its policy", async () => {
  await using served = await site(
    { "index.html": "<!DOCTYPE html><script>document.title = 1</script>" },
    {
      extra_response_headers: [[
        "Content-Security-Policy",
        "script-src 'none'",
      ]],
    },
  );
  await using visited = await visit();
  await visited.page.goto(served.url);
  const complaints = visited.takeComplaints();
  assert(complaints.includes("Forbidden by script-src-elem: inline"));
});

browserTest(
  "StaticFileHandler lets a browser seek in a long recording",
  async () => {
    const seconds = 20 * 60;
    await using served = await site({
      "index.html":
        '<!DOCTYPE html><link rel="icon" href="data:,"><audio src="long.wav" preload="metadata"></audio>',
    });
    await writeSilence(served.in("long.wav"), seconds);
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    await page.waitForFunction(
      "document.querySelector('audio').readyState > 0",
    );
    const place = await page.evaluate(`new Promise((resolve, reject) => {
    const audio = document.querySelector("audio");
    audio.onseeked = () => resolve([audio.duration, audio.currentTime]);
    audio.onerror = () => reject(audio.error);
    audio.currentTime = ${seconds - 60};
  })`);
    assertEquals(place, [seconds, seconds - 60]);
    const starts = served.seen.filter(({ path }) => path === "/long.wav")
      .map((
        { status, range },
      ) => [status, /^bytes=([0-9]+)-/.exec(range ?? "")]);
    assert(
      starts.some(([status, match]) =>
        status === 206 && match !== null &&
        Number((match as string[])[1]) > 18_000_000
      ),
      JSON.stringify(served.seen),
    );
  },
);

browserTest(
  "StaticFileHandler serves the routes of an application",
  async () => {
    await using served = await site({
      "index.html": '<!DOCTYPE html><link rel="icon" href="data:,">' +
        '<p id="route"></p><a href="/users/8">8</a><script src="/app.js"></script>',
      "app.js": `
      const show = () => route.textContent = location.pathname;
      document.querySelector("a").addEventListener("click", (event) => {
        event.preventDefault();
        history.pushState(null, "", event.target.href);
        show();
      });
      show();
    `,
    }, { spa: true, cache: ["**=no-cache"] });
    await using visited = await visit();
    const { page } = visited;
    const shown = () => page.locator("#route").textContent();
    await page.goto(`${served.url}/users/7.5?tab=1`);
    assertEquals(await shown(), "/users/7.5");
    await page.getByRole("link", { name: "8" }).click();
    assertEquals(await shown(), "/users/8");
    await page.reload();
    assertEquals(await shown(), "/users/8");

    assertEquals(visited.takeComplaints(), []);
    await page.evaluate(`new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = "/old.js";
    script.onerror = resolve;
    document.body.append(script);
  })`);
    assertEquals(
      served.seen.map(({ path, status }) => `${status} ${path}`),
      [
        "200 /users/7.5?tab=1",
        "200 /app.js",
        "200 /users/8",
        "304 /app.js",
        "404 /old.js",
      ],
    );
    // Complaints about the status, and about HTML instead of a script.
    assertEquals(visited.takeComplaints().length, 2);
  },
);

for (const isolation of ["require-corp", "credentialless"] as const) {
  browserTest(`StaticFileHandler isolates pages by ${isolation}`, async () => {
    await using served = await site({
      "index.html": '<!DOCTYPE html><link rel="icon" href="data:,">',
      "worker.js":
        "onmessage = ({ data }) => { Atomics.add(data, 0, 7); postMessage(data[0]); };",
    }, { isolation });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    assertEquals(await page.evaluate("crossOriginIsolated"), true);
    assertEquals(
      await page.evaluate(`new Promise((resolve, reject) => {
        const shared = new Int32Array(new SharedArrayBuffer(4));
        const worker = new Worker("worker.js");
        worker.onmessage = ({ data }) => resolve([data, shared[0]]);
        worker.onerror = () => reject(new Error("The worker failed"));
        worker.postMessage(shared);
      })`),
      [7, 7],
    );
    await page.goto(`${served.url}/?format=html`);
    assertEquals(await page.evaluate("crossOriginIsolated"), true);
  });
}

browserTest(
  "StaticFileHandler makes a browser ask for the user's password",
  async () => {
    const files = { "secret.txt": "for Ann" };
    const users = "ann:p\u00e4ss:word";
    await using served = await site(files, { users });
    const user = { username: "ann", password: "p\u00e4ss:word" };
    await using known = await visit({ user });
    await known.page.goto(served.url);
    await known.page.getByRole("link", { name: "secret.txt" }).click();
    await known.page.waitForURL("**/secret.txt?view");
    assertEquals(await known.page.locator("#L1").textContent(), "for Ann\n");
    await known.page.getByRole("link", { name: "Raw file" }).click();
    await known.page.waitForURL("**/secret.txt");
    assertEquals(await known.page.locator("body").textContent(), "for Ann");

    await using stranger = await visit({ user: { ...user, password: "no" } });
    const response = await stranger.page.goto(`${served.url}/secret.txt`);
    assertEquals(response?.status(), 401);
    assert(!(await stranger.page.content()).includes("for Ann"));
    assertEquals(stranger.takeComplaints().length, 1);
  },
);

browserTest(
  "StaticFileHandler compresses responses for a browser",
  async () => {
    const text = "All work and no play. ".repeat(500);
    await using served = await site({
      "index.html": '<!DOCTYPE html><link rel="icon" href="data:,">',
      "long.txt": text,
      "sibling.txt": text,
      "sibling.txt.gz": await gzipped(text),
    });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(served.url);
    for (
      const [name, coding] of [["long.txt", /^(?:br|zstd)$/], [
        "sibling.txt",
        /^gzip$/,
      ]] as const
    ) {
      const [response, read] = await Promise.all([
        page.waitForResponse(`**/${name}`),
        page.evaluate(`fetch("${name}").then((response) => response.text())`),
      ]);
      assertEquals(read, text);
      assertMatch(await response.headerValue("Content-Encoding") ?? "", coding);
    }
  },
);

/** A text in gzip, a character for each byte. */
async function gzipped(text: string): Promise<string> {
  const stream = new Blob([text]).stream().pipeThrough(
    new CompressionStream("gzip"),
  );
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
}
