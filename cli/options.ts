// The options of the command: parsing, the help (`help.ts`) and the checks of docs/cli.md use them.

import { ACCESS, HTTPS } from "./options/access.ts";
import {
  ADDRESS_AND_PROTOCOL,
  DEVELOPMENT,
  FOR_PROGRAMS,
  LOG,
  OTHER,
  PROXIES_AND_ORCHESTRATORS,
} from "./options/server.ts";
import {
  CROSS_ORIGIN_AND_BROWSER_SECURITY,
  DIRECTORIES_AND_URLS,
  FORWARDING,
  HEADERS_TYPES_AND_CACHING,
  MEMORY_AND_COMPRESSION,
} from "./options/site.ts";
import { UPLOADS } from "./options/upload.ts";
import type { Option, OptionGroup } from "./options/option.ts";

export type { Option, OptionGroup };

/** The program's name in messages. */
export const PROGRAM = "httpserver";

/** Every option by theme, in the order of `--help-all`. */
export const OPTION_GROUPS: readonly OptionGroup[] = Object.freeze([
  ADDRESS_AND_PROTOCOL,
  DIRECTORIES_AND_URLS,
  UPLOADS,
  FORWARDING,
  HEADERS_TYPES_AND_CACHING,
  MEMORY_AND_COMPRESSION,
  CROSS_ORIGIN_AND_BROWSER_SECURITY,
  ACCESS,
  HTTPS,
  DEVELOPMENT,
  LOG,
  FOR_PROGRAMS,
  PROXIES_AND_ORCHESTRATORS,
  OTHER,
]);

/** Every option. */
export const OPTIONS: readonly Option[] = Object.freeze(
  OPTION_GROUPS.flatMap(({ options }) => options),
);

/**
 * The line that shows how the command is called.
 *
 * @returns The text, with a line end.
 */
export function usage(): string {
  return `usage: ${PROGRAM} [options] [path] [port]\n`;
}
