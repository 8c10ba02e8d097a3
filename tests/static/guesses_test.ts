// Many wrong passwords at once: they delay nobody else.

import net from "node:net";
import { assert, assertEquals } from "@std/assert";
import { MAX_CHECKS_OF_CLIENT } from "../../handlers/static/policy/check_queue.ts";
import { hashPassword } from "../../handlers/static/policy/password.ts";
import { site } from "./_site.ts";

/** How many guesses are under way at once. */
const GUESSES = 60;

/** Slow enough that they are still waiting when the others ask. */
const ITERATIONS = 200_000;

function login(user: string, password: string): string {
  return `Authorization: Basic ${btoa(`${user}:${password}`)}`;
}

/** The status of the answer to a request from another address of this machine. */
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
  "StaticFileHandler refuses more guesses than may wait, and lets others in",
  {
    // Elsewhere only 127.0.0.1 is an address of the machine.
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
    // Those beyond the bound are refused at once, and the rest is waiting.
    await Promise.race(guesses);
    // Right before, and from the same address.
    assertEquals((await files.get("/a.txt", ada)).status, 200);
    assert(open > 1, "all guesses were over: nobody could be delayed");
    // Never checked before, but from another address: the next one in turn.
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
