import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { startGateway, TEST_PASSWORD, type TestGateway } from "../kit/gateway.ts";
import type { Upstream } from "../kit/upstream.ts";
import { chromiumPath, complaintsOf, keepBrowser, signedIn } from "./browser.ts";
import { type Demo, fillDemo, friendlyUpstream } from "./demo.ts";
import { PAGES, pagesAbout } from "./page-list.ts";

const executable = chromiumPath();
const AXE = await Bun.file(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url)).text();
const SLOW_MS = 60_000;

let browser: Browser;
let upstream: Upstream;
let gateway: TestGateway;
let demo: Demo;
let token: string;

/** All that axe knows in the light theme; in the dark one, where nothing else is another, the colours. */
const THEMES = [
  ["light", undefined],
  ["dark", ["color-contrast", "link-in-text-block"]],
] as const;

describe.if(executable !== undefined)("axe finds no serious fault in either theme", () => {
  beforeAll(async () => {
    upstream = friendlyUpstream();
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

  const signedInPages: [name: string, paths: () => readonly string[]][] = [
    ...PAGES.map((path): [string, () => readonly string[]] => [path, () => [path]]),
    ["the pages about one thing", () => pagesAbout(demo)],
  ];

  test.each(signedInPages)(
    "and the browser nothing to complain about: %s",
    async (_name, paths) => {
      for (const path of paths()) {
        for (const [colorScheme, rules] of THEMES) {
          // Axe measures colours, which say nothing in the middle of an animation.
          const look = { colorScheme, reducedMotion: "reduce" } as const;
          const context = await signedIn(browser, gateway.url, token, look);
          const page = await context.newPage();
          const complaints = complaintsOf(page);
          await page.goto(path);
          expect(await axeFaults(page, rules), path).toEqual([]);
          expect(complaints, path).toEqual([]);
          await context.close();
        }
      }
    },
    SLOW_MS,
  );

  test(
    "before signing in",
    async () => {
      const fresh = await startGateway({ initialPassword: undefined });
      const faults: string[] = [];
      for (const [url, path] of [
        [gateway.url, "/login"],
        [fresh.url, "/setup"],
        [fresh.url, "/setup?token=stale"],
      ] as const) {
        for (const [colorScheme, rules] of THEMES) {
          const context = await browser.newContext({ baseURL: url, locale: "en-US", colorScheme });
          const page = await context.newPage();
          await page.goto(path);
          faults.push(...(await axeFaults(page, rules)).map((fault) => `${path}: ${fault}`));
          await context.close();
        }
      }
      expect(faults).toEqual([]);
      await fresh.stop();
    },
    SLOW_MS,
  );
});

/** Serious and critical findings. The debugger's own door is used, because the page's policy lets no script in. */
async function axeFaults(page: Page, rules: readonly string[] | undefined): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate(async (only) => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{
          violations: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }[];
        }>;
      };
    };
    const { violations } = await axe.run({
      resultTypes: ["violations"],
      ...(only && { runOnly: { type: "rule", values: only } }),
    });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes
          .slice(0, 3)
          .map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 200)}`),
      );
  }, rules);
}
