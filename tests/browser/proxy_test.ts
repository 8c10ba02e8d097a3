// A page and its upstream, with one origin: WebSockets of `npm:ws`, events, redirects and cookies.

import { assertEquals } from "@std/assert";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import { WebSocketServer } from "ws";
import { closeUpstreams } from "../../handlers/static/proxy/entrance.ts";
import { browserTest, visit } from "./_browser.ts";
import { site } from "./_site.ts";

const PAGE = '<!DOCTYPE html><link rel="icon" href="data:,"><p>text';

/** The part of a socket of `npm:ws` that is used. */
interface Socket {
  on(
    event: "message",
    listener: (data: Uint8Array, binary: boolean) => void,
  ): void;
  send(data: Uint8Array, options: { binary: boolean }): void;
}

/** An upstream of Node's `http`, with a WebSocket that sends back what it gets. */
async function upstream(
  respond: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<AsyncDisposable & { readonly url: string }> {
  const server: Server = createServer(respond);
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket: Socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      closeUpstreams();
      sockets.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

browserTest(
  "a WebSocket works through the proxy, with text and a megabyte",
  async () => {
    await using server = await upstream((_request, response) => response.end());
    await using served = await site({ "index.html": PAGE }, {
      proxy: [`/api=${server.url}`],
    });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(`${served.url}/`);
    const result = await page.evaluate(`(async () => {
    const socket = new WebSocket("ws://" + location.host + "/api/socket");
    socket.binaryType = "arraybuffer";
    const next = (event) => new Promise((resolve, reject) => {
      socket.addEventListener(event, resolve, { once: true });
      socket.addEventListener("error", () => reject(new Error("failed")), { once: true });
    });
    await next("open");
    socket.send("tea");
    const text = (await next("message")).data;
    const large = new Uint8Array(1048576).fill(7);
    socket.send(large);
    const { data } = await next("message");
    const same = new Uint8Array(data).every((byte) => byte === 7);
    socket.close(1000);
    const { code } = await next("close");
    return [text, data.byteLength, same, code];
  })()`);
    assertEquals(result, ["tea", 1_048_576, true, 1000]);
  },
);

browserTest(
  "events, redirects and cookies of an upstream work in a page",
  async () => {
    await using server = await upstream((request, response) => {
      const { cookie = "" } = request.headers;
      switch (request.url) {
        case "/v1/login":
          response.writeHead(302, {
            Location: `http://${request.headers.host}/v1/me`,
            "Set-Cookie": "user=ada; Path=/v1; HttpOnly; Domain=127.0.0.1",
          });
          return response.end();
        case "/v1/events":
          response.writeHead(200, { "Content-Type": "text/event-stream" });
          return response.write("data: one\n\n");
        default:
          return response.end(cookie);
      }
    });
    await using served = await site({ "index.html": PAGE }, {
      proxy: [`/api=${server.url}/v1`],
    });
    await using visited = await visit();
    const { page } = visited;
    await page.goto(`${served.url}/`);
    const result = await page.evaluate(`(async () => {
    const response = await fetch("/api/login");
    const cookie = await response.text();
    const source = new EventSource("/api/events");
    const { data } = await new Promise((resolve) => source.onmessage = resolve);
    source.close();
    return [new URL(response.url).pathname, cookie, data];
  })()`);
    assertEquals(result, ["/api/me", "user=ada", "one"]);
  },
);
