// The smallest HTTP server of the runtime, as the limit of start-up: `deno_hello.ts FOLDER PORT`.

Deno.serve(
  { hostname: "127.0.0.1", port: Number(Deno.args[1]), onListen() {} },
  () => new Response("hello\n"),
);
