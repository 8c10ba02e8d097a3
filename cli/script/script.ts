// The program that `--print-script` prints. Pure; loaded only for it.

import type { CommandLine } from "../arguments.ts";
import { privateFiles } from "../private_files.ts";
import { Code, statement, stringLiteral } from "./literal.ts";

const PACKAGE = "jsr:@x/httpserver";

/** The longest line of a comment. */
const WIDTH = 78;

/** The parts of the program. */
interface Parts {
  /** The names that it imports. */
  readonly imports: Set<string>;
  /** Its statements after the imports. */
  readonly lines: string[];
}

/**
 * Writes a TypeScript program that serves what the command would serve.
 *
 * @param commandLine The arguments.
 * @returns The program, with a line end.
 */
export function scriptFor(commandLine: CommandLine): string {
  const parts: Parts = { imports: new Set(), lines: [] };
  if (commandLine.secret) {
    parts.lines.push("const path = crypto.randomUUID();");
  }
  const Handler = handlerOf(commandLine, parts);
  const Server = serverOf(commandLine, parts);
  const { bind = "::", port } = commandLine;
  const options = serverOptions(commandLine);
  const given = Object.keys(options).length > 0;
  parts.lines.push(
    statement(
      given ? options : new Code(""),
      `await using server = new ${Server}([${
        stringLiteral(bind)
      }, ${port}], ${Handler}${given ? ", true, " : ""}`,
      ");",
    ),
  );
  if (commandLine.drain !== undefined) {
    parts.lines.push(
      'Deno.addSignalListener("SIGTERM", () => server.server_close());',
    );
  }
  parts.lines.push(
    "console.log(`Serving on port ${server.server_port}" +
      (commandLine.secret ? " at /${path}/`);" : "`);"),
    "await server.serve_forever();",
  );
  return [...comment(commandLine), importOf(parts), "", ...parts.lines, ""]
    .join("\n");
}

/** Defines the handler class, and returns its name. */
function handlerOf(commandLine: CommandLine, { imports, lines }: Parts) {
  const { cgi, protocol } = commandLine;
  const { log, ...rest } = commandLine.site;
  const quiet = cgi && log === "none";
  const site = siteOptions(commandLine, cgi ? rest : commandLine.site);
  const Base = cgi ? "CGIHTTPRequestHandler" : "StaticFileHandler";
  const overrides = [
    ...protocol === (cgi ? "HTTP/1.0" : "HTTP/1.1")
      ? []
      : [`  override protocol_version = ${stringLiteral(protocol)};`],
    ...quiet ? ["  override log_message() {}"] : [],
  ];
  if (overrides.length === 0 && !cgi) {
    imports.add("staticFiles");
    lines.push(callWith(site, "const Handler = staticFiles("));
    return "Handler";
  }
  imports.add(Base);
  const Class = overrides.length === 0 ? Base : "Files";
  if (overrides.length > 0) {
    lines.push(`class ${Class} extends ${Base} {`, ...overrides, "}");
  }
  if (Object.keys(site).length === 0) return Class;
  imports.add("partial");
  lines.push(statement(site, `const Handler = partial(${Class}, `, ");"));
  return "Handler";
}

/** The options of the site, with those that files have, and without the files that the program reads. */
function siteOptions(commandLine: CommandLine, site: object): object {
  const { cgi, proxyCaFile, usersFile, usersVariable, secret, tls } =
    commandLine;
  const files = cgi ? [] : privateFiles({
    usersFile,
    tls,
    proxyCaFile,
    logFile: undefined,
    configFile: undefined,
  });
  const users = usersFile !== undefined
    ? `Deno.readTextFileSync(${stringLiteral(usersFile)})`
    : usersVariable !== undefined
    ? `Deno.env.get(${stringLiteral(usersVariable)})!`
    : undefined;
  const proxyCa = proxyCaFile === undefined
    ? undefined
    : `Deno.readTextFileSync(${stringLiteral(proxyCaFile)})`;
  return {
    ...site,
    ...proxyCa !== undefined && { proxyCa: new Code(proxyCa) },
    ...users !== undefined && { users: new Code(users) },
    ...files.length > 0 && { privateFiles: files },
    ...secret && { secret: new Code("path") },
  };
}

/** Defines the server class if it isn't the usual one, and returns its name. */
function serverOf({ tls, drain }: CommandLine, { imports, lines }: Parts) {
  const Base = tls === undefined
    ? "ThreadingHTTPServer"
    : "ThreadingHTTPSServer";
  imports.add(Base);
  if (drain === undefined) return Base;
  lines.push(
    `class Server extends ${Base} {`,
    `  static override gracePeriod = ${drain};`,
    "}",
  );
  return "Server";
}

function serverOptions({ tls, fd }: CommandLine): object {
  return {
    ...fd !== undefined && { fd },
    ...tls !== undefined && { certfile: tls.cert },
    ...tls?.key !== undefined && { keyfile: tls.key },
    ...tls?.passwordFile !== undefined && {
      password: new Code(
        `Deno.readTextFileSync(${stringLiteral(tls.passwordFile)}).trim()`,
      ),
    },
  };
}

function callWith(options: object, start: string): string {
  const none = Object.keys(options).length === 0;
  return statement(none ? new Code("") : options, start, ");");
}

function importOf({ imports }: Parts): string {
  const names = [...imports].sort((a, b) =>
    a.toLowerCase() < b.toLowerCase() ? -1 : 1
  );
  const line = `import { ${names.join(", ")} } from "${PACKAGE}";`;
  return line.length <= WIDTH + 2
    ? line
    : `import {\n${
      names.map((name) => `  ${name},\n`).join("")
    }} from "${PACKAGE}";`;
}

/** Names the options that have no counterpart in the library. */
function comment(commandLine: CommandLine): string[] {
  const { start, https, slow, workers, logFile, portFallback } = commandLine;
  const names = Object.entries({
    "--exit-with-parent": start.exitWithParent,
    "--https": https,
    "--json": start.json,
    "--log-file": logFile !== undefined,
    "--open": start.open,
    "--port-fallback": portFallback === true,
    "--qr": start.qr,
    "--slow": slow !== undefined,
    "--workers": workers !== 1,
  }).filter(([, given]) => given).map(([name]) => name);
  return names.length === 0
    ? []
    : wrapped(`Only the command has ${names.join(", ")}.`);
}

function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH) {
      lines.push(`// ${word}`);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
