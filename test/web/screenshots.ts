import { join } from "node:path";
import type { Browser } from "playwright-core";
import { chatReply, startUpstream } from "../kit/upstream.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chromiumPath, DESKTOP, launch, PHONE, signedIn } from "./browser.ts";
import { photograph } from "./camera.ts";
import { type Demo, fillDemo } from "./demo.ts";
import { putFirstStepsAway } from "../../web/parts/first-steps.ts";
import { FEATURED, type Featured } from "./featured.ts";
import { PAGES, pagesAbout } from "./page-list.ts";

/**
 * bun test/web/screenshots.ts features                    the pictures of docs/FEATURES.md
 * bun test/web/screenshots.ts DIRECTORY [PART-OF-NAME]    every page, empty and full, light and dark, desktop and
 *                                                         phone, and in every language
 */
const [directory = "screenshots", only = ""] = process.argv.slice(2);
const FEATURES = join(import.meta.dir, "../../docs/images");

/** Every combination in English; other languages where their words could break a page. */
const LOOKS = [
  { name: "light", viewport: DESKTOP, colorScheme: "light", locale: "en-US" },
  { name: "dark", viewport: DESKTOP, colorScheme: "dark", locale: "en-US" },
  { name: "phone", viewport: PHONE, colorScheme: "light", locale: "en-US" },
  { name: "phone-dark", viewport: PHONE, colorScheme: "dark", locale: "en-US" },
  { name: "pt-BR", viewport: DESKTOP, colorScheme: "light", locale: "pt-BR" },
  { name: "phone-pt-BR", viewport: PHONE, colorScheme: "light", locale: "pt-BR" },
] as const;

const executable = chromiumPath();
if (executable === undefined) process.exit(1);
const upstream = startUpstream(({ path }) =>
  path.endsWith("/models")
    ? {
        type: "json",
        body: { data: [{ id: "qwen3-coder-480b" }, { id: "deepseek-v3.2" }, { id: "llama-4-scout" }] },
      }
    : { type: "json", body: chatReply("Hello!") },
);
const browser = await launch(executable);
if (directory === "features") await featured(browser);
else {
  await emptyOnes(browser);
  await fullOnes(browser);
}
await browser.close();
await upstream.stop();

/** What a new owner sees. */
async function emptyOnes(browser: Browser): Promise<void> {
  const fresh = await startGateway({ initialPassword: undefined });
  await shots(browser, fresh, "none", "empty", ["/setup"]);
  await fresh.stop();
  const empty = await startGateway();
  await shots(browser, empty, "none", "empty", ["/login"]);
  const { token } = await empty.engine.access.login(TEST_PASSWORD, "127.0.0.1");
  await shots(browser, empty, token, "empty", PAGES);
  await empty.stop();
}

/** What it looks like in use. */
async function fullOnes(browser: Browser): Promise<void> {
  const { gateway, demo, token } = await filled();
  await shots(browser, gateway, token, "full", [...PAGES, ...pagesAbout(demo), "/dashboard/nothing-here"]);
  await gateway.stop();
}

async function filled(): Promise<{ gateway: TestGateway; demo: Demo; token: string }> {
  const gateway = await startGateway();
  const demo = await fillDemo(gateway, upstream.url);
  const { token } = await gateway.engine.access.login(TEST_PASSWORD, "192.168.1.20");
  return { gateway, demo, token };
}

async function shots(
  browser: Browser,
  gateway: TestGateway,
  token: string,
  prefix: string,
  paths: readonly string[],
): Promise<void> {
  for (const { name, ...look } of LOOKS) {
    const context = await signedIn(browser, gateway.url, token, look);
    const page = await context.newPage();
    for (const path of paths) {
      const file = `${prefix}/${nameOf(path)}-${name}.webp`;
      if (!file.includes(only)) continue;
      await page.goto(path);
      await photograph(page, join(directory, file), { whole: true });
      console.log(file);
    }
    await context.close();
  }
}

/** `/dashboard/usage?range=1d` → `usage-range-1d`; ids of one run are left out. */
function nameOf(path: string): string {
  return (
    path
      .replace(/^\/dashboard\/?/, "")
      .replace(/\/[^/]*[0-9a-f]{12,}[^/]*/g, "/one")
      .replace(/[^\w]+/g, "-")
      .replace(/^-|-$/g, "") || "home"
  );
}

async function featured(browser: Browser): Promise<void> {
  const { gateway, demo, token } = await filled();
  putFirstStepsAway(gateway.engine);
  for (const each of FEATURED) {
    const size = await feature(browser, gateway, token, each, demo);
    console.log(`${each.name}.webp  ${Math.round(size / 1024)} KB`);
  }
  await gateway.stop();
}

async function feature(
  browser: Browser,
  gateway: TestGateway,
  token: string,
  { name, path, look = "light", phone = false, language = "en-US", act }: Featured,
  demo: Demo,
): Promise<number> {
  const context = await signedIn(browser, gateway.url, token, {
    viewport: phone ? PHONE : { width: 1280, height: 860 },
    colorScheme: look,
    locale: language,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  await page.goto(path(demo), { waitUntil: "load" });
  await act?.(page);
  const size = await photograph(page, join(FEATURES, `${name}.webp`));
  await context.close();
  return size;
}
