import { join } from "node:path";
import { expect, test } from "bun:test";
import { translationPage } from "../../docs/translation/page.ts";

test("docs/TRANSLATION.md says what the code does; `bun run docs` writes it anew", async () => {
  const page = await Bun.file(join(import.meta.dir, "../../docs/TRANSLATION.md")).text();
  expect(page).toBe(translationPage());
});
