// Uploads that can be resumed: their first request, the ones that append, and those that ask how
// far they are or cancel them (draft-ietf-httpbis-resumable-upload).

import { isMissing } from "../../file_stat.ts";
import { BytesFile } from "../../source.ts";
import { ServedFolder } from "../lookup/served_folder.ts";
import { toReference } from "../lookup/location.ts";
import type { Field, FieldReader } from "../response/fields.ts";
import { checkFile } from "./hashes.ts";
import type {
  Digest,
  Received,
  Refused,
  Reply,
  UploadHandler,
  UploadRequest,
  Uploads,
} from "./interfaces.ts";
import { bodySize, digestsOf } from "./plan.ts";
import { receiveBytes, type Received as Part } from "./body.ts";
import { Receiver, type Upload } from "./receiver.ts";
import { goOn, replyFor } from "./replies.ts";
import {
  type Creation,
  limitField,
  planAppend,
  type Problem,
  type Progress,
  progressFields,
  refuseAppend,
  resourceFields,
} from "./resumable.ts";
import {
  createState,
  makeToken,
  ownerOf,
  readState,
  removeUpload,
  updateState,
  type UploadState,
} from "./resumable_state.ts";
import { TempFile } from "./temp_file.ts";
import { interruptTurn, takeTurn, type Turn } from "./turns.ts";
import { CONDITIONS, conditionsOf } from "./validators.ts";

/** When to try again if another thread has the upload, in seconds. */
const RETRY_AFTER = "10";

/** There is no place to remember the upload. */
export const CANT_RESUME: Refused = Object.freeze(
  refused(503, "Uploads can't be resumed"),
);

const NO_UPLOAD: Refused = Object.freeze(
  refused(404, "There is no such upload"),
);

/** How long another thread may take to note that a file got its name, in milliseconds, and how often to look. */
const PATIENCE = 200;
const PAUSE = 10;

const NOT_STORED: Field = ["Cache-Control", "no-store"];

/**
 * Receives the first part of a file, perhaps all of it.
 *
 * @param handler The handler.
 * @param request The request, for the file.
 * @param site Uploads to the site.
 * @param creation What the request says about the upload.
 * @returns What to send.
 */
export async function beginUpload(
  handler: UploadHandler,
  request: UploadRequest,
  site: Uploads,
  creation: Creation,
): Promise<Received> {
  const { headers, target } = request;
  const digests = digestsOf(headers, "Content-Digest");
  if ("kind" in digests) return digests;
  const whole = digestsOf(headers, "Repr-Digest");
  if ("kind" in whole) return whole;
  const { size, complete } = creation;
  const { names, segments } = target;
  const state = {
    prefix: names.slice(0, names.length - segments.length),
    root: target.folder!.path,
    names: segments,
    size: size ?? null,
    user: request.user,
    digests: whole.map(({ algorithm, value }) =>
      [algorithm, value.toBase64()] as const
    ),
    conditions: CONDITIONS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    }),
  };
  const upload = await receiverOf(state, site).open([], { size, digests });
  if ("kind" in upload) return upload;
  await using guard = new AsyncDisposableStack();
  guard.use(upload);
  await upload.temp.lock();
  const token = makeToken();
  using turn = await takeTurn(token);
  const known = { ...state, temp: upload.temp.path };
  const owner = ownerOf(request.user, handler.forwarded.address);
  if (!await createState(token, known, owner)) return CANT_RESUME;
  const resource = [...site.settings.prefix, ".httpserver", "upload", token];
  const location = toReference(resource, false, withoutQuery(target.text));
  const fields = resourceFields(location, site.limits.maxSize);
  goOn(handler, request);
  handler.send_interim(104, Object.fromEntries(fields));
  guard.move();
  const received = await receivePart(
    handler,
    request,
    token,
    known,
    { upload, turn, complete },
  );
  if (received.kind !== "upload" || complete) return received;
  return {
    ...received,
    status: 201,
    fields: [...fields, ...received.fields, ["Content-Length", "0"]],
  };
}

/**
 * Responds to a request for an upload that can be resumed.
 *
 * @param handler The handler.
 * @param request The request.
 * @param site Uploads to the site.
 * @param token The last name of the target.
 * @returns What to send.
 */
export async function continueUpload(
  handler: UploadHandler,
  request: UploadRequest,
  site: Uploads,
  token: string,
): Promise<Received> {
  const { method } = request;
  if (method !== "PATCH" && method !== "DELETE") {
    const fields = [["Allow", "DELETE, HEAD, PATCH"]] as const;
    return { ...refused(405, "Method Not Allowed"), fields };
  }
  if (await stateFor(request, site, token) === undefined) return NO_UPLOAD;
  // The client has lost a connection that this server has not given up yet.
  using turn = await takeTurn(token);
  const state = await stateFor(request, site, token);
  if (state === undefined) return NO_UPLOAD;
  if (method === "PATCH") {
    return await append(handler, request, site, token, state, turn);
  }
  await removeUpload(token, state);
  return { kind: "upload", status: 204, fields: [NOT_STORED], source: null };
}

async function append(
  handler: UploadHandler,
  request: UploadRequest,
  site: Uploads,
  token: string,
  state: UploadState,
  turn: Turn,
): Promise<Received> {
  const { headers } = request;
  const planned = planAppend(headers, bodySize(headers).length);
  if (planned.kind === "refused") return replyToProblem(planned);
  const digests = digestsOf(headers, "Content-Digest");
  if ("kind" in digests) return digests;
  const opened = state.done === undefined
    ? await reopen(state.temp)
    : undefined;
  if (opened === "busy") {
    const fields = [["Retry-After", RETRY_AFTER]] as const;
    return { ...refused(503, "Another request appends to it"), fields };
  }
  if (opened === undefined) {
    const done = await whenDone(token, state);
    return done === undefined
      ? NO_UPLOAD
      : replyToProblem(refuseAppend(planned, await progressOf(done))!);
  }
  const known = state.size ?? undefined;
  const fault = refuseAppend(planned, {
    offset: opened.size,
    size: known,
    complete: false,
  });
  const size = known ?? planned.size;
  using suspended = new DisposableStack();
  suspended.defer(() => opened.temp.suspend());
  const upload = fault ??
    await receiverOf(state, site).reopen(opened, state.names, {
      size,
      digests,
    });
  if ("kind" in upload) return replyToProblem(upload);
  const next = { ...state, size: size ?? null };
  if (size !== known) await updateState(token, next);
  suspended.move();
  goOn(handler, request);
  return await receivePart(
    handler,
    request,
    token,
    next,
    { upload, turn, complete: planned.complete },
  );
}

/** A part that is being received. */
interface Receiving {
  readonly upload: Upload;
  readonly turn: Turn;
  /** Whether it is the last one. */
  readonly complete: boolean;
}

/** Receives the body of a request. Whatever happens, what has arrived is kept. */
async function receivePart(
  handler: UploadHandler,
  { target: { text: target } }: UploadRequest,
  token: string,
  state: UploadState,
  { upload, turn, complete }: Receiving,
): Promise<Received> {
  let part: Part;
  try {
    part = await receiveBytes(handler, upload, turn);
  } catch (error) {
    // The connection is lost; the client may come back.
    await upload.suspend();
    throw error;
  }
  const size = state.size ?? undefined;
  const isWhole = part === "end" && complete &&
    upload.check() === undefined &&
    (size === undefined || upload.received === size);
  if (isWhole) return await finish(target, token, state, upload);
  const fault = await upload.suspend();
  if (part !== "end") return part;
  if (fault !== undefined) return fault;
  if (complete) return refused(400, "The sizes contradict each other");
  const progress = { offset: upload.received, size, complete: false };
  const fields = progressFields(progress);
  return { kind: "upload", status: 204, fields, source: null };
}

/** Stores a file that is whole, or removes it if that is refused. */
async function finish(
  target: string,
  token: string,
  state: UploadState,
  upload: Upload,
): Promise<Received> {
  await using _ = upload;
  const digests = state.digests.map(([algorithm, value]): Digest => ({
    algorithm,
    value: Uint8Array.fromBase64(value),
  }));
  const stored = await checkFile(upload.temp.path, digests) ??
    await upload.finish();
  if (stored.kind === "refused") {
    await removeUpload(token, state);
    return stored;
  }
  const { size } = stored;
  await updateState(token, { ...state, done: { size } });
  const reply = replyFor(state.prefix, stored, target);
  return { ...reply, fields: [...reply.fields, ["Upload-Complete", "?1"]] };
}

/**
 * Shows how far an upload is.
 *
 * @param request The request.
 * @param site Uploads to the site.
 * @param token The last name of the target.
 * @returns What to send.
 */
export async function showUpload(
  request: UploadRequest,
  site: Uploads,
  token: string,
): Promise<Refused | Reply> {
  if (await stateFor(request, site, token) === undefined) return NO_UPLOAD;
  await interruptTurn(token);
  const state = await stateFor(request, site, token);
  if (state === undefined) return NO_UPLOAD;
  let progress = await progressOf(state);
  if (progress.offset < 0) {
    const done = await whenDone(token, state);
    if (done === undefined) return NO_UPLOAD;
    progress = await progressOf(done);
  }
  const fields = [
    ...progressFields(progress),
    limitField(site.limits.maxSize),
    NOT_STORED,
  ];
  return { kind: "upload", status: 204, fields, source: null };
}

/** The state of an upload, unless another site or user has begun it. */
async function stateFor(
  request: UploadRequest,
  { settings }: Uploads,
  token: string,
): Promise<UploadState | undefined> {
  const state = await readState(token);
  return state !== undefined && state.user === request.user &&
      settings.folders.includes(state.root)
    ? state
    : undefined;
}

/** The state of an upload whose unfinished file is gone, if it is complete. */
async function whenDone(
  token: string,
  state: UploadState,
): Promise<UploadState | undefined> {
  let now: UploadState | undefined = state;
  for (const until = performance.now() + PATIENCE; now?.done === undefined;) {
    if (now === undefined || performance.now() > until) return undefined;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    now = await readState(token);
  }
  return now;
}

async function progressOf(
  { done, size, temp }: UploadState,
): Promise<Progress> {
  if (done !== undefined) {
    return { offset: done.size, size: done.size, complete: true };
  }
  let offset = -1;
  try {
    offset = (await Deno.stat(temp)).size;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  return { offset, size: size ?? undefined, complete: false };
}

async function reopen(
  path: string,
): Promise<
  { readonly temp: TempFile; readonly size: number } | "busy" | undefined
> {
  try {
    return await TempFile.reopen(path) ?? "busy";
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function receiverOf(
  { conditions, names, root }: Pick<
    UploadState,
    "conditions" | "names" | "root"
  >,
  { limits, settings, totals }: Uploads,
): Receiver {
  const given = new Map(conditions);
  const fields: FieldReader = { get: (name) => given.get(name) ?? null };
  return new Receiver({
    // No policy for symlinks is needed: uploads follow none.
    served: new ServedFolder(root, "deny"),
    folder: names,
    os: settings.os,
    reserves: settings.reserves,
    limits,
    totals,
    evaluate: conditionsOf(fields, settings.contentTags),
  });
}

/** With the details of a problem, for programs. */
export function replyToProblem(problem: Refused | Problem): Received {
  if (!("details" in problem)) return problem;
  const { details, fields = [], reason, status } = problem;
  const text = JSON.stringify({ ...details, title: reason });
  const body = new TextEncoder().encode(text);
  return {
    kind: "upload",
    status,
    fields: [
      ...fields,
      ["Content-Type", "application/problem+json"],
      ["Content-Length", String(body.length)],
    ],
    source: new BytesFile(body),
  };
}

function withoutQuery(target: string): string {
  return target.split(/[?#]/, 1)[0] ?? "";
}

function refused(status: number, reason: string): Refused {
  return { kind: "refused", status, reason };
}
