// The part of a page's script that remembers what a person has typed, and where they were, during a
// reload.

/** The part of the script. It uses `key` and `born` of the whole. */
export const STATE_SCRIPT: string = `
const storage = (() => {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
})();
const stateName = "httpserver live " + location.pathname + location.search;
const typedIn = new WeakSet();
addEventListener("input", (event) => typedIn.add(event.target), true);

/** Where an element is: its id, or its place among its siblings, up to the root. */
function pathTo(element) {
  const steps = [];
  for (let at = element; at && at !== document.documentElement; at = at.parentElement) {
    if (at.id && document.getElementById(at.id) === at) return ["#" + at.id, ...steps];
    if (!at.parentElement) return null;
    steps.unshift(at.localName + " " + [...at.parentElement.children].indexOf(at));
  }
  return steps;
}

function elementAt(path) {
  let at = document.documentElement;
  for (const step of path) {
    if (step[0] === "#") {
      at = document.getElementById(step.slice(1));
    } else {
      const [name, place] = step.split(" ");
      at = at.children[place];
      if (at && at.localName !== name) return null;
    }
    if (!at) return null;
  }
  return at;
}

function valueOf(element) {
  if (element.isContentEditable) {
    return typedIn.has(element) ? { html: element.innerHTML } : null;
  }
  if (element instanceof HTMLSelectElement) {
    const options = [...element.options];
    const isChanged = options.some((option) => option.selected !== option.defaultSelected);
    return isChanged && typedIn.has(element)
      ? { selected: options.filter((option) => option.selected).map((option) => option.value) }
      : null;
  }
  if (element instanceof HTMLTextAreaElement) {
    return hasTyped(element) ? { value: element.value } : null;
  }
  if (!(element instanceof HTMLInputElement)) return null;
  if (["checkbox", "radio"].includes(element.type)) {
    // A radio button is unchecked by checking another one.
    const isKept = element.type === "radio" ? element.checked : true;
    return isKept && element.checked !== element.defaultChecked
      ? { checked: element.checked }
      : null;
  }
  const isKept = !["password", "file", "hidden", "submit", "button", "reset", "image"]
    .includes(element.type);
  return isKept && hasTyped(element) ? { value: element.value } : null;
}

/** Frameworks also set the default to what was typed. */
function hasTyped(element) {
  return typedIn.has(element) || element.value !== element.defaultValue;
}

/** Sets a property as a person does: frameworks watch the setters of the element itself. */
function setLike(element, property, value) {
  let owner = Object.getPrototypeOf(element);
  while (!Object.hasOwn(owner, property)) owner = Object.getPrototypeOf(owner);
  Object.getOwnPropertyDescriptor(owner, property).set.call(element, value);
}

function setValue(element, { html, selected, checked, value }) {
  if (html !== undefined) element.innerHTML = html;
  else if (selected) {
    for (const option of element.options) option.selected = selected.includes(option.value);
  } else if (checked !== undefined) {
    if (element.checked !== checked) element.click();
    return;
  } else setLike(element, "value", value);
  typedIn.add(element);
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
}

function saveState() {
  const fields = [];
  const scrolled = [];
  for (const element of document.querySelectorAll("*")) {
    const { scrollLeft, scrollTop } = element;
    if ((scrollLeft || scrollTop) && element !== document.scrollingElement && scrolled.length < 50) {
      scrolled.push([pathTo(element), scrollLeft, scrollTop]);
    }
    const value = fields.length < 500 && valueOf(element);
    if (value) fields.push([pathTo(element), element.localName + " " + (element.type ?? ""), value]);
  }
  const active = document.activeElement;
  const focus = active && active !== document.body && {
    path: pathTo(active),
    selection: selectionOf(active),
  };
  const state = { key, born, x: scrollX, y: scrollY, scrolled, fields, focus };
  try {
    storage?.setItem(stateName, JSON.stringify(state));
  } catch {
    // Too much for the storage. The page is reloaded without it.
    storage?.removeItem(stateName);
  }
}

function selectionOf(element) {
  try {
    const { selectionStart, selectionEnd, selectionDirection } = element;
    return typeof selectionStart === "number"
      ? [selectionStart, selectionEnd, selectionDirection]
      : null;
  } catch {
    return null;
  }
}

function takeState() {
  try {
    const text = storage?.getItem(stateName);
    if (!text) return null;
    storage.removeItem(stateName);
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Restores what can be restored now, and the rest when a script has rendered it. */
function restoreState({ x, y, scrolled, fields, focus }) {
  let used = false;
  let isScrolled = false;
  const stop = () => used = true;
  for (const type of ["pointerdown", "keydown", "wheel", "touchstart"]) {
    addEventListener(type, stop, { capture: true, once: true, passive: true });
  }
  const attempt = (delays) => {
    if (used) return;
    fields = fields.filter(([path, kind, value]) => {
      const element = path && elementAt(path);
      if (!element || element.localName + " " + (element.type ?? "") !== kind) return true;
      try {
        setValue(element, value);
      } catch (error) {
        console.warn("Live reload could not restore a field:", error);
      }
      return false;
    });
    const element = focus && focus.path && elementAt(focus.path);
    if (element) {
      element.focus({ preventScroll: true });
      try {
        if (focus.selection) element.setSelectionRange(...focus.selection);
      } catch {
        // The field has another type now.
      }
      if (document.activeElement === element) focus = null;
    }
    scrolled = scrolled.filter(([path, left, top]) => {
      const element = path && elementAt(path);
      element?.scrollTo({ left, top, behavior: "instant" });
      return !element || Math.abs(element.scrollTop - top) > 1;
    });
    if (!isScrolled) {
      scrollTo({ left: x, top: y, behavior: "instant" });
      isScrolled = Math.abs(scrollY - y) <= 1 && Math.abs(scrollX - x) <= 1;
    }
    const [delay, ...later] = delays;
    if (delay !== undefined) setTimeout(attempt, delay, later);
  };
  attempt([50, 150, 300, 500, 1000]);
}
`;
