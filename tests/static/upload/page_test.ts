import { assert, assertEquals, assertMatch } from "@std/assert";
import { LISTING_CSP } from "../../../handlers/static/listing/csp.ts";
import { dropPage, uploadArea } from "../../../handlers/static/upload/page.ts";
import { site } from "../_site.ts";
import { uploads } from "./_upload.ts";

async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = await crypto.subtle.digest("SHA-256", bytes);
  return `sha256-${new Uint8Array(hash).toBase64()}`;
}

/** The inline styles and scripts of a page. */
function inlined(html: string): string[] {
  return [...html.matchAll(/<(style|script)>([^]*?)<\/\1>/g)].map(
    ([, , text]) => text!,
  );
}

Deno.test("a listing allows exactly its style, its script and requests to itself", async () => {
  await using served = await uploads({ "a.txt": "a" });
  const { body, header } = await served.get("/");
  const policy = header("content-security-policy")!;
  const texts = inlined(body);
  assertEquals(texts.length, 2);
  for (const text of texts) assert(policy.includes(`'${await hashOf(text)}'`));
  assertMatch(policy, /; connect-src 'self'$/);
  assertMatch(policy, /form-action 'self'/);
  assert(!policy.includes("unsafe"));
});

Deno.test("uploadArea() keeps the script of the listing in one function", async () => {
  const { script } = await uploadArea();
  assertEquals(script.match(/\}\)\(\);/g)?.length, 1);
  assert(script.includes("let summary ="));
  // It never builds HTML.
  assert(
    !/innerHTML|outerHTML|insertAdjacentHTML|document\.write/.test(script),
  );
});

Deno.test("dropPage() has the policy of its style and script", async () => {
  const { html, csp } = await dropPage();
  for (const text of inlined(html)) {
    assert(csp.includes(`'${await hashOf(text)}'`));
  }
});

Deno.test("a listing without uploads has no trace of them", async () => {
  await using served = await site({ "a.txt": "a" });
  const { body, header } = await served.get("/");
  assertEquals(header("content-security-policy"), LISTING_CSP);
  assert(!/upload/i.test(body));
});

Deno.test("a listing is cached with and without the upload area", async () => {
  await using served = await uploads({ "a.txt": "a" }, {
    users: "reader:secret:read\nwriter:secret",
  });
  const ask = async (user: string) => {
    const { body } = await served.get(
      "/",
      `Authorization: Basic ${btoa(`${user}:secret`)}`,
    );
    return body.includes('id="upload"');
  };
  for (let turn = 0; turn < 2; turn++) {
    assertEquals([await ask("reader"), await ask("writer")], [false, true]);
  }
});

Deno.test("a listing in JSON has no upload area", async () => {
  await using served = await uploads({ "a.txt": "a" });
  const { body } = await served.get("/", "Accept: application/json");
  assertEquals(JSON.parse(body).entries.length, 1);
});
