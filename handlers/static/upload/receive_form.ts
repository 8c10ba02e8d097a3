// Receives the files of a form (multipart/form-data, RFC 7578).

import type {
  FileReceiver,
  FormRequest,
  Refused,
  Reply,
} from "./interfaces.ts";

/** See `ReceiveForm`. */
export function receiveForm(
  _request: FormRequest,
  _receiver: FileReceiver,
): Promise<Reply | Refused> {
  const reason = "Send the file with PUT";
  return Promise.resolve({ kind: "refused", status: 415, reason });
}
