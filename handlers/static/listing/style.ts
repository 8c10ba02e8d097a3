// The style of a listing. csp.ts has its hash; after a change, a test prints the new one.

import { iconAddress } from "./icons.ts";

function icon(name: Parameters<typeof iconAddress>[0]): string {
  return `url("${iconAddress(name)}")`;
}

// Text has a contrast of at least 4.5 : 1 with its background, icons and control borders
// 3 : 1 (WCAG 2.2 §1.4.3 and §1.4.11); a test computes it from these lines.
/** The colours of the site's own pages. */
export const COLOURS: string = `
:root {
  --page: #ffffff;
  --panel: #f4f6f8;
  --hover: #e9f0fb;
  --text: #1b1f24;
  --muted: #57606a;
  --link: #0b57d0;
  --line: #dde2e7;
  --edge: #858c94;
  --folder: #b86e00;
  --image: #0a7f5a;
  --video: #b3261e;
  --audio: #7b4dd6;
  --document: #b0481a;
  --code: #0b6bcb;
  --archive: #80680a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #15181c;
    --panel: #1d2126;
    --hover: #26303d;
    --text: #e6e9ed;
    --muted: #a3abb5;
    --link: #8ab4f8;
    --line: #2f353c;
    --edge: #757d87;
    --folder: #f2b84b;
    --image: #5fd0a5;
    --video: #f28b82;
    --audio: #b99cf5;
    --document: #f0a06c;
    --code: #7cb8f7;
    --archive: #d3bd5a;
  }
}
`;

const FRAME = `
*, ::before, ::after { box-sizing: border-box; }
html { color-scheme: light dark; scroll-padding: 4rem 0 4rem; }
body {
  margin: 0 auto;
  max-width: 75rem;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  color: var(--text);
  background: var(--page);
}
a { color: var(--link); }
/* Keep the direction of a name from affecting the text around it. */
h1, h2, header li a, .readme a, tbody a, tbody span { unicode-bidi: isolate; }
form { display: contents; }
button { font: inherit; color: inherit; background: none; border: 0; margin: 0; cursor: pointer; }
:focus-visible { outline: 3px solid var(--link); outline-offset: -3px; border-radius: 6px; }
[hidden] { display: none !important; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
header { padding: 1rem 1rem 0; display: flex; flex-wrap: wrap; align-items: center; }
header ol { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
header li { display: flex; align-items: center; min-width: 0; }
header li::after { content: "/" / ""; color: var(--muted); padding: 0 .15rem; }
header li a {
  display: flex;
  align-items: center;
  min-width: 2.75rem;
  min-height: 2.75rem;
  padding: 0 .4rem;
  justify-content: center;
  text-decoration: none;
  border-radius: 6px;
}
header li a:hover { background: var(--hover); text-decoration: underline; }
header nav { margin-left: -.4rem; min-width: 0; }
h1 { font-size: 1.375rem; line-height: 1.3; margin: .3rem .25rem; min-width: 0; }
h1, header a, h2, pre { overflow-wrap: anywhere; }
main { flex: 1; padding: 0 1rem 1rem; min-width: 0; }
footer {
  position: sticky;
  bottom: 0;
  z-index: 1;
  margin: 0 1rem;
  padding: .5rem;
  min-height: 2.5rem;
  color: var(--muted);
  background: var(--page);
  border-top: 1px solid var(--line);
}
footer p { margin: 0; font-size: .875rem; font-variant-numeric: tabular-nums; }
.empty { padding: 3rem 1rem; margin: 0; text-align: center; color: var(--muted); }
.readme { margin: 1.5rem 0 0; border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.readme h2 { margin: 0; padding: .6rem 1rem; font-size: .9375rem; background: var(--panel); border-bottom: 1px solid var(--line); }
.readme > pre { margin: 0; padding: 1rem; white-space: pre-wrap; font: .875rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.readme > p { margin: 0; padding: 0 1rem 1rem; }
`;

const TOOLS = `
.tools { display: flex; gap: .75rem; align-items: center; justify-content: space-between; margin: .75rem 0; flex-wrap: wrap; }
.filter { position: relative; flex: 1 1 14rem; max-width: 26rem; }
/* Reserve space for the filter until the script runs, so that nothing jumps. */
@media (scripting: enabled) {
  .filter[hidden] { display: block !important; visibility: hidden; }
}
.filter input {
  width: 100%;
  height: 2.75rem;
  padding: 0 2.5rem 0 .9rem;
  font: inherit;
  color: inherit;
  background: var(--page);
  border: 1px solid var(--edge);
  border-radius: 8px;
}
.filter input::placeholder { color: var(--muted); opacity: 1; }
.filter kbd {
  position: absolute;
  right: .7rem;
  top: .65rem;
  padding: 0 .5rem;
  font: .875rem/1.4rem ui-monospace, monospace;
  color: var(--muted);
  background: var(--page);
  border: 1px solid var(--line);
  border-radius: 4px;
  pointer-events: none;
}
.filter input:not(:placeholder-shown) { padding-right: .9rem; }
.filter input:focus + kbd, .filter input:not(:placeholder-shown) + kbd { display: none; }
.download {
  height: 2.75rem;
  padding: 0 .9rem;
  color: var(--text);
  border: 1px solid var(--edge);
  border-radius: 8px;
}
.download:hover { background: var(--hover); }
.views { display: flex; border: 1px solid var(--edge); border-radius: 8px; margin-left: auto; }
.views button {
  display: flex;
  align-items: center;
  gap: .4rem;
  height: 2.75rem;
  padding: 0 .9rem;
  color: var(--text);
  border-radius: 7px;
}
.views button:hover { background: var(--hover); }
.views button[aria-current] { background: var(--panel); font-weight: 600; box-shadow: inset 0 -3px var(--link); }
.list-view { --icon: ${icon("list")}; }
.grid-view { --icon: ${icon("grid")}; }
.views button::before { width: 1.15rem; height: 1.15rem; --tint: currentcolor; }
`;

const ICONS = `
tr { --icon: ${icon("file")}; --tint: var(--muted); }
.up { --icon: ${icon("up")}; }
.folder { --icon: ${icon("folder")}; --tint: var(--folder); }
.image { --icon: ${icon("image")}; --tint: var(--image); }
.video { --icon: ${icon("video")}; --tint: var(--video); }
.audio { --icon: ${icon("audio")}; --tint: var(--audio); }
.document { --icon: ${icon("document")}; --tint: var(--document); }
.text { --icon: ${icon("text")}; }
.code { --icon: ${icon("code")}; --tint: var(--code); }
.archive { --icon: ${icon("archive")}; --tint: var(--archive); }
.other { --icon: ${icon("other")}; }
tbody th::before, .views button::before {
  content: "";
  flex: none;
  background: var(--tint);
  -webkit-mask: var(--icon) center / contain no-repeat;
  mask: var(--icon) center / contain no-repeat;
}
tbody th::before { width: 1.375rem; height: 1.375rem; }
`;

// Rows are separate boxes instead of table rows, so that browsers lay out only those in
// view: a table of 100,000 rows would take seconds.
const ENTRIES = `
table, thead, tbody { display: block; }
tr { display: grid; grid-template-columns: minmax(0, 1fr) 6rem 10rem; }
th, td { padding: 0; text-align: left; font-weight: inherit; min-width: 0; }
thead { position: sticky; top: 0; z-index: 1; background: var(--page); border-bottom: 1px solid var(--line); }
thead button {
  display: flex;
  align-items: center;
  gap: .35rem;
  width: 100%;
  height: 2.75rem;
  padding: 0 .5rem;
  color: var(--muted);
  font-size: .875rem;
  font-weight: 600;
  border-radius: 6px;
}
thead button:hover { color: var(--text); text-decoration: underline; }
thead [aria-sort] button { color: var(--text); }
thead [aria-sort=ascending] button::after { content: "\\25b2" / ""; font-size: .7em; }
thead [aria-sort=descending] button::after { content: "\\25bc" / ""; font-size: .7em; }
th:nth-child(2) button { justify-content: flex-end; }
tbody tr {
  position: relative;
  align-items: center;
  content-visibility: auto;
  contain-intrinsic-size: auto 2.75rem;
  border-bottom: 1px solid var(--line);
}
tbody tr:hover { background: var(--hover); }
tbody th {
  position: relative;
  display: flex;
  align-items: center;
  gap: .65rem;
  min-height: 2.75rem;
  padding: .3rem .5rem;
}
tbody a, tbody span { min-width: 0; overflow-wrap: anywhere; color: var(--text); text-decoration: none; }
tbody a:hover { text-decoration: underline; }
tbody span { color: var(--muted); }
tbody .folder a, .up a { font-weight: 600; }
/* The whole cell is the link; in a card or a narrow row, all of that. */
tbody a::after { content: ""; position: absolute; inset: 0; border-radius: inherit; }
tbody a:focus-visible { outline: 0; }
tbody a:focus-visible::after { outline: 3px solid var(--link); outline-offset: -3px; border-radius: 6px; }
tbody small { flex: none; padding: 0 .4rem; color: var(--muted); font-weight: 400; border: 1px solid var(--line); border-radius: 4px; }
td { padding: 0 .5rem; color: var(--muted); font-size: .875rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
td:nth-child(2) { text-align: right; }
`;

const GRID = `
.grid thead { border: 0; }
.grid thead tr { display: flex; gap: .25rem; }
.grid tbody {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(10rem, calc(50% - .375rem)), 1fr));
  gap: .75rem;
}
.grid tbody tr {
  grid-template-columns: auto minmax(0, 1fr);
  grid-template-rows: 1fr;
  align-items: start;
  contain-intrinsic-size: auto 13rem;
  border: 1px solid var(--line);
  border-radius: 10px;
  overflow: hidden;
}
.grid tbody th { position: static; grid-column: 1 / -1; flex-flow: row wrap; align-content: flex-start; gap: .35rem; padding: 8.1rem .7rem .3rem; }
.grid tbody th::before {
  position: absolute;
  inset: 0 0 auto;
  width: 100%;
  height: 7.5rem;
  -webkit-mask-size: 3.25rem;
  mask-size: 3.25rem;
}
.grid tbody tr::before { content: ""; position: absolute; inset: 0 0 auto; height: 7.5rem; background: var(--panel); }
.grid tbody a::after, .grid tbody a:focus-visible::after { border-radius: 10px; }
.grid img, .grid video { position: absolute; inset: 0 0 auto; width: 100%; height: 7.5rem; object-fit: cover; }
.grid img { background: var(--panel); }
.grid tbody a, .grid tbody span { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; font-size: .9375rem; }
.grid td { grid-column: 1 / -1; padding: 0 .7rem .1rem; font-size: .75rem; }
.grid td:nth-child(2) { text-align: left; }
.grid td:last-child { padding-bottom: .6rem; }
.grid td:empty { display: none; }
`;

const NARROW = `
@media (max-width: 40rem) {
  header { padding: .5rem .75rem 0; }
  main { padding: 0 .75rem .75rem; }
  footer { margin: 0 .75rem; }
  .filter { max-width: none; flex-basis: 100%; }
  .views { margin: 0; flex: 1; }
  .views button { flex: 1; justify-content: center; }
  .list thead tr { grid-template-columns: 1fr auto auto; }
  .list thead button { padding: 0 .75rem; }
  .list tbody tr { grid-template-columns: auto minmax(0, 1fr); padding-bottom: .45rem; contain-intrinsic-size: auto 4.25rem; }
  .list tbody .up { padding-bottom: 0; contain-intrinsic-size: auto 2.75rem; }
  .list tbody th { position: static; grid-column: 1 / -1; padding-bottom: 0; min-height: 2.4rem; }
  .list .up th { padding-bottom: .3rem; min-height: 2.75rem; }
  .list td { font-size: .8125rem; padding: 0; }
  .list td:nth-child(2) { padding-left: 2.55rem; }
  .list td:nth-child(2) > data { padding-right: .9rem; }
  .list .up td { display: none; }
}
`;

const PREFERENCES = `
@media (prefers-reduced-motion: no-preference) {
  .grid img { transition: transform .2s; }
  .grid tr:hover img { transform: scale(1.04); }
}
@media (forced-colors: active) {
  tbody th::before, .views button::before { forced-color-adjust: none; background: CanvasText; }
  .views button[aria-current] { border: 2px solid Highlight; }
}
@media print {
  .tools { display: none; }
  thead, footer { position: static; }
  tbody tr { content-visibility: visible; break-inside: avoid; }
}
`;

/** The style of a listing, for its one `<style>` element. */
export const LISTING_STYLE: string = COLOURS + FRAME + TOOLS + ICONS + ENTRIES +
  GRID + NARROW + PREFERENCES;
