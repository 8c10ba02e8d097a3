// Strips line ends like Python's `rstrip("\\r\\n")`.

/**
 * Strips all CR and LF from the end of a line.
 *
 * @param line The line.
 * @returns The line without its line end.
 */
export function stripLineEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === "\n" || line[end - 1] === "\r")) end--;
  return line.slice(0, end);
}
