import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import { chromiumPath, complaintsOf, keepBrowser, signedIn } from "./browser.ts";

const executable = chromiumPath();
const SLOW_MS = 60_000;

let browser: Browser;
let gateway: TestGateway;
let token: string;

describe.if(executable !== undefined)("in a browser", () => {
  beforeAll(async () => {
    gateway = await startGateway();
    ({ token } = await gateway.engine.access.login(TEST_PASSWORD, "127.0.0.1"));
  }, SLOW_MS);

  keepBrowser(executable!, (fresh) => {
    browser = fresh;
  });

  afterAll(async () => {
    await gateway.stop();
  });

  /** Opens a page, hands it over, and sees that it had nothing to complain about. */
  async function visit(
    path: string,
    journey: (page: Page) => Promise<void>,
    scripts = true,
    expected = /^$/,
  ): Promise<void> {
    const context = await signedIn(browser, gateway.url, token, { javaScriptEnabled: scripts });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(path);
    await journey(page);
    expect(complaints.filter((each) => !expected.test(each))).toEqual([]);
    await context.close();
  }

  test.each([
    ["with scripts", true],
    ["without scripts", false],
  ])(
    "a client is pointed here in one click, asks this gateway, and is put back to the letter, %s",
    async (_name, scripts) => {
      const home = gateway.engine.config.clientHome;
      const settings = join(home, ".claude/settings.json");
      const before = `{ "permissions": { "allow": ["Bash(ls)"] } }\n`;
      mkdirSync(join(home, ".claude"), { recursive: true });
      mkdirSync(join(home, ".local/bin"), { recursive: true });
      writeFileSync(join(home, ".local/bin/claude"), "#!/bin/sh\n", { mode: 0o755 });
      writeFileSync(settings, before);

      await visit(
        "/dashboard/cli-tools",
        async (page) => {
          const card = page.locator("#tool-claude");
          await card.getByText("Not set up").waitFor();
          await card.getByLabel("Model for Claude Code").fill("mock/echo");
          await card.getByRole("button", { name: "Point it here" }).click();
          await page
            .getByText(/Claude Code now asks this gateway for mock\/echo, with the new key/)
            .waitFor();
          await card.getByText("Asks this gateway").waitFor();

          const { env, permissions } = JSON.parse(readFileSync(settings, "utf8"));
          expect(permissions).toEqual({ allow: ["Bash(ls)"] });
          const answer = await fetch(`${env.ANTHROPIC_BASE_URL}/v1/messages`, {
            method: "POST",
            headers: {
              authorization: `Bearer ${env.ANTHROPIC_AUTH_TOKEN}`,
              "anthropic-version": "2023-06-01",
            },
            body: JSON.stringify({
              model: env.ANTHROPIC_MODEL,
              max_tokens: 50,
              messages: [{ role: "user", content: "Are you there?" }],
            }),
          });
          expect(await answer.text()).toContain("Are you there?");
          expect(gateway.lastRequest()?.keyName).toBe("Claude Code");

          await card.getByRole("button", { name: "Undo" }).click();
          await page.getByText("The settings of Claude Code are without this gateway again.").waitFor();
          expect(readFileSync(settings, "utf8")).toBe(before);

          await card.getByRole("link", { name: "Claude Code" }).click();
          await page
            .getByRole("row", { name: /undoing/ })
            .first()
            .getByRole("button", { name: "Restore" })
            .click();
          await page.getByText("The settings of Claude Code are as they were then.").waitFor();
          expect(JSON.parse(readFileSync(settings, "utf8")).env.ANTHROPIC_MODEL).toBe("mock/echo");
          await page.getByRole("button", { name: "Undo" }).click();
          expect(readFileSync(settings, "utf8")).not.toContain("ANTHROPIC");
        },
        scripts,
      );
    },
    SLOW_MS,
  );

  test(
    "a key of one's own is written as given, and broken settings are told of and left alone",
    async () => {
      const home = gateway.engine.config.clientHome;
      await visit("/dashboard/cli-tools/codex", async (page) => {
        await page.getByLabel("Model", { exact: true }).fill("mock/echo");
        await page.getByText("This one:").click();
        await page.getByLabel("Text of the key").fill("sk-omni-of-my-own");
        await page.getByRole("button", { name: "Point it here" }).click();
        await page.getByText("Codex now asks this gateway for mock/echo. Start it anew.").waitFor();
        expect(readFileSync(join(home, ".codex/.env"), "utf8")).toBe("OMNIROUTE_API_KEY=sk-omni-of-my-own\n");
        await page.getByRole("button", { name: "Undo" }).click();
        await page.getByText("Not set up").waitFor();
        expect(existsSync(join(home, ".codex/config.toml"))).toBe(false);
      });
      mkdirSync(join(home, ".factory"));
      writeFileSync(join(home, ".factory/settings.json"), "{ broken");
      await visit("/dashboard/cli-tools/droid", async (page) => {
        await page.getByText("Settings broken").waitFor();
        await page.getByText(/\.factory\/settings\.json is broken/).waitFor();
      });
    },
    SLOW_MS,
  );

  test(
    "two models answer side by side while they write, remember the talk, and tell what it took",
    async () => {
      await visit("/dashboard/playground?model=mock%2Fecho", async (page) => {
        await page.getByRole("button", { name: "Add a model" }).click();
        await page.getByRole("combobox", { name: "Model 2" }).fill("mock/think");
        await page.getByLabel("Your message").fill("Good morning, both of you");
        await page.getByLabel("Your message").press("Enter");
        const [first, second] = [page.getByRole("log").nth(0), page.getByRole("log").nth(1)];
        for (const log of [first, second]) {
          await log.locator("[data-text]", { hasText: "Good morning, both of you" }).waitFor();
          await log.getByText(/ in, \d+ out · \$0\.00 · /).waitFor();
        }
        await second.getByText("Reasoning").click();
        await second.locator("[data-reasoning-text]").waitFor();
        expect(new URL(page.url()).searchParams.getAll("model")).toEqual(["mock/echo", "mock/think"]);

        await page.getByRole("button", { name: "Language" }).click();
        await page.getByRole("button", { name: "Português (Brasil)" }).click();
        await page.getByPlaceholder("Pergunte algo.").waitFor();
        await first.getByText("Good morning, both of you").first().waitFor();

        await first.getByRole("link").click();
        await page.getByRole("heading", { level: 1 }).waitFor();
        expect(page.url()).toContain("/dashboard/logs/req");
      });
      expect(gateway.lastRequest()?.keyId).toBe("dashboard");
    },
    SLOW_MS,
  );

  test(
    "an answer can be stopped, a failure is told, and a column can be taken away",
    async () => {
      await visit(
        "/dashboard/playground?model=mock%2Fslow%3Ffirst%3D50%26gap%3D60000&model=mock%2F500",
        async (page) => {
          await page.getByLabel("Your message").fill("Are you there?");
          await page.getByRole("button", { name: "Send" }).click();
          await page.getByRole("log").nth(1).locator("[data-error]:not([hidden])").waitFor();
          await page.getByRole("button", { name: "Stop" }).click();
          await page.getByRole("log").nth(0).getByText("Stopped.").waitFor();
          await page.getByRole("button", { name: "Take this model away" }).first().click();
          await page.getByRole("log").nth(1).waitFor({ state: "detached" });
          expect(await page.getByRole("combobox", { name: "Model 1" }).inputValue()).toBe("mock/500");
        },
        true,
        /status of 50\d/,
      );
    },
    SLOW_MS,
  );

  test(
    "the playground answers without scripts, several turns long",
    async () => {
      await visit(
        "/dashboard/playground?model=mock%2Fecho",
        async (page) => {
          await page.getByLabel("Your message").fill("First question");
          await page.getByRole("button", { name: "Send" }).click();
          await page.locator("[data-text]", { hasText: "First question" }).waitFor();
          await page.getByRole("button", { name: "Add a model" }).click();
          await page.getByRole("combobox", { name: "Model 2" }).fill("mock/no-such-model");
          await page.getByLabel("Your message").fill("Second question");
          await page.getByRole("button", { name: "Send" }).click();
          const [first, second] = [page.getByRole("log").nth(0), page.getByRole("log").nth(1)];
          await first.locator("[data-text]", { hasText: "Second question" }).waitFor();
          await first.locator("[data-text]", { hasText: "First question" }).waitFor();
          await second.locator("[data-error]:not([hidden])").waitFor();
          await page.getByRole("button", { name: "Take this model away" }).nth(1).click();
          await first.locator("[data-text]", { hasText: "Second question" }).waitFor();
          expect(await page.getByRole("log").count()).toBe(1);
        },
        false,
      );
    },
    SLOW_MS,
  );

  test(
    "the console shows lines as they are written, follows them until one scrolls back, and narrows them",
    async () => {
      const { log } = gateway.engine;
      for (let line = 0; line < 60; line++) log.warn("net", `Old line ${line}`, { attempt: line });
      await visit("/dashboard/logs/console", async (page) => {
        const list = page.getByRole("log");
        const atEnd = () =>
          list.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight < 2);
        await list.getByText("Old line 59").waitFor();
        await page.waitForFunction(() => document.querySelector("[data-lines]")!.scrollTop > 0);
        expect(await atEnd()).toBe(true);
        await arrived(
          page,
          () => log.error("store", "Nothing fits any more", { disk: "full" }),
          "Nothing fits any more",
        );
        await list.getByText("disk=full").waitFor();
        expect(await atEnd()).toBe(true);

        await list.evaluate((element) => element.scrollTo(0, 0));
        await page.getByLabel("Follow").and(page.locator(":not(:checked)")).waitFor();
        await arrived(page, () => log.warn("net", "Said meanwhile"), "Said meanwhile");
        expect(await atEnd()).toBe(false);
        await page.getByLabel("Follow").check();
        expect(await atEnd()).toBe(true);

        await page.getByLabel("Level").selectOption("error");
        await list.getByText("Said meanwhile").waitFor({ state: "detached" });
        expect(new URL(page.url()).searchParams.get("level")).toBe("error");
        await page.waitForTimeout(300);
        log.warn("net", "Not asked for");
        await arrived(page, () => log.error("net", "Asked for"), "Asked for");
        expect(await list.getByText("Not asked for").count()).toBe(0);
      });
    },
    SLOW_MS,
  );

  test(
    "a body is translated while one types, kept as a sample, and makes the round trip for real",
    async () => {
      await visit("/dashboard/translator", async (page) => {
        const result = page.locator("#translation");
        await result.getByText('"max_tokens"').waitFor();
        await page.getByLabel("Body").fill('{"contents":[{"role":"user","parts":[{"text":"Bom dia"}]}]}');
        await result.getByText("gemini", { exact: true }).waitFor();
        await result.getByText('"Bom dia"').waitFor();
        await page.getByLabel("To", { exact: true }).selectOption("openai-responses");
        await result.getByText('"input_text"').waitFor();
        await page.getByLabel("Body").fill("no body at all");
        await result.getByText("looks like no format").waitFor();

        await page
          .getByLabel("Body")
          .fill('{"model":"x","messages":[{"role":"user","content":"Round trip"}]}');
        await result.getByText('"Round trip"').waitFor();
        await page.getByLabel("Name", { exact: true }).fill("round-trip");
        await page.getByRole("button", { name: "Keep" }).click();
        await page.getByText("round-trip is kept.").waitFor();

        await page.goto("/dashboard/translator/chat?sample=round-trip");
        await page.getByLabel("Model or combo").fill("mock/echo");
        await page.getByRole("button", { name: "Send for real" }).click();
        const stages = page.locator("#stages");
        await stages.getByText("What the client gets").waitFor();
        expect(await stages.getByText("Round trip").count()).toBe(4);

        await page.goto("/dashboard/translator/bench");
        await page.getByLabel("Models", { exact: true }).fill("mock/echo\nmock/500");
        await page.getByLabel("Body").fill("");
        await page.getByLabel("round-trip", { exact: true }).check();
        await page.getByLabel("The answer to round-trip must hold").fill("ROUND");
        await page.getByRole("button", { name: "Run" }).click();
        const row = page.getByRole("row", { name: /round-trip/ });
        await row.getByText("passed").waitFor();
        await row.getByText("failed").waitFor();
      });
      await visit(
        "/dashboard/translator/live",
        async (page) => {
          await page
            .getByRole("row", { name: /openai/ })
            .first()
            .waitFor();
        },
        false,
      );
    },
    SLOW_MS,
  );

  test(
    "the translator works without scripts",
    async () => {
      await visit(
        "/dashboard/translator?template=tools&format=claude",
        async (page) => {
          await page.getByLabel("To", { exact: true }).selectOption("gemini");
          await page.getByLabel("Show").selectOption("direct");
          await page.getByRole("button", { name: "Translate" }).click();
          await page.locator("#translation").getByText('"functionDeclarations"').waitFor();
          expect(await page.getByLabel("Body").inputValue()).toContain("get_weather");
        },
        false,
      );
    },
    SLOW_MS,
  );

  test(
    "a suite is estimated, run over two models, watched, and compared",
    async () => {
      await visit(
        "/dashboard/usage/evals",
        async (page) => {
          await page.getByRole("link", { name: /OmniRoute Golden Set/ }).click();
          await page.getByLabel("Models", { exact: true }).fill("mock/echo\nmock/think");
          await page.getByLabel("Only with tags").fill("math, knowledge");
          await page.getByRole("button", { name: "Estimate" }).click();
          await page.getByText(/^\d+ calls · ≈ \$0\.00$/).waitFor();
          expect(await page.getByLabel("Models", { exact: true }).inputValue()).toBe("mock/echo\nmock/think");
          await page.getByRole("button", { name: "Run", exact: true }).click();
          await page
            .getByRole("row", { name: /arithmetic/ })
            .first()
            .waitFor();
          await page.getByText("Took").first().waitFor();

          await page.goto("/dashboard/usage/evals");
          await page
            .getByLabel(/Put this run of OmniRoute Golden Set/)
            .first()
            .check();
          await page.reload();
          await page.goto(`/dashboard/usage/evals/compare?run=${gateway.engine.evals.runs.list()[0]?.id}`);
          await page.getByRole("row", { name: /geography/ }).waitFor();
          expect(await page.getByRole("columnheader").count()).toBe(3);

          await page.goto("/dashboard/usage/evals/new");
          await page.getByLabel("Id", { exact: true }).first().fill("colours");
          await page.getByLabel("Name", { exact: true }).first().fill("Colours");
          await page.getByRole("button", { name: "Add a question" }).click();
          await page.getByText("2.", { exact: false }).first().waitFor();
          await page.getByLabel("Name", { exact: true }).last().fill("Sky");
          await page.getByLabel("What is asked").last().fill("Which colour has the sky?");
          await page.getByLabel("The answer must").last().selectOption("regex");
          await page.getByLabel("What it is compared with").last().fill("(blue");
          await page.getByRole("button", { name: "Save" }).last().click();
          await page.getByText("This is no pattern that can be used").waitFor();
          await page.getByLabel("What it is compared with").last().fill("blue|grey");
          await page.getByLabel("Flags of the pattern").last().fill("i");
          await page.getByRole("button", { name: "Save" }).last().click();
          await page.getByText("Colours is saved.").waitFor();
          await page.getByRole("row", { name: /sky/ }).waitFor();

          await page.goto("/dashboard/usage/evals/new?edit=json");
          await page.getByLabel("Id", { exact: true }).fill("capitals");
          await page.getByLabel("Name", { exact: true }).fill("Capitals");
          await page.getByLabel("Questions").fill("no list");
          await page.getByRole("button", { name: "Save" }).click();
          await page.getByText("must be a list in JSON").first().waitFor();
          await page
            .getByLabel("Questions")
            .fill(
              '[{"id":"peru","name":"Peru","input":"Lima?","expected":{"strategy":"contains","value":"Lima"}}]',
            );
          await page.getByRole("button", { name: "Save" }).click();
          await page.getByText("Capitals is saved.").waitFor();
          await page.getByLabel("Models", { exact: true }).fill("mock/echo");
          await page.getByRole("button", { name: "Run", exact: true }).click();
          await page.getByText("100%").first().waitFor();
        },
        true,
        /status of 400/,
      );
    },
    SLOW_MS,
  );

  test(
    "the answer cache is switched on, saves a call, shows it, and is cleared",
    async () => {
      await visit("/dashboard/settings/ai", async (page) => {
        const card = page.locator("#answer-cache");
        await card.getByLabel("Keep answers", { exact: false }).first().check();
        await card.getByLabel("Kept for minutes").fill("5");
        await card.getByRole("button", { name: "Save" }).click();
        await page.getByText("Saved.").first().waitFor();
        expect(gateway.engine.settings()).toMatchObject({ cacheEnabled: true, cacheTtlMs: 300_000 });
        const { key } = gateway.engine.access.createKey({ name: "Cached" });
        for (let call = 0; call < 2; call++) {
          const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
            method: "POST",
            headers: { authorization: `Bearer ${key}` },
            body: JSON.stringify({
              model: "mock/echo",
              temperature: 0,
              messages: [{ role: "user", content: "Keep this in mind" }],
            }),
          });
          await answer.text();
        }
        await page.reload();
        await card.getByText("1 from it (0 by similarity), 1 not").waitFor();
        await card.getByRole("button", { name: "Clear" }).first().click();
        await card.locator("#clear-cache").getByRole("button", { name: "Clear" }).click();
        await page.getByText("One kept answer is forgotten.").waitFor();
      });
    },
    SLOW_MS,
  );

  test(
    "a restore point is made, tried and restored, and what was changed since is as it was",
    async () => {
      const { settings } = gateway.engine.manage;
      settings.change({ instanceName: "before" }, { name: "test" });
      await visit("/dashboard/settings/storage", async (page) => {
        await page.getByLabel("Name", { exact: true }).fill("before-the-change");
        await page.getByRole("button", { name: "Make one now" }).click();
        const row = page.getByRole("row", { name: /before-the-change/ });
        await row.waitFor();
        settings.change({ instanceName: "after" }, { name: "test" });
        await row.getByRole("button", { name: "See what it would bring" }).click();
        await page.getByText(/would bring back/).waitFor();
        expect(gateway.engine.settings().instanceName).toBe("after");
        await row.getByRole("button", { name: "Restore" }).first().click();
        await page.locator("form[popover]:popover-open").getByRole("button", { name: "Restore" }).click();
        await page.getByText("Restored.").waitFor();
        expect(gateway.engine.settings().instanceName).toBe("before");
      });
    },
    SLOW_MS,
  );

  /** Says something once the page listens, which it does a moment after it shows. */
  async function arrived(page: Page, say: () => void, text: string): Promise<void> {
    await page.waitForTimeout(500);
    say();
    await page.getByRole("log").getByText(text).waitFor();
  }
});
