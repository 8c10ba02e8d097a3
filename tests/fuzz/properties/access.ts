// Credentials, user files, and the lines of an access log.

import { assert, assertEquals } from "@std/assert";
import { formatAccess } from "../../../handlers/static/access/access_log.ts";
import {
  basicChallenge,
  parseBasicCredentials,
} from "../../../handlers/static/access/basic_auth.ts";
import { parsePassword } from "../../../handlers/static/access/password.ts";
import { parseUsers } from "../../../handlers/static/access/users.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/access.json" with { type: "json" };
import { anyBytes, anyText, texts } from "../_random.ts";

function base64(text: string): string {
  return btoa(
    Array.from(
      new TextEncoder().encode(text),
      (byte) => String.fromCharCode(byte),
    ).join(""),
  );
}

const basic = property(
  "parseBasicCredentials() returns the user and the password",
  (random) => ({
    user: anyText(random),
    password: anyText(random),
    scheme: random.pick(["Basic ", "basic  ", "BASIC "]),
  }),
  ({ user, password, scheme }) => {
    if (!/^basic +$/i.test(scheme)) return;
    const read = parseBasicCredentials(scheme + base64(`${user}:${password}`));
    // The first colon ends the user.
    const whole = `${user}:${password}`;
    // deno-lint-ignore no-control-regex
    const plain = !/[\x00-\x1f\x7f\p{Surrogate}]/u.test(whole);
    const colon = whole.indexOf(":");
    if (!plain) {
      assert(read === undefined || whole !== whole.toWellFormed());
      return;
    }
    assertEquals(read, {
      user: whole.slice(0, colon),
      password: whole.slice(colon + 1),
    });
  },
);

const credentials = property(
  "parseBasicCredentials() returns clean text or nothing for every field",
  texts([
    ..."Basic basic Bearer QTpi QTpiYw== = == YTo= /w== OjA=".split(" "),
    " ",
  ], ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Basic QTpi"]),
  (value) => {
    const read = parseBasicCredentials(value);
    if (read === undefined) return;
    assert(!read.user.includes(":"));
    // deno-lint-ignore no-control-regex
    assert(!/[\x00-\x1f\x7f]/.test(read.user + read.password));
  },
);

const challenges = property(
  "basicChallenge() writes a realm that cannot end early, or throws a TypeError",
  anyText,
  (realm) => {
    const { value } = attempt(() => basicChallenge(realm), TypeError);
    if (value !== undefined) {
      assertEquals(
        /^Basic realm="([ !#-[\]-~]*)", charset="UTF-8"$/.exec(value)?.[1],
        realm,
      );
    }
  },
);

const SECRET = "s3cret-pa55";

const users = property(
  "parseUsers() returns users, or throws a SyntaxError that keeps their passwords secret",
  (random) =>
    random.list(
      4,
      texts(
        [
          "ada",
          ":",
          SECRET,
          "#",
          "{PLAIN}",
          "{SHA}",
          "$2y$",
          "$pbkdf2-sha256$1$",
          "\r",
          " ",
        ],
        [
          `ada:${SECRET}`,
          "# note",
          `bob:{PLAIN}${SECRET}`,
          `c:{SSHA}${SECRET}`,
          `d:$2y$10$${SECRET}`,
        ],
        { most: 5 },
      ),
    ).join("\n"),
  (text) => {
    const { value, error } = attempt(() => parseUsers(text), SyntaxError);
    if (error !== undefined) {
      assert(
        !error.message.includes(SECRET) || isUser(text, SECRET),
        error.message,
      );
      assert(!/[\r\n]/.test(error.message));
      return;
    }
    assert(value!.size > 0);
    for (const [user, kept] of value!) {
      assert(user !== "" && !user.includes(":"));
      assert(["plain", "sha256", "pbkdf2"].includes(kept.kind));
    }
  },
  400,
);

/** Whether a user name contains the text: a secret written as a name may be shown. */
function isUser(text: string, name: string): boolean {
  return text.split("\n").some((line) => line.split(":", 1)[0]!.includes(name));
}

const passwords = property(
  "parsePassword() does not accept a hash as a plain password",
  texts(
    [..."$ $2y$ $pbkdf2-sha256$ 1000 1 $ {SHA256} {PLAIN} {SSHA} { } a = / . + salt"
      .split(" ")],
    [
      "hunter2",
      "{PLAIN}{SHA}x",
      "{SHA256}9S+9MrKzuG/4jvbEkGKChfSCrxXdyylUhyO5+5ODvLc=",
      "$pbkdf2-sha256$1000$c2FsdA$" + "A".repeat(43),
    ],
  ),
  (text) => {
    const { value } = attempt(() => parsePassword(text), SyntaxError);
    if (value?.kind !== "plain") return;
    if (text.startsWith("{PLAIN}")) {
      return assertEquals(value.password, text.slice(7));
    }
    assertEquals(value.password, text);
    assert(!/^(?:\$[^$]*\$|\{[^}]*\})/.test(text), text);
  },
);

const clientText = texts([
  '"',
  "\\",
  "\r\n",
  " ",
  "GET / HTTP/1.1",
  '" 200 5 "',
  "\x1b[2J",
  "\u202e",
], ["curl/8", 'a" - "b']);

const logLines = property(
  "formatAccess() writes one printable line that can be parsed back",
  (random) => ({
    line: clientText(random),
    referer: clientText(random),
    agent: random.oneIn(3) ? anyBytes(random) : clientText(random),
    user: random.oneIn(2) ? anyText(random) : "",
    zone: random.between(-840, 840),
    long: random.oneIn(20),
  }),
  ({ line, referer, agent, user, zone, long }) => {
    const record = {
      address: "192.0.2.1",
      user: user === "" ? null : user,
      timeMs: 1_700_000_000_000,
      offsetMinutes: zone,
      requestLine: line,
      status: 200,
      bytes: 5,
      referer: long ? referer + "x".repeat(5000) : referer,
      agent,
      durationMs: 1.5,
    };
    for (const format of ["common", "combined", "json"] as const) {
      const text = formatAccess(record, format);
      assert(/^[ -~]*$/.test(text), text);
      assert(text.length < 60_000);
      if (format === "json") {
        const read = JSON.parse(text);
        assertEquals([read.request, read.agent, read.status], [
          line,
          agent,
          200,
        ]);
        continue;
      }
      const quoted = '"((?:[^"\\\\]|\\\\.)*)"';
      const found = new RegExp(
        `^192\\.0\\.2\\.1 - (\\S+) \\[\\d\\d/Nov/2023:\\d\\d:\\d\\d:\\d\\d [+-]\\d{4}\\] ${quoted} 200 5` +
          (format === "combined" ? ` ${quoted} ${quoted} 0\\.00[12]$` : "$"),
      ).exec(text);
      assert(found !== null, text);
      assertEquals(unescaped(found![2]!), bytesOf(line));
      if (format === "combined") {
        assertEquals(unescaped(found![4]!), bytesOf(agent));
      }
    }
  },
);

/** Replaces escapes by one character for each byte. */
function unescaped(text: string): string {
  return text.replace(
    /\\x([0-9A-F]{2})/g,
    (_, digits) => String.fromCharCode(parseInt(digits, 16)),
  );
}

/** Replaces characters beyond latin-1, which no client can send, by their UTF-8. */
function bytesOf(text: string): string {
  return Array.from(
    text,
    (character) =>
      character.codePointAt(0)! <= 0xff ? character : Array.from(
        new TextEncoder().encode(character),
        (byte) => String.fromCharCode(byte),
      ).join(""),
  ).join("");
}

/** Properties of access control and its log. */
export const ACCESS: Subject = {
  name: "access",
  properties: [basic, credentials, challenges, users, passwords, logLines],
  corpus,
};
