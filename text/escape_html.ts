// Python's html.escape(): std's escape() writes &#39; instead of &#x27;.

const MARKUP = /[&<>]/;
const MARKUP_OR_QUOTE = /[&<>"']/;

/**
 * Escapes text for use in HTML, like Python's `html.escape`.
 *
 * @param text The text to escape.
 * @param quote Whether to escape quotation marks too, as in attribute values.
 * @returns The escaped text.
 */
export function escapeHtml(text: string, quote: boolean = true): string {
  if (!(quote ? MARKUP_OR_QUOTE : MARKUP).test(text)) return text;
  // The ampersand first, or it would escape the entities.
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  if (!quote) return escaped;
  return escaped.replaceAll('"', "&quot;").replaceAll("'", "&#x27;");
}
