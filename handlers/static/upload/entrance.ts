// The entrance of uploads, the only one of their files that is loaded without them. The others are
// loaded by the first request that writes.

import type { MaybePromise } from "../../../connection/files.ts";
import { compileLocalHosts } from "../access/local_host.ts";
import type { Rights } from "../access/rights.ts";
import type {
  Received,
  Refused,
  Reply,
  UploadHandler,
  UploadRequest,
  Uploads,
  UploadSettings,
} from "./interfaces.ts";
import type { UploadArea } from "./page.ts";
import { type UploadLimits, uploadLimits } from "./options.ts";

/** The folder of all unfinished uploads that can be resumed, below the site's `base`. */
const FOLDER: readonly string[] = [".httpserver", "upload"];

/** The methods of a site with uploads. */
export const UPLOAD_METHODS = "GET, HEAD, OPTIONS, POST, PUT";

/** The fields of documents that could run scripts: nobody knows which ones were uploaded. */
export const SANDBOX = ["Content-Security-Policy", "sandbox"] as const;

/** HTML, and all of XML: stylesheets and SVG in it can contain scripts, too. */
const DOCUMENT = /^(?:text\/html|[^;]*[/+]xml|text\/xsl)[ \t]*(?:;|$)/i;

/** The response to an upload whose host may be the name of another site. */
const OTHER_HOST: Refused = Object.freeze({
  kind: "refused",
  status: 421,
  reason: "Uploads to this name need --host NAME (option hosts)",
});

/** Whether there may be unfinished uploads. */
let isLoaded = false;

/**
 * Whether a document of a media type could run scripts in a browser.
 *
 * @param type The value of Content-Type.
 * @returns `true` for HTML and XML, such as SVG.
 */
export function isActiveType(type: string): boolean {
  return DOCUMENT.test(type);
}

/** Uploads to a site. */
export class UploadSite implements Uploads {
  readonly settings: UploadSettings;
  readonly limits: UploadLimits;
  /** What all uploads have taken, in bytes. */
  readonly totals = { taken: 0 };
  readonly #isOwnHost: (host: string | null) => boolean;

  /**
   * Prepares uploads. Loads nothing yet.
   *
   * @param settings The site.
   */
  constructor(settings: UploadSettings) {
    this.settings = settings;
    this.limits = uploadLimits(settings.options);
    this.#isOwnHost = settings.hasUsers
      ? () => true
      : compileLocalHosts(settings.hosts);
  }

  /**
   * Refuses a host that may be the name of another site, which resolves to this machine.
   *
   * @param host The host, as the client asked for it.
   * @returns The refusal, if there is one.
   */
  refuseHost(host: string | null): Refused | undefined {
    return this.#isOwnHost(host) ? undefined : OTHER_HOST;
  }

  /**
   * What a request may do: with `drop`, only upload, unless the user has other rights.
   *
   * @param request The request.
   * @returns The rights.
   */
  rightsOf({ rights }: UploadRequest): Rights {
    return rights ?? (this.limits.drop ? "write" : "read+write");
  }

  /**
   * The last name of a target that is an unfinished upload.
   *
   * @param request The request.
   * @returns The name; `undefined` for any other target.
   */
  tokenOf({ target: { names } }: UploadRequest): string | undefined {
    const path = [...this.settings.prefix, ...FOLDER];
    return names.length === path.length + 1 &&
        path.every((name, at) => name === names[at])
      ? names.at(-1)
      : undefined;
  }

  /**
   * Responds to a request that writes. It was admitted.
   *
   * @param handler The handler.
   * @param request The request.
   * @returns What to send.
   */
  receive(handler: UploadHandler, request: UploadRequest): Promise<Received> {
    isLoaded = true;
    return import("./receive.ts").then(({ receive }) =>
      receive(handler, request, this)
    );
  }
}

/**
 * Makes the upload area of a listing, if files may be uploaded there.
 *
 * @param request The request, which was admitted.
 * @param upload Uploads to the site, if there are any.
 * @returns The area.
 */
export function areaFor(
  request: UploadRequest,
  upload: UploadSite | undefined,
): MaybePromise<UploadArea | undefined> {
  if (upload === undefined || request.translated) return undefined;
  if (upload.rightsOf(request) === "read") return undefined;
  const { host } = request.request.forwarded;
  if (upload.refuseHost(host) !== undefined) return undefined;
  return import("./page.ts").then(({ uploadArea }) => uploadArea());
}

/**
 * Responds to a request that reads, if uploads decide about it. It was admitted.
 *
 * @param request The request.
 * @param upload Uploads to the site, if there are any.
 * @returns What to send; `undefined` to look up the file.
 */
export function lookBefore(
  request: UploadRequest,
  upload: UploadSite | undefined,
): MaybePromise<Refused | Reply> | undefined {
  const token = upload?.tokenOf(request);
  if (upload !== undefined && token !== undefined) {
    return import("./receive.ts").then(({ show }) =>
      show(request, upload, token)
    );
  }
  const rights = upload?.rightsOf(request) ?? request.rights;
  if (rights !== "write") return undefined;
  const { names, trailingSlash } = request.target;
  const { prefix = undefined } = upload?.settings ?? {};
  const isRoot = prefix !== undefined && trailingSlash &&
    names.length === prefix.length &&
    names.every((name, at) => name === prefix[at]);
  if (!isRoot) return { kind: "refused", status: 403, reason: "Forbidden" };
  const fault = upload?.refuseHost(request.request.forwarded.host);
  if (fault !== undefined) return fault;
  return import("./receive.ts").then(({ showPage }) => showPage());
}

/**
 * Removes the uploads that could still be resumed. Call it when the server ends.
 *
 * @returns A promise that is fulfilled when they are removed.
 */
export async function endUploads(): Promise<void> {
  if (!isLoaded) return;
  const { removeUploads } = await import("./resumable_state.ts");
  await removeUploads();
}

/**
 * Removes the unfinished files of servers that were killed.
 *
 * @returns A promise, which is fulfilled also if that is not possible.
 */
export function sweepUploads(): Promise<void> {
  return import("./journal.ts").then(({ sweepOnce }) => sweepOnce());
}
