// A temporary folder with files, and a server for a folder.

import {
  partial,
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
} from "../../handlers/mod.ts";
import { encodeLatin1 } from "../../text/latin1.ts";
import { serve, type Served } from "../_serve.ts";

/** A folder that is removed when it is disposed of. */
export interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Returns the path of a file in it. */
  in(name: string): string;
}

/** Creates a folder with these files, given as latin-1 text. A name with a trailing "/" is a folder. */
export async function folder(
  files: Readonly<Record<string, string>> = {},
): Promise<Folder> {
  const path = await Deno.makeTempDir({ prefix: "httpserver-" });
  for (const [name, content] of Object.entries(files)) {
    const whole = `${path}/${name}`;
    if (name.endsWith("/")) {
      await Deno.mkdir(whole, { recursive: true });
    } else {
      await Deno.mkdir(whole.slice(0, whole.lastIndexOf("/")), {
        recursive: true,
      });
      await Deno.writeFile(whole, encodeLatin1(content));
    }
  }
  return {
    path,
    in: (name) => `${path}/${name}`,
    async [Symbol.asyncDispose]() {
      await Deno.remove(path, { recursive: true });
    },
  };
}

/** A file handler that doesn't log, as in CPython's tests. */
export class QuietFiles extends SimpleHTTPRequestHandler {
  override log_message(_template: string, ..._args: unknown[]): void {}
}

/** Serves a folder. */
export function serveFolder(
  directory: string,
  Handler: typeof QuietFiles = QuietFiles,
  options: SimpleHTTPRequestHandlerOptions = {},
): Served {
  return serve(partial(Handler, { ...options, directory }));
}

/** A GET request of HTTP/1.0. */
export function get(target: string, ...fields: string[]): string {
  return [`GET ${target} HTTP/1.0`, ...fields, "", ""].join("\r\n");
}
