import { TargetFailure } from "../../core/errors.ts";
import type { Clock } from "../../lib/clock.ts";

/**
 * Runs an attempt under the client's signal and a limit of its own, which begins when `received` is settled: a client
 * that is slow to send is not the provider's fault.
 */
export async function withDeadline<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  received: Promise<unknown> | undefined,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  let late = false;
  let over = false;
  let cancel = () => {};
  const begin = () => {
    if (over) return;
    cancel = clock.after(ms, () => {
      late = true;
      controller.abort();
    });
  };
  void (received ?? Promise.resolve()).then(begin, begin);
  try {
    return await run(controller.signal);
  } catch (error) {
    controller.abort();
    if (signal.aborted) throw new TargetFailure("cancelled", "The client left.");
    if (late) throw new TargetFailure("timeout", `No answer within ${Math.round(ms / 1000)} s.`);
    throw error;
  } finally {
    over = true;
    cancel();
    signal.removeEventListener("abort", onAbort);
  }
}
