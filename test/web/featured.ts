import type { Page } from "playwright-core";
import type { Demo } from "./demo.ts";

/** A picture in docs/FEATURES.md. */
export type Featured = {
  name: string;
  path: (demo: Demo) => string;
  look?: "light" | "dark";
  phone?: boolean;
  language?: string;
  /** Done on the page before it is taken. */
  act?: (page: Page) => Promise<void>;
};

/** One picture for each thing worth showing, between them every look. */
export const FEATURED: readonly Featured[] = [
  { name: "home", path: () => "/dashboard" },
  { name: "home-dark", path: () => "/dashboard", look: "dark" },
  { name: "home-phone", path: () => "/dashboard", look: "dark", phone: true },
  { name: "home-pt-BR", path: () => "/dashboard", language: "pt-BR" },
  { name: "setup", path: () => "/setup/provider" },
  { name: "endpoint", path: () => "/dashboard/endpoint" },
  { name: "cli-tools", path: () => "/dashboard/cli-tools" },
  { name: "providers", path: () => "/dashboard/providers" },
  { name: "accounts", path: () => "/dashboard/providers/openai" },
  { name: "combo", path: ({ comboId }) => `/dashboard/combos/${comboId}` },
  { name: "playground", path: () => "/dashboard/playground" },
  { name: "translator", path: () => "/dashboard/translator?template=tools&format=claude&to=gemini" },
  { name: "evals", path: () => "/dashboard/usage/evals" },
  { name: "request", path: ({ requestId }) => `/dashboard/logs/${requestId}` },
  { name: "logs", path: () => "/dashboard/logs", look: "dark" },
  {
    name: "usage",
    path: () => "/dashboard/usage?range=30d&show=cost&by=model",
    act: async (page) => {
      await page.evaluate(() => document.querySelector(".chart-table")?.scrollIntoView({ block: "end" }));
      await page.locator("[data-column]").nth(18).hover();
    },
  },
  {
    name: "latency",
    path: () => "/dashboard/usage?range=1d&show=latency&by=provider",
    look: "dark",
    act: (page) => page.evaluate(() => document.getElementById("filters")?.scrollIntoView()),
  },
  { name: "quota", path: () => "/dashboard/quota" },
  { name: "costs", path: () => "/dashboard/costs" },
  { name: "health", path: () => "/dashboard/health", look: "dark" },
  { name: "key", path: ({ keyId }) => `/dashboard/endpoint/keys/${keyId}` },
  { name: "routing", path: () => "/dashboard/settings/routing" },
  { name: "notices", path: () => "/dashboard/settings/notices" },
  {
    name: "palette",
    path: () => "/dashboard",
    act: async (page) => {
      await page.keyboard.press("Control+k");
      await page.keyboard.type("open");
      await page
        .locator("#palette")
        .getByRole("link", { name: "openai/gpt-5", exact: false })
        .first()
        .waitFor();
    },
  },
];
