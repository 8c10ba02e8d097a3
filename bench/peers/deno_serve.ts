// A plain file handler on `Deno.serve`: `deno_serve.ts FOLDER PORT`. It looks at the file
// for each request, evaluates conditional requests, reads small files at once and streams
// large ones.

const [folder = "", port] = Deno.args;

/** Up to this size, a file is read at once. */
const SMALL = 256 * 1024;

const TYPES: Readonly<Record<string, string>> = {
  bin: "application/octet-stream",
  html: "text/html; charset=utf-8",
  txt: "text/plain; charset=utf-8",
};

function typeOf(path: string): string {
  const extension = path.slice(path.lastIndexOf(".") + 1);
  return TYPES[extension] ?? "application/octet-stream";
}

function isUnchanged(
  request: Request,
  etag: string,
  modified: number,
): boolean {
  const tags = request.headers.get("if-none-match");
  if (tags !== null) {
    return tags.split(",").some((tag) => tag.trim() === etag);
  }
  const since = request.headers.get("if-modified-since");
  return since !== null && modified <= Date.parse(since);
}

async function respond(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const path = folder + decodeURIComponent(pathname);
  const info = await Deno.stat(path);
  if (!info.isFile) return new Response("Not Found\n", { status: 404 });
  const modified = Math.floor((info.mtime?.getTime() ?? 0) / 1000) * 1000;
  const etag = `"${info.size.toString(36)}-${modified.toString(36)}"`;
  const headers = {
    "content-type": typeOf(path),
    "content-length": String(info.size),
    "last-modified": new Date(modified).toUTCString(),
    etag,
  };
  if (isUnchanged(request, etag, modified)) {
    return new Response(null, {
      status: 304,
      headers: { etag, "last-modified": headers["last-modified"] },
    });
  }
  if (request.method === "HEAD") return new Response(null, { headers });
  if (info.size <= SMALL) {
    return new Response(await Deno.readFile(path), { headers });
  }
  return new Response((await Deno.open(path)).readable, { headers });
}

Deno.serve(
  { hostname: "127.0.0.1", port: Number(port), onListen() {} },
  async (request) => {
    try {
      return await respond(request);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return new Response("Not Found\n", { status: 404 });
    }
  },
);
