import { openStore, type Store } from "../../src/store/index.ts";
import { freshDirectory } from "../kit/data-dir.ts";
import { FakeClock } from "../kit/fake-clock.ts";

export { connection, record } from "./samples.ts";

export const VERSION = "1.2.0";

/** A store of its own with a clock in the test's hand. */
export function freshStore(): { store: Store; clock: FakeClock; dataDir: string } {
  const dataDir = freshDirectory();
  const clock = new FakeClock();
  return { store: openStore({ dataDir, clock, version: VERSION }), clock, dataDir };
}
