import type { Browser, CDPSession, Page } from "playwright-core";
import { startGateway, TEST_PASSWORD } from "../test/kit/gateway.ts";
import { chatReply, startUpstream } from "../test/kit/upstream.ts";
import { chromiumPath, launch, signedIn } from "../test/web/browser.ts";
import { fillDemo } from "../test/web/demo.ts";
import { PAGES, pagesAbout } from "../test/web/page-list.ts";

/**
 * Prints what each page of the dashboard costs a browser on this machine, over a month of use: what is transferred on
 * the first look and on the next, in how many requests, how much of it is script, and when the first words stand there.
 * `bun bench/pages.ts [PART-OF-PATH]`
 */
const only = process.argv[2] ?? "";
const MOST_SCRIPT = 60 * 1024;
const MOST_BYTES = 100 * 1024;

type Look = { requests: number; bytes: number; script: number; serverMs: number; paintMs: number };

const executable = chromiumPath();
if (executable === undefined) process.exit(2);
const upstream = startUpstream(() => ({ type: "json", body: chatReply("Hello!") }));
const gateway = await startGateway();
const demo = await fillDemo(gateway, upstream.url);
const { token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1");
const browser = await launch(executable);
const paths = [...PAGES, ...pagesAbout(demo)].filter((path) => !path.includes("?") && path.includes(only));
const measured: { path: string; first: Look; next: Look }[] = [];
for (const path of paths) measured.push({ path, ...(await measure(browser, path)) });
await browser.close();
await gateway.stop();
await upstream.stop();
print();

async function measure(browser: Browser, path: string): Promise<{ first: Look; next: Look }> {
  const context = await signedIn(browser, gateway.url, token, { serviceWorkers: "block" });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const first = await look(page, session, path);
  const next = await look(page, session, path);
  await context.close();
  return { first, next };
}

/** One visit, from the click until nothing more is on its way. The event stream stays open and is left out. */
async function look(page: Page, session: CDPSession, path: string): Promise<Look> {
  const kinds = new Map<string, string>();
  let [requests, bytes, script] = [0, 0, 0];
  const onResponse = (event: { requestId: string; type: string; response: { fromDiskCache?: boolean } }) => {
    if (event.type === "EventSource") return;
    kinds.set(event.requestId, event.type);
    if (!event.response.fromDiskCache) requests++;
  };
  const onFinished = ({ requestId, encodedDataLength }: { requestId: string; encodedDataLength: number }) => {
    const kind = kinds.get(requestId);
    if (kind === undefined) return;
    bytes += encodedDataLength;
    if (kind === "Script") script += encodedDataLength;
  };
  session.on("Network.responseReceived", onResponse);
  session.on("Network.loadingFinished", onFinished);
  await page.goto(path, { waitUntil: "load" });
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  session.off("Network.responseReceived", onResponse);
  session.off("Network.loadingFinished", onFinished);
  const times = await page.evaluate(() => {
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    return {
      serverMs: navigation ? navigation.responseEnd - navigation.requestStart : Number.NaN,
      paintMs: paint?.startTime ?? Number.NaN,
    };
  });
  return { requests, bytes, script, ...times };
}

function print(): void {
  const kilobytes = (bytes: number) => (bytes / 1024).toFixed(1);
  const rows = [
    ["", "requests", "KB", "of it script", "server ms", "first words ms", "next look KB", "next words ms"],
    ...measured.map(({ path, first, next }) => [
      path.replace(/[0-9a-f-]{20,}/, "…"),
      String(first.requests),
      kilobytes(first.bytes),
      kilobytes(first.script),
      first.serverMs.toFixed(0),
      first.paintMs.toFixed(0),
      kilobytes(next.bytes),
      next.paintMs.toFixed(0),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
        .join("  "),
    );
  const heaviest = Math.max(...measured.map(({ first }) => first.bytes));
  const script = Math.max(...measured.map(({ first }) => first.script));
  console.log();
  console.log(`most of a page: ${kilobytes(heaviest)} KB (goal ≤ ${kilobytes(MOST_BYTES)})`);
  console.log(`most script:    ${kilobytes(script)} KB (must be ≤ ${kilobytes(MOST_SCRIPT)})`);
}
