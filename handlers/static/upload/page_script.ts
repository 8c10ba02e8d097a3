// The script of the upload area. In a listing, it is a part of the listing's script. Names are
// only ever set as text.

import { CHOOSE } from "./page_choose.ts";
import { SEND } from "./page_send.ts";

/** The list of files and their progress. */
const SHOW = `
const list = document.getElementById("uploads");
const report = document.getElementById("upload-status");
const cancelAll = document.getElementById("cancel-all");
const clearList = document.getElementById("clear-list");

/** The most files that are shown; of more, those that were uploaded are removed. */
const MAX_ROWS = 200;

let note = "";
const counts = { all: 0, done: 0, failed: 0 };

function make(name, className) {
  const element = document.createElement(name);
  if (className) element.className = className;
  return element;
}

function addRow(job) {
  const row = make("li");
  const name = make("bdi");
  name.textContent = job.path.join("/");
  const bar = make("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", name.textContent);
  const state = make("span", "state");
  const button = make("button");
  button.type = "button";
  button.addEventListener("click", () => job.isSettled ? retry(job) : cancel(job));
  row.append(name, bar, state, button);
  job.row = { row, bar, state, button };
  while (list.children.length >= MAX_ROWS) {
    const old = list.querySelector(".done");
    if (!old) break;
    old.remove();
  }
  list.append(row);
  showState(job, "Waiting");
}

function showState(job, text, kind = "") {
  if (!job.row) return;
  const { row, state, button } = job.row;
  state.textContent = text;
  row.className = kind;
  const label = kind === "failed" || kind === "canceled" ? "Retry" : "Cancel";
  button.hidden = kind === "done";
  button.textContent = label;
  button.setAttribute("aria-label", label + " " + job.path.join("/"));
}

function showProgress(job, sent) {
  if (!job.row) return;
  const share = job.file.size === 0 ? 1 : sent / job.file.size;
  job.row.bar.value = share;
  // After the last byte, the server still writes the file.
  showState(job, share < 1 ? Math.floor(share * 100) + "%" : "Finishing");
}

/** Tells how it goes; only when a file is complete, since screen readers read it aloud. */
function showSummary() {
  const { all, done, failed } = counts;
  const isBusy = done + failed < all;
  cancelAll.hidden = !isBusy;
  clearList.hidden = isBusy || (all === 0 && note === "");
  const parts = all === 0 ? [] : [done + " of " + all + (all === 1 ? " file" : " files") + " uploaded"];
  if (failed > 0) parts.push(failed + " not uploaded");
  report.textContent = parts.join(", ") + (note && parts.length > 0 ? ". " : "") + note;
}

cancelAll.addEventListener("click", () => {
  for (const job of [...waiting, ...running]) cancel(job);
  document.getElementById("pick-files").focus();
});
clearList.addEventListener("click", () => {
  list.replaceChildren();
  note = "";
  Object.assign(counts, { all: 0, done: 0, failed: 0 });
  showSummary();
  document.getElementById("pick-files").focus();
});
`;

/** The queue. */
const QUEUE = `
/** Browsers open six connections to a host. */
const MAX_RUNNING = 3;
/** How often to try again without any progress: for about three minutes. */
const MAX_TRIES = 9;
const MAX_DELAY = 30000;

const waiting = [];
const running = new Set();

function addJob(file, path) {
  // A lone surrogate can't be encoded.
  const names = path.map((name) => encodeURIComponent(name.toWellFormed?.() ?? name));
  const job = { file, path, url: folderUrl + names.join("/"), row: null };
  reset(job);
  counts.all++;
  waiting.push(job);
  if (list.children.length < MAX_ROWS) addRow(job);
}

function reset(job) {
  Object.assign(job, {
    isSettled: false,
    isCanceled: false,
    isSent: false,
    isPlain: !area.dataset.interop,
    resource: null,
    offset: 0,
    tries: 0,
    request: null,
    wake: null,
  });
}

function startMore() {
  while (running.size < MAX_RUNNING && waiting.length > 0) {
    const job = waiting.shift();
    running.add(job);
    if (!job.row) addRow(job);
    run(job);
  }
  if (running.size > 0) addEventListener("beforeunload", askToStay);
  else removeEventListener("beforeunload", askToStay);
}

function askToStay(event) {
  event.preventDefault();
}

// Nobody can resume them without the page.
addEventListener("pagehide", () => {
  for (const job of running) forget(job);
});

async function run(job) {
  showProgress(job, 0);
  for (;;) {
    try {
      const text = await transfer(job);
      if (!await isUnchanged(job.file)) throw new Error(CHANGED);
      return settle(job, "done", text);
    } catch (error) {
      if (job.isCanceled) {
        forget(job);
        return settle(job, "canceled", "Canceled");
      }
      if (!await isUnchanged(job.file)) {
        forget(job);
        return settle(job, "failed", CHANGED);
      }
      if (!error.after || job.tries++ >= MAX_TRIES) {
        return settle(job, "failed", error.message);
      }
      const delay = Math.min(MAX_DELAY, Math.max(error.after, 500 * 2 ** job.tries));
      showState(job, error.message + "; trying again");
      await pause(job, delay);
    }
  }
}

function settle(job, kind, text) {
  running.delete(job);
  job.isSettled = true;
  counts[kind === "done" ? "done" : "failed"]++;
  if (kind === "done" && job.row) job.row.bar.value = 1;
  showState(job, text, kind);
  startMore();
  showSummary();
  if (running.size === 0) whenIdle();
}

/** Waits; not longer than until the network is back, or the file is canceled. */
function pause(job, delay) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => job.wake(), delay);
    const wake = job.wake = () => {
      clearTimeout(timer);
      removeEventListener("online", wake);
      resolve();
    };
    addEventListener("online", wake);
  });
}

function cancel(job) {
  if (job.isSettled) return;
  job.isCanceled = true;
  const index = waiting.indexOf(job);
  if (index >= 0) {
    waiting.splice(index, 1);
    return settle(job, "canceled", "Canceled");
  }
  job.request?.abort();
  job.wake?.();
  forget(job);
}

function retry(job) {
  reset(job);
  counts.failed--;
  waiting.push(job);
  showState(job, "Waiting");
  showSummary();
  startMore();
}
`;

/** Shows new entries, and keeps the results. It uses variables of the listing's script. */
const REFRESH = `
function showLocal(time) {
  const date = new Date(time.dateTime);
  time.textContent = date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate()) +
    " " + two(date.getHours()) + ":" + two(date.getMinutes());
}

async function whenIdle() {
  const response = await fetch(location.href, { cache: "no-store" }).catch(() => null);
  if (!response?.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const rows = fresh.getElementById("entries")?.children;
  if (!rows || running.size > 0) return;
  for (const time of fresh.querySelectorAll("tbody time")) showLocal(time);
  const focused = document.activeElement.closest("tbody a")?.getAttribute("href");
  body.replaceChildren();
  while (rows.length > 0) body.append(rows[0]);
  for (const video of body.querySelectorAll("video")) inSight.observe(video);
  if (focused) body.querySelector('a[href="' + CSS.escape(focused) + '"]')?.focus();
  const table = body.parentElement;
  const freshTable = fresh.querySelector("main > table");
  while (table.nextSibling) table.nextSibling.remove();
  while (freshTable.nextSibling) table.parentElement.append(freshTable.nextSibling);
  summary = status.textContent = fresh.getElementById("status").textContent;
  known = undefined;
  if (filter.value !== "") applyFilter();
}
`;

const UPLOADS = SHOW + QUEUE + SEND + CHOOSE;

/**
 * Adds the upload area to the script of a listing.
 *
 * @param script The listing's script, a function that is called.
 * @returns Both, in one function.
 */
export function withUploads(script: string): string {
  const end = script.lastIndexOf("})();");
  return script.slice(0, end).replace("const summary =", "let summary =") +
    REFRESH + UPLOADS + script.slice(end);
}

/** The script of a page without a listing. */
export const DROP_SCRIPT: string = `(() => {
"use strict";
function whenIdle() {}
${UPLOADS}})();
`;
