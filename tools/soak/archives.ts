// Archives: whole, and resumed after a random part.

import { crc32 } from "node:zlib";
import { inMemory, readZip } from "../../tests/static/archive/_zip.ts";
import { expectBody, head, type Kind, type Work } from "./requests.ts";

/** The largest archive of the served folder, in bytes. */
const LARGEST = 2_000_000;

/** Receives the archive of a folder, and compares its files. */
async function archive(work: Work): Promise<number> {
  const { chance, client, site } = work;
  await client.send(head("GET", "/folder/?zip"));
  const whole = await client.receive({ method: "GET" });
  const { body } = whole;
  if (whole.status !== 200 || body.length > LARGEST) {
    throw new Error(`${whole.status} with ${body.length} bytes`);
  }
  const files = site.binaries.filter(({ path }) => path.startsWith("/folder/"));
  for (const { name, size, dataAt, checksum } of readZip(inMemory(body))) {
    if (name.endsWith("/")) continue;
    const content = body.slice(dataAt, dataAt + size);
    if (crc32(content) !== checksum) throw new Error(`Checksum of ${name}`);
    const file = files.find(({ path }) =>
      decodeURIComponent(path) === `/${name}`
    );
    if (file === undefined) throw new Error(`${name} is in the archive`);
    await expectBody(content, file.content);
  }
  if (chance.oneIn(2)) return body.length;
  const first = chance.below(body.length);
  const etag = whole.header("etag");
  await client.send(
    head(
      "GET",
      "/folder/?zip",
      `Range: bytes=${first}-`,
      `If-Range: ${etag}`,
    ),
  );
  const rest = await client.receive({ method: "GET" });
  if (rest.status !== 206) throw new Error(`${rest.status} for the rest`);
  await expectBody(rest.body, body.slice(first));
  return body.length + rest.body.length;
}

/** The kinds of requests for archives. */
export const ARCHIVES: readonly Kind[] = [
  { name: "archive", weight: 4, servers: ["static", "https"], run: archive },
];
