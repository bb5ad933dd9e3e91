import type { Access } from "../access/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { Caller } from "../core/key.ts";
import { checkEndpoint } from "./key-scope.ts";
import type { LiveRequests } from "./live-requests.ts";

export type AdmissionDeps = {
  access: Access;
  live: LiveRequests;
  /** Places for calls in work. */
  most: number;
};

/**
 * Takes a place for a caller's call at a path; the result gives it back. Throws 402, 403 and 429 for what the key may
 * not or may not now, 503 when all places are taken. Counting tokens is held to no limit (`counts: false`).
 */
export function admit(deps: AdmissionDeps, caller: Caller, path: string, { counts = true } = {}): () => void {
  checkEndpoint(caller.key, path);
  if (deps.live.admitted >= deps.most) {
    const message = "OmniRoute is at its limit of calls in work (MAX_CONCURRENT_REQUESTS).";
    throw new GatewayError("service_unavailable", message, { retryAfterMs: 1000 });
  }
  const over = counts ? deps.access.admitCall(caller) : () => {};
  const free = deps.live.admit();
  return () => {
    over();
    free();
  };
}
