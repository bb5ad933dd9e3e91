import type { ApiKey } from "../../src/core/key.ts";
import { newId } from "../../src/lib/ids.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openStore, saveKey } from "../../src/store/index.ts";
import { record } from "./samples.ts";

/**
 * Opens the data directory named on the command line, then saves keys and logs calls until it is killed. Says on
 * standard output what is done, a line each: `key ID` once a key is saved, `call ID TIME` once a call is handed over.
 */
const store = openStore({ dataDir: process.argv[2]!, clock: systemClock, version: "1.2.0" });
process.stdout.write("open\n");
for (;;) {
  const id = newId();
  const key: ApiKey = {
    id,
    name: id,
    hash: id,
    masked: "",
    scopes: ["inference"],
    noLog: false,
    createdAt: systemClock.now(),
  };
  saveKey(store, key);
  process.stdout.write(`key ${id}\n`);
  for (let index = 0; index < 20; index++) {
    const call = newId();
    store.requestLog.add(record({ id: call, at: systemClock.now() }));
    process.stdout.write(`call ${call} ${systemClock.now()}\n`);
  }
  await Bun.sleep(2);
}
