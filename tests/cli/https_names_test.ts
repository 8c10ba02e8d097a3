// Which names a certificate has, and which ones the authority may sign.

import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertThrows,
} from "@std/assert";
import { caLines } from "../../cli/https/local_https.ts";
import { dataFolder, mkcertFolder, parentOf } from "../../cli/https/folders.ts";
import {
  type Machine,
  namesFor,
  permittedFor,
  sameNames,
} from "../../cli/https/names.ts";
import { pureTest } from "../_lib/pure.ts";

const BASE: Machine = {
  hostName: "",
  bind: undefined,
  hosts: [],
  addresses: [],
};

const ROWS: readonly [
  machine: Partial<Machine>,
  dns: string[],
  addresses: string[],
  left: string[],
][] = [
  [{}, [], [], []],
  [{ hostName: "My-Box" }, ["my-box", "my-box.local"], [], []],
  // It may be a top-level domain, which the authority can't sign.
  [{ hostName: "dev" }, ["dev.local"], [], []],
  [
    { hostName: "a1.corp.example.com." },
    ["a1.corp.example.com", "a1.local"],
    [],
    [],
  ],
  [{ hostName: "box.local" }, ["box.local"], [], []],
  [{ hostName: "bad_name" }, [], [], []],
  [{ hostName: "10.0.0.1" }, [], [], []],
  [{ bind: "::" }, [], [], []],
  [{ bind: "0.0.0.0" }, [], [], []],
  [{ bind: "192.168.1.5" }, [], ["192.168.1.5"], []],
  [{ bind: "8.8.8.8" }, [], [], ["8.8.8.8"]],
  [{ bind: "box.test" }, ["box.test"], [], []],
  [{ hosts: ["app.test", "APP.test."] }, ["app.test"], [], []],
  [{ hosts: ["a.localhost", "localhost"] }, ["a.localhost"], [], []],
  [{ hosts: ["example.com", "*.x.test"] }, [], [], ["example.com", "*.x.test"]],
  [
    { hosts: ["nas.home.arpa", "db.internal"] },
    [
      "nas.home.arpa",
      "db.internal",
    ],
    [],
    [],
  ],
  [{ hosts: ["latest"] }, [], [], ["latest"]],
  [
    { addresses: ["192.168.1.5", "10.1.2.3", "2001:db8::1", "203.0.113.1"] },
    [],
    ["10.1.2.3", "192.168.1.5"],
    [],
  ],
  [
    { addresses: ["fd00:0:0::2", "fe80::1%eth0", "100.64.0.1", "172.32.0.1"] },
    [],
    ["100.64.0.1", "fd00::2", "fe80::1"],
    [],
  ],
];

for (const [machine, dns, addresses, left] of ROWS) {
  pureTest(`namesFor() chooses names for ${JSON.stringify(machine)}`, () => {
    const { hostName = "" } = machine;
    const chosen = namesFor({ ...BASE, ...machine }, permittedFor(hostName));
    assertEquals(chosen, {
      dns: ["localhost", ...dns],
      addresses: ["127.0.0.1", "::1", ...addresses].toSorted(),
      left,
    });
  });
}

pureTest(
  "namesFor() leaves out wildcards only if the authority may sign everything",
  () => {
    const { dns, addresses, left } = namesFor({
      ...BASE,
      hosts: ["example.com", "*.a.test"],
      addresses: ["203.0.113.1"],
    }, undefined);
    assertEquals(dns, ["localhost", "example.com"]);
    assertEquals(addresses, ["127.0.0.1", "203.0.113.1", "::1"]);
    assertEquals(left, ["*.a.test"]);
  },
);

pureTest(
  "permittedFor() adds the host name unless it may be a top-level domain",
  () => {
    const common = permittedFor("").dns;
    for (const name of ["dev", "app", "xn--p1ai", "box.local", "a b", ""]) {
      assertEquals(permittedFor(name).dns, common, name);
    }
    for (const name of ["my-box", "ip-10-0-0-1", "box7", "box.example.com"]) {
      assertEquals(permittedFor(name).dns, [...common, name]);
    }
  },
);

pureTest("sameNames() ignores the order", () => {
  const names = { dns: ["a", "b"], addresses: ["::1"] };
  assert(sameNames(names, { ...names, dns: ["b", "a"] }));
  assertFalse(sameNames(names, { ...names, dns: ["a"] }));
  assertFalse(sameNames(names, { ...names, addresses: ["::2"] }));
});

pureTest("dataFolder() and mkcertFolder() find the user's folders", () => {
  const rows: readonly [
    os: string,
    env: Record<string, string>,
    data: string | undefined,
    mkcert: string | undefined,
  ][] = [
    [
      "linux",
      { HOME: "/home/a" },
      "/home/a/.local/share/httpserver",
      "/home/a/.local/share/mkcert",
    ],
    [
      "linux",
      { HOME: "/home/a", XDG_DATA_HOME: "/d" },
      "/d/httpserver",
      "/d/mkcert",
    ],
    [
      "linux",
      { HOME: "/home/a", XDG_DATA_HOME: "d" },
      "/home/a/.local/share/httpserver",
      "/home/a/.local/share/mkcert",
    ],
    ["linux", { XDG_DATA_HOME: "/d", CAROOT: "/ca" }, "/d/httpserver", "/ca"],
    ["linux", { HOME: "" }, undefined, undefined],
    [
      "darwin",
      { HOME: "/Users/a", XDG_DATA_HOME: "/d" },
      "/Users/a/Library/Application Support/httpserver",
      "/Users/a/Library/Application Support/mkcert",
    ],
    [
      "windows",
      { LOCALAPPDATA: "C:\\Local", HOME: "/x" },
      "C:\\Local\\httpserver",
      "C:\\Local\\mkcert",
    ],
    ["windows", { HOME: "/x" }, undefined, undefined],
  ];
  for (const [os, env, data, mkcert] of rows) {
    const get = (name: string) => env[name];
    if (data === undefined) {
      const error = assertThrows(() => dataFolder(os, get), TypeError);
      assertMatch(
        error.message,
        /^Cannot keep the certificates: \w+ is not set; set it, or use/,
      );
    } else {
      assertEquals(dataFolder(os, get), data);
    }
    assertEquals(mkcertFolder(os, get), mkcert);
  }
});

pureTest("parentOf() returns the folder that contains a folder", () => {
  for (
    const [folder, parent] of [
      ["/home/a/b", "/home/a"],
      ["/home//a/", "/home"],
      ["/home", "/"],
      ["/", "/"],
      ["C:\\Users\\a", "C:\\Users"],
      ["C:\\Users", "C:\\"],
      ["C:\\", "C:\\"],
    ] as const
  ) assertEquals(parentOf(folder), parent);
});

pureTest(
  "caLines() says how to trust the CA, as far as that is left to do",
  () => {
    const urls = (network: string[]) => ({
      scheme: "https" as const,
      all: ["https://localhost:1/"],
      network,
    });
    const first = "  CA: SHA-256 AB:CD";
    const lan = urls(["https://10.0.0.1:8000/"]);
    assertEquals(caLines(lan, "AB:CD", false), [
      first,
      "  Trust it on this machine: httpserver --trust; on other devices: http://10.0.0.1:8000/.httpserver/ca.crt",
    ]);
    assertEquals(caLines(lan, "AB:CD", true), [
      first,
      "  Trust it on other devices: http://10.0.0.1:8000/.httpserver/ca.crt",
    ]);
    assertEquals(caLines(urls([]), "AB:CD", true), [first]);
    const secret = urls(["https://[fd00::2]:8000/SECRET/base/"]);
    assertEquals(caLines(secret, "AB:CD", true), [
      first,
      "  Trust it on other devices: http://[fd00::2]:8000/.httpserver/ca.crt",
    ]);
  },
);
