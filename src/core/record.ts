import type { FailureKind } from "./errors.ts";
import type { FormatId, Usage } from "./reply.ts";

export type CostKind = "billed" | "shadow" | "free";

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
};

/** One call, told once it is over. */
export type RequestRecord = {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  path: string;
  keyId: string;
  keyName: string;
  /** The name the client asked for. */
  requestedModel: string;
  /** `prefix/id` that answered; absent when nothing did. */
  model?: string;
  provider?: string;
  connectionId?: string;
  connectionName?: string;
  combo?: string;
  sourceFormat: FormatId | "other";
  targetFormat?: FormatId;
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
};

/** A call in progress, for the live view. */
export type LiveRequest = Pick<
  RequestRecord,
  "id" | "at" | "path" | "keyName" | "requestedModel" | "stream"
> & {
  model?: string;
};
