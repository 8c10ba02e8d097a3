import { assert, assertEquals, assertRejects } from "@std/assert";
import { receiveForm } from "../../../handlers/static/upload/receive_form.ts";
import type {
  FileReceiver,
  FileUpload,
  FormRequest,
  Refused,
} from "../../../handlers/static/upload/interfaces.ts";
import { HTTPMessage } from "../../../parser/headers.ts";
import { ParseError } from "../../../parser/errors.ts";

/** A receiver in memory. */
class Receiver implements FileReceiver {
  readonly folder = ["in"];
  readonly policy = "error";
  readonly drop: boolean;
  /** The stored files. */
  readonly files: Record<string, string> = {};
  /** How many files are neither stored nor removed. */
  pending = 0;
  /** The refusals of files, by their names. */
  readonly refusals: Record<
    string,
    { at: "open" | "write" | "finish"; status: number }
  >;

  constructor(refusals: Receiver["refusals"] = {}, drop = false) {
    this.refusals = refusals;
    this.drop = drop;
  }

  #refusal(name: string, at: string): Refused | undefined {
    const refusal = this.refusals[name];
    if (refusal?.at !== at) return undefined;
    const reason = `Refused <${at}>`;
    return {
      kind: "refused",
      status: refusal.status,
      reason,
      fields: [["X-At", at]],
    };
  }

  open(names: readonly string[]): Promise<FileUpload | Refused> {
    assertEquals(names.length, 1);
    const name = names[0]!;
    const refused = this.#refusal(name, "open");
    if (refused !== undefined) return Promise.resolve(refused);
    let text = "";
    let received = 0;
    let open = true;
    this.pending++;
    return Promise.resolve({
      get received() {
        return received;
      },
      write: (bytes) => {
        assert(open);
        received += bytes.length;
        text += new TextDecoder().decode(bytes);
        return Promise.resolve(this.#refusal(name, "write"));
      },
      finish: () => {
        assert(open);
        const refused = this.#refusal(name, "finish");
        if (refused !== undefined) return Promise.resolve(refused);
        const replaced = name in this.files;
        this.files[name] = text;
        const stored = name.startsWith("taken") ? `${name} (1)` : name;
        return Promise.resolve({
          kind: "stored",
          names: [...this.folder, stored],
          replaced,
          size: received,
          etag: undefined,
        });
      },
      [Symbol.asyncDispose]: () => {
        if (open) this.pending--;
        open = false;
        return Promise.resolve();
      },
    });
  }
}

function request(
  body: string,
  {
    accept = "*/*",
    type = "multipart/form-data; boundary=b",
    target = "/in/",
  } = {},
): FormRequest {
  const bytes = new TextEncoder().encode(body);
  let at = 0;
  return {
    headers: new HTTPMessage([["Accept", accept], ["Content-Type", type]]),
    target,
    length: bytes.length,
    body: { read1: () => Promise.resolve(bytes.subarray(at, at += 7)) },
  };
}

function part(filename: string | null, content: string): string {
  const name = filename === null ? "" : `; filename="${filename}"`;
  return `--b\r\nContent-Disposition: form-data; name="f"${name}\r\n\r\n${content}\r\n`;
}

const BROWSER =
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/** Receives a form, and checks that it leaves no file behind. */
async function receive(request: FormRequest, receiver: Receiver) {
  const reply = await receiveForm(request, receiver);
  assertEquals(receiver.pending, 0);
  if (reply.kind === "refused") {
    return {
      ...reply,
      text: "",
      field: () => undefined,
    };
  }
  const text = reply.source === null
    ? ""
    : new TextDecoder().decode(await reply.source.read());
  const field = (name: string) =>
    reply.fields.find(([each]) => each === name)?.[1];
  assertEquals(
    field("Content-Length"),
    `${new TextEncoder().encode(text).length}`,
  );
  return { ...reply, text, field };
}

Deno.test({
  name: "receiveForm() stores each file, and lists them in JSON",
  permissions: "none",
  async fn() {
    const receiver = new Receiver();
    const body = part("a.txt", "one\r\ntwo") + part(null, "text") +
      part("", "") +
      part("b", "") + part("taken", "x") + "--b--";
    const { status, text } = await receive(request(body), receiver);
    assertEquals(status, 201);
    assertEquals(receiver.files, { "a.txt": "one\r\ntwo", b: "", taken: "x" });
    assertEquals(JSON.parse(text), {
      files: [
        { name: "a.txt", status: 201, stored: "a.txt", size: 8 },
        { name: "b", status: 201, stored: "b", size: 0 },
        { name: "taken", status: 201, stored: "taken (1)", size: 1 },
      ],
    });
  },
});

Deno.test({
  name: "receiveForm() redirects a browser to the listing, with its look",
  permissions: "none",
  async fn() {
    const table: readonly (readonly [target: string, location: string])[] = [
      ["/in/", "./"],
      ["/in/?sort=size&view=grid", "./?sort=size&view=grid"],
      ["//other.test/in/?x=<", "./"],
    ];
    for (const [target, location] of table) {
      const reply = await receive(
        request(part("a", "x") + "--b--", { accept: BROWSER, target }),
        new Receiver(),
      );
      assertEquals([reply.status, reply.field("Location"), reply.text], [
        303,
        location,
        "",
      ]);
    }
  },
});

Deno.test({
  name:
    "receiveForm() has the status of the first file that is refused, and stores the others",
  permissions: "none",
  async fn() {
    for (const at of ["open", "write", "finish"] as const) {
      const receiver = new Receiver({
        b: { at, status: 409 },
        c: { at, status: 413 },
      });
      const body = ["a", "b", "c", "d"].map((name) =>
        part(name, "0123456789".repeat(3))
      );
      const reply = await receive(request(body.join("") + "--b--"), receiver);
      assertEquals([reply.status, reply.field("X-At")], [409, at]);
      assertEquals(Object.keys(receiver.files), ["a", "d"]);
      assertEquals(
        JSON.parse(reply.text).files.slice(1, 3),
        [
          { name: "b", status: 409, reason: `Refused <${at}>` },
          { name: "c", status: 413, reason: `Refused <${at}>` },
        ].toSorted(),
      );
    }
  },
});

Deno.test({
  name: "receiveForm() shows a browser which files were refused",
  permissions: "none",
  async fn() {
    const name = "<b>\u202egpj.exe";
    const receiver = new Receiver({ [name]: { at: "open", status: 422 } });
    const body = part("taken&", "x") + part(name, "x") + "--b--";
    const reply = await receive(request(body, { accept: BROWSER }), receiver);
    assertEquals(reply.status, 422);
    assertEquals(reply.field("Content-Type"), "text/html; charset=utf-8");
    assert(
      reply.text.includes(
        "<li><bdi>taken&amp;</bdi>: Uploaded as taken&amp; (1)</li>",
      ),
    );
    assert(
      reply.text.includes(
        "<li><bdi>&lt;b&gt;[U+202E]gpj.exe</bdi>: Refused &lt;open&gt;</li>",
      ),
    );
    assert(reply.text.includes('<a href="./">'));
  },
});

Deno.test({
  name:
    "receiveForm() shows the results of a site that shows no files, without the stored names",
  permissions: "none",
  async fn() {
    const receiver = new Receiver({}, true);
    const body = part("taken", "x") + "--b--";
    const reply = await receive(request(body, { accept: BROWSER }), receiver);
    assertEquals(reply.status, 201);
    assert(reply.text.includes("<li><bdi>taken</bdi>: Uploaded</li>"));
    const json = await receive(request(part("takes", "x") + "--b--"), receiver);
    assertEquals(JSON.parse(json.text).files, [{
      name: "takes",
      status: 201,
      size: 1,
    }]);
  },
});

Deno.test({
  name:
    "receiveForm() stores no file of a form that ends early, but those before it",
  permissions: "none",
  async fn() {
    const body = part("a", "one") + part("b", "two");
    for (let length = 0; length < body.length; length++) {
      const receiver = new Receiver();
      const reply = await receive(request(body.slice(0, length)), receiver);
      assertEquals(reply.status, 400);
      // Only all of its line shows that it is a delimiter.
      const isStored = length >= part("a", "one").length + "--b\r\n".length;
      assertEquals(receiver.files, isStored ? { a: "one" } : {});
      if (!isStored) continue;
      const { files, error } = JSON.parse(reply.text);
      assertEquals(error, "Form data without a closing delimiter");
      assertEquals(files[0].status, 201);
    }
  },
});

Deno.test({
  name: "receiveForm() doesn't store a file that ends with a bad delimiter",
  permissions: "none",
  async fn() {
    for (const line of ["--bxyz\r\nsecond\r\n--b--", "--b--xyz"]) {
      const receiver = new Receiver();
      const body = part("a", "one") + part("cut", "first") + line;
      const reply = await receive(request(body), receiver);
      assertEquals(reply.status, 400);
      assertEquals(receiver.files, { a: "one" });
      const { files, error } = JSON.parse(reply.text);
      assertEquals(error, "Bad delimiter in form data");
      assertEquals(files[1].status, 400);
    }
  },
});

Deno.test({
  name: "receiveForm() refuses a body without files",
  permissions: "none",
  async fn() {
    const table: readonly (readonly [
      body: string,
      type: string | undefined,
      status: number,
    ])[] = [
      ["", "text/plain", 415],
      ["", "multipart/form-data", 400],
      ["--b--", undefined, 400],
      [part(null, "text") + "--b--", undefined, 400],
      [part("", "") + "--b--", undefined, 400],
      [part(null, "").repeat(1_001), undefined, 413],
      ["--b\r\nX: " + "x".repeat(10_000), undefined, 413],
    ];
    for (const [body, type, status] of table) {
      const reply = await receive(
        request(body, type === undefined ? {} : { type }),
        new Receiver(),
      );
      assertEquals([reply.kind, reply.status], ["refused", status]);
    }
  },
});

Deno.test({
  name: "receiveForm() refuses a name that is not UTF-8",
  permissions: "none",
  async fn() {
    const receiver = new Receiver();
    const reply = await receive(
      request(part("a\ufffd", "x") + "--b--"),
      receiver,
    );
    assertEquals(reply.status, 400);
    assertEquals(receiver.files, {});
  },
});

Deno.test({
  name: "receiveForm() removes the current file if the body can't be read",
  permissions: "none",
  async fn() {
    for (
      const error of [
        new ParseError(400, "Bad chunk"),
        new Deno.errors.ConnectionReset("gone"),
      ]
    ) {
      const receiver = new Receiver();
      const given = request(part("a", "x".repeat(100)));
      let reads = 0;
      const read1 = () =>
        ++reads < 12 ? given.body.read1() : Promise.reject(error);
      const thrown = await assertRejects(() =>
        receiveForm({ ...given, body: { read1 } }, receiver)
      );
      assertEquals(thrown, error);
      assertEquals([receiver.pending, receiver.files], [0, {}]);
    }
  },
});
