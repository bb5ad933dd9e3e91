import { createEngine } from "../../src/engine.ts";
import { testConfig } from "../kit/gateway.ts";

/**
 * Runs an engine on the data directory named first, with the settings of sign-ins given second, until it is killed.
 * Accounts whose token is over are renewed at once.
 */
const [dataDir = "", oauth = "{}"] = process.argv.slice(2);
await createEngine(testConfig(dataDir, { oauth: JSON.parse(oauth) as { [variable: string]: string } }));
process.stdout.write("open\n");
setInterval(() => {}, 1000);
