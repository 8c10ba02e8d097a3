// How files come to the upload area: chosen, or dropped on the page. A part of its script.

/** Finds the files that a person chooses and drops. */
export const CHOOSE: string = `
const area = document.getElementById("upload");
const folderUrl = new URL(location.pathname.replace(/[^/]*$/, ""), location.origin).href;

/** The most files of one choice. */
const MAX_FILES = 10000;
const MAX_DEPTH = 64;

function isHidden(path) {
  return path.some((name) => name.startsWith("."));
}

function addFiles(found, skipped) {
  const files = found.slice(0, MAX_FILES);
  const notes = [];
  if (files.length < found.length) notes.push("Only the first " + MAX_FILES + " files are uploaded");
  if (skipped > 0) notes.push(skipped + " hidden " + (skipped === 1 ? "file was" : "files were") + " skipped");
  if (found.length === 0) notes.push("There are no files to upload");
  note = notes.join(". ");
  for (const { file, path } of files) addJob(file, path);
  showSummary();
  startMore();
}

function chosen(input) {
  const found = [];
  let skipped = 0;
  for (const file of input.files) {
    const path = file.webkitRelativePath ? file.webkitRelativePath.split("/") : [file.name];
    // The server refuses hidden files, and folders often have some that nobody knows of.
    if (path.length > 1 && isHidden(path)) skipped++;
    else found.push({ file, path });
  }
  // So that choosing the same files again is a change.
  input.value = "";
  addFiles(found, skipped);
}

for (const [button, input] of [["pick-files", "files"], ["pick-folder", "folder"]]) {
  const field = document.getElementById(input);
  document.getElementById(button).addEventListener("click", () => field.click());
  field.addEventListener("change", () => chosen(field));
}
area.querySelector(".pick").hidden = false;
area.querySelector("form").hidden = true;

/** Collects the files of a dropped folder. */
async function walk(entry, path, into) {
  const own = [...path, entry.name];
  if (into.found.length > MAX_FILES || own.length > MAX_DEPTH) return;
  if (own.length > 1 && isHidden(own)) {
    into.skipped++;
  } else if (entry.isFile) {
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file) into.found.push({ file, path: own });
    else into.skipped++;
  } else {
    const reader = entry.createReader();
    for (;;) {
      // Each call returns at most a hundred entries.
      const entries = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
      if (entries.length === 0) return;
      for (const inner of entries) await walk(inner, own, into);
    }
  }
}

function hasFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}

let overTimer;

function showDrop(isOver) {
  document.documentElement.classList.toggle("drops", isOver);
  clearTimeout(overTimer);
  // Not all browsers tell when the mouse leaves the window. Over it, they tell it all the time.
  if (isOver) overTimer = setTimeout(() => showDrop(false), 1000);
}

for (const type of ["dragenter", "dragover"]) {
  addEventListener(type, (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    showDrop(true);
  });
}
addEventListener("dragleave", (event) => {
  if (event.relatedTarget === null) showDrop(false);
});
addEventListener("drop", async (event) => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  showDrop(false);
  const into = { found: [], skipped: 0 };
  // After the first pause the items are gone.
  const items = [...event.dataTransfer.items].filter(({ kind }) => kind === "file")
    .map((item) => [item.webkitGetAsEntry?.(), item.getAsFile()]);
  for (const [entry, file] of items) {
    if (entry) await walk(entry, [], into);
    else if (file) into.found.push({ file, path: [file.name] });
  }
  addFiles(into.found, into.skipped);
});
`;
