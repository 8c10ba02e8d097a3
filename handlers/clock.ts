// The two texts of the present second, made once a second however many ask.

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

/** The present second as a `Date` field has it (RFC 9110 5.6.7). */
export function httpDateNow(): string {
  refresh();
  return httpDate;
}

/** The present second as a log line has it, in local time. */
export function logDateNow(): string {
  refresh();
  return logDate;
}
