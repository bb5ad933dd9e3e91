import { expect, test } from "bun:test";
import { join } from "node:path";
import { clientsPage } from "../../docs/clients/page.ts";
import { CLIENT_TOOLS } from "../../src/clients/index.ts";
import { recipeOf } from "../../web/recipes/index.ts";

test("docs/CLIENTS.md says what the dashboard does; `bun run docs` writes it anew", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../docs/CLIENTS.md")).text();
  expect(page).toBe(clientsPage());
});

test.each(CLIENT_TOOLS.map((tool) => [tool.name, tool] as const))(
  "%s can be pointed here by hand too, with the very lines that are written",
  (_name, tool) => {
    const place = { base: "http://gateway.test", key: "sk-of-ours", model: "our-combo" };
    const steps = recipeOf(tool.id)?.steps(place) ?? [];
    expect(steps.length).toBeGreaterThan(0);
    const code = steps.map((step) => ("code" in step ? step.code : "")).join("\n");
    if (tool.files.length > 0) for (const word of Object.values(place)) expect(code).toContain(word);
  },
);
