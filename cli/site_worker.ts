// The module that the workers of `--workers` load: a site from the options of the command.

import { StaticFileHandler } from "../handlers/static/handler.ts";
import { silenceRules } from "../handlers/static/rules/entrance.ts";
import { withSite } from "../handlers/static/static_files.ts";
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
  /** The certificate of the local authority (DER), for its page; `null` for no page. */
  readonly ca: Uint8Array | null;
}

/**
 * Creates the handler class of a worker.
 *
 * @param data What the command has sent.
 * @returns The class.
 */
export default async function handlerFor(
  data: WorkerSite,
): Promise<RequestHandlerClass> {
  // The command has reported them.
  silenceRules();
  const { color, ca } = data;
  let Handler = color ? colored(StaticFileHandler) : StaticFileHandler;
  if (ca !== null) {
    const { withCaPage } = await import("./https/ca_page.ts");
    Handler = withCaPage(Handler, ca);
  }
  return withProtocol(withSite(Handler, data.site), data.protocol);
}
