// The current time as `Date` fields and log lines show it, formatted at most once a second.

import { currentTurn } from "../connection/turn.ts";
import { formatHttpDate } from "../text/http_date.ts";
import { formatLogDate } from "../text/log_text.ts";

let checkedIn = 0;
let second = -1;
let httpDate = "";
let logDate = "";

function refresh(): void {
  const turn = currentTurn();
  if (turn === checkedIn) return;
  checkedIn = turn;
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
