// CommandLineTestCase and CommandLineRunTimeTestCase of CPython 3.15's
// test_httpservers.py: the parsed arguments, then the command as a process.

import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { fromFileUrl } from "@std/path";
import { type CommandLine, parseCommandLine } from "../../cli.ts";
import { runCommand, startCommand } from "../_command.ts";
import { folder } from "../handlers/_folder.ts";

const DEFAULTS: CommandLine = {
  bind: undefined,
  port: 8000,
  protocol: "HTTP/1.1",
  workers: 1,
  printScript: false,
  cgi: false,
  tls: undefined,
  https: false,
  site: {},
  usersFile: undefined,
  usersVariable: undefined,
  secret: false,
  proxyCaFile: undefined,
  logFile: undefined,
  configFile: undefined,
  path: undefined,
  portFallback: "terminal",
  slow: undefined,
  fd: undefined,
  drain: undefined,
  start: { open: false, qr: false, json: false, exitWithParent: false },
};

/** Asserts the options that differ from their defaults. */
function assertAsks(args: string[], asked: Partial<CommandLine>): void {
  assertEquals(parseCommandLine(args), { ...DEFAULTS, ...asked });
}

Deno.test("CommandLineTestCase.test_port_flag: the port is the argument without a flag", () => {
  for (const port of [8000, 65535]) {
    assertAsks([String(port)], { port, portFallback: false });
  }
});

Deno.test("CommandLineTestCase.test_directory_flag: -d and --directory set the folder", () => {
  const directories = [
    ".",
    "/foo",
    "\\bar",
    "/",
    "C:\\",
    "C:\\foo",
    "/home/user",
    "./foo/foo2",
  ];
  for (const flag of ["-d", "--directory"]) {
    for (const directory of directories) {
      assertAsks([flag, directory], { site: { directory } });
    }
  }
});

Deno.test("CommandLineTestCase.test_bind_flag: -b and --bind set the address", () => {
  for (const flag of ["-b", "--bind"]) {
    for (
      const bind of ["localhost", "127.0.0.1", "::1", "0.0.0.0", "8.8.8.8"]
    ) {
      assertAsks([flag, bind], { bind });
    }
  }
});

Deno.test("CommandLineTestCase.test_protocol_flag: -p and --protocol set the version, which must be supported (differs from CPython)", () => {
  for (const flag of ["-p", "--protocol"]) {
    for (const protocol of ["HTTP/1.0", "HTTP/1.1"]) {
      assertAsks([flag, protocol], { protocol });
    }
    for (const protocol of ["HTTP/2.0", "HTTP/3.0"]) {
      assertThrows(
        () => parseCommandLine([flag, protocol]),
        SyntaxError,
        "must be HTTP/1.0 or HTTP/1.1",
      );
    }
  }
});

Deno.test("CommandLineTestCase.test_tls_cert_and_key_flags: --tls-cert and --tls-key set the files for HTTPS", () => {
  assertAsks(["--tls-cert", "cert.pem", "--tls-key", "key.pem"], {
    tls: { cert: "cert.pem", key: "key.pem", passwordFile: undefined },
  });
  assertAsks(["--tls-cert", "both.pem"], {
    tls: { cert: "both.pem", key: undefined, passwordFile: undefined },
  });
});

Deno.test("CommandLineTestCase.test_tls_cert_and_key_and_password_flags: --tls-password-file sets the file with the key's password", () => {
  assertAsks(
    [
      "--tls-cert",
      "cert.pem",
      "--tls-key",
      "key.pem",
      "--tls-password-file",
      "password",
    ],
    { tls: { cert: "cert.pem", key: "key.pem", passwordFile: "password" } },
  );
});

Deno.test("CommandLineTestCase.test_missing_tls_cert_flag: a key or its password without a certificate is refused", () => {
  for (const flag of ["--tls-key", "--tls-password-file"]) {
    assertThrows(
      () => parseCommandLine([flag, "file"]),
      SyntaxError,
      `argument ${flag}: requires --tls-cert`,
    );
  }
});

Deno.test("CommandLineTestCase.test_invalid_password_file: a password file that can't be read ends the command with 2", async () => {
  const { code, stdout, stderr } = await runCommand(
    ["--tls-cert", "cert.pem", "--tls-password-file", "/no/such/file", "0"],
  );
  assertEquals([code, stdout], [2, ""]);
  assertStringIncludes(stderr, "error: argument --tls-password-file: Cannot");
});

Deno.test("CommandLineTestCase.test_no_arguments: everything has a default", () => {
  assertAsks([], {});
});

Deno.test("CommandLineTestCase.test_help_flag: -h and --help print the usage to standard output", async () => {
  for (const flag of ["-h", "--help"]) {
    const { code, stdout, stderr } = await runCommand([flag]);
    assertEquals([code, stderr], [0, ""]);
    assertMatch(stdout, /^usage: /);
  }
});

Deno.test("CommandLineTestCase.test_unknown_flag: an unknown flag is reported on standard error", async () => {
  const { code, stdout, stderr } = await runCommand(["--unknown-flag"]);
  assertEquals([code, stdout], [2, ""]);
  assertMatch(stderr, /^usage: [^]*error: .*--unknown-flag/);
});

Deno.test("behaviours 131-133: -H and --header add fields, split at the first colon", () => {
  for (const flag of ["-H", "--header"]) {
    assertAsks([flag, "X-A: a"], {
      site: { extra_response_headers: [["X-A", "a"]] },
    });
    assertAsks([flag, "X-A: a", flag, "Set-Cookie: b=c"], {
      site: { extra_response_headers: [["X-A", "a"], ["Set-Cookie", "b=c"]] },
    });
    assertAsks([flag, "Location: https://a.b:8/"], {
      site: { extra_response_headers: [["Location", "https://a.b:8/"]] },
    });
    for (const header of ["no colon", ": no name"]) {
      assertThrows(() => parseCommandLine([flag, header]), SyntaxError);
    }
  }
});

/** The scheme, the host and the port that the command prints. */
function parseStartLine(line: string): string[] {
  const match = /^Serving (HTTP|HTTPS) on (.+) port (\d+) /.exec(line);
  return match === null ? [] : match.slice(1);
}

Deno.test("CommandLineRunTimeTestCase.test_http_client: the command serves a file over HTTP, and prints its URL", async () => {
  await using files = await folder({ "served_filename": "\0\xff served" });
  await using serving = await startCommand(
    ["0", "-b", "127.0.0.1", "-d", files.path],
  );
  const { firstLine, port } = serving;
  assertEquals(parseStartLine(firstLine), ["HTTP", "127.0.0.1", `${port}`]);
  const response = await fetch(`http://127.0.0.1:${port}/served_filename`);
  assertEquals(
    await response.bytes(),
    await Deno.readFile(files.in("served_filename")),
  );
});

Deno.test("CommandLineRunTimeTestCase.test_https_client: the command serves a file over HTTPS, with a key whose password is in a file", async () => {
  const tls = new URL("../data/tls/", import.meta.url);
  const cert = fromFileUrl(new URL("ssl_cert.pem", tls));
  await using files = await folder({
    "public/served_filename": "\0\xff served",
    // White space around the password is trimmed.
    "password": " somepass\n",
  });
  await using serving = await startCommand([
    "0",
    "-b",
    "127.0.0.1",
    "-d",
    files.in("public"),
    "--tls-cert",
    cert,
    "--tls-key",
    fromFileUrl(new URL("ssl_key.passwd.pem", tls)),
    "--tls-password-file",
    files.in("password"),
  ]);
  const { firstLine, port } = serving;
  assertEquals(parseStartLine(firstLine), ["HTTPS", "127.0.0.1", `${port}`]);
  using client = Deno.createHttpClient({
    caCerts: [await Deno.readTextFile(cert)],
  });
  const response = await fetch(`https://127.0.0.1:${port}/served_filename`, {
    client,
  });
  assertEquals(
    await response.bytes(),
    await Deno.readFile(files.in("public/served_filename")),
  );
});
