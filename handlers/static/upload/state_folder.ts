// The folder for what a server must know after it was killed.

/** The folder's name in the user's. */
const NAME = "httpserver";

/**
 * Returns the folder, which need not exist.
 *
 * @returns Its path; `undefined` without one, or if Deno may not write to it.
 */
function stateFolder(): string | undefined {
  const base = userFolder();
  if (base === undefined) return undefined;
  const path = `${base}/${NAME}`;
  const may = (name: "read" | "write") =>
    Deno.permissions.querySync({ name, path }).state === "granted";
  return may("read") && may("write") ? path : undefined;
}

/** The folder for uploads. */
export function uploadsFolder(): string | undefined {
  const folder = stateFolder();
  return folder && `${folder}/uploads`;
}

/** Where programs keep the state of the user. */
function userFolder(): string | undefined {
  switch (Deno.build.os) {
    case "windows":
      return variable("LOCALAPPDATA");
    case "darwin":
      return below(variable("HOME"), "Library/Application Support");
    default:
      return variable("XDG_STATE_HOME") ||
        below(variable("HOME"), ".local/state");
  }
}

function below(home: string | undefined, path: string): string | undefined {
  return home ? `${home}/${path}` : undefined;
}

/** An environment variable, unless Deno would have to ask for it. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
