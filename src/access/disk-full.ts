import { GatewayError } from "../core/errors.ts";

/** Does work that may be left undone when the disk refuses. True when it was done; other errors pass on. */
export function unlessDiskFull(work: () => void): boolean {
  try {
    work();
    return true;
  } catch (error) {
    if (error instanceof GatewayError && error.code === "storage_full") return false;
    throw error;
  }
}
