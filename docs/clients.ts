import { join } from "node:path";
import { clientsPage } from "./clients/page.ts";

/** Writes the page about clients anew: `bun run docs`. */
await Bun.write(join(import.meta.dir, "CLIENTS.md"), clientsPage());
