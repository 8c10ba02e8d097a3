// Checks that imports only point down the layers, and that there are no cycles between
// files. Run by `deno task lint`.
//
//   status, cache, text <- parser <- connection <- handlers <- server <- cli <- mod
//                                                                     <- testing

// deno-lint-ignore-file no-console

/** Parts that everything above the connection may import. */
const GROUND = ["connection", "parser", "cache", "text", "status.ts"];

/** Parts that everything above the handlers may import. */
const HANDLERS = [
  "handlers/mod.ts",
  "handlers/cgi",
  "handlers/fetch",
  "handlers/static",
  "handlers/static/access",
  "handlers/static/monitoring",
  "handlers/static/representation",
  "handlers/static/response",
  "handlers",
  "handlers/types.ts",
];

/**
 * The other parts that each part may import. A part is a folder or a file; a file belongs
 * to the innermost part that contains it.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "status.ts": ["text"],
  "text": ["cache"],
  "cache": [],
  "parser": ["cache", "text", "status.ts"],
  "connection": ["parser", "cache", "text", "status.ts"],
  "handlers/types.ts": ["connection"],
  "handlers": ["handlers/types.ts", ...GROUND],
  "handlers/cgi": ["handlers", "handlers/types.ts", ...GROUND],
  "handlers/fetch": ["handlers", "handlers/types.ts", ...GROUND],
  // The parts of the static site don't depend on exchanges, sites or handler classes.
  "handlers/static/access": GROUND,
  "handlers/static/monitoring": ["handlers", "handlers/types.ts", ...GROUND],
  "handlers/static/response": ["parser", "cache", "text", "status.ts"],
  "handlers/static/lookup": [
    "handlers/static/representation",
    "handlers/static/response",
    "handlers",
    ...GROUND,
  ],
  "handlers/static/representation": [
    "handlers/static/lookup",
    "handlers/static/response",
    "handlers",
    ...GROUND,
  ],
  // Which names are those of text, also for links in Markdown.
  "handlers/static/listing/entry.ts": [],
  "handlers/static/markdown": [
    "handlers/static/listing/entry.ts",
    "handlers/static/representation",
    "handlers",
    ...GROUND,
  ],
  "handlers/static/listing": [
    "handlers/static/listing/entry.ts",
    "handlers/static/lookup",
    "handlers/static/markdown",
    "handlers/static/representation",
    "handlers/static/response",
    "handlers",
    ...GROUND,
  ],
  "handlers/static": [
    "handlers/static/access",
    "handlers/static/listing",
    "handlers/static/lookup",
    "handlers/static/markdown",
    "handlers/static/monitoring",
    "handlers/static/representation",
    "handlers/static/response",
    "handlers",
    "handlers/types.ts",
    ...GROUND,
  ],
  "handlers/mod.ts": [...HANDLERS, ...GROUND],
  "server": ["handlers/types.ts", ...GROUND],
  "testing": ["server", ...HANDLERS, ...GROUND],
  "cli": ["server", ...HANDLERS, ...GROUND],
  "cli.ts": ["cli", "server", ...HANDLERS, ...GROUND],
  "mod.ts": ["cli.ts", "server", ...HANDLERS, ...GROUND],
};

/** Parts and files that must run without Deno: no files, sockets, clocks, random numbers or console. */
const PURE = [
  "status.ts",
  "cache",
  "text",
  "parser",
  "cli/https/certificate_facts.ts",
  "cli/https/der_writer.ts",
  "cli/https/folders.ts",
  "cli/https/names.ts",
  "cli/https/trust_commands.ts",
  "cli/https/x509.ts",
  "handlers/cgi/collapse_path.ts",
  "handlers/cgi/script_path.ts",
  "handlers/cgi/script_head.ts",
  "handlers/cgi/variables.ts",
  "handlers/fetch/hop_by_hop.ts",
  "handlers/fetch/request_head.ts",
  "handlers/fetch/response_parts.ts",
  "handlers/interim.ts",
  "handlers/static/answer.ts",
  "handlers/static/answer_fields.ts",
  "handlers/static/access",
  "handlers/static/archive",
  "handlers/static/listing",
  "handlers/static/live",
  "handlers/static/lookup",
  "handlers/static/markdown",
  "handlers/static/monitoring",
  "handlers/static/proxy",
  "handlers/static/representation",
  "handlers/static/response",
  "handlers/static/view",
  "handlers/static/upload",
  "handlers/static/rules",
  "testing/expectations.ts",
  "testing/failures.ts",
  "testing/faults.ts",
  "testing/faulty_response.ts",
  "testing/pattern.ts",
  "testing/recorded_request.ts",
];

/** Files that use open files or sockets, in folders that are otherwise pure. */
const IMPURE_FILES: readonly string[] = [
  "handlers/static/access/client_watch.ts",
  "handlers/static/archive/archive_file.ts",
  "handlers/static/archive/entry_file.ts",
  "handlers/static/archive/find.ts",
  "handlers/static/archive/pause.ts",
  "handlers/static/archive/walk.ts",
  "handlers/static/listing/cache.ts",
  "handlers/static/listing/stream.ts",
  "handlers/static/live/hub.ts",
  "handlers/static/live/notices.ts",
  "handlers/static/live/page_script.ts",
  "handlers/static/live/pages.ts",
  "handlers/static/live/state_script.ts",
  "handlers/static/live/watch_plan.ts",
  "handlers/static/live/watcher.ts",
  "handlers/static/lookup/private_files.ts",
  "handlers/static/lookup/served_folder.ts",
  "handlers/static/markdown/readme.ts",
  "handlers/static/markdown/render.ts",
  "handlers/static/monitoring/monitor.ts",
  "handlers/static/proxy/connect.ts",
  "handlers/static/proxy/pool.ts",
  "handlers/static/proxy/upstream_connection.ts",
  "handlers/static/representation/compress_file.ts",
  "handlers/static/representation/compression.ts",
  "handlers/static/representation/compression_encoder.ts",
  "handlers/static/representation/compression_stream.ts",
  "handlers/static/representation/content_tags.ts",
  "handlers/static/representation/open_file.ts",
  "handlers/static/representation/parts_file.ts",
  "handlers/static/representation/representation.ts",
  "handlers/static/representation/siblings.ts",
  "handlers/static/representation/unchanged_file.ts",
  "handlers/static/representation/unsized_file.ts",
  "handlers/static/rules/read_rules.ts",
  "handlers/static/rules/site_rules.ts",
  "handlers/static/upload/file_errors.ts",
  "handlers/static/upload/file_lock.ts",
  "handlers/static/upload/free_space.ts",
  "handlers/static/upload/hashes.ts",
  "handlers/static/upload/journal.ts",
  "handlers/static/upload/moved.ts",
  "handlers/static/upload/pace.ts",
  "handlers/static/upload/place.ts",
  "handlers/static/upload/publish.ts",
  "handlers/static/upload/receiver.ts",
  "handlers/static/upload/resumable_state.ts",
  "handlers/static/upload/resume.ts",
  "handlers/static/upload/state_files.ts",
  "handlers/static/upload/state_folder.ts",
  "handlers/static/upload/temp_file.ts",
  "handlers/static/upload/validators.ts",
  "handlers/static/view/view.ts",
];

/** Names that a pure file must not use. */
const IMPURE =
  /\b(?:(?:Deno|console|performance)\.|Date\.now\b|Math\.random\b|new Date\(\))/;

const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

/** The text of each file, by paths such as "text/quote.ts". */
export type Files = ReadonlyMap<string, string>;

/**
 * Finds violations of the layers.
 *
 * @param files The program's files.
 * @returns One line per violation.
 */
export function findFaults(files: Files): string[] {
  const faults: string[] = [];
  const graph = new Map<string, string[]>();
  for (const [path, text] of files) {
    const code = withoutComments(text);
    const imports = [...code.matchAll(IMPORT)].map(([, target]) =>
      resolve(path, target!)
    );
    graph.set(path, imports);
    const part = partOf(path);
    for (const target of imports) {
      const other = partOf(target);
      if (other !== part && !ALLOWED[part]?.includes(other)) {
        faults.push(
          `${path} imports ${target}: ${part} must not import ${other}`,
        );
      }
    }
    const impure = isPure(path) ? IMPURE.exec(code) : null;
    if (impure !== null) {
      faults.push(`${path} uses ${impure[0]}, but must be pure`);
    }
  }
  return [...faults, ...findCycles(graph)];
}

function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const faults: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) {
      faults.push(
        `cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" -> ")}`,
      );
    } else if (!done.has(path)) {
      for (const target of graph.get(path) ?? []) {
        visit(target, [...trail, path]);
      }
      done.add(path);
    }
  };
  for (const path of graph.keys()) visit(path, []);
  return faults;
}

function isPure(path: string): boolean {
  return !IMPURE_FILES.includes(path) &&
    PURE.some((pure) => path === pure || path.startsWith(`${pure}/`));
}

/** Returns the innermost part that contains a path, or else its top folder. */
function partOf(path: string): string {
  const names = path.split("/");
  for (let count = names.length; count > 1; count--) {
    const part = names.slice(0, count).join("/");
    if (part in ALLOWED) return part;
  }
  return names[0]!;
}

function resolve(from: string, target: string): string {
  return new URL(target, `file:///${from}`).pathname.slice(1);
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Reads the program's files in a folder. */
async function readFiles(
  folder: string,
  prefix = "",
): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for await (
    const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)
  ) {
    const path = prefix + name;
    if (isDirectory && partOf(`${path}/`) in ALLOWED) {
      for (const [inner, text] of await readFiles(folder, `${path}/`)) {
        files
          .set(inner, text);
      }
    } else if (name.endsWith(".ts") && partOf(path) in ALLOWED) {
      files.set(path, await Deno.readTextFile(`${folder}/${path}`));
    }
  }
  return files;
}

if (import.meta.main) {
  const files = await readFiles(".");
  const faults = findFaults(files);
  for (const fault of faults) console.error(fault);
  console.log(`${files.size} files, ${faults.length} faults`);
  if (faults.length > 0) Deno.exit(1);
}
