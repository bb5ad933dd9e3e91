import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import { chromiumPath, complaintsOf, launch, signedIn } from "./browser.ts";

const executable = chromiumPath();
const SLOW_MS = 60_000;
let browser: Browser;
let vendor: OAuthServer;
let gateway: TestGateway;
let page: Page;
let complaints: string[];

/** The whole way a person goes: the dashboard, the vendor's page, and back to a dashboard that has moved on by itself. */
describe.if(executable !== undefined)("signing in from the dashboard", () => {
  beforeAll(async () => {
    vendor = startOAuthServer();
    gateway = await startGateway({
      oauth: vendor.settings("CLAUDE", "CODEX", "GITHUB", "KIMI_CODING", "KILOCODE", "KIRO"),
    });
    browser = await launch(executable!);
    const { token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1");
    const context = await signedIn(browser, gateway.url, token);
    page = await context.newPage();
    complaints = complaintsOf(page);
  }, SLOW_MS);
  afterAll(async () => {
    await browser.close();
    await gateway.stop();
    await vendor.stop();
  });

  test.each(["codex", "github", "kimi-coding", "kilocode", "kiro"])(
    "at %s with a code that is typed at the vendor",
    async (provider) => {
      await page.goto(`/dashboard/providers/${provider}/sign-in`);
      await page.getByRole("button", { name: "With a code, on any device" }).click();
      const steps = page.locator("ol.plan");
      const code = /USER-\S+?(?=Copy|$|\s)/.exec((await steps.textContent()) ?? "")?.[0];
      const link = await steps.getByRole("link").getAttribute("href");

      const vendorPage = await page.context().newPage();
      await vendorPage.goto(link!);
      await vendorPage.getByLabel("Code").fill(code!);
      await vendorPage.getByRole("button", { name: "Allow" }).click();
      await vendorPage.getByText("You may go back to your device.").waitFor();
      await vendorPage.close();

      await page.getByText("Signed in: ").waitFor({ timeout: 30_000 });
      const made = gateway.engine.manage.connections.list().filter((each) => each.provider === provider);
      expect(made).toMatchObject([{ authType: "oauth", isActive: true }]);
      expect(complaints).toEqual([]);
    },
    SLOW_MS,
  );

  test(
    "at Claude with what the vendor's page shows, once its rule is accepted",
    async () => {
      await page.goto("/dashboard/providers/claude/sign-in");
      await page.getByText("Anthropic's terms allow").waitFor();
      await page.getByLabel("I have read this rule and want to connect anyway").first().check();
      await page.getByRole("button", { name: "In this browser" }).click();
      const authUrl = await page.getByRole("link", { name: "Open the sign-in" }).getAttribute("href");
      const back = new URL(await vendor.visit(authUrl!));

      const answer = page.getByLabel("Address or code");
      await answer.fill(`${back.searchParams.get("code")}#another-state`);
      await page.getByRole("button", { name: "Complete the sign-in" }).click();
      await page.getByText("another sign-in").first().waitFor();
      await answer.fill(`${back.searchParams.get("code")}#${back.searchParams.get("state")}`);
      await page.getByRole("button", { name: "Complete the sign-in" }).click();
      await page.getByText("Signed in: person@example.org").waitFor();
    },
    SLOW_MS,
  );
});
