import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Page } from "playwright-core";

const QUALITY = 78;

/** Writes what a page looks like as WebP; `whole` beyond what fits the window. Gives its size in bytes. */
export async function photograph(page: Page, file: string, { whole = false } = {}): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", {
    format: "webp",
    quality: QUALITY,
    captureBeyondViewport: whole,
    ...(whole && { clip: await sizeOf(page) }),
  });
  await session.detach();
  await mkdir(dirname(file), { recursive: true });
  return await Bun.write(file, Buffer.from(data, "base64"));
}

async function sizeOf(page: Page) {
  const { width, height } = await page.evaluate(() => ({
    width: document.documentElement.clientWidth,
    height: document.documentElement.scrollHeight,
  }));
  return { x: 0, y: 0, width, height, scale: 1 };
}
