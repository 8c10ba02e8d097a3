// What this machine says about itself: its names, its addresses, and where the files are.

import { interfaces } from "../start.ts";
import { lanAddresses } from "../start_lines.ts";
import { dataFolder, mkcertFolder } from "./folders.ts";
import type { Place } from "./keeper.ts";

/**
 * Finds the folders of the certificates.
 *
 * @returns The place.
 * @throws {TypeError} If the user has no folder for data.
 */
export function placeOfUser(): Place {
  const { os } = Deno.build;
  const folder = dataFolder(os, environment);
  const mkcert = mkcertFolder(os, environment);
  return {
    folder,
    // Don't prompt for a mere convenience.
    mkcert: mkcert !== undefined && isGranted({ name: "read", path: mkcert })
      ? mkcert
      : undefined,
    os,
    now: Date.now(),
    uid: isGranted({ name: "sys", kind: "uid" })
      ? Deno.uid() ?? undefined
      : undefined,
  };
}

/**
 * Returns the name of this machine.
 *
 * @returns The name; empty if reading it is not permitted.
 */
export function hostName(): string {
  return isGranted({ name: "sys", kind: "hostname" }) ? Deno.hostname() : "";
}

/**
 * Lists the addresses of this machine in local networks.
 *
 * @returns The addresses; none if reading them is not permitted.
 */
export function localAddresses(): string[] {
  return lanAddresses(interfaces());
}

/**
 * Adds to an error of the system what to do about it.
 *
 * @param error What was thrown.
 * @param folder The folder of the certificates.
 * @returns The error to throw.
 */
export function explained(error: unknown, folder: string): unknown {
  const isOfSystem = error instanceof Error && !(error instanceof TypeError) &&
    !(error instanceof Deno.errors.NotCapable);
  if (!isOfSystem) return error;
  const advice = error instanceof Deno.errors.TimedOut
    ? "end it and start again"
    : "make it writable";
  return new Error(
    `Cannot keep the certificates in ${folder}: ${error.message}; ${advice}, or use --tls-cert`,
    { cause: error },
  );
}

/** Reads a variable. Only those that are necessary may prompt for the permission. */
function environment(variable: string): string | undefined {
  const isNecessary = variable === "HOME" || variable === "LOCALAPPDATA";
  return isNecessary || isGranted({ name: "env", variable })
    ? Deno.env.get(variable)
    : undefined;
}

function isGranted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}
