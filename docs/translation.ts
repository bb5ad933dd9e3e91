import { join } from "node:path";
import { translationPage } from "./translation/page.ts";

/** Writes the page about the translation anew: `bun run docs`. */
await Bun.write(join(import.meta.dir, "TRANSLATION.md"), translationPage());
