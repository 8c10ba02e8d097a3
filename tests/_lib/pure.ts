// Tests of code that must not touch the system.

/** Registers a test without permissions, which must end within 20 seconds. */
export function pureTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, fn, permissions: "none", timeout: 20_000 });
}
