import { join } from "node:path";
import { createAdmin } from "../src/admin/index.ts";
import { publicOperations } from "../src/gateway/operations.ts";
import { startInProcess } from "../test/kit/in-process.ts";
import { callsPage } from "./calls/page.ts";

/** Writes the page about all calls anew: `bun run docs`. Routes are made with an engine, so one is built for it. */
const gateway = await startInProcess();
const document = createAdmin(gateway.engine, publicOperations()).document();
await Bun.write(join(import.meta.dir, "CALLS.md"), callsPage(document));
await gateway.stop();
