// The icons of a listing as SVG in `data:` URLs, so that they need no requests. They are
// used as masks: the style sets their colour.

import type { Icon } from "./entry.ts";

const PAGE =
  "<path fill-opacity='.16' d='M6 3h8l5 5v13H6z'/><path d='M14 3v5h5'/>";

const DRAWINGS: Readonly<Record<Icon | "up" | "list" | "grid", string>> = {
  folder:
    "<path fill-opacity='.85' d='M3 18.5v-13h6.2l2 2.3H21v10.7a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z'/>",
  file: PAGE,
  text: PAGE + "<path d='M9 12.5h7M9 16.5h5'/>",
  document: PAGE +
    "<path fill-opacity='.7' d='M9 12h7v2H9z'/><path d='M9 17.5h7'/>",
  code: PAGE +
    "<path fill='none' d='m10.5 12-2 2.5 2 2.5m4-5 2 2.5-2 2.5'/>",
  archive:
    "<path fill-opacity='.16' d='M3.5 8.5h17V20h-17zM3 4h18v4.5H3z'/><path d='M10 12.5h4'/>",
  image:
    "<path fill-opacity='.16' d='M3 4.5h18v15H3z'/><path fill-opacity='.6' d='m4 18.5 5.5-7 4 4.5 2.5-2.5 4 5z'/><circle cx='16' cy='9' r='1.4'/>",
  video:
    "<path fill-opacity='.16' d='M3 4.5h18v15H3z'/><path fill-opacity='.85' d='m10 8.5 6 3.5-6 3.5z'/>",
  audio:
    "<path fill='none' d='M9 17.5V6l10-2v11.5'/><circle cx='6.7' cy='17.5' r='2.3'/><circle cx='16.7' cy='15.5' r='2.3'/>",
  other:
    "<path fill-opacity='.16' d='m12 3 9 9-9 9-9-9z'/><path fill='none' d='M12 8.5v4.5m0 2.5v.5'/>",
  up: "<path fill='none' d='M12 20V5m-6 6 6-6 6 6'/>",
  list: "<path fill='none' d='M4 6.5h16M4 12h16M4 17.5h16'/>",
  grid:
    "<path fill-opacity='.3' d='M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z'/>",
};

/**
 * Returns an icon's URL. It needs no escaping in quoted CSS strings, or in double-quoted
 * HTML attributes.
 *
 * @param name The icon.
 * @param colour Its CSS colour, without quotation marks.
 * @returns The `data:` URL.
 */
export function iconAddress(
  name: keyof typeof DRAWINGS,
  colour: string = "black",
): string {
  const svg =
    `<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='${colour}' stroke='${colour}' ` +
    `stroke-width='1.6' stroke-linecap='round' stroke-linejoin='round'>${
      DRAWINGS[name]
    }</svg>`;
  return "data:image/svg+xml," +
    svg.replace(
      /[<>#%']/g,
      (character) => "%" + character.charCodeAt(0).toString(16).toUpperCase(),
    );
}
