// Receives the files of a form (multipart/form-data, RFC 7578). Each file is stored whole or
// not at all; those before an error stay.

import { ParseError } from "../../../parser/errors.ts";
import { BytesFile } from "../../source.ts";
import { boundaryOf, FormDataParser, type FormEvent } from "./form_data.ts";
import { type FileResult, formatResults, wantsPage } from "./form_results.ts";
import type {
  FileReceiver,
  FileUpload,
  FormRequest,
  Refused,
  Reply,
} from "./interfaces.ts";
import type { PartHead } from "./part_head.ts";

/** The files of one form. */
class FormFiles implements AsyncDisposable {
  /** What became of the files so far, without the current one. */
  readonly results: FileResult[] = [];
  readonly #receiver: FileReceiver;
  /** The name of the current file; `undefined` outside of files. */
  #name: string | undefined;
  /** The current file; `undefined` after it was refused. */
  #file: FileUpload | undefined;
  /** The first refusal. */
  refused: Refused | undefined;

  constructor(receiver: FileReceiver) {
    this.#receiver = receiver;
  }

  /** Removes the current file, if it is not complete. */
  async [Symbol.asyncDispose](): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.[Symbol.asyncDispose]();
  }

  /** Handles an event of the parser. */
  async handle(event: FormEvent): Promise<void> {
    if (event.kind === "part") return await this.#begin(event.head);
    const file = this.#file;
    if (file === undefined) {
      if (event.kind === "end") this.#name = undefined;
      return;
    }
    if (event.kind === "data") {
      const refused = await file.write(event.bytes);
      if (refused !== undefined) await this.#refuse(refused);
      return;
    }
    const stored = await file.finish();
    if (stored.kind === "refused") {
      await this.#refuse(stored);
    } else {
      this.results.push({
        name: this.#name!,
        status: stored.replaced ? 200 : 201,
        ...(!this.#receiver.drop && { stored: stored.names.at(-1)! }),
        size: stored.size,
      });
      await this[Symbol.asyncDispose]();
    }
    this.#name = undefined;
  }

  /** Refuses the current file, if there is one, because the form is malformed. */
  async abort(status: number): Promise<void> {
    if (this.#file === undefined) return;
    const reason = "Not received completely";
    await this.#refuse({ kind: "refused", status, reason });
  }

  async #begin({ filename }: PartHead): Promise<void> {
    // A text field, or no file was chosen.
    if (filename === null || filename === "") return;
    this.#name = filename;
    if (filename.includes("\ufffd")) {
      const reason = "File name must be UTF-8";
      return await this.#refuse({ kind: "refused", status: 400, reason });
    }
    const opened = await this.#receiver.open([filename]);
    if ("kind" in opened) await this.#refuse(opened);
    else this.#file = opened;
  }

  async #refuse(refused: Refused): Promise<void> {
    const { status, reason } = refused;
    this.refused ??= refused;
    this.results.push({ name: this.#name!, status, reason });
    await this[Symbol.asyncDispose]();
  }
}

/**
 * Receives the files of a form. Browsers get a redirect to the listing, or a page if a file was
 * refused; other clients get JSON.
 *
 * @param request The request. The rest of a body that is not read to its end is dropped.
 * @param receiver Receives its files.
 * @returns The response.
 */
export async function receiveForm(
  request: FormRequest,
  receiver: FileReceiver,
): Promise<Reply | Refused> {
  await using files = new FormFiles(receiver);
  const error = await readForm(request, files);
  if (error !== undefined) await files.abort(error.status);
  const { results, refused } = files;
  if (results.length === 0) {
    const { status, message } = error ??
      new ParseError(400, "No file in the form");
    return { kind: "refused", status, reason: message };
  }
  const response = formatResults(
    {
      files: results,
      ...(error && { error: { status: error.status, reason: error.message } }),
    },
    wantsPage(request.headers.get("Accept")),
    request.target,
    receiver.drop ?? false,
  );
  const body = new TextEncoder().encode(response.body);
  return {
    kind: "upload",
    status: response.status,
    fields: [
      ...response.fields,
      ["Content-Length", String(body.length)],
      ...(response.status >= 400 ? refused?.fields ?? [] : []),
    ],
    source: body.length === 0 ? null : new BytesFile(body),
  };
}

/** Reads the form to its end. Returns the error if it is malformed. */
async function readForm(
  { headers, body }: FormRequest,
  files: FormFiles,
): Promise<ParseError | undefined> {
  const parser = unlessMalformed(() =>
    new FormDataParser(boundaryOf(headers.get("Content-Type")))
  );
  if (parser instanceof ParseError) return parser;
  for (;;) {
    // A body that is malformed itself ends the connection.
    const chunk = await body.read1();
    if (chunk.length === 0) {
      const last = unlessMalformed(() => parser.finish());
      if (last instanceof ParseError) return last;
      for (const event of last) await files.handle(event);
      return undefined;
    }
    const events = parser.push(chunk);
    for (;;) {
      const next = unlessMalformed(() => events.next());
      if (next instanceof ParseError) return next;
      if (next.done) break;
      await files.handle(next.value);
    }
  }
}

function unlessMalformed<Result>(work: () => Result): Result | ParseError {
  try {
    return work();
  } catch (error) {
    if (error instanceof ParseError) return error;
    throw error;
  }
}
