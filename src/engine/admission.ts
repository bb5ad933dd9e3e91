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
  checkEndpoint(caller, path);
  if (!hasPlace(deps, caller.keyId)) {
    const message = "OmniRoute is at its limit of calls in work (MAX_CONCURRENT_REQUESTS).";
    throw new GatewayError("service_unavailable", message, { retryAfterMs: 1000 });
  }
  const over = counts ? deps.access.admitCall(caller) : () => {};
  const free = deps.live.admit(caller.keyId);
  return () => {
    over();
    free();
  };
}

/**
 * All places serve whoever comes first. An eighth more is for callers who hold less than their share of them, so that
 * one key's flood does not keep the others out.
 */
function hasPlace({ live, most }: AdmissionDeps, keyId: string): boolean {
  if (live.admitted < most) return true;
  const held = live.heldBy(keyId);
  const callers = live.callers + (held === 0 ? 1 : 0);
  return held < most / callers && live.admitted < most + Math.ceil(most / 8);
}
