// Live reload of a site: the targets of the script, and the pages to which it is appended.

import { Connection } from "../../../connection/connection.ts";
import { flushLog } from "../../../connection/log.ts";
import { statSync } from "../../file_stat.ts";
import { AppendedFile, BytesFile } from "../../source.ts";
import type { Found, FoundFile, Resolved } from "../found.ts";
import { isNavigation, NAVIGATION_FIELDS } from "../lookup/navigation.ts";
import { type ServedFolder, spoilLooks } from "../lookup/served_folder.ts";
import type { Representation } from "../representation/representation.ts";
import type { Field } from "../response/fields.ts";
import { LIVE_VIEW_CSP, VIEW_CSP } from "../view/csp.ts";
import { mergeVary } from "../response/vary.ts";

import type { LivePages, LiveRequest, LiveSettings } from "./interfaces.ts";
import { Hub } from "./hub.ts";
import { compileLocalHosts } from "../access/local_host.ts";
import { PAGE_SCRIPT } from "./page_script.ts";
import { PendingPages } from "./pending_pages.ts";
import { escapeMarks, formatReport, ReportLimit } from "./report.ts";
import { folderUrl, isTaggable, isUtf16, makeTag, taggedEtag } from "./tag.ts";
import { WORKER_SCRIPT } from "./worker_script.ts";

/** Proves that a request comes from a page of this process: others can't read it. */
const KEY = crypto.randomUUID().replaceAll("-", "");

const NOT_STORED: Field = ["Cache-Control", "no-store"];
const SANDBOXED: Field = ["Access-Control-Allow-Origin", "null"];
const FIELDS_OF_VARY = NAVIGATION_FIELDS.split(", ");

/** Live reload of a site. */
export class Pages implements LivePages {
  readonly #settings: LiveSettings;
  readonly #hub: Hub;
  readonly #isLocal: (host: string | null) => boolean;
  /** The URL path of the script's folder. */
  readonly #folder: string;
  /** The URL path of each folder, without a slash at the end. */
  readonly #prefixes: ReadonlyMap<ServedFolder, string>;
  readonly #pending = new PendingPages();
  readonly #reports = new ReportLimit();
  readonly #refusedHosts = new Set<string>();
  #late: ReturnType<typeof setTimeout> | undefined;

  /**
   * Prepares live reload. Nothing is watched until a page connects.
   *
   * @param settings The site.
   */
  constructor(settings: LiveSettings) {
    this.#settings = settings;
    const { folders, hosts, say } = settings;
    this.#isLocal = compileLocalHosts(hosts);
    this.#prefixes = new Map(
      folders.map(({ folder, prefix }) => [folder, urlOf(prefix)]),
    );
    this.#folder = `${encodeURI(urlOf(folders[0]!.prefix))}/.httpserver/`;
    this.#hub = new Hub(
      folders.map(({ folder: { path }, flat }) => ({ path, flat })),
      say,
    );
  }

  /** Stops watching, also if pages are open. */
  [Symbol.dispose](): void {
    clearTimeout(this.#late);
    this.#late = undefined;
    this.#hub.stop();
  }

  /** Reloads all open pages. */
  reload(): void {
    this.#hub.reload();
  }

  /**
   * Responds to a request for a target of live reload.
   *
   * @param request The request.
   * @param name The last name of the target.
   * @returns What to send.
   */
  respond(request: LiveRequest, name: string): Found {
    const { headers, target } = request;
    if (!this.#isLocal(headers.get("Host"))) return { kind: "misdirected" };
    const mark = target.text.indexOf("?");
    const query = new URLSearchParams(
      mark < 0 ? "" : target.text.slice(mark + 1),
    );
    const found = query.get("k") === KEY
      ? this.#find(request, name, query)
      : text(403, "The server was restarted.\n");
    // A page with the CSP directive "sandbox" has an origin for itself.
    return found.kind === "live" && headers.get("Origin") === "null"
      ? { ...found, fields: [...found.fields, SANDBOXED] }
      : found;
  }

  #find(request: LiveRequest, name: string, query: URLSearchParams): Found {
    switch (name) {
      case "live.js":
        this.#pending.arrived(Number(query.get("n")));
        return script(PAGE_SCRIPT);
      case "worker.js":
        return script(WORKER_SCRIPT);
      case "events":
        return this.#connect(request, query);
      case "report":
        return this.#report(request, query);
      default:
        return { kind: "missing", vary: "" };
    }
  }

  #connect(request: LiveRequest, query: URLSearchParams): Found {
    const { headers } = request;
    if (!isSameOrigin(headers)) return text(403, "Another origin.\n");
    const seen = Number(headers.get("Last-Event-ID") ?? query.get("since"));
    const source = this.#hub.connect(
      Number.isSafeInteger(seen) ? seen : 0,
      request.request.connection,
    );
    const fields: Field[] = [
      ["Content-Type", "text/event-stream"],
      NOT_STORED,
      // nginx would collect events.
      ["X-Accel-Buffering", "no"],
    ];
    return { kind: "live", status: 200, fields, source };
  }

  #report({ headers }: LiveRequest, query: URLSearchParams): Found {
    if (!isSameOrigin(headers)) return text(403, "Another origin.\n");
    const message = query.get("m") ?? "";
    const dropped = message === ""
      ? undefined
      : this.#reports.admit(performance.now());
    if (dropped !== undefined) {
      if (dropped > 0) {
        const errors = dropped === 1 ? "error" : "errors";
        this.#settings.say(`${dropped} more ${errors} of pages not shown`);
      }
      const page = query.get("p") ?? "";
      this.#settings.say(formatReport(page, message));
    }
    const fields = [NOT_STORED];
    return { kind: "live", status: 204, fields, source: null };
  }

  /**
   * Notes what a response depends on, and appends the script if it is a page.
   *
   * @param request The request.
   * @param found What was found for it.
   * @returns What to send.
   */
  tag(request: LiveRequest, found: Resolved): Resolved {
    switch (found.kind) {
      case "file":
        return this.#tagFile(request, found);
      case "listing":
        return this.#tagListing(request, found);
      case "missing":
        return this.#tagMissing(request, found);
      default:
        return found;
    }
  }

  #tagFile(request: LiveRequest, found: FoundFile): Resolved {
    const { folder, name, plain, coded } = found;
    const prefix = this.#prefixes.get(folder);
    const asked = requestedPath(request);
    const canonical = prefix === undefined ? asked : `${prefix}/${name}`;
    this.#note(plain.path, plain.info, [canonical, asked]);
    if (!isTaggable(found.type) || plain.tail !== undefined) return found;
    const vary = mergeVary(found.vary, FIELDS_OF_VARY);
    if (!this.#isPage(request) || plain.coding !== undefined) {
      return { ...found, vary };
    }
    if (isUtf16(startOf(plain))) return { ...found, vary };
    const tail = this.#tail(request, [canonical], false);
    coded?.source?.close();
    coded?.file?.close();
    const { content } = plain;
    const tagged: Representation = {
      ...plain,
      tail,
      size: plain.size + tail.length,
      etag: taggedEtag(plain.etag, { key: KEY, generation: this.#generation }),
      // A page that is older than the script's facts must not be used again.
      lastModified: null,
      made: "streamed",
      ...(content !== undefined && { content: concat(content, tail) }),
    };
    const cacheControl = NOT_STORED[1];
    const page = { ...found, plain: tagged, coded: null, vary, cacheControl };
    return found.csp === VIEW_CSP ? { ...page, csp: LIVE_VIEW_CSP } : page;
  }

  #tagListing(
    request: LiveRequest,
    found: Extract<Resolved, { kind: "listing" }>,
  ): Resolved {
    const path = withoutSlash(request.target.local);
    const shown = [requestedPath(request)];
    this.#note(path, statSync(path), shown);
    const { readme } = found;
    if (readme !== undefined) {
      const name = shown[0] + readme.slice(readme.lastIndexOf("/") + 1);
      this.#note(readme, statSync(readme), [name, ...shown]);
    }
    if (found.json || !this.#isPage(request)) return found;
    const tail = this.#tail(request, shown, false);
    return {
      ...found,
      live: true,
      source: new AppendedFile(found.source, tail),
    };
  }

  #tagMissing(
    request: LiveRequest,
    found: Extract<Resolved, { kind: "missing" }>,
  ): Resolved {
    const { target, request: { index_pages } } = request;
    const { folder: main, prefix } = this.#settings.folders[0]!;
    const asked = requestedPath(request);
    const path = withoutSlash(target.local);
    const suffixes = ["", ...index_pages.map((name) => "/" + name)];
    if (this.#settings.cleanUrls) suffixes.push(".html");
    // A NUL is in no file's name, but in the path of a target outside of all folders.
    if (!path.includes("\0")) {
      for (const suffix of suffixes) this.#note(path + suffix, null, [asked]);
    }
    if (!this.#isPage(request)) return found;
    const page = `${urlOf(prefix)}/404.html`;
    const file = main.join(["404.html"]);
    this.#note(file, statSync(file), [page]);
    request.tail = this.#tail(request, [page, asked], true);
    return {
      ...found,
      vary: mergeVary(found.vary, FIELDS_OF_VARY),
      cacheControl: NOT_STORED[1],
    };
  }

  get #generation(): number {
    return this.#hub.generation;
  }

  #note(
    path: string,
    info: Deno.FileInfo | null,
    names: readonly string[],
  ): void {
    this.#hub.note(path, info, names);
  }

  /** Whether the response is a page of a host whose pages are reloaded. */
  #isPage({ method, headers, target: { segments } }: LiveRequest): boolean {
    if (!isNavigation({ method, headers, segments })) return false;
    const host = headers.get("Host");
    if (this.#isLocal(host)) return true;
    if (this.#refusedHosts.size < 10 && !this.#refusedHosts.has(host!)) {
      this.#refusedHosts.add(host!);
      this.#settings.say(
        `Pages of ${
          escapeMarks(host!)
        } are not reloaded: allow that host (--host, "hosts")`,
      );
    }
    return false;
  }

  #tail(
    request: LiveRequest,
    shown: readonly string[],
    missing: boolean,
  ): Uint8Array {
    // The next response has another script.
    spoilLooks();
    const { headers, method, request: { server } } = request;
    // A page that is loaded in advance may never be shown.
    const isAhead = headers.get("Sec-Purpose") !== null || method === "HEAD";
    const serial = isAhead ? 0 : this.#expect(request);
    return makeTag({
      folder: folderUrl(this.#folder, server?.secure ?? false, headers),
      key: KEY,
      generation: this.#generation,
      serial,
      shown,
      missing,
    });
  }

  /** Expects that a page requests its script. */
  #expect(request: LiveRequest): number {
    const { headers, request: handler } = request;
    const { connection, close_connection } = handler;
    // Browsers keep connections for the next request, unless a load is cancelled. One of
    // `toFetch()` always ends with its response.
    const watch = !close_connection && connection instanceof Connection &&
        connection.constructor === Connection
      ? (leave: () => void) => connection.onClose(leave)
      : undefined;
    const serial = this.#pending.add({
      path: requestedPath(request),
      browser: `${handler.address_string()} ${headers.get("User-Agent")}`,
      isFrame: /^i?frame$/.test(headers.get("Sec-Fetch-Dest") ?? ""),
      watch,
    }, performance.now());
    this.#watchPending();
    return serial;
  }

  #watchPending(): void {
    const { due } = this.#pending;
    if (this.#late !== undefined || due === undefined) return;
    this.#late = setTimeout(() => {
      this.#late = undefined;
      for (const path of this.#pending.takeLate(performance.now())) {
        this.#settings.say(
          `${
            escapeMarks(path)
          } can't be reloaded: its Content-Security-Policy forbids scripts of 'self', or an element is not closed at its end`,
        );
      }
      flushLog();
      this.#watchPending();
    }, Math.max(0, due - performance.now()));
    Deno.unrefTimer(this.#late);
  }
}

/** The decoded path of a request. */
function requestedPath({ target }: LiveRequest): string {
  const { names, trailingSlash } = target;
  return urlOf(names) + (trailingSlash || names.length === 0 ? "/" : "");
}

function urlOf(names: readonly string[]): string {
  return names.map((name) => "/" + name).join("");
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Whether a request comes from a page of this origin, or from one in a sandbox. */
function isSameOrigin(
  headers: { get(name: string): string | null },
): boolean {
  const origin = headers.get("Origin");
  if (origin !== null) {
    return origin === "null" ||
      origin.replace(/^https?:\/\//, "") === headers.get("Host");
  }
  const site = headers.get("Sec-Fetch-Site");
  return site === null || site === "same-origin" || site === "none";
}

function script(source: string): Found {
  return text(200, source, [
    // Pages with Cross-Origin-Embedder-Policy load nothing without it.
    ["Cross-Origin-Resource-Policy", "cross-origin"],
    ["Cross-Origin-Embedder-Policy", "require-corp"],
  ], "text/javascript");
}

function text(
  status: number,
  content: string,
  more: readonly Field[] = [],
  type = "text/plain",
): Found {
  const bytes = new TextEncoder().encode(content);
  const fields: Field[] = [
    ["Content-Type", `${type}; charset=utf-8`],
    ["Content-Length", String(bytes.length)],
    NOT_STORED,
    ...more,
  ];
  return { kind: "live", status, fields, source: new BytesFile(bytes) };
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** The first two bytes of a file; none if they can't be read. */
function startOf({ content, file, path, source }: Representation): Uint8Array {
  if (content !== undefined) return content.subarray(0, 2);
  const start = new Uint8Array(2);
  if (source !== undefined) return start;
  try {
    if (file !== undefined) {
      file.readSync(start);
      file.seekSync(0, Deno.SeekMode.Start);
    } else {
      using opened = Deno.openSync(path);
      opened.readSync(start);
    }
  } catch {
    // The response that follows fails as well, and sends the right error.
  }
  return start;
}
