// What a person does in an upload area, and sees there.

import type { Page } from "playwright-core";

/** The rows of the upload area: each name and what is said about it. */
export function rows(page: Page): Promise<string[][]> {
  return page.evaluate(`
    [...document.querySelectorAll("#uploads li")].map((row) => [
      row.querySelector("bdi").textContent,
      row.querySelector(".state").textContent,
    ])
  `);
}

/** Waits until the upload area reports this. */
export async function untilReport(page: Page, text: string): Promise<void> {
  await page.locator("#upload-status").filter({ hasText: text }).waitFor()
    .catch(async (error) => {
      const shown = await page.locator("#upload-status").textContent();
      const all = JSON.stringify([shown, ...await rows(page)]);
      throw new Error(`Not reported: ${text}; but ${all}`, { cause: error });
    });
}

type DragEvent = "dragEnter" | "dragOver" | "drop" | "dragCancel";

/** Drags files and folders over a page, and drops them. */
export async function dropFiles(
  page: Page,
  paths: string[],
  events: readonly DragEvent[] = ["dragEnter", "dragOver", "drop"],
): Promise<void> {
  const protocol = await page.context().newCDPSession(page);
  for (const type of events) {
    await protocol.send("Input.dispatchDragEvent", {
      type,
      x: 300,
      y: 400,
      data: { items: [], files: paths, dragOperationsMask: 1 },
    });
  }
  await protocol.detach();
}
