import type { RequestRecord } from "../../core/record.ts";
import type { Usage } from "../../core/reply.ts";
import { Counter, Distribution } from "./family.ts";

const DURATIONS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const FIRST_CONTENTS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** What calls add up to since the start. Neither keys nor accounts are told, only providers and models. */
export class CallMetrics {
  readonly requests = new Counter(
    "omniroute_requests_total",
    "Calls answered or refused, by the provider and model that had the last word and the status the client saw.",
    ["provider", "model", "status"],
  );
  readonly tokens = new Counter("omniroute_tokens_total", "Tokens used, by kind.", [
    "provider",
    "model",
    "kind",
  ]);
  readonly cost = new Counter(
    "omniroute_cost_usd_total",
    "Cost in US dollars: billed, or the list price of what was not billed (shadow).",
    ["provider", "model", "kind"],
  );
  readonly unpriced = new Counter(
    "omniroute_unpriced_requests_total",
    "Calls that used something whose price nobody knows; they are in no cost.",
    ["provider", "model"],
  );
  readonly durations = new Distribution(
    "omniroute_request_duration_seconds",
    "From the call's arrival to the last byte of its answer.",
    ["provider"],
    DURATIONS,
  );
  readonly firstContents = new Distribution(
    "omniroute_first_content_seconds",
    "From the call's arrival to the first content of its answer.",
    ["provider"],
    FIRST_CONTENTS,
  );
  readonly attempts = new Counter("omniroute_attempts_total", "Tries at providers, by how they ended.", [
    "provider",
    "outcome",
  ]);
  readonly failovers = new Counter(
    "omniroute_failovers_total",
    "Failures after which another target was asked, by the provider that failed.",
    ["provider", "reason"],
  );

  /** `nameOf` gives the short name of a provider for its id. */
  constructor(readonly nameOf: (providerId: string) => string) {}

  record(record: RequestRecord): void {
    const provider = record.provider === undefined ? "none" : this.nameOf(record.provider);
    // What stands behind a question mark are wishes of one call, not the model.
    const model = record.model?.split("?")[0] ?? "none";
    this.requests.add([provider, model, record.status]);
    // What a cache answered was no provider's work.
    if (record.cache !== undefined) return;
    this.#spent(record, provider, model);
    if (record.provider !== undefined) {
      this.durations.observe([provider], record.durationMs / 1000);
      if (record.firstContentMs !== undefined)
        this.firstContents.observe([provider], record.firstContentMs / 1000);
    }
    for (const [index, attempt] of record.attempts.entries()) {
      const tried = this.nameOf(attempt.provider);
      this.attempts.add([tried, attempt.outcome]);
      if (index < record.attempts.length - 1) this.failovers.add([tried, attempt.outcome]);
    }
  }

  #spent({ usage, cost, costKind }: RequestRecord, provider: string, model: string): void {
    if (!usage) return;
    for (const [kind, field] of TOKEN_KINDS) this.tokens.add([provider, model, kind], usage[field] ?? 0);
    if (cost === undefined) this.unpriced.add([provider, model]);
    else this.cost.add([provider, model, costKind === "billed" ? "billed" : "shadow"], cost);
  }

  lines(): string[] {
    const { requests, tokens, cost, unpriced, durations, firstContents, attempts, failovers } = this;
    return [requests, tokens, cost, unpriced, durations, firstContents, attempts, failovers].flatMap(
      (family) => family.lines(),
    );
  }
}

/** `reasoning` is a part of `output`. */
const TOKEN_KINDS = [
  ["input", "input"],
  ["output", "output"],
  ["cache_read", "cacheRead"],
  ["cache_write", "cacheWrite"],
  ["reasoning", "reasoning"],
] as const satisfies readonly (readonly [string, keyof Usage])[];
