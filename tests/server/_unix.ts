// Unix sockets for tests of servers.

import { Client } from "./_harness.ts";

/** Whether Deno can't use Unix sockets on this system. */
export const WITHOUT_UNIX_SOCKETS: boolean = Deno.build.os === "windows";

/** The path of a socket in a temporary folder, which is removed at the end of the scope. */
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
  // A client only uses what both kinds of connections have.
  return new Client(conn as unknown as Deno.TcpConn);
}
