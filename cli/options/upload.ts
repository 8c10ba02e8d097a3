// The options for uploads. Each turns uploads on by itself.

import type { OptionGroup } from "./option.ts";

/** The options under "Uploads". */
export const UPLOADS: OptionGroup = Object.freeze({
  title: "Uploads",
  options: [
    {
      name: "upload",
      brief: "Receive files: from the page, and with curl -T",
      help: "Receive files, from the listing page and with PUT",
    },
    {
      name: "upload-policy",
      value: "POLICY",
      help:
        "If there is a file of the same name: error (the default), rename (store as 'name (1).ext') or overwrite",
    },
    {
      name: "upload-max",
      value: "SIZE",
      help: "Receive files of at most this size (default: 4g)",
    },
    {
      name: "upload-max-total",
      value: "SIZE",
      help:
        "Receive at most this much until the server ends (default: no limit)",
    },
    {
      name: "upload-keep-free",
      value: "SIZE",
      help:
        "Keep this much of the disk free (default: 5 % of the disk, but at most 1g)",
    },
    {
      name: "drop",
      help:
        "Receive files without showing any, except to users with the right read",
    },
  ],
});
