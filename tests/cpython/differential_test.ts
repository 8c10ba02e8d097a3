// Sends the same requests to CPython's server and this one. The status line, headers, body
// and whether the connection stays open must be equal, except for the listed exceptions.

import { assert, assertEquals } from "@std/assert";
import { QuietFiles, serveFolder } from "../handlers/_folder.ts";
import { comparable, exchange, summary } from "./_exchange.ts";
import { type Exception, exceptionFor, EXCEPTIONS } from "./_exceptions.ts";
import {
  findPython,
  type Python,
  type Reference,
  startReference,
} from "./_reference.ts";
import { requests } from "./_requests.ts";
import { site } from "./_site.ts";

/** The number of requests in parallel. */
const SIDE_BY_SIDE = 8;

const python: Python = Deno.build.os === "windows"
  ? { missing: "the folder has names that Windows does not allow" }
  : await findPython();
/** If set, a missing Python is a failure. */
const isRequired = (Deno.env.get("REQUIRE_PYTHON") ?? "") !== "";
if (python.missing !== undefined && !isRequired) {
  // deno-lint-ignore no-console
  console.log(`The comparison with CPython is left out: ${python.missing}`);
}

/** Describes the unexpected difference for one request; `undefined` if there is none. */
async function fault(
  request: string,
  protocol: string,
  ports: { readonly theirs: number; readonly ours: number },
  minor: number,
  met: Set<Exception>,
): Promise<string | undefined> {
  const [theirs, ours] = await Promise.all([
    exchange(ports.theirs, request),
    exchange(ports.ours, request),
  ]);
  const here = `${protocol} ${JSON.stringify(request.slice(0, 300))}:`;
  const [expected, got] = [comparable(theirs, minor), comparable(ours, minor)];
  const exception = exceptionFor(request, protocol, minor);
  if (exception === undefined) {
    if (got === expected) return;
    return `${here}\nCPython: ${expected}\nhere:    ${got}`;
  }
  met.add(exception);
  if (got === expected && exception.before === undefined) {
    return `${here} both responses are equal, although "${exception.reason}" is listed`;
  }
  if (summary(ours) === exception.ours) return;
  return `${here} ${
    summary(ours)
  } where "${exception.reason}" says ${exception.ours}`;
}

/** Sends all requests in one version of the protocol; returns the differences. */
async function compareAll(
  reference: Reference,
  directory: string,
  protocol: string,
  met: Set<Exception>,
): Promise<string[]> {
  class Files extends QuietFiles {
    override protocol_version = protocol;
  }
  await using server = serveFolder(directory, Files);
  const ports = { theirs: reference.port(protocol), ours: server.port };
  const faults: string[] = [];
  const left = requests().values();
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async () => {
    for (const request of left) {
      const found = await fault(
        request,
        protocol,
        ports,
        reference.minor,
        met,
      );
      if (found !== undefined) faults.push(found);
    }
  }));
  return faults;
}

Deno.test({
  name:
    "SimpleHTTPRequestHandler responds as in CPython, except for the listed differences",
  ignore: python.command === undefined && !isRequired,
  async fn() {
    if (python.command === undefined) throw new Error(python.missing);
    await using files = await site();
    await using reference = await startReference(python.command, files.path);
    const met = new Set<Exception>();
    const faults = [
      ...await compareAll(reference, files.path, "HTTP/1.0", met),
      ...await compareAll(reference, files.path, "HTTP/1.1", met),
    ];
    assert(
      faults.length === 0,
      `${faults.length} responses differ from Python 3.${reference.minor}\n\n${
        faults.slice(0, 20).join("\n\n")
      }`,
    );
    const unused = EXCEPTIONS.filter((exception) =>
      !met.has(exception) && exception.before === undefined
    );
    assertEquals(unused, [], "No request meets these exceptions any more");
  },
});

Deno.test("the differential test has over a thousand different requests", () => {
  const all = requests();
  assertEquals(new Set(all).size, all.length);
  assert(all.length > 1_000);
});
