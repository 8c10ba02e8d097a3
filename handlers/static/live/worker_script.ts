// The script of the worker that all tabs of a browser share: `worker.js`. Browsers open only six
// connections to a host over HTTP/1.1, so the worker has the only one.

/** The script of the worker. */
export const WORKER_SCRIPT: string = `"use strict";
const key = new URL(location.href).searchParams.get("k");

/** The messages that are kept for pages that come later. */
const MAX_MESSAGES = 100;

/** The open pages, by their ports: what they show. */
const pages = new Map();
let messages = [];
let since = Infinity;
let source;

onconnect = ({ ports: [port] }) => {
  port.onmessage = ({ data }) => {
    if (data.type === "page") {
      pages.set(port, data.shown);
      // Any message shows that the worker runs.
      port.postMessage({});
      if (source === undefined || data.g < since) connect(Math.min(data.g, since));
      else for (const message of messages) send(port, message);
    } else if (data.type === "report") {
      fetch("report" + data.query).catch(() => {
        // The server is gone.
      });
    } else if (data.type === "left") {
      pages.delete(port);
      if (pages.size === 0) disconnect();
    }
  };
};

function send(port, { g, files }) {
  const isShown = (names) =>
    [...pages.values()].some((shown) => names.some((name) => shown.includes(name)));
  port.postMessage({ g, files: files?.map((names) => [names, isShown(names)]) });
}

function disconnect() {
  source?.close();
  source = undefined;
  messages = [];
  since = Infinity;
}

/** Connects, and gets all messages after one. */
function connect(from) {
  disconnect();
  since = from;
  const opened = source = new EventSource("events?k=" + key + "&since=" + since);
  opened.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    messages.push(message);
    if (messages.length > MAX_MESSAGES) since = messages.shift().g;
    for (const port of pages.keys()) send(port, message);
  };
  opened.onerror = () => {
    if (opened.readyState === EventSource.CLOSED && opened === source) retry(opened);
  };
}

/** Connects again, unless the server was restarted: its pages have another key then. */
async function retry(opened) {
  const last = messages.at(-1)?.g ?? since;
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const response = await fetch("live.js?k=" + key).catch(() => null);
  if (opened !== source) return;
  if (response?.status === 403) {
    for (const port of pages.keys()) port.postMessage({ restarted: true });
  } else {
    connect(last);
  }
}
`;
