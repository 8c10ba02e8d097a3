// Reads the file of `--config`. Loaded only for it.

import { parse } from "@std/jsonc/parse";
import { absolutePath, joinPath } from "../../text/file_paths.ts";
import { repr } from "../../text/repr.ts";
import { OPTIONS } from "../options.ts";
import { splitArguments } from "../split_arguments.ts";
import { UsageError } from "../usage_error.ts";
import { configArguments } from "./arguments.ts";
import { duplicateKey } from "./duplicate_key.ts";

/**
 * Adds the content of the `--config` file to the arguments.
 *
 * @param args The arguments.
 * @returns The arguments, with those of the file in front.
 * @throws {SyntaxError} If the file can't be read, or its content is invalid.
 */
export function withConfig(args: readonly string[]): readonly string[] {
  const given = splitArguments(args, OPTIONS);
  const file = given.values.get("config")?.at(-1);
  if (typeof file !== "string") return args;
  const { os } = Deno.build;
  const folder = joinPath(absolutePath(file, os, Deno.cwd), "..", os);
  const context = {
    given,
    resolve: (path: string) => absolutePath(path, os, () => folder),
  };
  const text = readFile(file);
  try {
    const config = parse(text);
    const twice = duplicateKey(text);
    if (twice !== undefined) {
      throw new UsageError(`${repr(twice)} occurs twice`);
    }
    return [...configArguments(config, context), ...args];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UsageError(`argument --config: ${repr(file)}: ${error.message}`);
  }
}

function readFile(file: string): string {
  try {
    // A byte order mark is no JSON.
    return Deno.readTextFileSync(file).replace(/^\uFEFF/, "");
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new UsageError(
      `argument --config: cannot read ${repr(file)}: ${error.message}`,
    );
  }
}
