// The requests of the upload area. A part of its script.
//
// A small file is one PUT. A large one is an upload that can be resumed
// (draft-ietf-httpbis-resumable-upload). It is created by a request without content, since
// scripts can't see the 104 responses that would tell its URL.

/** Sends files, and continues after a broken connection. */
export const SEND: string = `
/** Up to this size, a file is sent again from its start, which takes one request less. */
const SMALL = 1048576;
/** How long nothing may arrive, and how long the server may take to store the file. */
const PATIENCE = 60000;
const STORING = 300000;

const REASONS = {
  401: "Log in again",
  403: "Not allowed",
  409: "There is a file of this name",
  413: "The file is too large",
  507: "There is not enough space",
};
const CHANGED = "The file was changed or removed";
const LATER = [408, 425, 429, 500, 502, 503, 504];

/** An error after which the file is sent again, after this time. */
function laterError(message, after) {
  return Object.assign(new Error(message), { after });
}

function refusal(request) {
  const { status, statusText } = request;
  const message = statusText || REASONS[status] || "Error " + status;
  if (!LATER.includes(status)) return new Error(message);
  return laterError(message, 1000 * (Number(request.getResponseHeader("Retry-After")) || 1));
}

function isSuccess({ status }) {
  return status >= 200 && status < 300;
}

function send(job, method, url, fields = {}, body = null, offset = 0) {
  return new Promise((resolve, reject) => {
    if (job.isCanceled) throw new Error("Canceled");
    const request = job.request = new XMLHttpRequest();
    request.open(method, url);
    for (const [name, value] of Object.entries(fields)) request.setRequestHeader(name, value);
    let timer;
    const wait = (time) => {
      clearTimeout(timer);
      timer = setTimeout(() => request.abort(), time);
    };
    if (body !== null) {
      request.upload.onprogress = ({ loaded }) => {
        wait(PATIENCE);
        showProgress(job, offset + loaded);
      };
      request.upload.onload = () => {
        wait(STORING);
        job.isSent = true;
      };
    }
    request.onloadend = () => {
      clearTimeout(timer);
      job.request = null;
      if (request.status === 0) reject(laterError("The connection was lost", 1));
      else resolve(request);
    };
    wait(PATIENCE);
    request.send(body);
  });
}

/** Uploads a file, and returns what to show at its end. */
async function transfer(job) {
  if (!job.isPlain && job.file.size > SMALL) return transferResumable(job);
  // The response may have been lost, but not the file.
  if (job.isSent && await isStored(job)) return "Uploaded";
  // In memory, a small file can't change while it is sent.
  const content = job.file.size > SMALL ? job.file : await job.file.arrayBuffer();
  return outcome(job, await send(job, "PUT", job.url, contentFields(job), content));
}

function contentFields({ file }) {
  const date = new Date(file.lastModified);
  return {
    "Content-Type": "application/octet-stream",
    ...(date.getTime() > 0 && { "X-Last-Modified": date.toUTCString() }),
  };
}

async function transferResumable(job) {
  const { size } = job.file;
  const draft = { "Upload-Draft-Interop-Version": area.dataset.interop };
  if (job.resource !== null) await resume(job, draft);
  if (job.offset < 0) return "Uploaded";
  if (job.resource === null) {
    const fields = { ...draft, ...contentFields(job), "Upload-Complete": "?0", "Upload-Length": size };
    const created = await send(job, "PUT", job.url, fields);
    const location = created.getResponseHeader("Location");
    if (isNotResumable(created)) {
      job.isPlain = true;
      return transfer(job);
    }
    if (!isSuccess(created)) throw refusal(created);
    job.resource = new URL(location, job.url).href;
    job.offset = 0;
  }
  if (job.offset < size) {
    const appended = await append(job, draft, false);
    if (!isSuccess(appended)) throw appendRefusal(appended);
    job.offset = size;
  }
  // Only now is it stored under its name, if it was not changed meanwhile.
  if (!await isUnchanged(job.file)) throw new Error(CHANGED);
  const stored = await append(job, draft, true);
  if (!isSuccess(stored)) throw appendRefusal(stored);
  return outcome(job, stored);
}

/** Whether a server, or a proxy before it, has refused only that the upload can be resumed. */
function isNotResumable(request) {
  switch (request.status) {
    case 400:
      return request.getResponseHeader("Upload-Draft-Interop-Version") !== null;
    case 405:
    case 415:
    case 501:
      return true;
    case 503:
      return request.getResponseHeader("Retry-After") === null;
    default:
      return isSuccess(request) && !request.getResponseHeader("Location");
  }
}

/** If the server has another offset, or has forgotten the upload, ask it before the next part. */
function appendRefusal(request) {
  const isMismatch = request.status === 409 && request.getResponseHeader("Upload-Offset") !== null;
  return isMismatch || request.status === 404 || request.status === 410
    ? laterError("The connection was lost", 1)
    : refusal(request);
}

function append(job, draft, isComplete) {
  const fields = {
    ...draft,
    "Content-Type": "application/partial-upload",
    "Upload-Complete": isComplete ? "?1" : "?0",
    "Upload-Offset": job.offset,
  };
  return send(job, "PATCH", job.resource, fields, job.file.slice(job.offset), job.offset);
}

/** Asks how much the server has: -1 for all. */
async function resume(job, draft) {
  const state = await send(job, "HEAD", job.resource, draft);
  if (state.status === 404 || state.status === 410) {
    job.resource = null;
    job.offset = 0;
    return;
  }
  if (!isSuccess(state)) throw refusal(state);
  const offset = Number(state.getResponseHeader("Upload-Offset"));
  if (offset > job.offset) job.tries = 0;
  job.offset = state.getResponseHeader("Upload-Complete") === "?1" ? -1 : offset;
}

function outcome(job, request) {
  if (!isSuccess(request)) throw refusal(request);
  if (request.status !== 201) return "Replaced";
  const location = request.getResponseHeader("Location");
  const stored = location && new URL(location, job.url).pathname.split("/").pop();
  const name = job.url.split("/").pop();
  if (!stored || decodeURIComponent(stored) === decodeURIComponent(name)) return "Uploaded";
  return "Uploaded as " + decodeURIComponent(stored);
}

/** Whether the server has exactly this small file. */
async function isStored({ file, url }) {
  try {
    const response = await fetch(url, { cache: "no-store" });
    if (!response.ok || file.size > SMALL) return false;
    const stored = new Uint8Array(await response.arrayBuffer());
    const own = new Uint8Array(await file.arrayBuffer());
    return stored.length === own.length && stored.every((byte, index) => byte === own[index]);
  } catch {
    return false;
  }
}

/** Whether the file can still be read as it was when it was chosen. */
async function isUnchanged(file) {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Tells the server that the rest won't come. */
function forget(job) {
  if (job.resource === null) return;
  fetch(job.resource, {
    method: "DELETE",
    headers: { "Upload-Draft-Interop-Version": area.dataset.interop },
    keepalive: true,
  }).catch(() => {
    // It removes the upload itself after some time.
  });
  job.resource = null;
}
`;
