import type { RequestRecord } from "../core/record.ts";
import { shownName } from "./format-names.ts";

/** One answered call as the live monitor tells it. Times in milliseconds. */
export type TranslationEvent = {
  /** The request's id. */
  id: string;
  at: number;
  sourceFormat: string;
  targetFormat: string;
  /** Did client and provider speak different formats? */
  translated: boolean;
  model: string;
  provider: string;
  stream: boolean;
  status: number;
  durationMs: number;
  /** What the target's format could not say. */
  losses: string[];
};

const MOST_KEPT = 500;
const MOST_LOSSES = 20;

/** The newest translations of real calls, in memory. */
export class TranslationHistory {
  readonly #events: TranslationEvent[] = [];
  /** How many there were since the start. */
  total = 0;

  /** Keeps what an ended call tells; undefined where it never reached a provider. */
  record(record: RequestRecord): TranslationEvent | undefined {
    const { targetFormat, model, provider } = record;
    if (targetFormat === undefined || model === undefined || provider === undefined) return undefined;
    const event: TranslationEvent = {
      id: record.id,
      at: record.at,
      sourceFormat: shownName(record.sourceFormat),
      targetFormat: shownName(targetFormat),
      translated: record.sourceFormat !== targetFormat,
      model,
      provider,
      stream: record.stream,
      status: record.status,
      durationMs: record.durationMs,
      losses: record.warnings?.slice(0, MOST_LOSSES) ?? [],
    };
    this.total++;
    this.#events.push(event);
    if (this.#events.length > MOST_KEPT) this.#events.shift();
    return event;
  }

  /** The newest first. */
  list(limit = 50): TranslationEvent[] {
    return this.#events.slice(-Math.max(1, Math.min(limit, MOST_KEPT))).toReversed();
  }
}
