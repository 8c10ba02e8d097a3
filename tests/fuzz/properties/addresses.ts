// IP addresses, networks, proxies and hosts.

import { assert, assertEquals } from "@std/assert";
import { compileTrust } from "../../../handlers/static/access/forwarded.ts";
import { compileHosts } from "../../../handlers/static/access/host_allow.ts";
import {
  isInNetwork,
  parseAddress,
  parseNetwork,
} from "../../../text/ip_address.ts";
import { attempt, property, type Subject } from "../_lib.ts";
import corpus from "../corpus/addresses.json" with { type: "json" };
import { type Random, soup, texts } from "../_random.ts";

const addressText = texts(
  [..."0 1 9 255 256 01 . . : :: ffff FFFF 12345 % eth0 [ ] /".split(" ")],
  [
    "127.0.0.1",
    "::1",
    "2001:db8::ff00:42:8329",
    "::ffff:1.2.3.4",
    "fe80::1%eth0",
    "1:2:3:4:5:6:7:8",
    "::",
  ],
);

/** An address as the URL parser reads it, as 16 bytes. */
function byUrl(text: string): number[] | undefined {
  if (!text.includes(":")) {
    if (!/^(?:(?:0|[1-9]\d{0,2})(?:\.(?!$)|$)){4}$/.test(text)) {
      return undefined;
    }
    const octets = text.split(".").map(Number);
    if (octets.some((octet) => octet > 255)) return undefined;
    return [...new Array(10).fill(0), 0xff, 0xff, ...octets];
  }
  const url = `http://[${text.split("%", 1)[0]}]/`;
  if (!URL.canParse(url)) return undefined;
  const [head = "", tail] = new URL(url).hostname.slice(1, -1).split("::");
  const groups = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [groups(head), groups(tail ?? "")];
  const zeros = new Array(8 - before.length - after.length).fill(0);
  return [...before, ...zeros, ...after].flatMap((
    group,
  ) => [group >> 8, group & 255]);
}

const parsing = property(
  "parseAddress() accepts the addresses that the URL parser accepts, and nothing else",
  addressText,
  (text) => {
    if (/[[\]\\/?#@\s]/.test(text) || text.length > 64) return;
    const bytes = parseAddress(text);
    assertEquals(bytes === undefined ? undefined : [...bytes], byUrl(text));
  },
  600,
);

function anyAddress(random: Random): number[] {
  const mapped = random.oneIn(2);
  return Array.from(
    { length: 16 },
    (_, index) =>
      mapped && index < 12
        ? (index < 10 ? 0 : 0xff)
        : random.pick([0, 1, 127, 128, 255]),
  );
}

/** An address as text, in its longest form. */
function long(bytes: readonly number[]): string {
  return Array.from(
    { length: 8 },
    (_, index) =>
      (bytes[2 * index]! * 256 + bytes[2 * index + 1]!).toString(16),
  ).join(":");
}

function bitsOf(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
}

const networks = property(
  "isInNetwork() compares the first bits of two addresses",
  (random) => ({
    a: anyAddress(random),
    b: anyAddress(random),
    bits: random.int(129),
  }),
  ({ a, b, bits }) => {
    if (a.length < 16 || b.length < 16) return;
    assertEquals(parseAddress(long(a)), a);
    const network = parseNetwork(`${long(b)}/${bits}`);
    assertEquals(
      isInNetwork(a, network),
      bitsOf(a).slice(0, bits) === bitsOf(b).slice(0, bits),
    );
    // A prefix of n bits on four octets means 96 + n bits of the mapped address.
    if (bits > 32) return;
    const mapped = [...new Array(10).fill(0), 255, 255];
    const short = parseNetwork(`${b.slice(12).join(".")}/${bits}`);
    assertEquals(
      isInNetwork([...mapped, ...a.slice(12)], short),
      bitsOf(a.slice(12)).slice(0, bits) === bitsOf(b.slice(12)).slice(0, bits),
    );
  },
);

const networkText = property(
  "parseNetwork() returns a network or throws a TypeError",
  (random) =>
    addressText(random) +
    random.pick(["", "/", "/0", "/8", "/33", "/129", "/08", "/+1"]),
  (text) => {
    const { value } = attempt(() => parseNetwork(text), TypeError);
    if (value === undefined) return;
    assertEquals(value.address.length, 16);
    assert(
      Number.isInteger(value.bits) && value.bits >= 0 && value.bits <= 128,
    );
  },
);

const hops = [
  "10.0.0.1",
  "10.0.0.2",
  "203.0.113.9",
  "198.51.100.7",
  "::1",
  "unknown",
  "",
  "[2001:db8::1]:80",
  "192.0.2.1:443",
];

const forwarded = property(
  "compileTrust() trusts each proxy only about its own client",
  (random) => ({
    peer: random.pick(hops.slice(0, 5)),
    list: random.list(6, (r) => r.pick(hops)),
  }),
  ({ peer, list }) => {
    const clientOf = compileTrust(["10.0.0.0/8", "::1"]);
    const isTrusted = (address: string) => /^10\.|^::1$/.test(address);
    let expected = peer;
    for (const hop of list.toReversed()) {
      if (!isTrusted(expected)) break;
      const bare = hop.replace(/^\[([^\]]*)\].*$/, "$1").replace(
        /^([^:]*):\d+$/,
        "$1",
      );
      if (!/^(?:[0-9]+\.){3}[0-9]+$|:/.test(bare)) break;
      expected = bare;
    }
    assertEquals(
      clientOf(peer, list.length === 0 ? null : list.join(", ")),
      expected,
    );
    assertEquals(clientOf(peer, null), peer);
  },
);

const hostNames = texts(
  [..."a.test evil.test x.a.test localhost .localhost LOCALHOST 127.0.0.1 [::1] :80 : . - _ * xn--e1a @ / %"
    .split(" ")],
  [
    "a.test",
    "a.test:8000",
    "x.lan.test.",
    "[::1]:80",
    "evil-a.test",
    "a.test.evil.test",
  ],
  { most: 4 },
);

const hosts = property(
  "compileHosts() accepts listed names and addresses",
  hostNames,
  (host) => {
    if (!compileHosts(["a.test", "*.lan.test"])(host)) return;
    const name = host.toLowerCase().replace(/:\d*$/, "").replace(/\.$/, "");
    const isListed = name === "a.test" || name.endsWith(".lan.test") ||
      name === "localhost" || name.endsWith(".localhost");
    // Brackets hold an address, never a name that could be resolved.
    assert(
      isListed || /^(?:\[[0-9a-f:.]+\]|(?:\d+\.){3}\d+)$/.test(name),
      name,
    );
    assert(!/[/@\s]/.test(host), host);
  },
  400,
);

const listedHosts = property(
  "compileHosts() accepts names and patterns, or throws a TypeError",
  (random) => ({
    host: soup(["a", ".", "*.", "test", "-", "B"], 5)(random),
    port: random.pick(["", ":1", ":"]),
  }),
  ({ host, port }) => {
    const { value } = attempt(() => compileHosts([host]), TypeError);
    if (value === undefined) return;
    assert(value(null));
    assertEquals(value("evil.example"), false);
    const name = host.replace(/^\*\./, "sub.");
    assert(value(name.toUpperCase() + port), name);
  },
);

/** Properties of addresses and hosts. */
export const ADDRESSES: Subject = {
  name: "addresses",
  properties: [parsing, networks, networkText, forwarded, hosts, listedHosts],
  corpus,
};
