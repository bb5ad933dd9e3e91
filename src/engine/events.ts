import type { Notice } from "../core/notice.ts";
import type { EvalProgress } from "../evals/index.ts";
import type { LiveRequest, RequestRecord } from "../core/record.ts";
import type { LogEntry } from "../lib/log.ts";
import type { BreakerState } from "../routing/index.ts";
import type { StoreChange } from "../store/index.ts";
import type { TranslationEvent } from "../translator/index.ts";

/** What the engine tells those who listen, as it happens. */
export type EngineEvent =
  | { type: "request-started"; request: LiveRequest }
  | { type: "request-ended"; request: RequestRecord }
  | { type: "changed"; what: StoreChange | "health" | "alerts" }
  | { type: "breaker"; provider: string; state: BreakerState; openUntil?: number }
  | { type: "notice"; notice: Notice }
  | { type: "log"; entry: LogEntry }
  | { type: "translation"; translation: TranslationEvent }
  | { type: "eval"; progress: EvalProgress }
  | { type: "stop-requested"; how: "shutdown" | "restart" }
  /** Listeners must end: the process is shutting down. */
  | { type: "draining" };

/** Those who listen to the engine. */
export class EngineEvents {
  readonly #listeners = new Set<(event: EngineEvent) => void>();

  /** Calls back at every event; the result ends that. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  emit(event: EngineEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}
