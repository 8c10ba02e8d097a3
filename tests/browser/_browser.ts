// Chromium for the tests of a file, controlled by Playwright. Without Chromium its tests
// are skipped, unless REQUIRE_CHROMIUM is set.

import { assertEquals } from "@std/assert";
import type { Browser, Page } from "playwright-core";

/** How long each operation of the browser may take, in milliseconds. */
const PATIENCE = 8_000;

/** `$CHROMIUM`, or Debian's path. */
const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

const FLAGS: readonly string[] = [
  "--disable-gpu",
  // Disables a spare process for each window. Chromium only heeds the last list of this
  // kind, so the parts of Playwright's own list that matter here are repeated.
  "--disable-features=SpareRendererForSitePerProcess,HttpsUpgrades," +
  "HttpsFirstBalancedModeAutoEnable,OptimizationHints,PaintHolding",
  "--disable-quic",
  "--disable-sync",
  // Pages need only this machine: other requests fail.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/** Runs before a page's own scripts, to report violations of its policy. */
const WATCH_POLICY = `
document.addEventListener("securitypolicyviolation", (event) => {
  console.error("Forbidden by " + event.effectiveDirective + ": " + event.blockedURI);
});
`;

/** How a page is viewed. */
export interface Look {
  /** The width of the window, in CSS pixels. Default: 1280. */
  readonly width?: number;
  /** The user's choice of colours. Default: light. */
  readonly scheme?: "light" | "dark";
  /** Whether scripts may run. Default: `true`. */
  readonly scripts?: boolean;
  /** The user that the browser logs in. Default: none. */
  readonly user?: { readonly username: string; readonly password: string };
}

/** A window without cache, cookies or history. Only one at a time can have the default look. */
export interface Visit extends AsyncDisposable {
  readonly page: Page;
  /**
   * Returns and clears the browser's complaints: errors and warnings on its console,
   * exceptions of scripts, violations of a policy. Any left at the end fail the test.
   */
  takeComplaints(): string[];
}

const isThere = await exists(CHROMIUM);
const isRequired = (Deno.env.get("REQUIRE_CHROMIUM") ?? "") !== "";
if (!isThere && !isRequired) {
  // deno-lint-ignore no-console
  console.log(
    `The tests in a browser are skipped: there is no ${CHROMIUM}`,
  );
}

/** The browser of all tests of a process. */
interface Opened {
  readonly browser: Browser;
  /**
   * The window of all tests with the default look. A new one for each would take two or
   * three processes, and half a second of a core each.
   */
  readonly usual: Window;
}

/** A window, and the browser's complaints since a test last read them. */
interface Window {
  readonly page: Page;
  readonly complaints: string[];
}

let all: Opened | undefined;

Deno.test.beforeAll(async () => {
  if (!isThere) return;
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: [...FLAGS],
    timeout: 4 * PATIENCE,
  });
  const usual = await openWindow(browser, {});
  await leave(usual.page);
  all = { browser, usual };
});

Deno.test.afterAll(async () => {
  await all?.browser.close();
});

/** The complaints from windows that are closed. */
const untaken: string[] = [];

/** Registers a test that views pages in a browser. */
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

/** Opens a window, or returns the default one. */
export async function visit(look: Look = {}): Promise<Visit> {
  if (all === undefined) {
    throw new Error(`Cannot open a window: there is no ${CHROMIUM}`);
  }
  const { width = 1280, scheme = "light", scripts = true, user } = look;
  const isUsual = scripts && user === undefined;
  const window = isUsual ? all.usual : await openWindow(all.browser, look);
  const { page, complaints } = window;
  await page.setViewportSize({ width, height: 740 });
  await page.emulateMedia({ colorScheme: scheme });
  return {
    page,
    takeComplaints: () => complaints.splice(0),
    async [Symbol.asyncDispose]() {
      if (isUsual) await forget(page);
      else await page.context().close();
      untaken.push(...complaints.splice(0));
    },
  };
}

async function openWindow(browser: Browser, look: Look): Promise<Window> {
  const { scripts = true, user } = look;
  const context = await browser.newContext({
    javaScriptEnabled: scripts,
    timezoneId: "UTC",
    ...(user !== undefined && { httpCredentials: user }),
  });
  context.setDefaultTimeout(PATIENCE);
  await context.addInitScript(WATCH_POLICY);
  const page = await context.newPage();
  return { page, complaints: watch(page) };
}

/** Leaves a page and clears its storage, cookies, cache and history. */
async function forget(page: Page): Promise<void> {
  const { origin } = new URL(page.url());
  await page.mouse.move(0, 0);
  await leave(page);
  const protocol = await page.context().newCDPSession(page);
  if (origin !== "null") {
    await protocol.send("Storage.clearDataForOrigin", {
      origin,
      storageTypes: "all",
    });
  }
  await page.context().clearCookies();
  await protocol.send("Network.clearBrowserCache");
  await protocol.send("Page.resetNavigationHistory");
  await protocol.detach();
}

/** Shows an empty page. */
async function leave(page: Page): Promise<void> {
  await page.goto("about:blank");
  // Until then, Playwright has a timer that would leak into another test.
  await page.waitForLoadState("networkidle");
}

/** Collects the browser's complaints in a window. */
function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    const isComplaint = ["error", "warning"].includes(message.type());
    // Browsers request this one for any page.
    const isIcon = message.location().url.endsWith("/favicon.ico");
    if (isComplaint && !isIcon) complaints.push(message.text());
  });
  page.on("pageerror", (error) => {
    complaints.push(String(error));
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
