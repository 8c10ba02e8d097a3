// `CGIHTTPRequestHandler`: finds a script, starts it, and sends its output as the response. Paths,
// environment and processes are in the other files of this folder.

import type { Address, Connection } from "../../connection/connection.ts";
import type { MaybePromise } from "../../connection/files.ts";
import { absolutePath } from "../../text/file_paths.ts";
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
import { type ScriptPath, splitQuery, splitScriptPath } from "./script_path.ts";
import { checkProgram } from "./program.ts";
import { passedVariables, scriptUser } from "./privileges.ts";
import { runningScripts, type ScriptCommand } from "./script_process.ts";
import { passThrough, respond } from "./script_response.ts";
import { ScriptRun } from "./script_run.ts";
import { metaVariables, PASSED_VARIABLES, searchWords } from "./variables.ts";

/** Options of `CGIHTTPRequestHandler`. */
export interface CGIHTTPRequestHandlerOptions
  extends SimpleHTTPRequestHandlerOptions {
  /**
   * The time limit of a script, in seconds; `null` for none, as in CPython.
   *
   * @default {300}
   */
  readonly scriptTimeLimit?: number | null;
  /**
   * The most scripts that run at once in this process. Further requests get 503 with
   * `Retry-After`. CPython has no limit.
   *
   * @default {64}
   */
  readonly maxScripts?: number;
  /**
   * The environment variables of the server to pass to scripts, besides those of the request.
   * "all" passes every variable, as CPython does, including secrets.
   *
   * @default {PASSED_VARIABLES}
   */
  readonly passEnvironment?: readonly string[] | "all";
}

/** The default `cgi_directories`; extend it with `[...CGI_DIRECTORIES, "/scripts"]`. */
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

/** The most local redirects for one request, as in Apache. */
const MAX_LOCAL_REDIRECTS = 10;

/** The most characters of a path shown on an error page. */
const SHOWN_IN_ERROR = 100;

/**
 * Serves files, and runs the scripts in `cgi_directories` for GET, HEAD and POST as CGI/1.1
 * (RFC 3875). CPython removed this class in 3.15.
 *
 * A script runs in its own directory, without a shell, and gets only a few of the server's
 * environment variables. If the server is root, it runs as the user nobody. Its output is streamed
 * to the client, its `Status` and `Location` are honoured, and its standard error is logged. It is
 * killed when its time limit is reached, the client disconnects or the server closes. A script
 * whose name begins with "nph-" writes the whole response itself.
 *
 * If a signal ends the process while a script runs, the script is killed first. The signal is
 * caught and raised again, so your own listeners receive it twice. Use `handleElsewhere()` to
 * leave scripts running until `server_close()`.
 *
 * It needs the permissions `--allow-run`, `--allow-env` and `--allow-sys=uid`.
 *
 * @example Run the scripts in a directory
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
  /** The URL paths of directories in which every file is a script. */
  cgi_directories: readonly string[] = CGI_DIRECTORIES;
  /** The CGI directory and the rest of the path, as set by `is_cgi()`. */
  cgi_info: readonly [directory: string, rest: string] = ["", ""];
  /** Whether to execute all scripts directly. If not, Python scripts are passed to the interpreter. */
  have_fork: boolean = !WINDOWS;
  /** The time limit of a script, in seconds; `null` for none. */
  scriptTimeLimit: number | null;
  /** The most scripts that run at once in this process. */
  maxScripts: number;
  /** The environment variables of the server to pass to scripts. */
  passEnvironment: readonly string[] | "all";
  #localRedirects = 0;

  /**
   * Stores its arguments.
   *
   * @param request The connection to serve.
   * @param client_address The client's address.
   * @param server The server that accepted the connection.
   * @param options The options.
   */
  constructor(
    request: Connection,
    client_address: Address,
    server: ServerContext,
    options: CGIHTTPRequestHandlerOptions = {},
  ) {
    super(request, client_address, server, options);
    const {
      scriptTimeLimit = 300,
      maxScripts = 64,
      passEnvironment = PASSED_VARIABLES,
    } = options;
    this.scriptTimeLimit = scriptTimeLimit;
    this.maxScripts = maxScripts;
    this.passEnvironment = passEnvironment;
  }

  /**
   * Runs a script. Other targets get 501.
   *
   * @returns A promise if a script runs.
   */
  do_POST(): MaybePromise<void> {
    const isScript = this.#isScript();
    if (isScript) return this.remember(this.run_cgi());
    if (isScript === false) {
      this.send_error(501, "Can only POST to CGI scripts");
    }
  }

  /**
   * Runs a script, or sends the head of the response to GET and HEAD for a file.
   *
   * @returns The open file to send, which the caller must close; `null` if the response is complete.
   */
  override send_head(): MaybePromise<SourceFile | null> {
    const isScript = this.#isScript();
    if (isScript) return this.remember(this.run_cgi()).then(() => null);
    return isScript === false ? super.send_head() : null;
  }

  /**
   * Whether `path` is in one of `cgi_directories`; sets `cgi_info`. Override it to find scripts by
   * other rules.
   *
   * @returns `true` for a script.
   * @throws {RangeError} If the path goes above the root or contains a Windows alias.
   */
  is_cgi(): boolean {
    const found = findCgiDirectory(this.path, this.cgi_directories, RULES);
    if (found === undefined) return false;
    this.cgi_info = found;
    return true;
  }

  /**
   * Whether a file is executable.
   *
   * @param path The file.
   * @returns `true` if any user may execute it. Always `true` for existing files on Windows.
   */
  is_executable(path: string): boolean {
    const mode = statSync(path)?.mode;
    return mode === undefined ? false : mode === null || (mode & 0o111) !== 0;
  }

  /**
   * Whether a file is a Python script, by its extension.
   *
   * @param path The file.
   * @returns `true` for ".py" and ".pyw".
   */
  is_python(path: string): boolean {
    return [".py", ".pyw"].includes(splitext(path)[1].toLowerCase());
  }

  /** Runs the script in `cgi_info` and sends its output as the response. */
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
        await passThrough(this, run);
      } else {
        redirect = await respond(this, run);
      }
    }
    if (redirect !== undefined) await this.#redirect(redirect);
  }

  /** Calls `is_cgi()`. Returns `undefined` after a 404 for a path that is neither a script nor a file. */
  #isScript(): boolean | undefined {
    try {
      return this.is_cgi();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.send_error(404, "File not found");
      return undefined;
    }
  }

  /** Maps a decoded URL path to a file path. Encodes it again, since `translate_path()` decodes: `%252e` is not a dot. */
  #locate(path: string): string {
    return absolute(this.translate_path(quote(path)));
  }

  #mayRun(file: string, { scriptName, pathInfo }: ScriptPath): boolean {
    // A status line is latin-1.
    const shown = repr(scriptName.replace(/[^\0-\xff]/g, "?"), SHOWN_IN_ERROR);
    // An environment variable can't contain NUL.
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

  /** Whether a script is executed directly, not passed to Python. */
  #runsDirectly(file: string): boolean {
    return this.have_fork || !this.is_python(file);
  }

  /** Starts the script. Returns `undefined` after an error response. */
  #start(
    file: string,
    script: ScriptPath,
    query: string,
  ): ScriptRun | undefined {
    // Only the first script gets the body (RFC 3875 §6.2.2).
    const hasBody = this.#localRedirects === 0;
    try {
      if (runningScripts() >= this.maxScripts) {
        sendUnavailable(
          this,
          new Deno.errors.Busy(
            `${this.maxScripts} CGI scripts are running; raise maxScripts to allow more`,
          ),
        );
        return undefined;
      }
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
      this.send_error(startErrorStatus(error), "CGI script can not be run");
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
      secure: this.server.secure ?? false,
      clientHost: this.client_address[0],
      scriptName,
      pathInfo,
      pathTranslated: pathInfo === "" ? "" : this.#locate(pathInfo),
      query,
    });
    return {
      ...command,
      env: { ...passedVariables(this.passEnvironment), ...variables },
      cwd: absolute(`${file}/..`),
      user: scriptUser(),
    };
  }

  /** Responds as if the client had requested another target (RFC 3875 §6.2.2). */
  async #redirect(target: string): Promise<void> {
    if (this.#localRedirects >= MAX_LOCAL_REDIRECTS) {
      this.send_error(500, "Too many redirects between CGI scripts");
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

function absolute(path: string): string {
  return absolutePath(path, Deno.build.os, Deno.cwd);
}

/** Returns the status code for a script that failed to start. */
function startErrorStatus(error: Error): 403 | 431 | 500 {
  if (error instanceof Deno.errors.PermissionDenied) return 403;
  // The request's header fields exceed the system's limit for the environment.
  return "code" in error && error.code === "E2BIG" ? 431 : 500;
}
