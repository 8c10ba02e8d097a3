// The style of the upload area, in addition to that of a listing.

/** The style. */
export const UPLOAD_STYLE: string = `
.upload { margin: .75rem 0; border: 2px dashed var(--edge); border-radius: 10px; overflow: hidden; }
.upload h2 { margin: 0; }
.upload form, .upload .pick { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; padding: .75rem; }
.upload button, .upload ::file-selector-button {
  min-height: 2.75rem;
  padding: 0 1rem;
  font: inherit;
  color: var(--text);
  background: var(--panel);
  border: 1px solid var(--edge);
  border-radius: 8px;
  cursor: pointer;
}
.upload button:hover, .upload ::file-selector-button:hover { background: var(--hover); }
.upload ::file-selector-button { margin-right: .75rem; }
.upload input { min-width: 0; max-width: 100%; font: inherit; }
.upload .hint { color: var(--muted); }
/* The script shows other controls. Reserve their space, so that nothing jumps. */
@media (scripting: enabled) {
  .upload form { display: none; }
  .upload .pick[hidden] { display: flex !important; visibility: hidden; }
}
@media (hover: none) {
  .upload .hint { display: none; }
}
.uploads-head { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; padding: .5rem .75rem; background: var(--panel); border-top: 1px solid var(--line); }
.uploads-head:has(> p:empty) { padding: 0; border: 0; }
.uploads-head p { flex: 1 1 12rem; margin: 0; font-variant-numeric: tabular-nums; }
.uploads { margin: 0; padding: 0; list-style: none; max-height: 24rem; overflow: auto; }
.uploads li {
  display: grid;
  grid-template-columns: minmax(0, 2fr) minmax(4rem, 1fr) minmax(0, 1.5fr) 6.5rem;
  gap: .25rem .75rem;
  align-items: center;
  padding: .3rem .75rem;
  min-height: 3.4rem;
  border-top: 1px solid var(--line);
}
.uploads bdi, .uploads .state { min-width: 0; overflow-wrap: anywhere; }
.uploads .state { color: var(--muted); font-size: .875rem; font-variant-numeric: tabular-nums; }
.uploads .failed .state { color: var(--video); }
.uploads .done .state { color: var(--image); }
.uploads progress { width: 100%; height: .75rem; accent-color: var(--link); }
.uploads .failed progress, .uploads .canceled progress { visibility: hidden; }
.uploads button { padding: 0 .5rem; }
@media (max-width: 40rem) {
  .uploads li { grid-template-columns: minmax(0, 1fr) 6.5rem; }
  .uploads bdi { grid-area: 1 / 1; }
  .uploads .state { grid-area: 2 / 1; }
  .uploads progress { grid-area: 3 / 1 / auto / span 2; }
  .uploads .done progress, .uploads .failed progress, .uploads .canceled progress { display: none; }
  .uploads button { grid-area: 1 / 2 / span 2; }
}
.dropping { display: none; }
html.drops .dropping {
  position: fixed;
  inset: 0;
  z-index: 2;
  display: flex;
  align-items: center;
  justify-content: center;
  padding: 1rem;
  pointer-events: none;
  font-size: 1.375rem;
  text-align: center;
  color: var(--text);
  background: color-mix(in srgb, var(--page) 85%, transparent);
  border: 4px dashed var(--link);
}
`;
