// The options of uploads, and their defaults.

/** What to do if there is a file of the same name: refuse the upload, store it under another name, or replace the file. */
export type UploadPolicy = "error" | "rename" | "overwrite";

/** How uploads are received. */
export interface UploadOptions {
  /**
   * What to do if there is a file of the same name: refuse the upload with 409, store it as
   * `name (1).ext`, or replace the file.
   *
   * @default {error, or rename with `drop`}
   */
  readonly policy?: UploadPolicy;
  /**
   * The size of the largest file that is received, in bytes.
   *
   * @default {4294967296}
   */
  readonly maxSize?: number;
  /**
   * How many bytes all uploads together may have until the server ends.
   *
   * @default {no limit}
   */
  readonly maxTotal?: number;
  /**
   * How much space of the file system is kept free, in bytes. It can't be checked without
   * `--allow-sys=statfs`.
   *
   * @default {a share of 5 %, but at most 1 GiB}
   */
  readonly keepFree?: number;
  /**
   * Receive files without showing any: every GET is 403, except that of the upload page at
   * `/`. Users with the right `read` still see everything.
   *
   * @default {false}
   */
  readonly drop?: boolean;
}

/** The options with their defaults. */
export interface UploadLimits {
  readonly policy: UploadPolicy;
  readonly maxSize: number;
  readonly maxTotal: number;
  /** `undefined` for a share of the file system. */
  readonly keepFree: number | undefined;
  readonly drop: boolean;
}

const GIB = 1024 ** 3;

/**
 * The default `maxSize`: an hour of video, or a disk image. Without a limit, one mistaken upload
 * could fill the disk before anybody notices.
 */
export const MAX_SIZE: number = 4 * GIB;

/** The most that `keepFree` keeps by default. */
export const KEEP_FREE: number = GIB;

/** The share of a small file system that `keepFree` keeps by default. */
export const KEEP_SHARE = 0.05;

/**
 * Adds the defaults.
 *
 * @param options The options; `true` for none.
 * @returns All options.
 */
export function uploadLimits(options: UploadOptions | true): UploadLimits {
  const { drop = false, maxSize = MAX_SIZE, maxTotal = Infinity, ...given } =
    options === true ? {} : options;
  const { policy = drop ? "rename" : "error", keepFree } = given;
  return { policy, maxSize, maxTotal, keepFree, drop };
}
