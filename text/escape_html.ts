// html.escape() of Python: five characters, with the exact entities that Python
// writes (&#x27; and not &#39;, which is why std's escape() does not do).

const MARKUP = /[&<>]/;
const MARKUP_OR_QUOTE = /[&<>"']/;

/**
 * Escapes text for use in HTML, like Python's `html.escape`.
 *
 * @param text The text to escape.
 * @param quote Whether both kinds of quotation mark are escaped too, as is
 * needed inside an attribute value.
 * @returns The escaped text.
 */
export function escapeHtml(text: string, quote: boolean = true): string {
  if (!(quote ? MARKUP_OR_QUOTE : MARKUP).test(text)) return text;
  // The ampersand comes first, or it would escape the entities.
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
  if (!quote) return escaped;
  return escaped.replaceAll('"', "&quot;").replaceAll("'", "&#x27;");
}
