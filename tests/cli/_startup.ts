// Runs the command on a free port, sends it one request, and prints which globals that load a
// part of the runtime were read until the response came.

// deno-lint-ignore-file no-console

const HEAVY = ["process", "Buffer", "setTimeout", "TransformStream"] as const;
const read = new Set<string>();

for (const name of HEAVY) {
  const { get, value } = Object.getOwnPropertyDescriptor(globalThis, name)!;
  Object.defineProperty(globalThis, name, {
    configurable: true,
    get() {
      read.add(name);
      return get === undefined ? value : get.call(globalThis);
    },
  });
}

// What is deferred for 100 ms comes after the response, however slow the machine is.
AbortSignal.timeout = () => new AbortController().signal;

const { main } = await import("../../cli.ts");
const log = console.log;
console.log = (line: string) => {
  console.log = log;
  void request(Number(/ port ([0-9]+)/.exec(line)?.[1]));
};
await main(["-b", "127.0.0.1", "-d", Deno.args[0]!, "0"]);

async function request(port: number): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const bytes = new TextEncoder().encode(
    "GET /a.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  await conn.write(bytes);
  const buffer = new Uint8Array(12);
  await conn.read(buffer);
  console.log(JSON.stringify({
    response: new TextDecoder().decode(buffer),
    read: [...read],
  }));
  Deno.exit();
}
