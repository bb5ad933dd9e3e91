import type { Access } from "../access/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { Caller } from "../core/key.ts";
import { checkEndpoint } from "./key-scope.ts";
import type { LiveRequests } from "./live-requests.ts";
import type { LoopGauge } from "./loop-gauge.ts";

export type AdmissionDeps = {
  access: Access;
  live: LiveRequests;
  loop: Pick<LoopGauge, "isBlocked">;
  /** Places for calls in work. */
  most: number;
};

const COME_BACK_MS = 1000;

/** Lets calls in, as many as can be served. */
export class Admission {
  /** Calls refused because there was too much to do, by what there was too little of. */
  readonly shed = { places: 0, loop: 0 };

  constructor(readonly deps: AdmissionDeps) {}

  /**
   * Takes a place for a caller's call at a path; the result gives it back. Throws 402, 403 and 429 for what the key may
   * not or may not now, 503 when all places are taken or the event loop is held up. Counting tokens is held to no limit
   * (`counts: false`).
   */
  admit(caller: Caller, path: string, { counts = true } = {}): () => void {
    const { access, live, loop } = this.deps;
    checkEndpoint(caller, path);
    if (loop.isBlocked())
      throw this.#refusal("loop", "OmniRoute is too busy to take another call right now.");
    if (!this.#hasPlace(caller.keyId))
      throw this.#refusal("places", "OmniRoute is at its limit of calls in work (MAX_CONCURRENT_REQUESTS).");
    const over = counts ? access.admitCall(caller) : () => {};
    const free = live.admit(caller.keyId);
    return () => {
      over();
      free();
    };
  }

  #refusal(reason: keyof Admission["shed"], message: string): GatewayError {
    this.shed[reason]++;
    return new GatewayError("service_unavailable", message, { retryAfterMs: COME_BACK_MS });
  }

  /**
   * All places serve whoever comes first. An eighth more is for callers who hold less than their share of them, so that
   * one key's flood does not keep the others out.
   */
  #hasPlace(keyId: string): boolean {
    const { live, most } = this.deps;
    if (live.admitted < most) return true;
    const held = live.heldBy(keyId);
    const callers = live.callers + (held === 0 ? 1 : 0);
    return held < most / callers && live.admitted < most + Math.ceil(most / 8);
  }
}
