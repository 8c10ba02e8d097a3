// `CGIHTTPRequestHandler`: finds the script, starts it, and turns what it prints into an
// answer. How a script is named, described and run is told in the files beside this one.

import { dirname, resolve } from "@std/path";
import type { Address, Connection } from "../../connection/connection.ts";
import { markDisconnect } from "../../connection/errors.ts";
import type { MaybePromise } from "../../connection/files.ts";
import { LineReader } from "../../parser/line_reader.ts";
import { splitext } from "../../text/paths.ts";
import { quote } from "../../text/quote.ts";
import { repr } from "../../text/repr.ts";
import { isUnavailable, statSync } from "../file_stat.ts";
import {
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
} from "../simple.ts";
import type { SourceFile } from "../source.ts";
import type { ServerContext } from "../types.ts";
import { sendUnavailable } from "../unavailable.ts";
import { findCgiDirectory } from "./cgi_directory.ts";
import type { ScriptHead } from "./script_head.ts";
import { type ScriptPath, splitQuery, splitScriptPath } from "./script_path.ts";
import { checkProgram } from "./program.ts";
import { passedVariables, scriptUser } from "./privileges.ts";
import type { ScriptCommand } from "./script_process.ts";
import { ScriptRun } from "./script_run.ts";
import { metaVariables, PASSED_VARIABLES, searchWords } from "./variables.ts";

/** Options of `CGIHTTPRequestHandler`. */
export interface CGIHTTPRequestHandlerOptions
  extends SimpleHTTPRequestHandlerOptions {
  /**
   * How long a script may run, in seconds; `null` is for ever, as in CPython.
   *
   * @default {300}
   */
  readonly scriptTimeLimit?: number | null;
  /**
   * The variables of the server's environment that scripts get besides those of the
   * request; "all" is what CPython does, and gives them every secret in it.
   *
   * @default {PASSED_VARIABLES}
   */
  readonly passEnvironment?: readonly string[] | "all";
}

/** Where scripts are unless `cgi_directories` says otherwise: for `[...CGI_DIRECTORIES, "/scripts"]`. */
export const CGI_DIRECTORIES: readonly string[] = Object.freeze([
  "/cgi-bin",
  "/htbin",
]);

const WINDOWS = Deno.build.os === "windows";

const RULES = WINDOWS
  ? "windows"
  : Deno.build.os === "darwin"
  ? "darwin"
  : "posix";

/** How many scripts one request may go through by local redirects: Apache's number. */
const MAX_LOCAL_REDIRECTS = 10;

/** How much of a path is shown in an error page, in characters. */
const SHOWN_IN_ERROR = 100;

/**
 * Serves files, and runs the scripts in `cgi_directories` for GET, HEAD and POST as
 * RFC 3875 has it (CGI/1.1). CPython has dropped this class in 3.15.
 *
 * A script runs in its own folder, as the user nobody where the server is root, without
 * a shell, and with few variables of the server's environment. What it prints is sent as
 * it comes, its `Status` and `Location` are honoured, and what it prints to standard
 * error is logged. It is ended when its time is over, its client leaves or the server
 * closes. A script whose name begins with "nph-" writes the whole answer itself.
 *
 * While a script runs, a signal that ends the process ends the script first: the signal
 * is caught and raised again, so that a listener of one's own hears it twice. With
 * `handleElsewhere()` the script is left to `server_close()`.
 *
 * It needs the permissions `--allow-run`, `--allow-env` and `--allow-sys=uid`.
 *
 * @example Scripts in a folder of one's own
 * ```ts
 * import { CGIHTTPRequestHandler } from "@x/httpserver/handlers";
 * import { ThreadingHTTPServer } from "@x/httpserver/server";
 *
 * class Handler extends CGIHTTPRequestHandler {
 *   override cgi_directories = ["/scripts"];
 * }
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
 * server.serve_forever();
 * ```
 */
export class CGIHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /** The paths below which everything is a script. */
  cgi_directories: readonly string[] = CGI_DIRECTORIES;
  /** The CGI directory and what stands behind it, as `is_cgi()` found them. */
  cgi_info: readonly [directory: string, rest: string] = ["", ""];
  /** Whether scripts are run by their first line; else Python ones are given to the interpreter. */
  have_fork: boolean = !WINDOWS;
  /** How long a script may run, in seconds; `null` is for ever. */
  scriptTimeLimit: number | null;
  /** The variables of the server's environment that scripts get. */
  passEnvironment: readonly string[] | "all";
  #localRedirects = 0;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's address.
   * @param server The server that accepted the connection.
   * @param options What to serve, and how scripts run.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: CGIHTTPRequestHandlerOptions = {},
  ) {
    super(request, client_address, server, options);
    const { scriptTimeLimit = 300, passEnvironment = PASSED_VARIABLES } =
      options;
    this.scriptTimeLimit = scriptTimeLimit;
    this.passEnvironment = passEnvironment;
  }

  /**
   * Runs a script; there is nothing else to post to.
   *
   * @returns A promise where there is something to wait for.
   */
  do_POST(): MaybePromise<void> {
    const isScript = this.#leadsToScript();
    if (isScript) return this.run_cgi();
    if (isScript === false) {
      this.send_error(501, "Can only POST to CGI scripts");
    }
  }

  /**
   * Runs a script, or sends the head of the answer to GET and HEAD for a file.
   *
   * @returns The open file to copy, which the caller closes; `null` where the answer is complete.
   */
  override send_head(): MaybePromise<SourceFile | null> {
    const isScript = this.#leadsToScript();
    if (isScript) return this.run_cgi().then(() => null);
    return isScript === false ? super.send_head() : null;
  }

  /**
   * Whether `path` leads to a script; sets `cgi_info`. Override it to find scripts by
   * other rules than `cgi_directories`.
   *
   * @returns `true` for a script.
   * @throws {RangeError} Where the path leads above the root, or holds an alias of Windows.
   */
  is_cgi(): boolean {
    const found = findCgiDirectory(this.path, this.cgi_directories, RULES);
    if (found === undefined) return false;
    this.cgi_info = found;
    return true;
  }

  /**
   * Whether a file may be run.
   *
   * @param path The file.
   * @returns `true` where somebody may run it.
   */
  is_executable(path: string): boolean {
    const mode = statSync(path)?.mode;
    return mode === undefined ? false : mode === null || (mode & 0o111) !== 0;
  }

  /**
   * Whether a file is a Python script, by its name.
   *
   * @param path The file.
   * @returns `true` for ".py" and ".pyw".
   */
  is_python(path: string): boolean {
    return [".py", ".pyw"].includes(splitext(path)[1].toLowerCase());
  }

  /** Runs the script that `cgi_info` tells of, and answers with what it prints. */
  async run_cgi(): Promise<void> {
    const [directory, rest] = this.cgi_info;
    const [path, query] = splitQuery(rest, this.path);
    const script = splitScriptPath(
      directory,
      path,
      (folder) => statSync(this.#locate(folder))?.isDirectory ?? false,
    );
    const file = this.#locate(script.scriptName);
    if (!this.#mayRun(file, script)) return;
    const run = this.#start(file, script, query);
    if (run === undefined) return;
    let redirect: string | undefined;
    {
      await using _run = run;
      if (file.split(/[/\\]/).at(-1)!.startsWith("nph-")) {
        await this.#passThrough(run);
      } else {
        redirect = await this.#answer(run);
      }
    }
    if (redirect !== undefined) await this.#redirect(redirect);
  }

  /** Whether it is a script's path; `undefined` where it is nobody's, which has been answered. */
  #leadsToScript(): boolean | undefined {
    try {
      return this.is_cgi();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.send_error(404, "File not found");
      return undefined;
    }
  }

  /** Where a decoded path in URLs leads. It is encoded again, as `translate_path()` decodes: `%252e` is no dot. */
  #locate(path: string): string {
    return resolve(this.translate_path(quote(path)));
  }

  #mayRun(file: string, { scriptName, pathInfo }: ScriptPath): boolean {
    // A status line holds latin-1 alone.
    const shown = repr(scriptName.replace(/[^\0-\xff]/g, "?"), SHOWN_IN_ERROR);
    // A variable can't hold a NUL.
    const info = pathInfo.includes("\0") ? null : statSync(file);
    if (info === null) {
      this.send_error(404, `No such CGI script (${shown})`);
    } else if (!info.isFile) {
      this.send_error(403, `CGI script is not a plain file (${shown})`);
    } else if (
      this.#runsDirectly(file) && !this.is_executable(file)
    ) {
      this.send_error(403, `CGI script is not executable (${shown})`);
    } else {
      return true;
    }
    return false;
  }

  /** Whether a script is run by itself; else it is given to Python. */
  #runsDirectly(file: string): boolean {
    return this.have_fork || !this.is_python(file);
  }

  /** Starts the script; `undefined` where it can't be, which has been answered. */
  #start(
    file: string,
    script: ScriptPath,
    query: string,
  ): ScriptRun | undefined {
    // The body is for the first script alone (RFC 3875 6.2.2).
    const hasBody = this.#localRedirects === 0;
    try {
      if (!WINDOWS && this.#runsDirectly(file)) checkProgram(file);
      return new ScriptRun(this.#command(file, script, query, hasBody), {
        connection: this.connection,
        body: hasBody ? this.rfile : undefined,
        timeLimit: this.scriptTimeLimit,
        onErrorLine: (line) => this.log_error("CGI script: %s", line),
      });
    } catch (error) {
      if (isUnavailable(error)) {
        sendUnavailable(this, error);
        return undefined;
      }
      if (
        !(error instanceof Error) || error instanceof Deno.errors.NotCapable
      ) throw error;
      this.log_error("%s", error.message);
      this.send_error(startFault(error), "CGI script can not be run");
    }
  }

  #command(
    file: string,
    { scriptName, pathInfo }: ScriptPath,
    query: string,
    hasBody: boolean,
  ): ScriptCommand {
    const words = searchWords(this.command, query);
    const command = this.#runsDirectly(file)
      ? { file, args: words }
      : { file: WINDOWS ? "python" : "python3", args: ["-u", file, ...words] };
    if (!this.have_fork) {
      this.log_message(
        "command: %s",
        [command.file, ...command.args].join(" "),
      );
    }
    const variables = metaVariables({
      command: this.command,
      headers: this.headers,
      hasBody,
      software: this.version_string(),
      protocol: this.protocol_version,
      serverName: this.server.server_name,
      serverPort: this.server.server_port,
      secure: "handshake" in this.connection.conn,
      clientHost: this.client_address[0],
      scriptName,
      pathInfo,
      pathTranslated: pathInfo === "" ? "" : this.#locate(pathInfo),
      query,
    });
    return {
      ...command,
      env: { ...passedVariables(this.passEnvironment), ...variables },
      cwd: dirname(file),
      user: scriptUser(),
    };
  }

  /** Sends what a script prints as it is: it writes the head too (RFC 3875 5). */
  async #passThrough(run: ScriptRun): Promise<void> {
    this.close_connection = true;
    let piece = await run.script.read();
    if (piece === undefined) {
      return await this.#refuse(run, true, "the script sent nothing");
    }
    this.log_request();
    for (; piece !== undefined; piece = await run.script.read()) {
      await this.wfile.write(piece);
    }
    await this.#conclude(run);
  }

  /** Sends what a script prints, after a head that is made of what it says; gives the target of a local redirect. */
  async #answer(run: ScriptRun): Promise<string | undefined> {
    const output = new LineReader();
    let head: ScriptHead;
    try {
      head = await run.readHead(output);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      await this.#refuse(run, output.ended, error.message);
      return undefined;
    }
    const local = head.localRedirect !== undefined;
    if (!local) this.#sendScriptHead(head);
    // What may have no body is still read, so that the script can do its work.
    const bodyless = local || this.response.bodyless(this.command) ||
      head.status === 205;
    for (
      let piece = output.take(output.length);
      piece !== undefined;
      piece = await run.script.read()
    ) {
      if (!bodyless && piece.length > 0) await this.wfile.write(piece);
    }
    if (local && (await run.script.exitCode < 0 || run.script.killed)) {
      await this.#refuse(run, true, "the script was ended");
      return undefined;
    }
    await this.#conclude(run);
    return head.localRedirect;
  }

  #sendScriptHead({ status, reason, fields }: ScriptHead): void {
    const usual = status === 200 ? "Script output follows" : undefined;
    this.send_response(status, reason ?? usual);
    for (const [name, value] of fields) this.send_header(name, value);
    if (this.response.delimited(this.command)) this.end_headers();
    else this.endHeadersChunked();
  }

  /** Answers for a script that gave no answer. */
  async #refuse(
    run: ScriptRun,
    ended: boolean,
    reason: string,
  ): Promise<void> {
    this.close_connection = true;
    if (run.abandoned) {
      throw markDisconnect(
        new Deno.errors.UnexpectedEof("Cannot answer: the client has left"),
      );
    }
    if (run.bodyError !== undefined) throw run.bodyError;
    if (run.timedOut) {
      this.send_error(504, "CGI script took too long");
      return;
    }
    const code = ended ? await run.script.exitCode : 0;
    this.send_error(
      500,
      code === 0 ? `CGI error: ${reason}` : `CGI script exit code ${code}`,
    );
  }

  /** Waits for the end of a script that has printed all, and logs how it ended. */
  async #conclude(run: ScriptRun): Promise<void> {
    const code = await run.script.exitCode;
    if (run.abandoned) this.close_connection = true;
    else if (run.bodyError !== undefined) throw run.bodyError;
    else if (run.timedOut) this.log_error("CGI script took too long");
    else if (!this.have_fork && code === 0) {
      this.log_message("CGI script exited OK");
    } else if (!this.have_fork) {
      this.log_error("CGI script exit status %#x", code);
    } else if (code !== 0) this.log_error("CGI script exit code %d", code);
    if (code < 0 || run.timedOut || run.abandoned) {
      // What it would have printed is missing: the client must not take the answer for whole.
      if (!run.abandoned) await this.wfile.flush();
      this.connection.close();
    }
  }

  /** Answers as if this target had been asked for (RFC 3875 6.2.2). */
  async #redirect(target: string): Promise<void> {
    if (this.#localRedirects >= MAX_LOCAL_REDIRECTS) {
      this.send_error(500, "CGI scripts redirect to each other without end");
      return;
    }
    const { path, command } = this;
    this.path = target;
    this.command = command === "HEAD" ? "HEAD" : "GET";
    this.#localRedirects++;
    try {
      await (command === "HEAD" ? this.do_HEAD() : this.do_GET());
    } finally {
      this.#localRedirects--;
      this.path = path;
      this.command = command;
    }
  }
}

/** The status for a script that the system doesn't start. */
function startFault(error: Error): 403 | 431 | 500 {
  if (error instanceof Deno.errors.PermissionDenied) return 403;
  // The fields of the request, joined to variables, are more than a process can be given.
  return "code" in error && error.code === "E2BIG" ? 431 : 500;
}
