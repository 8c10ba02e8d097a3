// An entry of a listing, and its icon.

/** One entry of a folder. */
export interface ListingEntry {
  /** Its name, without a trailing "/". */
  readonly name: string;
  /** Its type, with symlinks resolved; `other` is a device, a pipe, a socket or a broken symlink. */
  readonly kind: "folder" | "file" | "link-folder" | "link-file" | "other";
  /** The size of a file in bytes, if it is known. */
  readonly size?: number;
  /** The modification time in milliseconds since 1970, if it is known. */
  readonly mtimeMs?: number;
}

/** The icons, which are also class names of the rows. */
export type Icon =
  | "folder"
  | "image"
  | "video"
  | "audio"
  | "document"
  | "text"
  | "code"
  | "archive"
  | "file"
  | "other";

const EXTENSIONS: Readonly<Partial<Record<Icon, string>>> = {
  image:
    "apng avif bmp gif heic heif ico jfif jpeg jpg jxl png psd raw svg tif tiff webp",
  video: "3gp avi flv m4v mkv mov mp4 mpeg mpg ogv webm wmv",
  audio: "aac aif aiff flac m4a mid midi mp3 oga ogg opus wav weba wma",
  document: "doc docx epub key odp ods odt pages pdf ppt pptx rtf xls xlsx",
  text: "adoc csv ini log markdown md org rst tex text tsv txt",
  code:
    "bat c cc cjs clj conf cpp cs css cts dart diff ex fish go h hpp hs htm html " +
    "ipynb java jl js json jsonc jsx kt lock lua mjs mts patch php pl ps1 py r rb rs " +
    "scala scss sh sql svelte swift toml ts tsx vue wasm xhtml xml yaml yml zig zsh",
  archive:
    "7z apk br bz2 cab deb dmg gz iso jar lz4 rar rpm tar tgz txz whl xz zip zst",
};

const ICONS: ReadonlyMap<string, Icon> = new Map(
  Object.entries(EXTENSIONS).flatMap(([icon, names]) =>
    names.split(" ").map((name) => [name, icon as Icon] as const)
  ),
);

/** Code that browsers show as a page, or that is not text. */
const NOT_VIEWED: ReadonlySet<string> = new Set(
  "htm html wasm xhtml".split(" "),
);

/** Text files that have no extension. */
const TEXT_FILES =
  /^(?:authors|changelog|changes|copying|contributing|dockerfile|gemfile|licen[cs]e|makefile|notice|rakefile|readme|todo)$/i;

/** Formats that current browsers show in `<img>`. */
const SHOWN_IMAGES: ReadonlySet<string> = new Set(
  "apng avif bmp gif ico jfif jpeg jpg png svg webp".split(" "),
);

/** Formats that current browsers may play. */
const SHOWN_VIDEOS: ReadonlySet<string> = new Set(
  "m4v mov mp4 ogv webm".split(" "),
);

/** The length of the longest extension in the tables. */
const LONGEST_EXTENSION = 8;

/**
 * Whether an entry is a folder, or a symlink to one.
 *
 * @param entry The entry.
 * @returns `true` if it is.
 */
export function isFolder({ kind }: ListingEntry): boolean {
  return kind === "folder" || kind === "link-folder";
}

/**
 * Returns the size of a file. The size of a folder or a pipe is meaningless.
 *
 * @param entry The entry.
 * @returns The size in bytes; `undefined` if it is not known or not a file.
 */
export function sizeOf({ kind, size }: ListingEntry): number | undefined {
  return kind === "file" || kind === "link-file" ? size : undefined;
}

/**
 * Whether an entry can be opened by its name. It can't if it is neither a file nor a
 * folder, or if its name is not UTF-8, which shows as U+FFFD.
 *
 * @param entry The entry.
 * @returns `true` if it can.
 */
export function isReachable({ kind, name }: ListingEntry): boolean {
  return kind !== "other" && !name.includes("\ufffd");
}

/**
 * Chooses the icon of an entry; for a file by its extension.
 *
 * @param entry The entry.
 * @returns The icon.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(iconOf({ name: "Cat.JPG", kind: "file" }), "image");
 * assertEquals(iconOf({ name: "cats", kind: "link-folder" }), "folder");
 * ```
 */
export function iconOf(entry: ListingEntry): Icon {
  if (entry.kind === "other") return "other";
  if (isFolder(entry)) return "folder";
  return ICONS.get(extensionOf(entry.name)) ?? "file";
}

/**
 * Whether a file is opened as a readable page, by its name.
 *
 * @param entry The entry.
 * @returns `true` for Markdown, text and code, except web pages.
 */
export function isViewable(entry: ListingEntry): boolean {
  const icon = iconOf(entry);
  if (icon === "file") return TEXT_FILES.test(entry.name);
  return (icon === "text" || icon === "code") &&
    !NOT_VIEWED.has(extensionOf(entry.name));
}

/**
 * Chooses the element that shows a file's thumbnail.
 *
 * @param entry The entry.
 * @returns The element; `undefined` if browsers can't show the file.
 */
export function thumbnailOf(entry: ListingEntry): "img" | "video" | undefined {
  if (entry.kind === "other" || isFolder(entry)) return undefined;
  const extension = extensionOf(entry.name);
  if (SHOWN_IMAGES.has(extension)) return "img";
  return SHOWN_VIDEOS.has(extension) ? "video" : undefined;
}

/** The extension in lower case without its dot; "" for none. A leading dot hides a file; it doesn't begin an extension. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || name.length - dot - 1 > LONGEST_EXTENSION) return "";
  return name.slice(dot + 1).toLowerCase();
}
