// Unix sockets for tests of servers.

import { Client } from "./_harness.ts";

/** Whether this system has no Unix sockets that Deno can use. */
export const WITHOUT_UNIX_SOCKETS: boolean = Deno.build.os === "windows";

/** The path of a socket in a folder of its own, which is gone at the end of the scope. */
export function temporaryPath(): { path: string } & Disposable {
  const folder = Deno.makeTempDirSync();
  return {
    path: `${folder}/socket`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** Opens a connection to the server at a path. */
export async function connectPath(path: string): Promise<Client> {
  const conn = await Deno.connect({ transport: "unix", path });
  // A client needs no more than what both kinds of connections have.
  return new Client(conn as unknown as Deno.TcpConn);
}
