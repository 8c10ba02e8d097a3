// The requests of ordinary clients, with the status and bytes each must get.

import {
  brotliDecompressSync,
  gunzipSync,
  zstdDecompressSync,
} from "node:zlib";
import { digest } from "../../tests/faults/_rig.ts";
import { decodeLatin1 } from "../../text/latin1.ts";
import type { Chance } from "./chance.ts";
import type { Reply, SoakClient } from "./client.ts";
import type { KnownFile, SoakSite } from "./site.ts";

/** The servers of a soak test. */
export type ServerName = "static" | "https" | "cgi" | "classes";

/** The context of a request. */
export interface Work {
  readonly client: SoakClient;
  readonly chance: Chance;
  readonly site: SoakSite;
}

/** A kind of request. */
export interface Kind {
  readonly name: string;
  /** Its frequency, relative to the others. */
  readonly weight: number;
  readonly servers: readonly ServerName[];
  /** Runs it; returns how many bytes of body were checked. */
  run(work: Work): Promise<number>;
}

const FILES: readonly ServerName[] = ["static", "https"];
const CODINGS = ["gzip", "br", "zstd", "gzip, br;q=0.5", "br, zstd, gzip"];

/** A request without a body. */
export function head(
  method: string,
  path: string,
  ...fields: readonly string[]
): string {
  return [`${method} ${path} HTTP/1.1`, "Host: localhost", ...fields, "", ""]
    .join("\r\n");
}

export function expectStatus({ status }: Reply, expected: number): void {
  if (status !== expected) throw new Error(`${status} in place of ${expected}`);
}

const digests = new WeakMap<Uint8Array, Promise<string>>();

/** Returns the digest of content that never changes. */
function digestOf(content: Uint8Array): Promise<string> {
  let known = digests.get(content);
  if (known === undefined) digests.set(content, known = digest(content));
  return known;
}

/**
 * Compares a body.
 *
 * @param body The body.
 * @param contents What it may be.
 * @returns Its size.
 * @throws {Error} The body is another one.
 */
export async function expectBody(
  body: Uint8Array<ArrayBuffer>,
  ...contents: readonly Uint8Array<ArrayBufferLike>[]
): Promise<number> {
  const found = await digest(body);
  for (const content of contents) {
    if (content.length === body.length && await digestOf(content) === found) {
      return body.length;
    }
  }
  const sizes = contents.map(({ length }) => length).join(" or ");
  throw new Error(`Wrong bytes: ${body.length} in place of ${sizes}`);
}

function decode({ body, header }: Reply): Uint8Array<ArrayBuffer> {
  const coding = header("content-encoding");
  if (coding === undefined) return body;
  const decoders = {
    gzip: gunzipSync,
    br: brotliDecompressSync,
    zstd: zstdDecompressSync,
  };
  if (!(coding in decoders)) throw new Error(`Unknown coding ${coding}`);
  return new Uint8Array(decoders[coding as keyof typeof decoders](body));
}

/** Sends a request and reads the response. */
export async function ask(
  { client }: Work,
  method: string,
  path: string,
  ...fields: readonly string[]
): Promise<Reply> {
  await client.send(head(method, path, ...fields));
  return await client.receive({ method });
}

/** Picks a random file. Large ones are rare, or they would take all the time. */
function file({ chance, site }: Work): KnownFile {
  const files = [...site.binaries, ...site.texts];
  if (chance.oneIn(20)) return chance.of(files);
  return chance.of(files.filter(({ content }) => content.length < 1_000_000));
}

async function get(work: Work): Promise<number> {
  const { path, content } = file(work);
  const reply = await ask(work, "GET", path);
  expectStatus(reply, 200);
  return await expectBody(reply.body, content);
}

async function headOnly(work: Work): Promise<number> {
  const { path, content } = file(work);
  const reply = await ask(work, "HEAD", path);
  expectStatus(reply, 200);
  const length = reply.header("content-length");
  if (length !== String(content.length)) throw new Error(`Length ${length}`);
  return 0;
}

async function compressed(work: Work): Promise<number> {
  const { texts } = work.site;
  // The largest is compressed again each time, which takes a second of CPU time.
  const { path, content } = work.chance.oneIn(100)
    ? texts.at(-1)!
    : work.chance.of(texts.slice(0, -1));
  const accept = `Accept-Encoding: ${work.chance.of(CODINGS)}`;
  const reply = await ask(work, "GET", path, accept);
  expectStatus(reply, 200);
  await expectBody(decode(reply), content);
  return reply.body.length;
}

async function range(work: Work): Promise<number> {
  const { chance } = work;
  const { path, content } = file(work);
  if (content.length === 0) return 0;
  const first = chance.below(content.length);
  const last = Math.min(
    content.length - 1,
    first + chance.below(Math.min(content.length, 300_000)),
  );
  const suffix = Math.min(content.length, last - first + 1);
  const [value, from, to] = chance.of(
    [
      [`${first}-${last}`, first, last],
      [
        `${content.length - suffix}-`,
        content.length - suffix,
        content.length - 1,
      ],
      [`-${suffix}`, content.length - suffix, content.length - 1],
    ] as const,
  );
  const fields = [`Range: bytes=${value}`];
  // Ranges are the same with any Accept-Encoding.
  if (chance.oneIn(3)) fields.push("Accept-Encoding: gzip, br, zstd");
  const reply = await ask(work, "GET", path, ...fields);
  expectStatus(reply, 206);
  const expected = `bytes ${from}-${to}/${content.length}`;
  const found = reply.header("content-range");
  if (found !== expected) throw new Error(`${found} in place of ${expected}`);
  return await expectBody(reply.body, content.subarray(from, to + 1));
}

async function ranges(work: Work): Promise<number> {
  const { path, content } = work.site.binaries[2]!;
  const starts = [0, 20_000, 70_000];
  const value = starts.map((start) => `${start}-${start + 99}`).join(", ");
  const reply = await ask(work, "GET", path, `Range: bytes=${value}`);
  expectStatus(reply, 206);
  const type = reply.header("content-type") ?? "";
  const boundary = /^multipart\/byteranges; boundary=(\S+)$/.exec(type)?.[1];
  if (boundary === undefined) throw new Error(`Content-Type ${type}`);
  const parts = decodeLatin1(reply.body).split(`--${boundary}`).slice(1, -1);
  const bodies = parts.map((part) =>
    part.slice(part.indexOf("\r\n\r\n") + 4, -2)
  );
  const expected = starts.map((start) =>
    decodeLatin1(content.subarray(start, start + 100))
  );
  if (bodies.join() !== expected.join()) throw new Error("Wrong parts");
  return reply.body.length;
}

async function unsatisfiable(work: Work): Promise<number> {
  const { path, content } = file(work);
  if (content.length === 0) return 0;
  const value = `Range: bytes=${content.length}-`;
  const reply = await ask(work, "GET", path, value);
  expectStatus(reply, 416);
  return 0;
}

async function conditional(work: Work): Promise<number> {
  const { path, content } = file(work);
  const first = await ask(work, "HEAD", path);
  expectStatus(first, 200);
  const [tag, date] = ["etag", "last-modified"].map(first.header);
  const [status, ...fields] = work.chance.of(
    [
      ["304", `If-None-Match: ${tag}`],
      ["304", `If-Modified-Since: ${date}`],
      ["200", `If-None-Match: "another"`],
      ["412", `If-Match: "another"`],
      ["200", `If-Range: "another"`, "Range: bytes=0-9"],
    ] as const,
  );
  if (!work.client.reusable) return 0;
  const reply = await ask(work, "GET", path, ...fields);
  expectStatus(reply, Number(status));
  if (status !== "200") return 0;
  return await expectBody(reply.body, content);
}

async function missing(work: Work): Promise<number> {
  const path = `/missing/${work.chance.below(1_000_000)}`;
  expectStatus(await ask(work, "GET", path), 404);
  return 0;
}

async function listing(work: Work): Promise<number> {
  const reply = await ask(work, "GET", "/listed/", "Accept: application/json");
  expectStatus(reply, 200);
  const { entries } = JSON.parse(new TextDecoder().decode(reply.body));
  const names = entries.map(({ name }: { name: string }) => name).sort();
  if (names.join() !== [...work.site.names].sort().join()) {
    throw new Error(`Wrong names: ${names.length}`);
  }
  return reply.body.length;
}

async function listingPage(work: Work): Promise<number> {
  const reply = await ask(work, "GET", "/listed/", "Accept: text/html");
  expectStatus(reply, 200);
  const page = new TextDecoder().decode(reply.body);
  for (const name of work.site.names) {
    if (!page.includes(name)) throw new Error(`${name} is not listed`);
  }
  return reply.body.length;
}

async function redirect(work: Work): Promise<number> {
  const reply = await ask(work, "GET", "/folder");
  expectStatus(reply, 301);
  const location = reply.header("location") ?? "";
  if (!/(?:^|\/)folder\/$/.test(location)) throw new Error(location);
  return 0;
}

async function refused(work: Work): Promise<number> {
  const [request, status] = work.chance.of(
    [
      [head("DELETE", "/small.bin"), 405],
      [head("BREW", "/small.bin"), 501],
      [head("GET", "/small.bin", "Bad Name: x"), 400],
      [
        head("GET", "/small.bin", "Content-Length: 1", "Content-Length: 2"),
        400,
      ],
      ["GET /small.bin HTTP/3.0\r\n\r\n", 505],
      [head("GET", "/" + "a".repeat(70_000)), 414],
    ] as const,
  );
  await work.client.send(request);
  expectStatus(await work.client.receive(), status);
  // Ignore what follows on the connection.
  work.client.reusable = false;
  return 0;
}

async function pipelined(work: Work): Promise<number> {
  const { client, chance } = work;
  const files = Array.from({ length: 2 + chance.below(10) }, () => file(work));
  await client.send(files.map(({ path }) => head("GET", path)).join(""));
  let bytes = 0;
  for (const { content } of files) {
    const reply = await client.receive();
    expectStatus(reply, 200);
    bytes += await expectBody(reply.body, content);
  }
  return bytes;
}

async function slowReader(work: Work): Promise<number> {
  const { path, content } = work.site.binaries[1]!;
  await work.client.send(head("GET", path));
  const reply = await work.client.receive({ pause: 3 });
  expectStatus(reply, 200);
  return await expectBody(reply.body, content);
}

async function changing(work: Work): Promise<number> {
  const reply = await ask(work, "GET", "/changing.bin");
  expectStatus(reply, 200);
  return await expectBody(reply.body, ...work.site.states);
}

/** Creates a body of random size, usually small. */
export function upload({ chance, site }: Work): Uint8Array<ArrayBuffer> {
  const most = chance.of([10, 5_000, 70_000, 3_000_000]);
  const size = chance.below(most);
  const from = chance.below(site.largest - size);
  return site.binaries[1]!.content.slice(from, from + size);
}

/** Splits it into chunks of random size. */
function* chunks(
  { chance }: Work,
  body: Uint8Array,
): Generator<string | Uint8Array> {
  for (let at = 0; at < body.length;) {
    const size = 1 + chance.below(Math.max(100, body.length >> 2));
    const piece = body.subarray(at, at + size);
    yield piece.length.toString(16) + "\r\n";
    yield piece;
    yield "\r\n";
    at += piece.length;
  }
  yield "0\r\n\r\n";
}

async function sendUpload(
  work: Work,
  path: string,
  body: Uint8Array,
): Promise<void> {
  const { client, chance } = work;
  if (chance.oneIn(2)) {
    const fields = [`Content-Length: ${body.length}`];
    if (chance.oneIn(4)) fields.push("Expect: 100-continue");
    await client.send(head("POST", path, ...fields));
    await client.send(body);
    return;
  }
  await client.send(head("POST", path, "Transfer-Encoding: chunked"));
  for (const piece of chunks(work, body)) await client.send(piece);
}

async function uploaded(work: Work): Promise<number> {
  const body = upload(work);
  await sendUpload(work, "/", body);
  const reply = await work.client.receive();
  expectStatus(reply, 200);
  const found = new TextDecoder().decode(reply.body).trim();
  if (found !== await digest(body)) {
    throw new Error("The upload came out wrong");
  }
  return body.length;
}

async function unread(work: Work): Promise<number> {
  const body = new Uint8Array(work.chance.below(200_000));
  const length = `Content-Length: ${body.length}`;
  await work.client.send(head("PUT", "/", length));
  await work.client.send(body);
  expectStatus(await work.client.receive(), 204);
  return body.length;
}

async function script(work: Work): Promise<number> {
  const body = upload(work).slice(0, 300_000);
  const length = `Content-Length: ${body.length}`;
  await work.client.send(head("POST", "/cgi-bin/echo", length));
  await work.client.send(body);
  const reply = await work.client.receive();
  expectStatus(reply, 200);
  return await expectBody(reply.body, body);
}

/** Every kind of request. */
export const KINDS: readonly Kind[] = [
  { name: "get", weight: 20, servers: [...FILES, "classes"], run: get },
  { name: "head", weight: 5, servers: [...FILES, "classes"], run: headOnly },
  { name: "compressed", weight: 10, servers: FILES, run: compressed },
  { name: "range", weight: 10, servers: FILES, run: range },
  { name: "several ranges", weight: 3, servers: FILES, run: ranges },
  {
    name: "range beyond the end",
    weight: 2,
    servers: FILES,
    run: unsatisfiable,
  },
  { name: "conditional", weight: 8, servers: FILES, run: conditional },
  { name: "missing", weight: 4, servers: [...FILES, "classes"], run: missing },
  { name: "listing as JSON", weight: 2, servers: FILES, run: listing },
  { name: "listing as a page", weight: 2, servers: FILES, run: listingPage },
  {
    name: "redirect",
    weight: 2,
    servers: [...FILES, "classes"],
    run: redirect,
  },
  { name: "refused", weight: 4, servers: FILES, run: refused },
  {
    name: "pipelined",
    weight: 5,
    servers: [...FILES, "classes"],
    run: pipelined,
  },
  { name: "slow reader", weight: 1, servers: FILES, run: slowReader },
  { name: "changing file", weight: 8, servers: FILES, run: changing },
  { name: "upload", weight: 25, servers: ["classes"], run: uploaded },
  {
    name: "upload that is not read",
    weight: 5,
    servers: ["classes"],
    run: unread,
  },
  { name: "CGI script", weight: 10, servers: ["cgi"], run: script },
];
