// Must be imported first. From now on, `serve()` puts handlers on `Deno.serve()`, and a test
// in the table of exceptions must fail.

import { EXCEPTIONS } from "./_exceptions.ts";

/** How long a test that must fail may take, in milliseconds. */
const TIME = 5_000;

/** How long it waits for expected bytes, in milliseconds. */
const PATIENCE = 300;

type Test = (t: Deno.TestContext) => void | Promise<void>;

const whys = new Map(
  EXCEPTIONS.flatMap(({ why, tests }) => tests.map((name) => [name, why])),
);
const seen = new Set<string>();
const { test } = Deno;

/** Fails if an exception of the table names none of the tests that were registered. */
export function checkExceptions(part: string): void {
  const unknown = EXCEPTIONS.filter((group) =>
    group.part === part || group.part === "both"
  )
    .flatMap(({ tests }) => tests).filter((name) => !seen.has(name));
  test(`each exception in "${part}" is a test`, () => {
    if (unknown.length > 0) throw new Error(unknown.join("\n"));
  });
}

function register(
  first: string | Deno.TestDefinition,
  options?: Test | Omit<Deno.TestDefinition, "fn" | "name">,
  fn?: Test,
): void {
  const definition: Deno.TestDefinition = typeof first === "string"
    ? { name: first, fn: (fn ?? options) as Test }
    : first;
  const { name } = definition;
  const why = whys.get(name);
  seen.add(name);
  if (why === undefined) return test(definition);
  test({
    ...definition,
    name: `${name} (not through fetch: ${why})`,
    // A test that fails leaves things open.
    sanitizeOps: false,
    sanitizeResources: false,
    fn: (context) => mustFail(definition.fn, context),
  });
}

async function mustFail(fn: Test, context: Deno.TestContext): Promise<void> {
  const { setPatience } = await import("../_serve.ts");
  setPatience(PATIENCE);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("It took too long")), TIME);
  });
  try {
    await Promise.race([fn(context), late]);
  } catch {
    // As the table says.
    return;
  } finally {
    clearTimeout(timer);
    setPatience(8_000);
  }
  throw new Error("It passes: remove it from the exceptions");
}

Deno.env.set("SERVE_WITH", "fetch");
Object.assign(Deno, { test: Object.assign(register, test) });
