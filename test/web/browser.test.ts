import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import type { Upstream } from "../kit/upstream.ts";
import { chromiumPath, complaintsOf, keepBrowser, launch, PHONE, signedIn } from "./browser.ts";
import { ask, type Demo, fillDemo, friendlyUpstream } from "./demo.ts";
import { PAGES, pagesAbout } from "./page-list.ts";

const executable = chromiumPath();
const SLOW_MS = 60_000;

let browser: Browser;
let upstream: Upstream;
let gateway: TestGateway;
let demo: Demo;
let token: string;

describe.if(executable !== undefined)("in a browser", () => {
  beforeAll(async () => {
    upstream = friendlyUpstream({ gap: 250 });
    gateway = await startGateway();
    demo = await fillDemo(gateway, upstream.url);
    ({ token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1"));
  }, SLOW_MS);

  keepBrowser(executable!, (fresh) => {
    browser = fresh;
  });

  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  });

  test(
    "a new owner sets a password, connects a server, makes a combo and a key, and sees the first request arrive",
    async () => {
      const fresh = await startGateway({ initialPassword: undefined });
      const context = await browser.newContext({ baseURL: fresh.url, locale: "en-US" });
      const page = await context.newPage();
      const complaints = complaintsOf(page);

      await page.goto("/");
      await page.getByLabel("Password").fill("a password for the owner");
      await page.getByLabel("Repeat it").fill("a password for the owner");
      await page.getByRole("button", { name: "Set the password" }).click();

      await page.getByText("A server of my own").click();
      await page.getByLabel("Name").fill("Attic");
      await page.getByLabel("Prefix").fill("attic");
      await page.getByLabel("Base URL").fill(upstream.url);
      await page.getByRole("button", { name: "Test and add" }).click();
      await page.getByText("Attic is connected. 2 models are listed.").waitFor();

      await page.goto("/dashboard/combos/new");
      await page.getByLabel("Name to call it by").fill("my-first");
      await page.getByLabel("Model 1", { exact: true }).fill("attic/large");
      await page.getByRole("button", { name: "Add a model" }).click();
      await page.getByLabel("Model 2", { exact: true }).fill("mock/echo");
      await page.getByRole("button", { name: "Create combo" }).click();
      await page.getByText("my-first can be called now.").waitFor();

      await page.goto("/setup/key");
      await page.getByRole("button", { name: "Make the key" }).click();
      await page.getByText("Waiting for the first request…").waitFor();
      const key = /sk-omni-[\w-]{43}/.exec(await page.content())?.[0] ?? "";
      expect(await page.locator("pre").first().textContent()).toContain(key);
      expect(await page.locator("pre").first().textContent()).toContain('"my-first"');

      await ask(fresh.url, key, "my-first");
      await page.getByText("The first request is here").waitFor();
      await page.getByText(/My first client asked my-first and got 200/).waitFor();
      await page.getByRole("button", { name: "Go to the dashboard" }).click();
      await page.getByText("OmniRoute is ready.").waitFor();

      // A request in work is seen at once, and its end too.
      const live = page.locator("#live");
      const call = fetch(`${fresh.url}/v1/chat/completions`, {
        method: "POST",
        headers: { authorization: `Bearer ${key}` },
        body: JSON.stringify({
          model: "attic/small",
          stream: true,
          messages: [{ role: "user", content: "Hi" }],
        }),
      });
      await live.getByText("Running").waitFor();
      await (await call).text();
      await live.getByText("attic/small").waitFor();
      await live.getByText("Running").waitFor({ state: "detached" });
      expect(complaints).toEqual([]);
      await context.close();
      await fresh.stop();
    },
    SLOW_MS,
  );

  test(
    "the globe changes the language at once and keeps what was typed",
    async () => {
      const { page, complaints, close } = await open("/dashboard/combos/new");
      await page.getByLabel("Name to call it by").fill("half-typed");
      await page.getByLabel("Weighted").check({ force: true });
      await page.getByRole("button", { name: "Language" }).click();
      await page.getByRole("button", { name: "Português (Brasil)" }).click();
      await page.getByRole("heading", { name: "Novo combo" }).waitFor();
      expect(await page.getByLabel("Nome para chamar").inputValue()).toBe("half-typed");
      expect(await page.getByLabel("Por peso").isChecked()).toBe(true);
      expect(await page.locator("html").getAttribute("lang")).toBe("pt-BR");
      await page.goto("/dashboard");
      await page.getByRole("heading", { name: "Início" }).waitFor();
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "the appearance follows the system until it is chosen, and then stays, without a flash",
    async () => {
      const { page, complaints, close } = await open("/dashboard", { colorScheme: "dark" });
      const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await background();
      await page.getByRole("button", { name: "Appearance" }).click();
      await page.getByRole("button", { name: "Light" }).click();
      await page.locator('html[data-theme="light"]').waitFor();
      const light = await background();
      expect(light).not.toBe(dark);
      // The server writes the choice into the page, so that no script has to change it afterwards.
      const answer = await page.goto("/dashboard/logs");
      expect(await answer?.text()).toContain('data-theme="light"');
      expect(await background()).toBe(light);
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "models of a combo move by keyboard and by dragging, and are saved in the new order",
    async () => {
      const { page, complaints, close } = await open(`/dashboard/combos/${demo.comboId}`);
      const models = () =>
        page
          .locator('input[name="model"]')
          .evaluateAll((all) => all.map((field) => (field as HTMLInputElement).value));
      const [first, second, third, fourth] = await models();

      await page.getByRole("button", { name: "Move model 1 down" }).focus();
      await page.keyboard.press("Enter");
      expect(await models()).toEqual([second!, first!, third!, fourth!]);
      await page.keyboard.press("Enter");
      expect(await models()).toEqual([second!, third!, first!, fourth!]);

      const grips = page.locator("[data-grip]");
      const from = (await grips.nth(3).boundingBox())!;
      const to = (await grips.nth(0).boundingBox())!;
      await page.mouse.move(from.x + 8, from.y + 8);
      await page.mouse.down();
      await page.mouse.move(from.x + 8, to.y + 40, { steps: 8 });
      await page.mouse.move(from.x + 8, to.y - 20, { steps: 8 });
      await page.mouse.up();
      expect(await models()).toEqual([fourth!, second!, third!, first!]);

      await page.getByRole("button", { name: "Save" }).click();
      await page.getByText("is saved.").waitFor();
      expect(gateway.engine.manage.combos.find(demo.comboId).models.map(({ model }) => model)).toEqual([
        fourth!,
        second!,
        third!,
        first!,
      ]);
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "the palette finds pages, accounts and models, by keyboard alone, and letters lead to pages",
    async () => {
      const { page, complaints, close } = await open("/dashboard");
      await page.keyboard.press("Control+k");
      await page.getByPlaceholder("Find pages, models, accounts, actions").waitFor();
      await page.locator("#palette").getByRole("link", { name: "Health" }).waitFor();
      await page.keyboard.type("private acc");
      await page.locator("#palette").getByRole("link", { name: "Private account" }).waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Private account" }).waitFor();
      await page.keyboard.press("Control+k");
      await page.keyboard.type("budg");
      await page.keyboard.press("Escape");
      expect(await page.locator("#palette").isVisible()).toBe(false);
      await page.keyboard.press("g");
      await page.keyboard.press("q");
      await page.waitForURL("**/dashboard/quota");
      await page.getByRole("heading", { name: "Quota", exact: true }).waitFor();
      await page.keyboard.press("?");
      await page.getByText("Go to", { exact: true }).waitFor();
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "accounts change places by keyboard and by dragging, and stay there",
    async () => {
      const { page, complaints, close } = await open("/dashboard/providers/openai");
      const saved = () =>
        gateway.engine.manage.connections
          .list()
          .filter(({ provider }) => provider === "openai")
          .map(({ name }) => name);
      await page.getByRole("button", { name: "Use Team account later" }).focus();
      const sent = page.waitForResponse(/do=order/);
      await page.keyboard.press("Enter");
      await sent;
      expect(saved()).toEqual(["Private account", "Team account"]);
      const grips = page.locator("[data-grip]");
      const [from, to] = [(await grips.nth(1).boundingBox())!, (await grips.nth(0).boundingBox())!];
      const dropped = page.waitForResponse(/do=order/);
      await page.mouse.move(from.x + 8, from.y + 8);
      await page.mouse.down();
      await page.mouse.move(from.x + 8, to.y, { steps: 8 });
      await page.mouse.move(from.x + 8, to.y - 20, { steps: 4 });
      await page.mouse.up();
      await dropped;
      expect(saved()).toEqual(["Team account", "Private account"]);
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "an account is connected by its key, tested at once, and listed",
    async () => {
      const { page, complaints, close } = await open("/dashboard/providers/mistral");
      await page.getByLabel("API key").fill("sk-journey-0001");
      await page.getByText("More options").click();
      await page.getByLabel("Base URL").fill(`${upstream.url}/v1`);
      await page.getByRole("button", { name: "Connect" }).click();
      await page.getByText(/Mistral.* works/).waitFor();
      await page.locator("#connections").getByText("…0001").waitFor();
      expect(await page.content()).not.toContain("sk-journey");
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "a key whose budget is spent is refused, and the pages say so",
    async () => {
      const { key, record } = gateway.engine.access.createKey({ name: "Thrifty" });
      const { page, complaints, close } = await open(`/dashboard/endpoint/keys/${record.id}`);
      expect((await ask(gateway.url, key, "mock/echo")).status).toBe(200);
      await page.getByLabel("Dollars per day").fill("0");
      await page.locator("#rules").getByRole("button", { name: "Save" }).click();
      await page.getByText("Thrifty is saved.").waitFor();
      expect((await ask(gateway.url, key, "mock/echo")).status).toBe(402);
      await page.goto("/dashboard/costs");
      await page
        .getByRole("row", { name: /Thrifty/ })
        .getByText("Spent")
        .waitFor();
      await page.getByRole("link", { name: "Change the budget of Thrifty" }).click();
      await page.getByLabel("Dollars per day").fill("");
      await page.locator("#rules").getByRole("button", { name: "Save" }).click();
      await page.getByText("Thrifty is saved.").waitFor();
      expect((await ask(gateway.url, key, "mock/echo")).status).toBe(200);
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "pointing at a chart shows the figures of that time",
    async () => {
      const { page, complaints, close } = await open("/dashboard/usage?range=30d&show=requests");
      await page.locator("[data-column]").last().hover();
      const tip = await page.locator(".chart-tip").innerText();
      const row = await page.locator(".chart-table tbody tr").last().locator("td").last().textContent();
      expect(tip).toContain((row ?? "").trim());
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "the installed dashboard keeps one page for when nobody answers, and nothing else",
    async () => {
      const { page, context, close } = await open("/dashboard/logs");
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready;
      });
      await page.goto("/dashboard/providers");
      const kept = await page.evaluate(async () => {
        const requests = await Promise.all(
          (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
        );
        return requests.flat().map(({ url }) => new URL(url).pathname);
      });
      expect(kept).toContain("/offline");
      expect(kept.filter((path) => path !== "/offline" && !path.startsWith("/assets/"))).toEqual([]);
      await context.setOffline(true);
      await page.goto("/dashboard/logs");
      await page.getByRole("heading", { name: "OmniRoute cannot be reached" }).waitFor();
      await context.setOffline(false);
      await page.getByRole("link", { name: "Try again" }).click();
      await page.getByRole("heading", { name: "Home" }).waitFor();
      await close();
    },
    SLOW_MS,
  );

  test(
    "notices are shown by the browser once somebody wants them, in the reader's words",
    async () => {
      const { page, context, complaints, close } = await open("/dashboard/settings/notices");
      await context.grantPermissions(["notifications"], { origin: gateway.url });
      await page.evaluate(async () => {
        await navigator.serviceWorker.ready;
      });
      await page.getByRole("button", { name: "Show notices here" }).click();
      await page.getByRole("button", { name: "Stop showing notices here" }).waitFor();
      gateway.engine.notices.tellBreaker({ provider: "groq", state: "OPEN" });
      const words = "Groq keeps failing and is left alone for a while.";
      await page.locator("#notices").getByText(words).waitFor();
      const shown = await page.evaluate(async () => {
        const worker = await navigator.serviceWorker.ready;
        for (let tries = 0; tries < 50; tries++) {
          const all = await worker.getNotifications();
          if (all.length > 0) return all.map(({ body }) => body);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        return [];
      });
      expect(shown).toEqual([words]);
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "filters work while they are typed and stand in the address",
    async () => {
      const { page, complaints, close } = await open("/dashboard/logs");
      await page
        .getByPlaceholder("Search models, paths, errors, ids")
        .pressSequentially("mock/th", { delay: 20 });
      await page.waitForURL(/search=mock%2Fth/);
      await page.locator("#requests").getByText("mock/think").waitFor();
      expect(await page.locator("#requests tbody tr").count()).toBe(1);
      expect(await page.getByPlaceholder("Search models, paths, errors, ids").inputValue()).toBe("mock/th");
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "a dangerous button asks first, and does nothing when it is answered with no",
    async () => {
      const { key, record } = gateway.engine.access.createKey({ name: "In doubt" });
      const { page, complaints, close } = await open(`/dashboard/endpoint/keys/${record.id}`);
      await page.getByRole("button", { name: "Revoke key" }).click();
      await page.getByText("Revoke In doubt?").waitFor();
      await page.getByRole("button", { name: "Cancel" }).click();
      expect((await ask(gateway.url, key, "mock/echo")).status).toBe(200);
      await page.getByRole("button", { name: "Revoke key" }).click();
      await page.locator("#revoke-key").getByRole("button", { name: "Revoke key" }).click();
      await page.getByText("In doubt is revoked.").waitFor();
      expect((await ask(gateway.url, key, "mock/echo")).status).toBe(401);
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "copying puts the text on the clipboard and says so",
    async () => {
      const { page, context, close } = await open("/dashboard/endpoint");
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      await page.getByRole("button", { name: "Copy: OpenAI" }).click();
      await page.getByRole("status").getByText("Copied").waitFor();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(`${gateway.url}/v1`);
      await close();
    },
    SLOW_MS,
  );

  test(
    "everything that matters works without scripts",
    async () => {
      const { page, close } = await open("/dashboard/combos/new", { javaScriptEnabled: false });
      await page.getByLabel("Name to call it by").fill("no-scripts");
      await page.getByLabel("Model 1", { exact: true }).fill("mock/think");
      await page.getByRole("button", { name: "Add a model" }).click();
      await page.getByLabel("Model 2", { exact: true }).fill("mock/echo");
      await page.getByRole("button", { name: "Move model 2 up" }).click();
      await page.getByRole("button", { name: "Create combo" }).click();
      await page.getByText("no-scripts can be called now.").waitFor();
      await page.getByRole("button", { name: "Ask all 2 models" }).click();
      await page.getByText("Answered").first().waitFor();
      await page.getByRole("button", { name: "Remove", exact: true }).first().click();
      await page.locator("#remove-combo").getByRole("button", { name: "Remove" }).click();
      await page.getByText("no-scripts is removed.").waitFor();
      await page.getByRole("button", { name: "Language" }).click();
      await page.getByRole("button", { name: "Português (Brasil)" }).click();
      await page.getByRole("heading", { name: "Combos" }).waitFor();
      expect(await page.locator("html").getAttribute("lang")).toBe("pt-BR");
      await close();
    },
    SLOW_MS,
  );

  test(
    "the menu opens on a phone, and no page is wider than the screen",
    async () => {
      const { page, complaints, close } = await open("/dashboard", { viewport: PHONE, hasTouch: true });
      await page.getByRole("button", { name: "Menu" }).click();
      await page.getByRole("link", { name: "Providers" }).click();
      await page.getByRole("heading", { name: "Providers" }).waitFor();
      for (const path of [...PAGES, ...pagesAbout(demo)]) {
        await page.goto(path);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(`${path} ${width}`).toBe(`${path} ${PHONE.width}`);
      }
      // Of a row that is wider than the screen one sees where one is.
      for (const path of ["/dashboard/settings/notices", "/dashboard/endpoint/clients?client=curl"]) {
        await page.goto(path);
        const current = page.locator("main nav [aria-current=page]").last();
        await page.waitForFunction(
          (link) => {
            const { left, right } = link!.getBoundingClientRect();
            return left >= 0 && right <= innerWidth;
          },
          await current.elementHandle(),
        );
      }
      expect(complaints).toEqual([]);
      await close();
    },
    SLOW_MS,
  );

  test(
    "over plain HTTP from another machine, where browsers say less and allow less, forms and copying work too",
    async () => {
      const remote = await startGateway({ allowedHosts: ["gateway.test"] });
      const other = await launch(executable!, ["--host-resolver-rules=MAP gateway.test 127.0.0.1"]);
      const context = await other.newContext({
        baseURL: `http://gateway.test:${remote.port}`,
        locale: "en-US",
      });
      const page = await context.newPage();
      await page.goto("/dashboard/endpoint");
      await page.getByLabel("Password").fill(TEST_PASSWORD);
      await page.getByRole("button", { name: "Sign in" }).click();
      await page.getByRole("heading", { name: "Endpoint" }).waitFor();
      expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
      await page.getByRole("button", { name: "Copy: OpenAI" }).click();
      await page.getByRole("status").getByText("Copied").waitFor();
      await page.getByLabel("Name").fill("Far away");
      await page.getByRole("button", { name: "Create key" }).click();
      await page.getByText("Far away: the key is ready").waitFor();
      await page.getByRole("button", { name: "Language" }).click();
      await page.getByRole("button", { name: "Português (Brasil)" }).click();
      await page.getByRole("heading", { name: "Chaves de API" }).waitFor();
      await other.close();
      await remote.stop();
    },
    SLOW_MS,
  );
});

type Opened = { page: Page; context: BrowserContext; complaints: string[]; close(): Promise<void> };

async function open(path: string, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Opened> {
  const context = await signedIn(browser, gateway.url, token, options);
  const page = await context.newPage();
  const complaints = complaintsOf(page);
  await page.goto(path);
  return { page, context, complaints, close: () => context.close() };
}
