import type { FailureKind } from "./errors.ts";
import type { FormatId, ProviderFormatId, Usage } from "./reply.ts";

/**
 * Where an answer came from when no provider was asked: the answer cache, a similar question's answer, or the answer
 * to an equal call a moment before.
 */
export type CacheOutcome = "hit" | "semantic" | "replay";

export type CostKind = "billed" | "shadow" | "free";

/** The address under which calls through a proxy were last seen outside, and when (milliseconds since 1970). */
export type ExitAddress = { address: string; seenAt: number };

/**
 * The network proxy that calls take, without its password, and which level of the settings says so. `exit` is what was
 * known at that moment; absent: nobody was asked.
 */
export type Egress = { proxy: string; level: string; exit?: ExitAddress };

/** One try at one target, as the log and the receipt tell it. Durations in milliseconds. */
export type AttemptRecord = {
  position: number;
  provider: string;
  model: string;
  connectionId: string;
  connectionName: string;
  /** Milliseconds since 1970. */
  startedAt: number;
  firstContentMs?: number;
  durationMs: number;
  /** The provider's HTTP status; absent when none came. */
  status?: number;
  outcome: "ok" | FailureKind;
  /** The failure in the provider's words, without secrets. */
  message?: string;
  /** What the failure counted against; `model` is that model over that connection. Absent: nobody. */
  blamed?: "model" | "connection" | "provider";
  /** When what was blamed may be used again, in milliseconds since 1970, where that is known. */
  until?: number;
  /** It wrote on where the attempt before had broken off. */
  continues?: boolean;
  /** Absent: it went straight to the provider. */
  egress?: Egress;
  /** Its own part of the bill, where several attempts of a call have one. */
  usage?: Usage;
  /** USD; absent when the price is unknown. */
  cost?: number;
};

/** How a call was routed. */
export type RequestStory = {
  strategy: string;
  resolved: { step: string; from: string; to: string }[];
  /** Targets that were planned and not asked, in order; `reason`: why one stood so far behind. */
  unused?: { model: string; connectionId: string; reason?: string }[];
  /** What was left out of the plan, and why. `until` in milliseconds since 1970. */
  excluded?: { model: string; connectionId?: string; reason: string; until?: number }[];
  /** The global fallback chain that answered. */
  chain?: string;
  /** The conversation's short name. */
  session?: string;
  /** Did the conversation stay on the account that holds its prompt cache? Absent where none did. */
  affinity?: "kept" | "moved";
  /** Milliseconds it waited for its turn. */
  waitedMs?: number;
};

/** One call, told once it is over. */
export type RequestRecord = {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  path: string;
  keyId: string;
  keyName: string;
  /** The group the key was in. */
  keyGroupId?: string;
  /** The program that called, as it names itself: `claude-cli/2.1`. */
  client?: string;
  /** Where the call stands in a trace of the client's (W3C `traceparent`); not kept. */
  traceparent?: string;
  /** The name the client asked for. */
  requestedModel: string;
  /** `prefix/id` that answered; absent when nothing did. */
  model?: string;
  provider?: string;
  connectionId?: string;
  connectionName?: string;
  combo?: string;
  sourceFormat: FormatId | "other";
  targetFormat?: ProviderFormatId;
  stream: boolean;
  /** Status the client saw. 499: the client left. */
  status: number;
  /** Error code the client saw, also inside a stream. */
  errorCode?: string;
  errorMessage?: string;
  usage?: Usage;
  /** USD; absent when the price is unknown. */
  cost?: number;
  costKind?: CostKind;
  durationMs: number;
  firstContentMs?: number;
  attempts: AttemptRecord[];
  warnings?: string[];
  /** Absent where a provider was asked. */
  cache?: CacheOutcome;
  /** Absent where there was nothing to decide. */
  story?: RequestStory;
};

/** A call in progress, for the live view. */
export type LiveRequest = Pick<
  RequestRecord,
  "id" | "at" | "path" | "keyName" | "requestedModel" | "stream"
> & {
  model?: string;
};
