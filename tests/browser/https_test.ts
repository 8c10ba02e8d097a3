// `--https` as a person sees it: a warning until the CA is trusted, then the page.

import { assertEquals, assertMatch } from "@std/assert";
import type { BrowserContext } from "playwright-core";
import { install } from "../../cli/https/trust.ts";
import { trustSteps } from "../../cli/https/trust_commands.ts";
import { readFacts } from "../../cli/https/certificate_facts.ts";
import { pemBlocks, pemBytes } from "../../server/pem.ts";
import { startCommand } from "../_command.ts";
import { type Home, home, isInstalled, run } from "../cli/_local_ca.ts";
import { folder } from "../handlers/_folder.ts";
import { browserTest } from "./_browser.ts";

const CHROMIUM = Deno.env.get("CHROMIUM") ?? "/usr/bin/chromium";

/** NSS's tool; without it, nothing can make Chromium trust a CA. CI installs it. */
const HAS_CERTUTIL = isInstalled("certutil", "-H");

/** Opens a browser of a user, who has an own database of certificates. */
async function browserOf(
  user: Home,
): Promise<{ context: BrowserContext } & AsyncDisposable> {
  const { chromium } = await import("playwright-core");
  const context = await chromium.launchPersistentContext(
    user.in("profile"),
    {
      executablePath: CHROMIUM,
      args: ["--disable-gpu", "--disable-quic", "--disable-sync"],
      env: { ...Deno.env.toObject(), ...user.env },
      timeout: 30_000,
    },
  );
  context.setDefaultTimeout(8_000);
  return {
    context,
    [Symbol.asyncDispose]: () => context.close(),
  };
}

/** Does what `--trust` does, but only for this user's Chromium. */
async function trust(user: Home): Promise<void> {
  const certificate = `${user.data}/ca.crt`;
  const [block] = pemBlocks(await Deno.readTextFile(certificate));
  const steps = trustSteps({
    os: "linux",
    elevate: [],
    home: user.path,
    certificate,
    name: readFacts(pemBytes(block!)!).commonName,
    id: "0",
    // The system's own directory is left alone.
    anchors: undefined,
    hasCertutil: true,
    databases: [],
  });
  const code = await install(steps, {
    print: () => {},
    ask: () => Promise.resolve("y"),
    async run([program = "", ...args]) {
      const { code, output } = await run(program, ...args);
      return code === 0 ? undefined : output;
    },
    prepare: () => Promise.resolve(),
  });
  assertEquals(code, 0);
}

/** Opens a URL, and returns the error that the browser shows instead. */
async function errorAt(context: BrowserContext, url: string): Promise<string> {
  const page = await context.newPage();
  try {
    await page.goto(url);
    return "";
  } catch (error) {
    return /net::(\w+)/.exec(String(error))?.[1] ?? String(error);
  } finally {
    await page.close();
  }
}

if (HAS_CERTUTIL || Deno.env.get("REQUIRE_CHROMIUM")) {
  browserTest(
    "a page of --https opens without a warning once the CA is trusted",
    async () => {
      await using user = await home();
      await using files = await folder({
        "index.html":
          '<!DOCTYPE html><link rel="icon" href="data:,"><h1>Secure',
      });
      await using serving = await startCommand(
        ["--https", "-b", "127.0.0.1", "-d", files.path, "0"],
        user,
      );
      const { port } = serving;
      const url = `https://localhost:${port}/`;
      {
        await using before = await browserOf(user);
        assertEquals(
          await errorAt(before.context, url),
          "ERR_CERT_AUTHORITY_INVALID",
        );
      }
      await trust(user);
      await using after = await browserOf(user);
      const page = await after.context.newPage();
      for (const host of ["localhost", "127.0.0.1"]) {
        await page.goto(`https://${host}:${port}/`);
        assertEquals(await page.locator("h1").innerText(), "Secure");
        assertEquals(await page.evaluate("isSecureContext"), true);
      }

      // Somebody types the address without https.
      await page.goto(`http://localhost:${port}/?q=1`);
      assertEquals(page.url(), `${url}?q=1`);
      assertEquals(await page.locator("h1").innerText(), "Secure");

      // A phone downloads the CA before it trusts anything.
      const downloading = page.waitForEvent("download");
      await page.goto(`http://127.0.0.1:${port}/.httpserver/ca.crt`)
        .catch((error) => assertMatch(String(error), /Download is starting/));
      const download = await downloading;
      assertEquals(download.suggestedFilename(), "ca.crt");
      const bytes = await Deno.readFile(await download.path());
      const [block] = pemBlocks(await Deno.readTextFile(`${user.data}/ca.crt`));
      assertEquals(bytes, pemBytes(block!));
    },
  );
}
