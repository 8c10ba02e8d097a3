// CPython's tests of `HTTPSServer`, named as in `Lib/test/test_httpservers.py`.

import { assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { HTTPSServer, SimpleHTTPRequestHandler } from "../../mod.ts";
import { ANY, test } from "../server/_harness.ts";
import { tlsClient, tlsFile } from "../server/_tls.ts";
import { quiet } from "../_lib/quiet.ts";

const CERTFILE = tlsFile("keycert.pem");
const ONLYCERT = tlsFile("ssl_cert.pem");
const ONLYKEY = tlsFile("ssl_key.pem");
const CERTFILE_PROTECTED = tlsFile("keycert.passwd.pem");
const ONLYKEY_PROTECTED = tlsFile("ssl_key.passwd.pem");
const EMPTYCERT = tlsFile("nullcert.pem");
const BADCERT = tlsFile("badcert.pem");
const KEY_PASSWORD = "somepass";
const BADPASSWORD = "badpass";

class DummyRequestHandler extends quiet(SimpleHTTPRequestHandler) {
}

type Certdata = readonly [
  certfile: string,
  keyfile: string | null,
  password: string | null,
];

function create_https_server(
  [certfile, keyfile, password]: Certdata,
): HTTPSServer {
  const options = { certfile, keyfile, password };
  return new HTTPSServer(ANY, DummyRequestHandler, true, options);
}

Deno.test({
  name:
    "TestSSLDisabled.test_https_server_raises_runtime_error: TLS is always available, and only needs to read the files and to listen",
  permissions: { read: true, net: true },
  async fn() {
    await using server = create_https_server([CERTFILE, null, null]);
    assertInstanceOf(server, HTTPSServer);
  },
});

test("BaseHTTPSServerTestCase.test_get: a page is served over TLS", async () => {
  await using server = create_https_server([ONLYCERT, ONLYKEY, null]);
  server.serve_forever();
  using client = await tlsClient(server.server_port);
  await client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assertEquals((await client.answer()).status, 200);
});

test("BaseHTTPSServerTestCase.test_valid_certdata: certificate and key are in one file or two, plain or encrypted", async () => {
  const valid: readonly Certdata[] = [
    [CERTFILE, null, null],
    [CERTFILE, CERTFILE, null],
    [CERTFILE_PROTECTED, null, KEY_PASSWORD],
    [ONLYCERT, ONLYKEY_PROTECTED, KEY_PASSWORD],
  ];
  for (const certdata of valid) {
    await using server = create_https_server(certdata);
    assertInstanceOf(server, HTTPSServer);
  }
});

test("BaseHTTPSServerTestCase.test_invalid_certdata: the constructor names the faulty file", () => {
  const invalid: readonly (readonly [Certdata, at: string])[] = [
    [[BADCERT, null, null], BADCERT],
    [[EMPTYCERT, null, null], EMPTYCERT],
    [[ONLYCERT, null, null], ONLYCERT],
    [[ONLYKEY, null, null], ONLYKEY],
    [[ONLYKEY, ONLYCERT, null], ONLYKEY],
    [[CERTFILE_PROTECTED, null, BADPASSWORD], CERTFILE_PROTECTED],
    // CPython asks for a password on the terminal here (gh-132102).
    [[CERTFILE_PROTECTED, null, null], CERTFILE_PROTECTED],
  ];
  for (const [certdata, at] of invalid) {
    assertThrows(() => create_https_server(certdata), Error, at);
  }
});
