import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { chatReply, startUpstream } from "../kit/upstream.ts";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chromiumPath, DESKTOP, launch, PHONE, signedIn } from "./browser.ts";
import { type Demo, fillDemo } from "./demo.ts";

/**
 * bun test/web/screenshots.ts DIRECTORY [PART-OF-NAME]   every page, empty and full, light and dark, desktop and phone
 */
const [directory = "screenshots", only = ""] = process.argv.slice(2);
const executable = chromiumPath();
if (executable === undefined) process.exit(1);
await mkdir(directory, { recursive: true });

const upstream = startUpstream(({ path }) =>
  path.endsWith("/models")
    ? {
        type: "json",
        body: { data: [{ id: "qwen3-coder-480b" }, { id: "deepseek-v3.2" }, { id: "llama-4-scout" }] },
      }
    : { type: "json", body: chatReply("Hello!") },
);
const browser = await launch(executable);
await emptyOnes(browser);
await fullOnes(browser);
await browser.close();
await upstream.stop();

/** What a new owner sees. */
async function emptyOnes(browser: Browser): Promise<void> {
  const fresh = await startGateway({ initialPassword: undefined });
  await shots(browser, fresh, undefined, "setup", { password: "/setup" });
  await fresh.stop();
  const empty = await startGateway();
  const { token } = await empty.engine.access.login(TEST_PASSWORD, "127.0.0.1");
  await shots(browser, empty, undefined, "empty", { login: "/login" });
  await shots(browser, empty, token, "empty", {
    "setup-provider": "/setup/provider",
    "setup-key": "/setup/key",
    "setup-client": "/setup/client",
    home: "/dashboard",
    endpoint: "/dashboard/endpoint",
    combos: "/dashboard/combos",
    logs: "/dashboard/logs",
    health: "/dashboard/health",
    storage: "/dashboard/settings/storage",
  });
  await empty.stop();
}

/** What it looks like in use. */
async function fullOnes(browser: Browser): Promise<void> {
  const gateway = await startGateway();
  const demo = await fillDemo(gateway, upstream.url);
  const { token } = await gateway.engine.access.login(TEST_PASSWORD, "192.168.1.20");
  await shots(browser, gateway, token, "full", fullPages(demo));
  await gateway.stop();
}

function fullPages(demo: Demo): { [name: string]: string } {
  return {
    home: "/dashboard",
    endpoint: "/dashboard/endpoint",
    clients: "/dashboard/endpoint/clients",
    key: `/dashboard/endpoint/keys/${demo.keyId}`,
    providers: "/dashboard/providers",
    "provider-openai": "/dashboard/providers/openai",
    "provider-node": `/dashboard/providers/${demo.nodeId}`,
    "provider-gone": "/dashboard/providers/iflow",
    "provider-restricted": "/dashboard/providers/claude",
    "sign-in": "/dashboard/providers/openrouter/sign-in",
    "new-endpoint": "/dashboard/providers/new",
    account: `/dashboard/providers/openai/connections/${demo.connectionId}`,
    combos: "/dashboard/combos",
    "new-combo": "/dashboard/combos/new",
    combo: `/dashboard/combos/${demo.comboId}`,
    logs: "/dashboard/logs",
    request: `/dashboard/logs/${demo.requestId}`,
    audit: "/dashboard/logs/audit",
    "proxy-log": "/dashboard/logs/proxy",
    usage: "/dashboard/usage?range=1d",
    budget: "/dashboard/costs",
    pricing: "/dashboard/costs/pricing",
    health: "/dashboard/health",
    security: "/dashboard/settings",
    routing: "/dashboard/settings/routing",
    resilience: "/dashboard/settings/resilience",
    ai: "/dashboard/settings/ai",
    advanced: "/dashboard/settings/advanced",
    storage: "/dashboard/settings/storage",
    missing: "/dashboard/nothing-here",
  };
}

async function shots(
  browser: Browser,
  gateway: TestGateway,
  token: string | undefined,
  prefix: string,
  pages: { [name: string]: string },
): Promise<void> {
  for (const [look, viewport, colorScheme] of [
    ["light", DESKTOP, "light"],
    ["dark", DESKTOP, "dark"],
    ["phone", PHONE, "light"],
  ] as const) {
    const context = await signedIn(browser, gateway.url, token ?? "none", { viewport, colorScheme });
    const page = await context.newPage();
    for (const [name, path] of Object.entries(pages)) {
      const file = `${prefix}-${name}-${look}.png`;
      if (!file.includes(only)) continue;
      await page.goto(path);
      await page.screenshot({ path: join(directory, file), fullPage: true, animations: "disabled" });
      console.log(file);
    }
    await context.close();
  }
}
