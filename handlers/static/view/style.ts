// The style of a readable page, in the listing's colours. csp.ts has its hash; after a change, a
// test prints the new one.

import { COLOURS } from "../listing/style.ts";
import { PROSE_STYLE } from "../markdown/style.ts";

const FRAME = `
*, ::before, ::after { box-sizing: border-box; }
html { color-scheme: light dark; scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 75rem; font: 1rem/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--text); background: var(--page); }
a { color: var(--link); }
h1, header li a, .prose a { unicode-bidi: isolate; }
:focus-visible { outline: 3px solid var(--link); outline-offset: -3px; border-radius: 6px; }
header { display: flex; flex-wrap: wrap; align-items: center; padding: 1rem 1rem 0; }
header nav { margin-left: -.4rem; min-width: 0; }
header ol { display: flex; flex-wrap: wrap; list-style: none; margin: 0; padding: 0; }
header li { display: flex; align-items: center; min-width: 0; }
header li::after { content: "/" / ""; color: var(--muted); padding: 0 .15rem; }
header a { display: flex; align-items: center; justify-content: center; min-width: 2.75rem; min-height: 2.75rem; padding: 0 .4rem; border-radius: 6px; text-decoration: none; overflow-wrap: anywhere; }
header a:hover { background: var(--hover); text-decoration: underline; }
h1 { margin: .3rem .25rem; font-size: 1.375rem; line-height: 1.3; min-width: 0; overflow-wrap: anywhere; }
.facts { display: flex; align-items: center; gap: .75rem; margin: 0 0 0 auto; color: var(--muted); font-size: .875rem; font-variant-numeric: tabular-nums; }
header .raw-file { padding: 0 .9rem; color: var(--text); border: 1px solid var(--edge); border-radius: 8px; }
main { margin: .75rem 1rem 2rem; border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.note { margin: 0; padding: .75rem 1rem; color: var(--muted); border-top: 1px solid var(--line); }
main > .note:first-child { border: 0; }
@media (max-width: 40rem) {
  header { padding: .5rem .75rem 0; }
  .facts { margin-left: 0; flex-basis: 100%; }
  main { margin: .5rem .75rem 1.5rem; }
}
@media print {
  .raw-file { display: none !important; }
  main { border: 0; }
}
`;

// The numbers are generated content, which is neither selected nor copied.
const LINES = `
.lines { margin: 0; padding: .75rem 0; font: .875rem/1.55 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; tab-size: 4; }
.lines span { display: block; position: relative; min-height: 1.55em; padding: 0 1rem 0 calc(var(--digits) + 2.25rem); white-space: pre-wrap; overflow-wrap: anywhere; content-visibility: auto; contain-intrinsic-size: auto 1.55em; }
.lines a { position: absolute; left: 0; top: 0; bottom: 0; width: calc(var(--digits) + 1.5rem); padding-right: .25rem; text-align: right; color: var(--muted); text-decoration: none; }
.lines a::before { content: attr(aria-label); }
.lines a:hover { color: var(--link); text-decoration: underline; }
.lines :target { background: var(--hover); box-shadow: inset 3px 0 var(--link); }
.digits1 { --digits: 1ch; }
.digits2 { --digits: 2ch; }
.digits3 { --digits: 3ch; }
.digits4 { --digits: 4ch; }
.digits5 { --digits: 5ch; }
`;

/** The style of a readable page, for its one `<style>` element. */
export const VIEW_STYLE: string = COLOURS + FRAME + LINES + PROSE_STYLE;
