import { join } from "node:path";

/**
 * The directory with the built dashboard files. The compiled program carries them beside its own code, under the name
 * of the directory they were built in; run from source they lie in `dist/assets`.
 */
export function assetRoot(): string {
  return Bun.isStandaloneExecutable
    ? join(import.meta.dir, "assets")
    : join(import.meta.dir, "../../dist/assets");
}
