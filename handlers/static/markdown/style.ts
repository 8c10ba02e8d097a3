// The style of rendered Markdown. The colours are those of the page. Hashes of it are in the
// policies of the pages; after a change, tests print the new ones.

/** The style of an element with the class `prose`. */
export const PROSE_STYLE: string = `
.prose { padding: 1rem; overflow-wrap: anywhere; line-height: 1.6; }
.prose > :first-child { margin-top: 0; }
.prose > :last-child { margin-bottom: 0; }
.prose :is(h1, h2, h3, h4, h5, h6) { margin: 1.6em 0 .6em; padding: 0; line-height: 1.25; background: none; border: 0; scroll-margin-top: 1rem; }
.prose .h1 { font-size: 1.75rem; }
.prose .h2 { font-size: 1.375rem; padding-bottom: .3em; border-bottom: 1px solid var(--line); }
.prose .h3 { font-size: 1.125rem; }
.prose :is(.h4, .h5, .h6) { font-size: 1rem; }
.prose :is(p, ul, ol, pre, blockquote, details, div) { margin: 0 0 1rem; }
.prose :is(ul, ol) { padding-left: 1.75rem; }
.prose li > :is(ul, ol), .prose li > p:last-child { margin-bottom: .25rem; }
.prose .task { list-style: none; margin-left: -1.35rem; }
.prose code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; padding: .15em .35em; background: var(--panel); border-radius: 4px; }
.prose pre { padding: .85rem 1rem; overflow: auto; background: var(--panel); border-radius: 8px; overflow-wrap: normal; }
.prose pre code { padding: 0; background: none; }
.prose blockquote { padding: 0 1rem; color: var(--muted); border-left: 4px solid var(--line); }
.prose hr { height: 1px; margin: 1.75rem 0; border: 0; background: var(--edge); }
.prose img { max-width: 100%; height: auto; }
.prose kbd { font: .8125em ui-monospace, monospace; padding: .1em .4em; border: 1px solid var(--edge); border-radius: 4px; }
.prose .raw { white-space: pre-wrap; color: var(--muted); }
.prose .table { overflow-x: auto; }
.prose table { border-collapse: collapse; }
.prose .table :is(th, td) { padding: .4rem .75rem; text-align: left; border: 1px solid var(--line); }
.prose .table th { font-weight: 600; background: var(--panel); }
.prose .right, .prose .table .right { text-align: right; }
.prose .center, .prose .table .center { text-align: center; }
.prose summary { cursor: pointer; }
`;

// In a listing, the style of the table and the thumbnails of entries would apply to those of
// the README.
const IN_LISTING = `
.prose img { position: static; width: auto; background: none; object-fit: initial; }
.prose .table tr:hover img { transform: none; }
.prose .table table { display: table; }
.prose .table thead { display: table-header-group; position: static; background: none; border: 0; }
.prose .table tbody { display: table-row-group; }
.prose .table tr { display: table-row; background: none; border: 0; content-visibility: visible; }
.prose .table tr::before { content: none; }
.prose .table :is(th, td) { display: table-cell; color: inherit; font-size: inherit; white-space: normal; }
.prose .table a { color: var(--link); text-decoration: underline; }
.prose .table a::after { content: none; }
`;

/** The style of a rendered README in a listing. */
export const README_STYLE: string = IN_LISTING + PROSE_STYLE;
