// `--trust`: the commands as plain data, and the dialogue.

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { explained } from "../../cli/https/machine.ts";
import { install } from "../../cli/https/trust.ts";
import {
  commandText,
  firefoxFolders,
  type TrustFacts,
  type TrustStep,
  trustSteps,
} from "../../cli/https/trust_commands.ts";
import { runCommand } from "../_command.ts";
import { pureTest } from "../_lib/pure.ts";
import { home } from "./_local_ca.ts";

const FACTS: TrustFacts = {
  os: "linux",
  elevate: ["sudo"],
  home: "/home/a",
  certificate: "/home/a/ca.crt",
  name: "httpserver CA box 12345678",
  id: "12345678",
  anchors: undefined,
  hasCertutil: false,
  databases: [],
};

const NAME = '"httpserver CA box 12345678"';
const CHROMIUM = "sql:/home/a/.pki/nssdb";

/** The file for the certificate in a directory of the system. */
const fileIn = (folder: string) => `${folder}/httpserver-12345678.crt`;

const DEBIAN = fileIn("/usr/local/share/ca-certificates");
const FEDORA = fileIn("/etc/pki/ca-trust/source/anchors");

const ROWS: readonly [
  facts: Partial<TrustFacts>,
  commands: string[],
  undo: string[],
][] = [
  [{}, [], []],
  [{ anchors: "/usr/local/share/ca-certificates" }, [
    `sudo install -m 644 /home/a/ca.crt ${DEBIAN}`,
    "sudo update-ca-certificates",
  ], [`sudo rm ${DEBIAN}`, "sudo update-ca-certificates --fresh"]],
  [{ anchors: "/etc/pki/ca-trust/source/anchors", elevate: [] }, [
    `install -m 644 /home/a/ca.crt ${FEDORA}`,
    "update-ca-trust extract",
  ], [`rm ${FEDORA}`, "update-ca-trust extract"]],
  [{ hasCertutil: true }, [
    "mkdir -p -m 700 /home/a/.pki/nssdb",
    `certutil -N --empty-password -d ${CHROMIUM}`,
    `certutil -A -t C,, -d ${CHROMIUM} -n ${NAME} -i /home/a/ca.crt`,
  ], [`certutil -D -d ${CHROMIUM} -n ${NAME}`]],
  [{
    hasCertutil: true,
    databases: ["/home/a/.pki/nssdb", "/home/a/.mozilla/firefox/x.default"],
  }, [
    `certutil -A -t C,, -d ${CHROMIUM} -n ${NAME} -i /home/a/ca.crt`,
    `certutil -A -t C,, -d sql:/home/a/.mozilla/firefox/x.default -n ${NAME} -i /home/a/ca.crt`,
  ], [
    `certutil -D -d ${CHROMIUM} -n ${NAME}`,
    `certutil -D -d sql:/home/a/.mozilla/firefox/x.default -n ${NAME}`,
  ]],
  [{ os: "darwin", home: "/Users/a", certificate: "/Users/a/My Data/ca.crt" }, [
    'security add-trusted-cert -r trustRoot -p ssl -k /Users/a/Library/Keychains/login.keychain-db "/Users/a/My Data/ca.crt"',
  ], [
    'security remove-trusted-cert "/Users/a/My Data/ca.crt"',
    `security delete-certificate -c ${NAME} /Users/a/Library/Keychains/login.keychain-db`,
  ]],
  [
    { os: "windows", certificate: "C:\\Local\\httpserver\\ca.crt" },
    ["certutil -addstore -user Root C:\\Local\\httpserver\\ca.crt"],
    [`certutil -delstore -user Root ${NAME}`],
  ],
];

for (const [facts, commands, undo] of ROWS) {
  pureTest(
    `trustSteps() lists the commands for ${JSON.stringify(facts)}`,
    () => {
      const steps = trustSteps({ ...FACTS, ...facts });
      const text = (all: readonly (readonly (readonly string[])[])[]) =>
        all.flat().map(commandText);
      assertEquals(text(steps.map(({ commands }) => commands)), commands);
      assertEquals(text(steps.map(({ undo }) => undo)), undo);
    },
  );
}

pureTest(
  "firefoxFolders() lists the profiles of packages, snap and flatpak",
  () => {
    assertEquals(firefoxFolders("/home/a").length, 4);
  },
);

/** Two steps, the first of which has two commands. */
const STEPS: readonly TrustStep[] = [
  { what: "one", commands: [["a", "1"], ["b"]], undo: [["c"]] },
  { what: "two", commands: [["d"]], undo: [["e"]] },
];

/** Installs with a reply; some programs fail. */
async function installing(reply: string, failing: readonly string[] = []) {
  const lines: string[] = [];
  const ran: string[] = [];
  const code = await install(STEPS, {
    print: (line) => lines.push(line),
    ask: () => Promise.resolve(reply),
    run: (command) => {
      ran.push(command.join(" "));
      const fails = failing.includes(command[0]!);
      return Promise.resolve(fails ? "exit code 3" : undefined);
    },
    prepare: () => Promise.resolve(void ran.push("prepared")),
  }, () => Promise.resolve(void ran.push("installed")));
  return { code, ran, text: lines.join("\n") };
}

pureTest(
  "install() shows the commands, and runs them after a yes",
  async () => {
    for (const reply of ["y", "YES", " yes\r"]) {
      const { code, ran, text } = await installing(reply);
      assertEquals(code, 0);
      assertEquals(ran, ["prepared", "a 1", "b", "d", "installed"]);
      assertMatch(text, /# one\n {2}a 1\n {2}b\n {2}# two\n {2}d\n/);
      assertMatch(text, /To undo it:\n {2}# one\n {2}c\n {2}# two\n {2}e$/);
    }
  },
);

pureTest("install() changes nothing without a yes", async () => {
  for (const reply of ["", "n", "no", "yep", "\n"]) {
    const { code, ran, text } = await installing(reply);
    assertEquals([code, ran], [1, []]);
    assertStringIncludes(text, "Nothing was changed.");
  }
});

pureTest(
  "install() goes on with the next step after a failure, and reports it",
  async () => {
    const { code, ran, text } = await installing("y", ["a"]);
    assertEquals(code, 1);
    assertEquals(ran, ["prepared", "a 1", "d"]);
    assertStringIncludes(text, "Failed for one: a 1: exit code 3");
  },
);

Deno.test({
  name:
    "the command checks before the question of --trust that it can keep the CA",
  // As root, no other directory is certain to be read-only.
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using user = await home();
    const { code, stdout, stderr } = await runCommand(["--trust"], {
      env: { ...user.env, HOME: "/proc" },
      stdin: "n\n",
    });
    if (/no directory for certificates/.test(stderr)) return;
    assertEquals([code, stdout], [1, ""]);
    assertMatch(
      stderr,
      /^httpserver: Cannot keep the certificates in \/proc\/.+; make it writable, or use --tls-cert\n$/,
    );
  },
});

pureTest(
  "explained() says what to do about a lock and a read-only folder",
  () => {
    const text = (error: Error) => (explained(error, "/a") as Error).message;
    const locked = text(
      new Deno.errors.TimedOut("another process has locked it"),
    );
    assertMatch(locked, /; end it and start again, or use --tls-cert$/);
    const denied = text(new Deno.errors.PermissionDenied("denied"));
    assertMatch(denied, /; make it writable, or use --tls-cert$/);
  },
);

for (const [what, stdin] of [["closed", undefined], ["a no", "n\n"]] as const) {
  Deno.test({
    name: `the command changes nothing if the reply to --trust is ${what}`,
    // Elsewhere the test would have to find the user's folder without HOME.
    ignore: Deno.build.os !== "linux",
    async fn() {
      await using user = await home();
      const { code, stdout, stderr } = await runCommand(["--trust"], {
        env: user.env,
        ...(stdin !== undefined && { stdin }),
      });
      if (/no directory for certificates/.test(stderr)) return;
      assertEquals(code, 1);
      assertMatch(stdout, /SHA-256\n {2}(?:[0-9A-F]{2}:){31}[0-9A-F]{2}\n/);
      assertStringIncludes(stdout, "Nothing was changed.");
      assertEquals([...Deno.readDirSync(user.path)], []);
    },
  });
}
