import { timingSafeEqual } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { randomToken, sha256 } from "../lib/ids.ts";
import { isDiskProblem, writePrivateFile } from "../store/index.ts";

/**
 * What lets the commands of the data directory's owner talk to the running server as its administrator: a bearer in a
 * file that only the owner can read, new at each start.
 */
export class OwnerToken {
  readonly #path: string;
  readonly #token = randomToken();
  /** What went wrong when the file was written. */
  readonly warning: string | undefined;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "cli-token");
    try {
      writePrivateFile(this.#path, this.#token);
    } catch (error) {
      if (!isDiskProblem(error)) throw error;
      this.warning = `${this.#path} could not be written: commands cannot talk to this server.`;
    }
  }

  is(text: string | undefined): boolean {
    if (text === undefined) return false;
    return timingSafeEqual(Buffer.from(sha256(text)), Buffer.from(sha256(this.#token)));
  }

  /** Takes the file away, unless another start has written its own. */
  remove(): void {
    try {
      if (readFileSync(this.#path, "utf8") === this.#token) rmSync(this.#path);
    } catch {
      // It is gone already, or the disk refuses; the token dies with the process in any case.
    }
  }
}
