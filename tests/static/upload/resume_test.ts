// Uploads that go on after a broken connection.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { readState } from "../../../handlers/static/upload/resumable_state.ts";
import type { Client } from "../../_serve.ts";
import {
  sha256,
  stateFiles,
  until,
  uploads,
  type UploadSite,
} from "./_upload.ts";

const VERSION = "Upload-Draft-Interop-Version: 8";
const PARTIAL = "Content-Type: application/partial-upload";

/** Begins an upload and leaves before its end. Returns the target to resume it at. */
async function begin(
  { served }: UploadSite,
  size: number,
  start: string,
  ...fields: string[]
): Promise<string> {
  using client = await served.connect();
  await client.write(
    [
      "PUT /a.txt HTTP/1.1",
      "Host: localhost",
      `Content-Length: ${size}`,
      "Upload-Complete: ?1",
      VERSION,
      ...fields,
      "",
      start,
    ].join("\r\n"),
  );
  return await targetOf(client);
}

/** Reads the interim response. */
async function targetOf(client: Client): Promise<string> {
  const head = await client.readUntil("\r\n\r\n");
  assertMatch(head, /^HTTP\/1\.1 104 /);
  assertMatch(head, /\r\nUpload-Draft-Interop-Version: 8\r\n/);
  assertMatch(head, /\r\nUpload-Limit: max-size=\d+, max-age=3600\r\n/);
  const [, location = ""] = /\r\nLocation: (.*)\r\n/.exec(head) ?? [];
  assertMatch(location, /^\.httpserver\/upload\/[0-9a-f]{32}$/);
  return `/${location}`;
}

/** The offset of an upload. */
async function offsetOf(site: UploadSite, target: string): Promise<string> {
  const answer = await site.ask("HEAD", target);
  assertEquals(answer.status, 204);
  assertEquals(answer.header("cache-control"), "no-store");
  return answer.header("upload-offset")!;
}

function append(
  site: UploadSite,
  target: string,
  offset: number | string,
  body: string,
  ...fields: string[]
) {
  return site.send(
    "PATCH",
    target,
    body,
    PARTIAL,
    `Upload-Offset: ${offset}`,
    ...fields.some((field) => field.startsWith("Upload-Complete"))
      ? []
      : ["Upload-Complete: ?1"],
    ...fields,
  );
}

Deno.test("an upload goes on where its connection broke", async () => {
  await using site = await uploads();
  const target = await begin(site, 11, "hello");
  await until(async () => await offsetOf(site, target) === "5");
  assert(!(await site.all()).includes("a.txt"));
  const answer = await append(site, target, 5, " world");
  assertEquals(answer.status, 201);
  assertEquals(answer.header("location"), "../../a.txt");
  assertEquals(answer.header("upload-complete"), "?1");
  assertEquals(await site.all(), ["a.txt"]);
  assertEquals(await site.text("a.txt"), "hello world");
  const after = await site.ask("HEAD", target);
  assertEquals(after.header("upload-complete"), "?1");
  assertEquals(after.header("upload-offset"), "11");
});

Deno.test("an upload that is not interrupted gets its 104, then its response", async () => {
  await using site = await uploads();
  using client = await site.served.connect();
  await client.write(
    `PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nUpload-Complete: ?1\r\n${VERSION}\r\n\r\nhello`,
  );
  await targetOf(client);
  const answer = await client.answer();
  assertEquals([answer.status, answer.header("upload-complete")], [201, "?1"]);
  assertEquals(await site.text("a.txt"), "hello");
});

Deno.test("an upload in parts is stored with the last one", async () => {
  await using site = await uploads();
  using client = await site.served.connect();
  await client.write(
    `PUT /x/a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nUpload-Complete: ?0\r\n${VERSION}\r\n\r\nab`,
  );
  await client.readUntil("\r\n\r\n");
  const created = await client.answer();
  assertEquals(created.status, 201);
  assertEquals(created.header("upload-complete"), "?0");
  const target = "/x/" + created.header("location");
  const rows: readonly [offset: number, part: string][] = [
    [2, "cd"],
    [4, ""],
    [4, "e"],
  ];
  for (const [offset, part] of rows) {
    const answer = await append(
      site,
      target,
      offset,
      part,
      "Upload-Complete: ?0",
    );
    assertEquals(answer.status, 204);
    assertEquals(answer.header("upload-offset"), `${offset + part.length}`);
  }
  assertEquals((await append(site, target, 5, "f")).status, 201);
  assertEquals(await site.text("x/a.txt"), "abcdef");
});

Deno.test("an append is refused if it doesn't fit", async () => {
  const rows: readonly [
    status: number,
    problem: string | undefined,
    ...fields: string[],
  ][] = [
    [409, "mismatching-upload-offset", "Upload-Offset: 4"],
    [409, "mismatching-upload-offset", "Upload-Offset: 6"],
    [400, undefined, "Upload-Offset: -1"],
    [400, undefined, "Upload-Offset: x"],
    [400, undefined, "Upload-Offset: 5", "Upload-Complete: 1"],
    [
      400,
      "inconsistent-upload-length",
      "Upload-Offset: 5",
      "Upload-Length: 12",
    ],
    [
      400,
      undefined,
      "Upload-Offset: 5",
      `Content-Digest: ${await sha256("x")}`,
    ],
  ];
  for (const [status, problem, ...fields] of rows) {
    await using site = await uploads();
    const target = await begin(site, 11, "hello");
    await until(async () => await offsetOf(site, target) === "5");
    const sent = fields.some((field) => field.startsWith("Upload-Complete"))
      ? fields
      : [...fields, "Upload-Complete: ?1"];
    const answer = await site.send("PATCH", target, " world", PARTIAL, ...sent);
    assertEquals(answer.status, status, fields.join());
    if (problem !== undefined) {
      assertEquals(answer.header("content-type"), "application/problem+json");
      assertMatch(answer.body, new RegExp(`#${problem}"`));
    }
    // Nothing is lost.
    assertEquals((await append(site, target, 5, " world")).status, 201);
    assertEquals(await site.text("a.txt"), "hello world");
  }
});

Deno.test("a complete upload can't be appended to, and one with another media type neither", async () => {
  await using site = await uploads();
  const target = await begin(site, 6, "hello");
  await until(async () => await offsetOf(site, target) === "5");
  const other = await site.send("PATCH", target, "!", "Upload-Offset: 5");
  assertEquals([other.status, other.header("accept-patch")], [
    415,
    "application/partial-upload",
  ]);
  assertEquals((await append(site, target, 5, "!")).status, 201);
  const again = await append(site, target, 6, "!");
  assertEquals(again.status, 400);
  assertMatch(again.body, /completed-upload/);
});

Deno.test("the digest of the whole is checked when an upload is complete", async () => {
  for (const right of [true, false]) {
    await using site = await uploads();
    const digest = await sha256(right ? "hello world" : "another");
    const target = await begin(site, 11, "hello", `Repr-Digest: ${digest}`);
    await until(async () => await offsetOf(site, target) === "5");
    const answer = await append(site, target, 5, " world");
    assertEquals(answer.status, right ? 201 : 400);
    assertEquals(await site.all(), right ? ["a.txt"] : []);
  }
});

Deno.test("a request goes on with an upload whose connection the server has not given up", async () => {
  await using site = await uploads();
  using client = await site.served.connect();
  await client.write(
    `PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\nUpload-Complete: ?1\r\n${VERSION}\r\n\r\nhello`,
  );
  const target = await targetOf(client);
  await until(async () => {
    const [name = ""] = await site.all();
    return name !== "" && (await site.text(name)) === "hello";
  });
  assertEquals(await offsetOf(site, target), "5");
  assertEquals((await client.answer()).status, 409);
  assertEquals((await append(site, target, 5, " world")).status, 201);
  assertEquals(await site.text("a.txt"), "hello world");
});

Deno.test("an upload can be cancelled, and nobody else can touch it", async () => {
  const users = "ada:x\nbob:y";
  await using site = await uploads({}, { users });
  const [ada, bob] = ["ada:x", "bob:y"].map((pair) =>
    `Authorization: Basic ${btoa(pair)}`
  ) as [string, string];
  const target = await begin(site, 11, "hello", ada);
  for (const method of ["HEAD", "DELETE"]) {
    assertEquals((await site.ask(method, target, bob)).status, 404);
    assertEquals((await site.ask(method, target)).status, 401);
  }
  assertEquals((await append(site, target, 5, "x", bob)).status, 404);
  assertEquals((await site.ask("POST", target, ada)).status, 405);
  assertEquals((await site.ask("DELETE", target, ada)).status, 204);
  assertEquals((await site.ask("HEAD", target, ada)).status, 404);
  assertEquals(await site.all(), []);
  assertEquals(await stateFiles(), []);
});

Deno.test("a target that was guessed is 404, and another site's too", async () => {
  await using site = await uploads();
  await using other = await uploads();
  const target = await begin(site, 11, "hello");
  assertEquals((await other.ask("HEAD", target)).status, 404);
  for (const token of ["0".repeat(32), "..%2f..%2fx", "x", "A".repeat(32)]) {
    const answer = await site.ask("HEAD", `/.httpserver/upload/${token}`);
    assertEquals(answer.status, 404, token);
  }
  const [token = ""] = target.split("/").slice(-1);
  assertEquals((await readState(token))?.names, ["a.txt"]);
});

Deno.test("a client of another version is served without resumption", async () => {
  await using site = await uploads();
  const other = "Upload-Draft-Interop-Version: 3";
  const part = await site.put("/a", "x", "Upload-Complete: ?0", other);
  assertEquals(part.status, 400);
  assertEquals(part.header("upload-draft-interop-version"), "8");
  assertEquals(
    (await site.put("/a", "x", "Upload-Complete: ?1", other)).status,
    201,
  );
  assertEquals(await stateFiles(), []);
});

Deno.test("an upload is not stored over a file that came meanwhile", async () => {
  await using site = await uploads();
  const target = await begin(site, 11, "hello");
  await until(async () => await offsetOf(site, target) === "5");
  assertEquals((await site.put("/a.txt", "first")).status, 201);
  assertEquals((await append(site, target, 5, " world")).status, 409);
  assertEquals(await site.all(), ["a.txt"]);
  assertEquals(await site.text("a.txt"), "first");
});

Deno.test("of several appends at one offset, one is stored", async () => {
  for (const size of [11, undefined]) {
    await using site = await uploads();
    using client = await site.served.connect();
    await client.write(
      `PUT /a.txt HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nUpload-Complete: ?0\r\n${
        size === undefined ? "" : `Upload-Length: ${size}\r\n`
      }${VERSION}\r\n\r\nhello`,
    );
    await client.readUntil("\r\n\r\n");
    const created = await client.answer();
    const target = "/" + created.header("location");
    const answers = await Promise.all([
      ...Array.from({ length: 4 }, () => append(site, target, 5, " world")),
      append(site, target, 11, "", "Upload-Complete: ?1"),
      append(site, target, 11, "evil", "Upload-Complete: ?1"),
    ]);
    const stored = answers.filter(({ status }) => status === 201).length;
    // One may have interrupted another that was not over.
    if (stored === 0) {
      const offset = await offsetOf(site, target);
      const rest = " world".slice(Number(offset) - 5);
      assertEquals((await append(site, target, offset, rest)).status, 201);
    }
    assert(stored <= 1, answers.map(({ status }) => status).join());
    assertEquals(await site.text("a.txt"), "hello world");
    assertEquals(await site.all(), ["a.txt"]);
  }
});

Deno.test("a second append ends the first one, also right at its beginning", async () => {
  for (const pause of [0, 1, 30]) {
    await using site = await uploads();
    const target = await begin(site, 2_000, "hello");
    await until(async () => await offsetOf(site, target) === "5");
    using first = await site.served.connect();
    const fields = `Host: localhost\r\n${PARTIAL}\r\nUpload-Offset: 5\r\n` +
      "Upload-Complete: ?1\r\nContent-Length: 1995\r\n\r\n";
    await first.write(`PATCH ${target} HTTP/1.1\r\n${fields}`);
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
    const began = performance.now();
    const second = await append(site, target, 5, "x".repeat(1995));
    // Either request may have arrived first, or even ended then.
    if (second.status === 409) await first.write("x".repeat(1995));
    const statuses = [second.status, (await first.answer()).status];
    assertMatch(statuses.sort().join(), /^201,(?:400|409)$/);
    assert(performance.now() - began < 2_000);
    assertEquals(await site.text("a.txt"), "hello" + "x".repeat(1995));
  }
});

Deno.test("of two complete appends, the second one learns that the upload is complete", async () => {
  await using site = await uploads();
  const target = await begin(site, 11, "hello");
  await until(async () => await offsetOf(site, target) === "5");
  const answers = await Promise.all(
    Array.from({ length: 3 }, () => append(site, target, 5, " world")),
  );
  for (const { body, status } of answers) {
    assert([201, 400, 409].includes(status), `${status} ${body}`);
    if (status === 400) assertMatch(body, /completed-upload/);
  }
});

Deno.test("a client keeps 100 uploads, and another one drops its oldest", async () => {
  const users = "ada:x\nbob:y";
  await using site = await uploads({}, { users });
  const [ada, bob] = ["ada:x", "bob:y"].map((pair) =>
    `Authorization: Basic ${btoa(pair)}`
  ) as [string, string];
  const other = await begin(site, 9, "", bob);
  const targets: string[] = [];
  for (let n = 0; n < 102; n++) targets.push(await begin(site, 9, "", ada));
  const statuses = [];
  for (const target of [...targets.slice(0, 3), targets.at(-1)!]) {
    statuses.push((await site.ask("HEAD", target, ada)).status);
  }
  assertEquals(statuses, [404, 404, 204, 204]);
  assertEquals((await site.ask("HEAD", other, bob)).status, 204);
  assertEquals((await site.all()).length, 101);
});
