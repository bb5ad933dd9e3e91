import { afterAll, beforeEach } from "bun:test";
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { SESSION_COOKIE } from "../../src/http/sign-in.ts";

/** Where browsers of the system usually lie. */
const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The browser for tests; undefined, with a line that says so, where there is none. */
export function chromiumPath(): string | undefined {
  const path = PLACES.find((place) => existsSync(place));
  if (path === undefined) console.warn(`browser tests are skipped: no Chromium at ${PLACES.join(", ")}`);
  return path;
}

export function launch(executablePath: string, more: string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", ...more] });
}

const LAUNCH_MS = 60_000;

/** Gives the tests around the call a browser: another where the runner ended that of a test that took too long. */
export function keepBrowser(executablePath: string, give: (browser: Browser) => void): void {
  let browser: Browser | undefined;
  beforeEach(async () => {
    if (browser?.isConnected()) return;
    browser = await launch(executablePath);
    give(browser);
  }, LAUNCH_MS);
  afterAll(() => browser?.close());
}

export const DESKTOP = { width: 1360, height: 900 };
export const PHONE = { width: 390, height: 844 };

/** A browser that is signed in. */
export async function signedIn(
  browser: Browser,
  url: string,
  token: string,
  options: Parameters<Browser["newContext"]>[0] = {},
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: DESKTOP, locale: "en-US", baseURL: url, ...options });
  await context.addCookies([{ name: SESSION_COOKIE, value: token, url }]);
  return context;
}

/** Collects what a page complains about: errors, and refusals by the content security policy. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  page.on("pageerror", (error) => {
    // Nor is a page that was left before it had faded in.
    if (!String(error).includes("Transition was aborted")) complaints.push(String(error));
  });
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // What was still on its way when the page was left is no fault: icons, the event stream.
    if (reason !== "net::ERR_ABORTED") complaints.push(`${request.url()} ${reason}`);
  });
  return complaints;
}
