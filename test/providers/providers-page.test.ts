import { join } from "node:path";
import { expect, test } from "bun:test";
import { providersPage } from "../../docs/providers/page.ts";

test("docs/PROVIDERS.md says what is declared; `bun run docs` writes it anew", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../docs/PROVIDERS.md")).text();
  expect(page).toBe(providersPage());
});
