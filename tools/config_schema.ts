// Writes the JSON schema of `--config` files, which editors use for completion:
// `deno run --allow-write=cli/config tools/config_schema.ts`. A test compares it.

import { CONFIG_OPTIONS } from "../cli/config/arguments.ts";
import type { Option } from "../cli/options.ts";

const FILE = new URL("../cli/config/config.schema.json", import.meta.url);

/** The types of a value on the command line. */
const VALUE = { type: ["string", "number"] };

/**
 * Makes the schema from the table of options.
 *
 * @returns The schema.
 */
export function configSchema(): Record<string, unknown> {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Options of @x/httpserver",
    type: "object",
    properties: {
      $schema: { type: "string" },
      path: {
        type: "string",
        description: "Serve this directory, or only this file",
      },
      port: {
        type: "integer",
        minimum: 0,
        maximum: 65535,
        description: "Listen on this port, 0 for a free one (default: 8000)",
      },
      ...Object.fromEntries(
        CONFIG_OPTIONS.map((option) => [option.name, property(option)]),
      ),
    },
    additionalProperties: false,
  };
}

function property({ value, repeatable, help }: Option): object {
  if (value === undefined) return { type: "boolean", description: help };
  const description = `${value}: ${help}`;
  return repeatable
    ? { anyOf: [VALUE, { type: "array", items: VALUE }], description }
    : { ...VALUE, description };
}

if (import.meta.main) {
  Deno.writeTextFileSync(FILE, JSON.stringify(configSchema(), null, 2) + "\n");
}
