import { join } from "node:path";
import { providersPage } from "./providers/page.ts";

/** Writes the page about providers anew: `bun run docs`. */
await Bun.write(join(import.meta.dir, "PROVIDERS.md"), providersPage());
