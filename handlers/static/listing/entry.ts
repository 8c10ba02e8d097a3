// What a listing knows of an entry, and which picture stands for it.

/** One entry of a folder. */
export interface ListingEntry {
  /** Its name, without "/" behind it. */
  readonly name: string;
  /** What it is, or what it leads to; `other` is a device, a pipe, a socket or a dead link. */
  readonly kind: "folder" | "file" | "link-folder" | "link-file" | "other";
  /** The size of a file in bytes; left out where it is not known. */
  readonly size?: number;
  /** When it was last changed, in milliseconds since 1970; left out where it is not known. */
  readonly mtimeMs?: number;
}

/** The pictures there are, which are also the class names of the rows. */
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

/** What browsers of today show in `<img>`. */
const SHOWN_IMAGES: ReadonlySet<string> = new Set(
  "apng avif bmp gif ico jfif jpeg jpg png svg webp".split(" "),
);

/** What browsers of today may play. */
const SHOWN_VIDEOS: ReadonlySet<string> = new Set(
  "m4v mov mp4 ogv webm".split(" "),
);

/** No extension in the tables is longer. */
const LONGEST_EXTENSION = 8;

/**
 * Tells whether an entry is a folder, or a link to one.
 *
 * @param entry The entry.
 * @returns Whether it is.
 */
export function isFolder({ kind }: ListingEntry): boolean {
  return kind === "folder" || kind === "link-folder";
}

/**
 * Gives the size of a file; that of a folder or a pipe says nothing about what is in it.
 *
 * @param entry The entry.
 * @returns The size in bytes; `undefined` where there is none or it is not known.
 */
export function sizeOf({ kind, size }: ListingEntry): number | undefined {
  return kind === "file" || kind === "link-file" ? size : undefined;
}

/**
 * Tells whether an entry can be opened by its name: it can't where it is no file or
 * folder, nor where its name is not UTF-8, which shows as U+FFFD.
 *
 * @param entry The entry.
 * @returns Whether it can.
 */
export function isReachable({ kind, name }: ListingEntry): boolean {
  return kind !== "other" && !name.includes("\ufffd");
}

/**
 * Chooses the picture for an entry, for a file by the extension of its name.
 *
 * @param entry The entry.
 * @returns The picture.
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
 * Tells how a browser can show a file itself as a small picture.
 *
 * @param entry The entry.
 * @returns The element to show it with; `undefined` where it can't.
 */
export function thumbnailOf(entry: ListingEntry): "img" | "video" | undefined {
  if (entry.kind === "other" || isFolder(entry)) return undefined;
  const extension = extensionOf(entry.name);
  if (SHOWN_IMAGES.has(extension)) return "img";
  return SHOWN_VIDEOS.has(extension) ? "video" : undefined;
}

/** The extension in lower case without its dot; "" where there is none. A leading dot hides a file, it begins no extension. */
function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  if (dot <= 0 || name.length - dot - 1 > LONGEST_EXTENSION) return "";
  return name.slice(dot + 1).toLowerCase();
}
