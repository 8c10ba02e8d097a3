// Files that are stored on the server, or refused.

import {
  ask,
  expectBody,
  expectStatus,
  head,
  type Kind,
  upload,
  type Work,
} from "./requests.ts";

let stored = 0;

/** Stores a file, perhaps in place of another, and reads it again. */
async function store(work: Work): Promise<number> {
  const body = upload(work);
  // More names than clients, so nobody replaces it meanwhile.
  const path = `/uploaded/${stored++ % 500}.bin`;
  const fields = [`Content-Length: ${body.length}`];
  if (work.chance.oneIn(4)) fields.push("Expect: 100-continue");
  if (work.chance.oneIn(3)) {
    const hash = await crypto.subtle.digest("SHA-256", body);
    const value = new Uint8Array(hash).toBase64();
    fields.push(`Content-Digest: sha-256=:${value}:`);
  }
  await work.client.send(head("PUT", path, ...fields));
  await work.client.send(body);
  const { status } = await work.client.receive();
  if (status !== 201 && status !== 204) throw new Error(`${status}`);
  const reply = await ask(work, "GET", path);
  expectStatus(reply, 200);
  return await expectBody(reply.body, body);
}

/** Stores nothing, for several reasons. */
async function notStored(work: Work): Promise<number> {
  const [status, path, ...fields] = work.chance.of(
    [
      [412, "/small.bin", "If-None-Match: *"],
      [403, "/uploaded/x", "Origin: http://evil.test"],
      [403, "/.hidden"],
      [400, "/uploaded/x", "Content-Range: bytes 0-4/5"],
      [
        400,
        "/uploaded/x",
        `Content-Digest: sha-256=:${"A".repeat(43)}=:`,
      ],
      [409, "/uploaded"],
    ] as const,
  );
  await work.client.send(head("PUT", path, "Content-Length: 5", ...fields));
  await work.client.send("hello");
  expectStatus(await work.client.receive(), status);
  work.client.reusable = false;
  return 5;
}

/** The kinds of requests that store files. */
export const UPLOADS: readonly Kind[] = [
  { name: "stored upload", weight: 10, servers: ["static"], run: store },
  { name: "refused upload", weight: 4, servers: ["static"], run: notStored },
];
