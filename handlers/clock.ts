// The current time as `Date` fields and log lines show it, formatted at most once a second.

import { formatHttpDate } from "../text/http_date.ts";
import { formatLogDate } from "../text/log_text.ts";

let second = -1;
let httpDate = "";
let logDate = "";

function refresh(): void {
  const now = Date.now();
  const current = Math.floor(now / 1000);
  if (current === second) return;
  second = current;
  httpDate = formatHttpDate(current);
  logDate = formatLogDate(new Date(now));
}

/** The current time for a `Date` field. */
export function httpDateNow(): string {
  refresh();
  return httpDate;
}

/** The current local time for a log line. */
export function logDateNow(): string {
  refresh();
  return logDate;
}
