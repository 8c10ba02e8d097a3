// Chromium for the tests of a file, driven by Playwright. Where there is no Chromium its
// tests are left out, unless REQUIRE_CHROMIUM is set.

import { assertEquals } from "@std/assert";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** How long the browser may take for anything that a test asks of it, in milliseconds. */
const PATIENCE = 8_000;

/** `$CHROMIUM`, or where Debian has it. */
const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

const FLAGS: readonly string[] = [
  "--disable-gpu",
  "--disable-quic",
  "--disable-sync",
  // Pages need nothing beyond this machine: what asks for more fails.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Runs before a page's own scripts: a violation of its policy shall not pass unseen. */
const WATCH_POLICY = `
document.addEventListener("securitypolicyviolation", (event) => {
  console.error("Forbidden by " + event.effectiveDirective + ": " + event.blockedURI);
});
`;

/** How a page is looked at. */
export interface Look {
  /** The width of the window, in CSS pixels. Default: 1280. */
  readonly width?: number;
  /** The user's choice of colours. Default: light. */
  readonly scheme?: "light" | "dark";
  /** Whether scripts may run. Default: `true`. */
  readonly scripts?: boolean;
  /** The user that the browser logs in. Default: nobody. */
  readonly user?: { readonly username: string; readonly password: string };
}

/** A window of a browser that knows nothing yet: no cache, no cookies. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /**
   * Takes what the browser complained about: errors and warnings on its console, a
   * script's exceptions, violations of a policy. Those that no test took fail the test.
   */
  takeComplaints(): string[];
}

const isThere = await exists(CHROMIUM);
const isRequired = (Deno.env.get("REQUIRE_CHROMIUM") ?? "") !== "";
if (!isThere && !isRequired) {
  // deno-lint-ignore no-console
  console.log(
    `The tests in a browser are left out: there is no ${CHROMIUM}`,
  );
}

// One browser for all tests of a file: each has windows of its own.
let browser: Browser | undefined;

Deno.test.beforeAll(async () => {
  if (!isThere) return;
  const { chromium } = await import("playwright-core");
  browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS],
    timeout: 4 * PATIENCE,
  });
});

Deno.test.afterAll(async () => {
  await browser?.close();
});

/** What the browser complained about in windows that are closed. */
const untaken: string[] = [];

/** Declares a test that looks at pages in a browser. */
export function browserTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: !isThere && !isRequired,
    async fn() {
      untaken.length = 0;
      await fn();
      assertEquals(untaken, [], "The browser complained");
    },
  });
}

/** Opens a window. */
export async function visit(look: Look = {}): Promise<Visit> {
  if (browser === undefined) {
    throw new Error(`Cannot open a window: there is no ${CHROMIUM}`);
  }
  const { width = 1280, scheme = "light", scripts = true, user } = look;
  const context = await browser.newContext({
    viewport: { width, height: 740 },
    colorScheme: scheme,
    javaScriptEnabled: scripts,
    timezoneId: "UTC",
    ...(user !== undefined && { httpCredentials: user }),
  });
  context.setDefaultTimeout(PATIENCE);
  const complaints = await watch(context);
  return {
    page: await context.newPage(),
    takeComplaints: () => complaints.splice(0),
    async [Symbol.asyncDispose]() {
      await context.close();
      untaken.push(...complaints);
    },
  };
}

async function watch(context: BrowserContext): Promise<string[]> {
  const complaints: string[] = [];
  await context.addInitScript(WATCH_POLICY);
  context.on("console", (message) => {
    const isComplaint = ["error", "warning"].includes(message.type());
    // Browsers ask for this one whatever the page says.
    const isIcon = message.location().url.endsWith("/favicon.ico");
    if (isComplaint && !isIcon) complaints.push(message.text());
  });
  context.on("weberror", (failure) => {
    complaints.push(String(failure.error()));
  });
  return complaints;
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
