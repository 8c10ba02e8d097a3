// The upload area of a listing, and the page of a site that receives files without showing
// any. Loaded when it is first needed.

import { LISTING_CSP, SCRIPT_HASH, STYLE_HASH } from "../listing/csp.ts";
import { iconAddress } from "../listing/icons.ts";
import { LISTING_SCRIPT } from "../listing/script.ts";
import { LISTING_STYLE } from "../listing/style.ts";
import { DROP_SCRIPT, withUploads } from "./page_script.ts";
import { UPLOAD_STYLE } from "./page_style.ts";
import { INTEROP_VERSION } from "./resumable.ts";

/** What an upload area adds to a listing. */
export interface UploadArea {
  /** The style of the whole page. */
  readonly style: string;
  /** The area, in HTML, before the entries. */
  readonly html: string;
  /** The script of the whole page. */
  readonly script: string;
  /** The page's Content-Security-Policy. */
  readonly csp: string;
}

const STYLE = LISTING_STYLE + UPLOAD_STYLE;

/** Works without a script, as a form. */
const AREA =
  `<section class="upload" id="upload" aria-label="Upload" data-interop="${INTEROP_VERSION}">
<form method="post" enctype="multipart/form-data">
<label for="files">Files to upload</label>
<input type="file" id="files" name="file" multiple required>
<button>Upload</button>
</form>
<div class="pick" hidden>
<button type="button" id="pick-files">Upload files</button>
<button type="button" id="pick-folder">Upload a folder</button>
<input type="file" id="folder" webkitdirectory hidden aria-label="Folder to upload">
<span class="hint">or drop them anywhere on this page</span>
</div>
<div class="uploads-head"><p id="upload-status" role="status"></p><button type="button" id="cancel-all" hidden>Cancel all</button><button type="button" id="clear-list" hidden>Clear list</button></div>
<ul class="uploads" id="uploads" role="list" aria-label="Uploads"></ul>
</section>
<div class="dropping" aria-hidden="true">Drop files and folders to upload them</div>
`;

async function hashOf(text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `sha256-${hash.toBase64()}`;
}

/** The policy of a listing, for another style and script that sends files. */
async function policyFor(style: string, script: string): Promise<string> {
  return LISTING_CSP.replace(STYLE_HASH, await hashOf(style))
    .replace(SCRIPT_HASH, await hashOf(script))
    .concat("; connect-src 'self'");
}

let area: Promise<UploadArea> | undefined;

/**
 * Makes the upload area of a listing.
 *
 * @returns The area.
 */
export function uploadArea(): Promise<UploadArea> {
  return area ??= makeArea();
}

async function makeArea(): Promise<UploadArea> {
  const script = withUploads(LISTING_SCRIPT);
  const csp = await policyFor(STYLE, script);
  return { style: STYLE, html: AREA, script, csp };
}

/** A page. */
export interface DropPage {
  /** The page, in HTML. */
  readonly html: string;
  /** The value of its Content-Security-Policy. */
  readonly csp: string;
}

let page: Promise<DropPage> | undefined;

/**
 * Makes the page of a site that receives files without showing any.
 *
 * @returns The page.
 */
export function dropPage(): Promise<DropPage> {
  return page ??= makePage();
}

async function makePage(): Promise<DropPage> {
  const csp = await policyFor(STYLE, DROP_SCRIPT);
  const html = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Upload</title>
<link rel="icon" href="${iconAddress("folder", "#c77700")}">
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Upload</h1>
</header>
<main>
${AREA}</main>
<script>${DROP_SCRIPT}</script>
</body>
</html>
`;
  return { html, csp };
}
