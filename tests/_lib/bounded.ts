// Tests that use the system, such as sockets and files.

/** Registers a test that must end within 20 seconds and leave nothing open. */
export function boundedTest(
  name: string,
  fn: () => void | Promise<void>,
  ignore = false,
): void {
  Deno.test({
    name,
    fn,
    ignore,
    sanitizeOps: true,
    sanitizeResources: true,
    timeout: 20_000,
  });
}
