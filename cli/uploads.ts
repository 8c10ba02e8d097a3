// What the command decides and prints about uploads. Pure.

import type { StaticFileOptions } from "../handlers/static/options.ts";
import type { UploadPolicy } from "../handlers/static/upload/options.ts";
import { isLoopback } from "./loopback.ts";
import { isGiven, type OptionValues } from "./option_values.ts";

/** The options that each turn uploads on. */
export const UPLOAD_OPTIONS: readonly string[] = Object.freeze([
  "upload",
  "upload-policy",
  "upload-max",
  "upload-max-total",
  "upload-keep-free",
  "drop",
]);

/** The options that say who may reach the server, so that it need not be kept to this machine. */
const GUARDS: readonly string[] = ["users", "users-env", "secret", "allow"];

/**
 * Returns the address to listen on if none is given. Files of strangers are received only if
 * somebody has said who may send them.
 *
 * @param values The arguments.
 * @returns The address; `undefined` for all interfaces.
 */
export function bindForUploads(values: OptionValues): string | undefined {
  const isOn = UPLOAD_OPTIONS.some((name) => isGiven(values, name));
  const isGuarded = GUARDS.some((name) => isGiven(values, name));
  return isOn && !isGuarded ? "127.0.0.1" : undefined;
}

/**
 * Converts the arguments to the option `upload`.
 *
 * @param values The arguments.
 * @param policy The value of `--upload-policy`.
 * @param size Parses a size.
 * @returns The option; `undefined` if no argument turns uploads on.
 */
export function uploadOption(
  { has }: OptionValues,
  policy: UploadPolicy | undefined,
  size: (name: string) => number | undefined,
): StaticFileOptions["upload"] {
  const options = {
    policy,
    maxSize: size("upload-max"),
    maxTotal: size("upload-max-total"),
    keepFree: size("upload-keep-free"),
    drop: has("drop") || undefined,
  };
  const given = Object.entries(options).filter(([, value]) =>
    value !== undefined
  );
  if (given.length > 0) return Object.fromEntries(given);
  return has("upload") || undefined;
}

/** The parts of the arguments that decide who can upload. */
interface Reach {
  readonly site: Pick<StaticFileOptions, "allow" | "upload">;
  readonly secret: boolean;
  readonly bind: string | undefined;
  readonly usersFile: string | undefined;
  readonly usersVariable: string | undefined;
}

/**
 * Says who can upload, for the line that lists the features that are on.
 *
 * @param reach The arguments.
 * @returns The text; `undefined` without uploads.
 */
export function uploadText(reach: Reach): string | undefined {
  const { bind, secret, site: { allow, upload } } = reach;
  if (!upload) return undefined;
  const isDrop = upload !== true && upload.drop === true;
  const who = hasUsers(reach)
    ? "from users"
    : isLoopback(bind)
    ? "from this machine"
    : secret
    ? "from anyone with the URL"
    : allow !== undefined
    ? "from allowed addresses"
    : "from anyone";
  return `${isDrop ? "drop" : "upload"} (${who})`;
}

/**
 * Warns if strangers can upload.
 *
 * @param reach The arguments.
 * @returns The warning; `undefined` if not everybody who can connect can upload.
 */
export function openUploads(reach: Reach): string | undefined {
  const { bind, secret, site: { allow, upload } } = reach;
  const isGuarded = hasUsers(reach) || secret || allow !== undefined;
  return upload && !isGuarded && !isLoopback(bind)
    ? "anyone who can connect can upload files; --users asks for a password"
    : undefined;
}

function hasUsers({ usersFile, usersVariable }: Reach): boolean {
  return (usersFile ?? usersVariable) !== undefined;
}
