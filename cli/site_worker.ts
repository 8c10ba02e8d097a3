// The module that the workers of `--workers` load: a site from the options of the command.

import { partial } from "../handlers/partial.ts";
import { StaticFileHandler } from "../handlers/static/handler.ts";
import { silenceRules } from "../handlers/static/rules/entrance.ts";
import type { StaticFileOptions } from "../handlers/static/options.ts";
import type { RequestHandlerClass } from "../handlers/types.ts";
import { colored, withProtocol } from "./handlers.ts";

/** What the command sends to its workers. */
export interface WorkerSite {
  /** The options of the site. */
  readonly site: StaticFileOptions;
  /** The HTTP version. */
  readonly protocol: string;
  /** Whether log lines are colored. */
  readonly color: boolean;
}

/**
 * Creates the handler class of a worker.
 *
 * @param data What the command has sent.
 * @returns The class.
 */
export default function handlerFor(data: WorkerSite): RequestHandlerClass {
  // The command has reported them.
  silenceRules();
  const Handler = data.color ? colored(StaticFileHandler) : StaticFileHandler;
  return withProtocol(partial(Handler, data.site), data.protocol);
}
