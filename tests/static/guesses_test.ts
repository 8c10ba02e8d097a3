// Many wrong passwords at once: they delay no other client.

import net from "node:net";
import { assert, assertEquals } from "@std/assert";
import { MAX_CHECKS_OF_CLIENT } from "../../handlers/static/access/check_queue.ts";
import { hashPassword } from "../../handlers/static/access/password.ts";
import type { Client } from "../_serve.ts";
import { delay } from "../server/_harness.ts";
import { Quiet, type Site, site } from "./_site.ts";

/** How many guesses are pending at once. */
const GUESSES = 60;

/** Slow enough that they still wait when the others send their requests. */
const ITERATIONS = 200_000;

function login(user: string, password: string): string {
  return `Authorization: Basic ${btoa(`${user}:${password}`)}`;
}

/** The status of the response to a request from another local address. */
function statusFrom(
  localAddress: string,
  port: number,
  field: string,
): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = net.connect({ host: "127.0.0.1", port, localAddress });
  let text = "";
  socket.on("data", (data) => text += data.toString());
  socket.on("end", () => resolve(Number(text.split(" ", 2)[1])));
  socket.on("error", reject);
  socket.write(
    `GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${field}\r\n\r\n`,
  );
  return promise;
}

Deno.test(
  "StaticFileHandler rejects guesses beyond the limit, and admits others",
  {
    // Other systems have only 127.0.0.1 by default.
    ignore: Deno.build.os !== "linux",
  },
  async () => {
    const users = `ada:${await hashPassword("lovelace", ITERATIONS)}\n` +
      `bob:${await hashPassword("builder", ITERATIONS)}\n`;
    await using files = await site({ "a.txt": "a" }, { users });
    const ada = login("ada", "lovelace");
    assertEquals((await files.get("/a.txt", ada)).status, 200);

    let open = GUESSES;
    const guesses = Array.from({ length: GUESSES }, async (_, n) => {
      const answer = await files.get("/a.txt", login("ada", `guess ${n}`));
      open--;
      return answer;
    });
    // Those beyond the limit are rejected at once; the rest wait.
    await Promise.race(guesses);
    // Checked just before, from the same address.
    assertEquals((await files.get("/a.txt", ada)).status, 200);
    assert(open > 1, "all guesses were over: nobody could be delayed");
    // Never checked before, from another address: the next in turn.
    const bob = login("bob", "builder");
    assertEquals(await statusFrom("127.0.0.2", files.served.port, bob), 200);
    assert(open > 1, "all guesses were over: nobody could be delayed");

    const answers = await Promise.all(guesses);
    const count = (wanted: number) =>
      answers.filter(({ status }) => status === wanted).length;
    assertEquals(count(401) + count(503), GUESSES);
    assert(count(401) >= MAX_CHECKS_OF_CLIENT, `${count(401)} were checked`);
    assert(count(503) > 0, "none was refused");
    const refused = answers.find(({ status }) => status === 503);
    assertEquals(refused!.header("retry-after"), "2");
  },
);

/** So slow that clients disconnect while checks wait. */
const SLOW = 2_000_000;

/** Sends requests with wrong passwords, each on a separate connection. */
async function guess(files: Site, count: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let n = 0; n < count; n++) {
    const client = await files.served.connect();
    clients.push(client);
    const field = login("ada", `guess ${n}`);
    await client.write(`GET /a.txt HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
  }
  return clients;
}

Deno.test(
  "StaticFileHandler drops the checks of clients that have disconnected",
  {
    timeout: 30_000,
  },
  async () => {
    const users = `ada:${await hashPassword("lovelace", SLOW)}\n`;
    await using files = await site({ "a.txt": "a" }, { users });
    // One is checked, and the others take all places of this address.
    for (const client of await guess(files, 1 + MAX_CHECKS_OF_CLIENT)) {
      client[Symbol.dispose]();
    }
    const ada = login("ada", "lovelace");
    let status = 503;
    const began = performance.now();
    while (status === 503 && performance.now() - began < 10_000) {
      status = (await files.get("/a.txt", ada)).status;
      if (status === 503) await delay(50);
    }
    const elapsed = performance.now() - began;
    assertEquals(status, 200);
    // They count as disconnected after a second; the guesses would take as long as seventeen checks.
    const one = await timeOf(() => hashPassword("-", SLOW));
    assert(
      elapsed < 1_000 + 8 * one,
      `it took ${elapsed} ms, and one check ${one} ms`,
    );
  },
);

Deno.test(
  "StaticFileHandler still checks waiting passwords when the server closes",
  {
    timeout: 30_000,
  },
  async () => {
    const users = `ada:${await hashPassword("lovelace", ITERATIONS)}\n`;
    const came = Promise.withResolvers<void>();
    const ada = login("ada", "lovelace");
    class Noting extends Quiet {
      override do_GET() {
        const sent = super.do_GET();
        const field = `Authorization: ${this.headers.get("Authorization")}`;
        if (field === ada) came.resolve();
        return sent;
      }
    }
    await using files = await site({ "a.txt": "a" }, { users }, Noting);
    const guesses = await guess(files, 2);
    using client = await files.served.connect();
    await client.write(`GET /a.txt HTTP/1.1\r\nHost: a\r\n${ada}\r\n\r\n`);
    await came.promise;
    const closed = files.served.server.server_close();
    assertEquals((await client.answer()).status, 200);
    for (const guess of guesses) guess[Symbol.dispose]();
    await closed;
  },
);

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
