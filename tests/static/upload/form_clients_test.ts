// Forms with files as real clients send them. A client that is not installed is skipped.

import { assertEquals } from "@std/assert";
import { folder } from "../../handlers/_folder.ts";
import { site } from "../_site.ts";

interface Output {
  readonly code: number;
  readonly stdout: string;
}

/** Runs a client for at most ten seconds. */
async function run(
  program: string,
  args: readonly string[],
): Promise<Output> {
  const command = new Deno.Command(program, {
    args: [...args],
    signal: AbortSignal.timeout(10_000),
    stderr: "piped",
    stdout: "piped",
  });
  const { code, stdout } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout) };
}

async function hasClient(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await run(program, args)).code === 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

const hasCurl = await hasClient("curl", "--version");
const hasRequests = await hasClient("python3", "-c", "import requests");

/** 3 MiB that contain parts of a delimiter. */
function large(): Uint8Array {
  const bytes = new Uint8Array(3 * 2 ** 20);
  const pattern = new TextEncoder().encode("\r\n--------\r\r\n-");
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = at % 7 === 0 ? at >> 8 : pattern[at % pattern.length]!;
  }
  return bytes;
}

/** Ignores the fields that depend on the server. */
function statuses(json: string): [name: string, status: number][] {
  return JSON.parse(json).files.map((
    { name, status }: { name: string; status: number },
  ) => [name, status]);
}

Deno.test({
  name: "curl -F uploads files, and gets the result of each in JSON",
  ignore: !hasCurl,
  async fn() {
    await using served = await site({ "in/old.txt": "old" }, { upload: true });
    await using local = await folder({
      "a b.txt": "one",
      'q"ö.txt': "two",
      "old.txt": "new",
      empty: "",
    });
    await Deno.writeFile(local.in("large"), large());
    const url = `http://127.0.0.1:${served.served.port}/in/`;
    const files = ["a b.txt", 'q"ö.txt', "empty", "large"].flatMap((name) => [
      "-F",
      `f=@"${local.in(name).replaceAll('"', '\\"')}"`,
    ]);
    const first = await run("curl", ["-sf", ...files, "-F", "text=x", url]);
    assertEquals(first.code, 0);
    assertEquals(statuses(first.stdout), [
      ["a b.txt", 201],
      ['q"ö.txt', 201],
      ["empty", 201],
      ["large", 201],
    ]);
    const stored = (name: string) => served.folder.in(`in/${name}`);
    assertEquals(await Deno.readTextFile(stored('q"ö.txt')), "two");
    assertEquals(await Deno.readTextFile(stored("empty")), "");
    assertEquals(await Deno.readFile(stored("large")), large());

    const again = ["-F", `f=@${local.in("old.txt")}`, "-F", "f=x;filename=b"];
    const second = await run("curl", [
      "-s",
      "-w",
      "%{http_code}",
      ...again,
      url,
    ]);
    const json = second.stdout.slice(0, -3);
    assertEquals(second.stdout.slice(-3), "409");
    assertEquals(statuses(json), [["old.txt", 409], ["b", 201]]);
    assertEquals(await Deno.readTextFile(stored("old.txt")), "old");
    // -f fails although one of the files was stored.
    assertEquals((await run("curl", ["-sf", ...again, url])).code, 22);
  },
});

Deno.test({
  name: "curl -T uploads a file whose name curl adds",
  ignore: !hasCurl,
  async fn() {
    await using served = await site({ "in/": "" }, { upload: true });
    await using local = await folder({});
    await Deno.writeFile(local.in("large"), large());
    const url = `http://127.0.0.1:${served.served.port}/in/`;
    const { code } = await run("curl", ["-sf", "-T", local.in("large"), url]);
    assertEquals(code, 0);
    assertEquals(await Deno.readFile(served.folder.in("in/large")), large());
  },
});

const REQUESTS = `
import io, sys, requests
files = [
    ("f", ("a b.txt", io.BytesIO(b"one"), "text/plain")),
    ("f", ('q"\\u00f6\\U0001f600.txt', b"two")),
    ("f", ("empty", io.BytesIO(b""))),
]
response = requests.post(sys.argv[1], data={"text": "x"}, files=files)
assert response.status_code == 201, response.status_code
print(response.text)
def body():
    yield b'--b\\r\\nContent-Disposition: form-data; name="f"; filename="chunked"\\r\\n'
    yield b'\\r\\none\\r'
    yield b'\\n--b--'
fields = {"Content-Type": "multipart/form-data; boundary=b"}
response = requests.post(sys.argv[1], data=body(), headers=fields)
assert response.status_code == 201, response.text
`;

Deno.test({
  name: "Python's requests uploads the files of a form, also chunked",
  ignore: !hasRequests,
  async fn() {
    await using served = await site({}, { upload: true });
    const url = `http://127.0.0.1:${served.served.port}/`;
    const { code, stdout } = await run("python3", ["-c", REQUESTS, url]);
    assertEquals(code, 0);
    assertEquals(statuses(stdout), [
      ["a b.txt", 201],
      ['q"ö😀.txt', 201],
      ["empty", 201],
    ]);
    const stored = (name: string) => Deno.readTextFile(served.folder.in(name));
    assertEquals(await stored('q"ö😀.txt'), "two");
    assertEquals(await stored("chunked"), "one");
  },
});

Deno.test({
  name: "StaticFileHandler stores no file of a form that is cut",
  async fn() {
    await using served = await site({}, { upload: true });
    const form = (name: string) =>
      `--b\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n0123456789`;
    const body = `${form("a")}\r\n${form("b")}`;
    const head = "POST / HTTP/1.1\r\nHost: localhost\r\n" +
      "Content-Type: multipart/form-data; boundary=b\r\n";
    {
      using client = await served.served.connect();
      await client.write(
        `${head}Content-Length: ${body.length}\r\n\r\n${body}`,
      );
      const { status, body: json } = await client.answer();
      assertEquals(status, 400);
      assertEquals(statuses(json), [["a", 201], ["b", 400]]);
    }
    {
      using client = await served.served.connect();
      const more = body.length + 100;
      const renamed = body.replace('"a"', '"c"').replace('"b"', '"d"');
      await client.write(`${head}Content-Length: ${more}\r\n\r\n${renamed}`);
      await client.closeWrite();
      await client.readToEnd();
    }
    // Deno.serve() may end a request whose client stops sending before its first file.
    const entries = await Array.fromAsync(Deno.readDir(served.folder.path));
    const names = entries.map(({ name }) => name).filter((name) =>
      name !== "c"
    );
    assertEquals(names, ["a"]);
  },
});
