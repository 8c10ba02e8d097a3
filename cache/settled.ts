// When a file's state may be remembered.

/**
 * How old a file's last change must be before anything is remembered about its content, in
 * milliseconds. A second change within the resolution of the file system's clock would not show
 * in its times, and that of some is two seconds.
 */
export const SETTLED = 2_500;
