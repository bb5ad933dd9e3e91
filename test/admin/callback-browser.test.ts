import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { startGateway, type TestGateway } from "../kit/gateway.ts";
import { type OAuthServer, startOAuthServer } from "../kit/oauth-server.ts";
import { closedPort } from "../kit/upstream.ts";
import { chromiumPath, complaintsOf, launch } from "../web/browser.ts";

const chromium = chromiumPath();
let vendor: OAuthServer;
/** Wants a secret of its clients. */
let google: OAuthServer;
let gateway: TestGateway;
let browser: Browser;
const ACTOR = { name: "test" };

beforeAll(async () => {
  vendor = startOAuthServer();
  google = startOAuthServer({ clientSecret: "operators-secret", rotates: false });
  gateway = await startGateway({
    oauth: {
      ...vendor.settings("CLAUDE", "CODEX", "OPENAI", "OPENROUTER", "CLINE"),
      ...google.settings("GEMINI_CLI", "ANTIGRAVITY"),
      CODEX_OAUTH_REDIRECT_URI: `http://localhost:${await closedPort()}/auth/callback`,
      OPENAI_OAUTH_REDIRECT_URI: `http://127.0.0.1:${await closedPort()}/auth/callback`,
    },
  });
  if (chromium) browser = await launch(chromium);
}, 30_000);
afterAll(async () => {
  await browser?.close();
  await gateway.stop();
  await vendor.stop();
  await google.stop();
});

/** Every way in which a browser comes back to a gateway that runs where it does. */
test
  .skipIf(!chromium)
  .each(["claude", "codex", "openai", "openrouter", "cline", "gemini-cli", "antigravity"])(
  "a browser signs in at %s, comes back by itself, and ends at an address without an answer in it",
  async (provider) => {
    const { signIn } = gateway.engine.manage;
    const view = await signIn.begin(
      { provider, way: "browser", session: provider, acceptTerms: true, origin: gateway.url },
      ACTOR,
    );
    const page = await browser.newPage();
    const complaints = complaintsOf(page);
    await page.goto(view.authUrl!);
    await page.getByText("You are signed in.").waitFor();
    const { pathname, search } = new URL(page.url());
    expect([pathname, search]).toEqual(["/callback/result", `?of=${view.handle}`]);
    expect(complaints).toEqual([]);
    expect(await signIn.poll(provider, view.handle)).toMatchObject({
      type: "done",
      connection: { provider },
    });
    await page.close();
  },
  30_000,
);

test.skipIf(!chromium)(
  "a browser whose person says no is told so",
  async () => {
    vendor.rules.denies = true;
    const { signIn } = gateway.engine.manage;
    const view = await signIn.begin(
      { provider: "claude", way: "browser", session: "no", acceptTerms: true, origin: gateway.url },
      ACTOR,
    );
    const page = await browser.newPage();
    await page.goto(view.authUrl!);
    await page.getByText("The sign-in did not work.").waitFor();
    await page.getByText("The sign-in was refused at the vendor.").waitFor();
    vendor.rules.denies = false;
  },
  30_000,
);
