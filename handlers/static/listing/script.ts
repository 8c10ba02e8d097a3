// The script of a listing. The page works without it. csp.ts has its hash; after a change, a
// test prints the new one.

// The same order as in order.ts and natural_order.ts.
const ORDER = `
function naturalKey(name) {
  let key = name.toLowerCase();
  if (/[\\u0080-\\uffff]/.test(key)) {
    key = key.normalize("NFKD").replace(/[\\u0300-\\u036f]+/g, "");
  }
  return key.replace(/[0-9]+/g, (digits) => {
    const value = digits.replace(/^0+(?=.)/, "");
    return "0" + String.fromCharCode(Math.min(value.length, 0xffff)) + value;
  });
}

function plainOrder(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareBy(sort, order) {
  const direction = order === "desc" ? -1 : 1;
  const nameDirection = sort === "name" ? direction : 1;
  return (a, b) =>
    b.folder - a.folder ||
    (sort === "name" ? 0 : plainOrder(a[sort], b[sort]) * direction) ||
    (plainOrder(a.key, b.key) || plainOrder(a.name, b.name)) * nameDirection;
}
`;

const ENTRIES = `
const body = document.getElementById("entries");
const status = document.getElementById("status");
const filter = document.getElementById("filter");
const summary = status.textContent;
let known;

/** The entries, read from the page on first use. */
function entries() {
  return known ??= Array.from(body.rows).filter((row) => row.className !== "up").map((row) => {
    const [head, size, date] = row.cells;
    const folder = row.className === "folder";
    const text = head.querySelector("a, span").textContent;
    const name = folder ? text.slice(0, -1) : text;
    return {
      row,
      name,
      folder,
      key: naturalKey(name),
      words: name.normalize("NFC").toLowerCase(),
      size: size.firstChild ? Number(size.firstChild.value) : -1,
      date: date.firstChild ? Date.parse(date.firstChild.dateTime) : -Infinity,
    };
  });
}
`;

const FILTER = `
function applyFilter() {
  const words = filter.value.normalize("NFC").toLowerCase().split(/\\s+/).filter(Boolean);
  let hits = 0;
  for (const entry of entries()) {
    const hit = words.every((word) => entry.words.includes(word));
    if (hit) hits++;
    if (entry.row.hidden === hit) entry.row.hidden = !hit;
  }
  status.textContent = words.length === 0 ? summary : hits + " of " + entries().length + " match";
}

function clearFilter() {
  filter.value = "";
  applyFilter();
}

filter.parentElement.hidden = false;
// After going back in history, the browser may have kept the text.
if (filter.value !== "") applyFilter();
filter.addEventListener("input", applyFilter);
`;

const SORT = `
/** A parameter of the query that is not of the look. */
const kept = document.querySelector(".list-view").form.querySelector('input[value=""]')?.name;

function lookFields(sort, order, view) {
  const fields = kept === undefined ? [] : [[kept, ""]];
  if (sort !== "name") fields.push(["sort", sort]);
  if (order !== "asc") fields.push(["order", order]);
  if (view !== "list") fields.push(["view", view]);
  return fields;
}

function setFields(form, fields) {
  for (const input of form.querySelectorAll("input")) input.remove();
  for (const [name, value] of fields) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.lastChild.before(input);
  }
}

/** Keeps the look in links to folders, and in the buttons. */
function updateLook(sort, order) {
  const view = document.body.className;
  const look = new URLSearchParams(lookFields(sort, order, view)).toString();
  for (const link of document.querySelectorAll("header a, .up a, .folder a")) link.search = look;
  for (const other of ["list", "grid"]) {
    setFields(document.querySelector("." + other + "-view").form, lookFields(sort, order, other));
  }
  for (const head of document.querySelectorAll("thead [data-sort]")) {
    const current = head.dataset.sort === sort;
    if (current) head.setAttribute("aria-sort", order === "asc" ? "ascending" : "descending");
    else head.removeAttribute("aria-sort");
    const next = current && order === "asc" ? "desc" : "asc";
    setFields(head.firstChild, lookFields(head.dataset.sort, next, view));
  }
  const url = new URL(location.href);
  url.search = look;
  history.replaceState(null, "", url);
}

function sortBy(sort, order) {
  const fragment = document.createDocumentFragment();
  for (const { row } of entries().sort(compareBy(sort, order))) fragment.append(row);
  body.append(fragment);
  updateLook(sort, order);
}

document.querySelector("thead").addEventListener("submit", (event) => {
  const head = event.target.closest("th");
  event.preventDefault();
  sortBy(head.dataset.sort, head.getAttribute("aria-sort") === "ascending" ? "desc" : "asc");
});
`;

const KEYS = `
function linkOf(row) {
  return row.hidden ? null : row.querySelector("a");
}

/** The link of the entry that many steps away; undefined for none. */
function linkFrom(row, steps) {
  const next = steps > 0 ? "nextElementSibling" : "previousElementSibling";
  let left = Math.abs(steps);
  for (row = row[next]; row !== null; row = row[next]) {
    if (!row.hidden && --left <= 0 && linkOf(row)) return linkOf(row);
  }
}

function edgeLink(first) {
  const row = first ? body.firstElementChild : body.lastElementChild;
  return row && (linkOf(row) ?? linkFrom(row, first ? 1 : -1));
}

function columns() {
  return getComputedStyle(body).gridTemplateColumns.split(" ").length;
}

function targetOf(key) {
  const row = document.activeElement.closest("tbody tr");
  const grid = document.body.className === "grid";
  if (key === "Home" || key === "End") return row && edgeLink(key === "Home");
  if (key === "ArrowDown" && row === null) return edgeLink(true);
  if (key === "ArrowUp" && row === null) return null;
  if (key === "ArrowDown" || key === "ArrowUp") {
    return linkFrom(row, (grid ? columns() : 1) * (key === "ArrowUp" ? -1 : 1));
  }
  return grid && row ? linkFrom(row, key === "ArrowLeft" ? -1 : 1) : null;
}

function onFilterKey(event) {
  if (event.key === "Escape") {
    if (filter.value === "") filter.blur();
    else clearFilter();
  } else if (event.key === "ArrowDown" || event.key === "Enter") {
    const hit = entries().map(({ row }) => linkOf(row)).find(Boolean);
    hit?.focus();
  } else {
    return;
  }
  event.preventDefault();
}

const MOVES = new Set(["ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home", "End"]);

document.addEventListener("keydown", (event) => {
  const { key } = event;
  if (event.isComposing || event.ctrlKey || event.metaKey) return;
  if (event.target === filter) return onFilterKey(event);
  const up = document.querySelector("a[rel=up]");
  if (up && (key === "Backspace" || (event.altKey && key === "ArrowUp"))) {
    event.preventDefault();
    up.click();
  } else if (event.altKey) {
    return;
  } else if (key === "/") {
    event.preventDefault();
    filter.focus();
    filter.select();
  } else if (key === "Escape" && filter.value !== "") {
    clearFilter();
  } else if (MOVES.has(key)) {
    const target = targetOf(key);
    if (!target) return;
    event.preventDefault();
    target.focus();
  }
});
`;

const LINKS = `
for (const link of body.querySelectorAll("[data-view]")) {
  link.setAttribute("href", link.getAttribute("href") + "?view");
}
`;

const DATES_AND_PICTURES = `
function two(number) {
  return String(number).padStart(2, "0");
}

for (const time of body.querySelectorAll("time")) {
  const date = new Date(time.dateTime);
  time.textContent = date.getFullYear() + "-" + two(date.getMonth() + 1) + "-" + two(date.getDate()) +
    " " + two(date.getHours()) + ":" + two(date.getMinutes());
}
document.getElementById("zone").remove();

/** Removes a thumbnail that can't be shown, so that the icon is visible. */
function dropBroken(event) {
  if (event.target.matches("tbody img, tbody video")) event.target.remove();
}
document.addEventListener("error", dropBroken, true);
for (const image of body.querySelectorAll("img")) {
  if (image.complete && image.naturalWidth === 0 && image.currentSrc !== "") image.remove();
}

const inSight = new IntersectionObserver((changes) => {
  for (const { isIntersecting, target } of changes) {
    if (!isIntersecting) continue;
    inSight.unobserve(target);
    target.preload = "metadata";
  }
});
for (const video of body.querySelectorAll("video")) inSight.observe(video);
`;

/** The script of a listing, for its one `<script>` element after all entries. */
export const LISTING_SCRIPT: string = `(() => {
"use strict";
${ORDER}${ENTRIES}${FILTER}${SORT}${KEYS}${LINKS}${DATES_AND_PICTURES}})();
`;
