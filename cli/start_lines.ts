// The lines that the command prints when it listens.

import type { Address } from "../connection/connection.ts";

/**
 * Returns CPython's line, and for all interfaces the URLs to open in a browser.
 *
 * @param address The server's address.
 * @param secure Whether the server uses HTTPS.
 * @returns The lines.
 */
export function startLines(
  address: Address | string,
  secure: boolean,
): string[] {
  const scheme = secure ? "https" : "http";
  if (typeof address === "string") {
    return [`Serving ${scheme.toUpperCase()} on an inherited Unix socket ...`];
  }
  const [host, port] = address;
  const url = (name: string) =>
    `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}/`;
  const line = `Serving ${scheme.toUpperCase()} on ${host} port ${port} (${
    url(host)
  }) ...`;
  if (host !== "::" && host !== "0.0.0.0") return [line];
  const hosts = ["localhost", ...localAddresses(host === "::")];
  return [line, ...hosts.map((name) => `  ${url(name)}`)];
}

/** Returns this machine's addresses in its networks, without loopback and link-local ones. */
function localAddresses(dualStack: boolean): string[] {
  // Don't prompt for a mere convenience.
  const permission = { name: "sys", kind: "networkInterfaces" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return [];
  return Deno.networkInterfaces()
    .filter(({ family, address }) =>
      family === "IPv4" || (dualStack && !/^fe80:/i.test(address))
    )
    .map(({ address }) => address)
    .filter((address) => address !== "::1" && !address.startsWith("127."));
}
