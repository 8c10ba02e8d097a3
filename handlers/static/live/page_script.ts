// The script of a page: `live.js`. It gets changes from the worker that all tabs share, or else
// directly, and swaps or reloads what they concern.

import { STATE_SCRIPT } from "./state_script.ts";

/** Replaces styles and images without a reload. */
const SWAP = `
function pathOf(url) {
  try {
    const parsed = new URL(url, document.baseURI);
    return parsed.origin === origin ? decodeURIComponent(parsed.pathname) : null;
  } catch {
    return null;
  }
}

function fresh(url) {
  const parsed = new URL(url, document.baseURI);
  parsed.searchParams.set("httpserver-live", seen);
  return parsed.href;
}

const leaving = new WeakSet();

function swapStyle(names) {
  let count = 0;
  for (const link of document.querySelectorAll('link[rel~="stylesheet" i][href]')) {
    if (leaving.has(link) || !names.includes(pathOf(link.href))) continue;
    count++;
    if (link.disabled) {
      link.href = fresh(link.href);
      continue;
    }
    const next = link.cloneNode();
    next.removeAttribute("integrity");
    next.href = fresh(link.href);
    leaving.add(link);
    // The old style stays until the new one is loaded, so the page never flickers.
    for (const type of ["load", "error"]) {
      next.addEventListener(type, () => link.remove(), { once: true });
    }
    link.after(next);
  }
  return count;
}

const URLS = /url\\(\\s*(?:"([^"]*)"|'([^']*)'|([^)"'\\s]*))\\s*\\)/g;

/** Replaces the images in a style declaration. */
function swapInStyle(style, base, names) {
  let count = 0;
  for (const property of [...style]) {
    const value = style.getPropertyValue(property);
    if (!value.includes("url(")) continue;
    const next = value.replace(URLS, (whole, a, b, c) => {
      const url = new URL(a ?? b ?? c, base).href;
      if (!names.includes(pathOf(url))) return whole;
      count++;
      return 'url("' + fresh(url) + '")';
    });
    if (next !== value) style.setProperty(property, next, style.getPropertyPriority(property));
  }
  return count;
}

function swapInRules(rules, base, names) {
  let count = 0;
  for (const rule of rules) {
    if (rule.style) count += swapInStyle(rule.style, base, names);
    if (rule.cssRules) count += swapInRules(rule.cssRules, base, names);
    if (rule.styleSheet) count += swapInSheet(rule.styleSheet, base, names);
  }
  return count;
}

function swapInSheet(sheet, base, names) {
  try {
    return swapInRules(sheet.cssRules, sheet.href ?? base, names);
  } catch {
    // A sheet of another origin.
    return 0;
  }
}

function swapImage(names) {
  let count = 0;
  for (const element of document.querySelectorAll("img, source, input, link[rel~=icon], image")) {
    for (const attribute of ["src", "href", "xlink:href"]) {
      const url = element.getAttribute(attribute);
      if (!url || !names.includes(pathOf(url))) continue;
      element.setAttribute(attribute, fresh(url));
      count++;
    }
    const set = element.getAttribute("srcset");
    const next = set?.replace(/(^|,\\s*)([^\\s,]\\S*[^\\s,])/g, (whole, before, url) => {
      return names.includes(pathOf(url)) ? before + fresh(url) : whole;
    });
    if (set && next !== set) {
      element.setAttribute("srcset", next);
      count++;
    }
  }
  for (const sheet of document.styleSheets) count += swapInSheet(sheet, document.baseURI, names);
  for (const element of document.querySelectorAll('[style*="url("]')) {
    count += swapInStyle(element.style, document.baseURI, names);
  }
  return count;
}

/** How each file was loaded, by its path. */
const loaded = new Map();

function noteLoaded(entries) {
  for (const { name, initiatorType } of entries) {
    const path = pathOf(name);
    if (path === null || path.startsWith(folderPath)) continue;
    if (!loaded.has(path)) loaded.set(path, new Set());
    loaded.get(path).add(initiatorType);
  }
}
const observer = new PerformanceObserver((list) => noteLoaded(list.getEntries()));
observer.observe({ type: "resource", buffered: true });

const IMAGE = /\\.(?:png|apng|jpe?g|jfif|gif|webp|avif|svg|ico|bmp)$/i;
const HTML = /\\.html?$/i;
const FRAMES = ["iframe", "frame", "embed", "object"];

/** Replaces a changed file. Returns whether the page must be reloaded for it. */
function replaceFile(names, isShownElsewhere) {
  if (names.some((name) => shown.includes(name))) return true;
  const types = new Set(names.flatMap((name) => [...loaded.get(name) ?? []]));
  if (types.size === 0) return false;
  // A frame reloads itself, unless its script can't run.
  if (HTML.test(names[0]) && isShownElsewhere) return false;
  if (isShownElsewhere === undefined && [...types].every((type) => FRAMES.includes(type))) {
    return false;
  }
  if (/\\.css$/i.test(names[0])) return swapStyle(names) === 0;
  const isShown = [...types].every((type) =>
    ["img", "image", "css", "link", "input", "icon", "other"].includes(type)
  );
  return !(isShown && IMAGE.test(names[0]) && swapImage(names) > 0);
}
`;

/** Connects, and reports errors. */
const CONNECT = `
let isReloading = false;
let staleUntil = 0;

function reload() {
  if (isReloading) return;
  isReloading = true;
  if (!isMissing) saveState();
  location.reload();
  // If the page asks before it is left, a person may decide to stay.
  setTimeout(() => isReloading = false, 5000);
}

function receive(message) {
  if (message.restarted) return reload();
  if (!(message.g > seen)) return;
  seen = message.g;
  if (performance.now() < staleUntil) return;
  if (!message.files) return reload();
  noteLoaded(observer.takeRecords());
  const results = message.files.map(([names, isShown]) => replaceFile(names, isShown));
  if (results.includes(true)) reload();
}

let direct;
let failures = 0;
let isForbidden = false;
addEventListener("securitypolicyviolation", ({ blockedURI }) => {
  if (blockedURI.startsWith(folder + "events")) isForbidden = true;
});

/** Without the worker, only a visible page is connected: browsers open few connections to a host. */
function connectDirectly() {
  direct?.close();
  direct = undefined;
  if (document.hidden) return;
  const source = direct = new EventSource(folder + "events?k=" + key + "&since=" + seen);
  source.onopen = () => failures = 0;
  source.onmessage = ({ data }) => {
    const { g, files } = JSON.parse(data);
    receive({ g, files: files?.map((names) => [names]) });
  };
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) return;
    await new Promise((resolve) => setTimeout(resolve, Math.min(1000 * 2 ** failures++, 30000)));
    // Trying again would only repeat the browser's complaint.
    if (source !== direct || isForbidden) return;
    const response = await fetch(folder + "live.js?k=" + key).catch(() => null);
    if (response?.status === 403) reload();
    else if (source === direct) connectDirectly();
  };
}

function leaveWorker() {
  if (isDirect) return;
  isDirect = true;
  port = undefined;
  connectDirectly();
  addEventListener("visibilitychange", connectDirectly);
}

let port;
let isDirect = false;
let isGreeted = false;

function joinWorker() {
  port?.postMessage({ type: "page", g: seen, shown });
}

try {
  let url = folder + "worker.js?k=" + key;
  if (window.trustedTypes) {
    const policy = trustedTypes.createPolicy("httpserver-live", { createScriptURL: (text) => text });
    url = policy.createScriptURL(url);
  }
  const worker = new SharedWorker(url, { name: "httpserver live" });
  worker.onerror = () => isGreeted || leaveWorker();
  port = worker.port;
  port.onmessage = ({ data }) => {
    isGreeted = true;
    receive(data);
  };
  joinWorker();
  setTimeout(() => isGreeted || leaveWorker(), 3000);
} catch {
  leaveWorker();
}

addEventListener("pagehide", () => {
  port?.postMessage({ type: "left" });
  direct?.close();
});
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  if (isDirect) connectDirectly();
  else joinWorker();
});

let reports = 0;

function report(message) {
  if (++reports > 20) return;
  const query = "?" + new URLSearchParams({
    k: key,
    p: location.pathname.slice(0, 200),
    m: message.slice(0, 1000),
  });
  if (port) return port.postMessage({ type: "report", query });
  fetch(folder + "report" + query, { keepalive: true }).catch(() => {
    // The server is gone, or the page's policy forbids connections.
  });
}

addEventListener("error", ({ message, filename, lineno, colno }) => {
  if (!message) return;
  const place = filename ? " (" + (pathOf(filename) ?? filename) + ":" + lineno + ":" + colno + ")" : "";
  report(message + place);
});
function describe(reason) {
  try {
    const text = String(reason);
    if (!(reason instanceof Error)) return text;
    const [, place] = /((?:https?:)[^\\s)]*)/.exec(reason.stack ?? "") ?? [];
    return place ? text + " (" + place.replace(origin, "") + ")" : text;
  } catch {
    // An object without a prototype, for example.
    return Object.prototype.toString.call(reason);
  }
}

addEventListener("unhandledrejection", ({ reason }) => {
  report("Unhandled rejection: " + describe(reason));
});

const state = isMissing ? null : takeState();
if (state) {
  // If the page is as old as before the reload, it comes from a cache, and must not be reloaded again for it.
  if (state.key === key && state.born >= born) staleUntil = performance.now() + 3000;
  restoreState(state);
}
`;

/** The script of a page. */
export const PAGE_SCRIPT: string = `(() => {
"use strict";
const own = document.currentScript;
const mark = Symbol.for("httpserver live");
if (!own || window[mark]) return;
window[mark] = true;
const { origin, pathname, searchParams: query } = new URL(own.src);
const folderPath = pathname.slice(0, pathname.lastIndexOf("/") + 1);
const folder = origin + folderPath;
const key = query.get("k");
const shown = query.getAll("f");
const isMissing = query.has("m");
const born = Number(query.get("g"));
let seen = born;
// Nothing is left in a page that is saved.
own.remove();
${STATE_SCRIPT}${SWAP}${CONNECT}})();
`;
