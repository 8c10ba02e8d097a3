// The authority and the certificates of servers: made once, checked by OpenSSL, and replaced if necessary.

import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  issueLeaf,
  makeAuthority,
  readAuthority,
} from "../../cli/https/authority.ts";
import { readFacts } from "../../cli/https/certificate_facts.ts";
import {
  type Certified,
  certify,
  findAuthority,
  isTrusted,
  type Place,
  rememberTrust,
} from "../../cli/https/keeper.ts";
import { type Machine, permittedFor } from "../../cli/https/names.ts";
import { pemBlocks, pemBytes } from "../../server/pem.ts";
import { boundedTest } from "../_lib/bounded.ts";
import { type Folder, folder } from "../handlers/_folder.ts";
import { HAS_OPENSSL, run } from "./_local_ca.ts";

const DAY = 86_400_000;

const MACHINE: Machine = {
  hostName: "box-1",
  bind: undefined,
  hosts: ["app.test"],
  addresses: ["192.168.1.5", "fd00::2"],
};

function placeIn(files: Folder, more: Partial<Place> = {}): Place {
  return {
    folder: files.in("data/httpserver"),
    mkcert: undefined,
    os: "linux",
    now: Date.now(),
    uid: Deno.uid() ?? undefined,
    ...more,
  };
}

/** The parts of the certificate of a server. */
async function factsOf({ leaf }: Certified) {
  const [block] = pemBlocks(await Deno.readTextFile(leaf));
  return readFacts(pemBytes(block!)!);
}

/** Makes an authority as mkcert does. */
async function makeMkcert(files: Folder, kind: string): Promise<string> {
  const caroot = files.in("mkcert");
  await Deno.mkdir(caroot);
  const algorithm = kind === "rsa"
    ? ["rsa:3072"]
    : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  const { code, output } = await run(
    "openssl",
    ...["req", "-x509", "-newkey", ...algorithm, "-nodes", "-days", "3650"],
    ...["-subj", "/O=mkcert development CA/CN=mkcert a@b"],
    ...["-addext", "keyUsage=critical,keyCertSign"],
    ...["-keyout", `${caroot}/rootCA-key.pem`, "-out", `${caroot}/rootCA.pem`],
  );
  assertEquals(code, 0, output);
  return caroot;
}

/** Verifies a certificate with OpenSSL for a name or an address. */
async function verify(
  file: string,
  leaf: string,
  option: "-verify_hostname" | "-verify_ip",
  name: string,
): Promise<string> {
  const args = ["verify", "-x509_strict", "-CAfile", file, option, name, leaf];
  const { code, output } = await run("openssl", ...args);
  return code === 0 ? "OK" : output;
}

boundedTest(
  "certify() makes certificates with the fields that clients require",
  async () => {
    await using files = await folder();
    const certified = await certify(placeIn(files), MACHINE);
    const { facts } = certified.authority;
    const leaf = await factsOf(certified);
    assertMatch(facts.commonName, /^httpserver CA box-1 [0-9a-f]{8}$/);
    assertEquals(leaf.issuer, facts.subject);
    assertEquals(leaf.issuerKeyId, facts.keyId);
    assertEquals(leaf.names, {
      dns: ["localhost", "box-1", "box-1.local", "app.test"],
      addresses: ["127.0.0.1", "192.168.1.5", "::1", "fd00::2"],
    });
    // Both ends count.
    assertEquals(leaf.to + 1000 - leaf.from, 397 * DAY);
    assertEquals(facts.permitted, permittedFor("box-1"));
    assertEquals(leaf.permitted, undefined);
  },
);

boundedTest(
  "certify() makes certificates that OpenSSL accepts for their names only",
  async () => {
    await using files = await folder();
    const { file, leaf } = await certify(placeIn(files), MACHINE);
    for (const name of ["localhost", "box-1", "box-1.local", "app.test"]) {
      assertEquals(await verify(file, leaf, "-verify_hostname", name), "OK");
    }
    for (const ip of ["127.0.0.1", "::1", "192.168.1.5", "fd00::2"]) {
      assertEquals(await verify(file, leaf, "-verify_ip", ip), "OK");
    }
    const other = await verify(file, leaf, "-verify_hostname", "b.test");
    assertStringIncludes(other, "hostname mismatch");
    const text = (await run("openssl", "x509", "-noout", "-text", "-in", leaf))
      .output;
    assertMatch(text, /Basic Constraints: critical\s+CA:FALSE/);
    assertMatch(text, /Extended Key Usage:\s+TLS Web Server Authentication/);
    assertMatch(text, /Serial Number:\s+(?:[0-9a-f]{2}:){15}[0-9a-f]{2}\n/);
    const ca = (await run("openssl", "x509", "-noout", "-text", "-in", file))
      .output;
    assertMatch(ca, /Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
    assertMatch(ca, /Key Usage: critical\s+Certificate Sign, CRL Sign/);
    assertMatch(ca, /Name Constraints: critical\s+Permitted:/);
  },
  !HAS_OPENSSL,
);

boundedTest(
  "OpenSSL refuses names that the authority may not sign",
  async () => {
    await using files = await folder();
    const { authority, file } = await certify(placeIn(files), MACHINE);
    const leaf = files.in("other.pem");
    for (
      const names of [
        { dns: ["example.com"], addresses: [] },
        { dns: ["localhost", "notlocal"], addresses: [] },
        { dns: ["localhost"], addresses: ["8.8.8.8"] },
        { dns: ["localhost"], addresses: ["2001:db8::1"] },
      ]
    ) {
      const text = await issueLeaf(authority, names, Date.now());
      await Deno.writeTextFile(leaf, text);
      const result = await verify(
        file,
        leaf,
        "-verify_hostname",
        names.dns[0]!,
      );
      assertStringIncludes(result, "permitted subtree violation");
    }
  },
  !HAS_OPENSSL,
);

boundedTest("certify() keeps keys from other users", async () => {
  await using files = await folder();
  const place = placeIn(files);
  const { leaf, file } = await certify(place, MACHINE);
  const mode = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
  assertEquals(await mode(place.folder), 0o700);
  assertEquals(await mode(`${place.folder}/ca.pem`), 0o600);
  assertEquals(await mode(leaf), 0o600);
  assert(!(await Deno.readTextFile(file)).includes("KEY"));
  for await (const { name } of Deno.readDir(place.folder)) {
    assert(!name.endsWith(".tmp"), name);
  }
}, Deno.build.os === "windows");

boundedTest(
  "certify() repairs loose modes, and warns that others may have the key",
  async () => {
    await using files = await folder();
    const place = placeIn(files);
    const { leaf, file } = await certify(place, MACHINE);
    const key = `${place.folder}/ca.pem`;
    const mode = async (path: string) => (await Deno.stat(path)).mode! & 0o777;
    const advice = /; other users may have its key: to make a new CA, remove /;
    for (
      const [path, loose, right, isKey] of [
        [place.folder, 0o777, 0o700, false],
        [place.folder, 0o750, 0o700, false],
        [key, 0o644, 0o600, true],
        [key, 0o666, 0o600, true],
      ] as const
    ) {
      await Deno.chmod(path, loose);
      const { notes } = await certify(place, MACHINE);
      assertEquals(await mode(path), right);
      assertEquals(notes.length, 1);
      const change = `changed the mode of ${path} from 0${
        loose.toString(8)
      } to 0${right.toString(8)}`;
      assertStringIncludes(notes[0]!, change);
      assertEquals(advice.test(notes[0]!), isKey);
      assertEquals((await certify(place, MACHINE)).notes, []);
    }
    await Deno.chmod(key, 0o644);
    await Deno.chmod(place.folder, 0o755);
    assertEquals((await certify(place, MACHINE)).notes.length, 1);
    const text = await Deno.readTextFile(leaf);
    await Deno.chmod(leaf, 0o640);
    await Deno.chmod(file, 0o666);
    await certify(place, MACHINE);
    assertEquals([await mode(leaf), await mode(file)], [0o600, 0o644]);
    assertNotEquals(await Deno.readTextFile(leaf), text);
  },
  Deno.build.os === "windows",
);

boundedTest(
  "certify() refuses a folder and a key of another user",
  async () => {
    const stranger = 12_345;
    for (const name of ["", "/ca.pem"]) {
      await using files = await folder();
      const place = placeIn(files);
      await certify(place, MACHINE);
      const path = place.folder + name;
      const isRoot = Deno.uid() === 0;
      if (isRoot) await Deno.chown(path, stranger, null);
      // Without root, the files seem to be those of another user than this one.
      const uid = isRoot ? 0 : stranger;
      const error = await assertRejects(
        () => certify({ ...place, uid }, MACHINE),
        TypeError,
        "belongs to another user",
      );
      assertStringIncludes(error.message, `; move it away, or use --tls-cert`);
      if (isRoot) assertStringIncludes(error.message, `Cannot use ${path}: `);
      await certify({ ...place, uid: undefined }, MACHINE);
    }
  },
  Deno.build.os === "windows",
);

boundedTest(
  "certify() uses its certificates again, and issues others for other names",
  async () => {
    await using files = await folder();
    const place = placeIn(files);
    const first = await certify(place, MACHINE);
    const text = await Deno.readTextFile(first.leaf);
    const again = await certify(place, MACHINE);
    assertEquals(again.leaf, first.leaf);
    assertEquals(await Deno.readTextFile(again.leaf), text);
    const moved = await certify(place, { ...MACHINE, addresses: ["10.0.0.9"] });
    assertNotEquals(moved.leaf, first.leaf);
    assertEquals(
      (await factsOf(moved)).names.addresses,
      ["10.0.0.9", "127.0.0.1", "::1"],
    );
    assertEquals(moved.authority.certificate, first.authority.certificate);
  },
);

boundedTest(
  "certify() replaces certificates that expire within 30 days, and removes old ones",
  async () => {
    await using files = await folder();
    const place = placeIn(files);
    const first = await certify(place, MACHINE);
    const text = await Deno.readTextFile(first.leaf);
    const soon = { ...place, now: place.now + 365 * DAY };
    await certify(soon, MACHINE);
    assertEquals(await Deno.readTextFile(first.leaf), text);
    const late = { ...place, now: place.now + 367 * DAY };
    await certify(late, MACHINE);
    assertNotEquals(await Deno.readTextFile(first.leaf), text);
    await Deno.utime(first.leaf, 0, 0);
    await certify(late, { ...MACHINE, hosts: [] });
    await assertRejects(() => Deno.stat(first.leaf), Deno.errors.NotFound);
    // The authority's own ten years.
    const end = { ...place, now: place.now + 3625 * DAY };
    const other = await certify(end, MACHINE);
    assertNotEquals(other.authority.certificate, first.authority.certificate);
    assertEquals(other.notes.length, 1);
  },
);

for (
  const [what, damage] of [
    ["empty", () => ""],
    ["text", () => "no certificate"],
    ["cut off", (text: string) => text.slice(0, 400)],
    ["without a key", (text: string) => text.split("-----BEGIN PRIVATE")[0]!],
    [
      "with the key of another one",
      (text: string, other: string) =>
        text.split("-----BEGIN PRIVATE")[0]! + "-----BEGIN PRIVATE" +
        other.split("-----BEGIN PRIVATE")[1]!,
    ],
  ] as const
) {
  boundedTest(
    `certify() makes a new authority if the file is ${what}`,
    async () => {
      await using files = await folder();
      await using others = await folder();
      const place = placeIn(files);
      const other = placeIn(others);
      const path = `${place.folder}/ca.pem`;
      const first = await certify(place, MACHINE);
      await certify(other, MACHINE);
      const text = await Deno.readTextFile(path);
      const theirs = await Deno.readTextFile(`${other.folder}/ca.pem`);
      await Deno.writeTextFile(path, damage(text, theirs));
      // With the names of before, the key of the authority would not be needed.
      const again = await certify(place, { ...MACHINE, hosts: [] });
      assertNotEquals(again.authority.certificate, first.authority.certificate);
      assertStringIncludes(
        again.notes.join(),
        `made a new CA, since that of ${path} can't be used`,
      );
      assertEquals((await certify(place, MACHINE)).notes, []);
      assertEquals(
        (await certify(place, MACHINE)).authority.certificate,
        again.authority.certificate,
      );
    },
  );
}

boundedTest(
  "certify() issues again if the file of the server is damaged",
  async () => {
    await using files = await folder();
    const place = placeIn(files);
    const { leaf, file } = await certify(place, MACHINE);
    const text = await Deno.readTextFile(leaf);
    const [certificate = ""] = text.split("-----BEGIN PRIVATE");
    for (const damaged of ["", "x", text.slice(0, 200), certificate]) {
      await Deno.writeTextFile(leaf, damaged);
      await certify(place, MACHINE);
      assertEquals(pemBlocks(await Deno.readTextFile(leaf)).length, 2);
    }
    await Deno.remove(file);
    await certify(place, MACHINE);
    assertStringIncludes(await Deno.readTextFile(file), "BEGIN CERTIFICATE");
  },
);

boundedTest(
  "certify() ends with one authority if many start at once",
  async () => {
    await using files = await folder();
    const place = placeIn(files);
    const all = await Promise.all(
      Array.from(
        { length: 8 },
        (_, at) => certify(place, { ...MACHINE, hosts: [`a${at}.test`] }),
      ),
    );
    const different = new Set(
      all.map(({ authority }) => authority.certificate.join()),
    );
    assertEquals(different.size, 1);
    const kept = await findAuthority(place, "box-1");
    assertEquals(kept.authority.certificate.join(), [...different][0]);
  },
);

for (const kind of ["ecdsa", "rsa"]) {
  boundedTest(`certify() signs with an ${kind} key of mkcert`, async () => {
    await using files = await folder();
    const mkcert = await makeMkcert(files, kind);
    const place = placeIn(files, { mkcert, now: Date.now() + 1000 });
    const machine = { ...MACHINE, hosts: ["example.com"] };
    const certified = await certify(place, machine);
    const { leaf, names, file, isMkcert } = certified;
    assertEquals([isMkcert, file], [true, `${mkcert}/rootCA.pem`]);
    assertEquals(certified.authority.kind, kind);
    // mkcert's authority may sign every name.
    assertEquals(names.left, []);
    for (const name of ["localhost", "example.com"]) {
      assertEquals(await verify(file, leaf, "-verify_hostname", name), "OK");
    }
    assert(await isTrusted(place, certified));
    await assertRejects(() => Deno.stat(`${place.folder}/ca.pem`));
  }, !HAS_OPENSSL);
}

boundedTest(
  "certify() makes its own authority if that of mkcert can't be used",
  async () => {
    await using files = await folder();
    const mkcert = await makeMkcert(files, "ecdsa");
    const place = placeIn(files, { mkcert, now: Date.now() + 1000 });
    const other = await makeAuthority("", permittedFor(""), Date.now());
    const key = `${mkcert}/rootCA-key.pem`;
    const wrong = btoa(String.fromCharCode(...other.key));
    for (
      const text of [
        "none",
        `-----BEGIN PRIVATE KEY-----\n${wrong}\n-----END PRIVATE KEY-----\n`,
      ]
    ) {
      await Deno.writeTextFile(key, text);
      const certified = await certify(place, MACHINE);
      assertEquals(certified.isMkcert, false);
      assertStringIncludes(certified.notes.join(), "did not use mkcert's CA");
    }
    await Deno.remove(key);
    assertEquals((await certify(place, MACHINE)).notes, []);
  },
  !HAS_OPENSSL,
);

boundedTest(
  "isTrusted() holds for the authority that was installed",
  async () => {
    await using files = await folder();
    const place = placeIn(files);
    const certified = await certify(place, MACHINE);
    assertEquals(await isTrusted(place, certified), false);
    await rememberTrust(place, certified);
    assertEquals(await isTrusted(place, certified), true);
    const other = await makeAuthority("", permittedFor(""), Date.now());
    assertEquals(
      await isTrusted(place, { ...certified, authority: other }),
      false,
    );
  },
);

boundedTest("readAuthority() refuses a key of another kind", async () => {
  await using files = await folder();
  const { code } = await run(
    "openssl",
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt"],
    ...["ec_paramgen_curve:P-384", "-nodes", "-subj", "/CN=a", "-keyout"],
    ...[files.in("key.pem"), "-out", files.in("cert.pem")],
  );
  assertEquals(code, 0);
  const text = await Deno.readTextFile(files.in("cert.pem")) +
    await Deno.readTextFile(files.in("key.pem"));
  let message = "";
  try {
    readAuthority(text, Date.now() + 1000);
  } catch (error) {
    message = String(error);
  }
  assertStringIncludes(message, "its key is neither RSA nor ECDSA P-256");
}, !HAS_OPENSSL);
