// The response to a form with files: a redirect to the listing, a page, or JSON.

import { escapeHtml } from "../../../text/escape_html.ts";
import { visibleText } from "../listing/visible_text.ts";
import { STYLE_HASH } from "../listing/csp.ts";
import { LISTING_STYLE } from "../listing/style.ts";
import { prefersJson } from "../representation/accept.ts";
import type { Field } from "../response/fields.ts";

/** What became of one file of a form. */
export interface FileResult {
  /** The file's name, as it was sent. */
  readonly name: string;
  /** 201: stored. 200: replaced another file. Otherwise it was refused. */
  readonly status: number;
  /** The name that it got, if it was stored. */
  readonly stored?: string;
  /** Its size in bytes, if it was stored. */
  readonly size?: number;
  /** Why it was refused. */
  readonly reason?: string;
}

/** The results of a form. */
export interface FormResults {
  readonly files: readonly FileResult[];
  /** Why the form was not read to its end. */
  readonly error?: { readonly status: number; readonly reason: string };
}

/** A response, without the fields that depend on its body. */
export interface FormResponse {
  readonly status: number;
  readonly fields: readonly Field[];
  /** The body; empty for a redirect. */
  readonly body: string;
}

const PAGE_CSP = [
  "default-src 'none'",
  `style-src '${STYLE_HASH}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** A query whose characters need no escaping in a field. */
const PLAIN_QUERY = /^[\w=&.%+-]+$/;

/**
 * The status of the whole response: that of the first file that was refused, since a
 * client that looks only at the status must not take a part for success.
 *
 * @param results The results.
 * @returns The status.
 */
export function statusOf({ files, error }: FormResults): number {
  const refused = error ?? files.find(({ reason }) => reason !== undefined);
  if (refused !== undefined) return refused.status;
  return files.some(({ status }) => status === 201) ? 201 : 200;
}

/**
 * Whether the client is a browser that shows the response.
 *
 * @param accept The value of Accept; `null` if it is absent.
 * @returns `true` for a page, `false` for JSON.
 */
export function wantsPage(accept: string | null): boolean {
  return accept !== null && /\btext\/html\b/i.test(accept) &&
    !prefersJson(accept);
}

/**
 * Formats the results.
 *
 * @param results The results.
 * @param page Whether the client shows the response.
 * @param target The request's target, whose query is kept by the redirect.
 * @param drop Whether the site doesn't show its files, so that only a page tells what was stored.
 * @returns The response.
 */
export function formatResults(
  results: FormResults,
  page: boolean,
  target: string,
  drop: boolean,
): FormResponse {
  const status = statusOf(results);
  if (!page) {
    const { files, error } = results;
    const body = JSON.stringify({ files, error: error?.reason }) + "\n";
    return { status, fields: [["Content-Type", "application/json"]], body };
  }
  if (status < 300 && !drop) {
    // Then reloading the page doesn't send the files again.
    return { status: 303, fields: [["Location", listingOf(target)]], body: "" };
  }
  const fields: Field[] = [
    ["Content-Type", "text/html; charset=utf-8"],
    ["Content-Security-Policy", PAGE_CSP],
  ];
  return { status, fields, body: resultsPage(results, target) };
}

/** The URL of the folder that the form was sent to; relative, so that it never is on another host. */
function listingOf(target: string): string {
  const mark = target.indexOf("?");
  const query = mark < 0 ? "" : target.slice(mark + 1);
  return PLAIN_QUERY.test(query) ? `./?${query}` : "./";
}

function resultsPage({ files, error }: FormResults, target: string): string {
  const rows = files.map((file) => {
    const text = file.reason ?? (file.status === 200 ? "Replaced" : "Uploaded");
    const other = file.stored !== undefined && file.stored !== file.name
      ? ` as ${shown(file.stored)}`
      : "";
    return `<li><bdi>${shown(file.name)}</bdi>: ${shown(text)}${other}</li>\n`;
  });
  const failed = error !== undefined ||
    files.some(({ reason }) => reason !== undefined);
  const title = failed ? "Not all files were uploaded" : "Uploaded";
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${LISTING_STYLE}</style>
</head>
<body>
<header><h1>${title}</h1></header>
<main>
${error === undefined ? "" : `<p role="alert">${shown(error.reason)}</p>\n`}<ul>
${rows.join("")}</ul>
<p><a href="${escapeHtml(listingOf(target))}">Back to the folder</a></p>
</main>
</body>
</html>
`;
}

function shown(text: string): string {
  return escapeHtml(visibleText(text), false);
}
