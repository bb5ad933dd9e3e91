import { FAILURES, GatewayError } from "../core/errors.ts";
import type { PromptBreak } from "../core/prompt-break.ts";
import type { AttemptRecord, Egress, RequestRecord } from "../core/record.ts";
import { findKeyGroup, findRequest } from "../store/index.ts";
import type { ManageDeps } from "./deps.ts";

type Named = { id: string; name: string };

/** One call told from end to end. Times are ISO 8601, durations milliseconds, costs USD. */
export type Receipt = {
  object: "omniroute.receipt";
  request_id: string;
  time: string;
  path: string;
  stream: boolean;
  api_key: Named;
  /** The group the key was in; null: none. */
  key_group: Named | null;
  requested: string;
  resolved: { step: string; from: string; to: string }[];
  strategy: string | null;
  combo: string | null;
  /** The global fallback chain that answered. */
  chain: string | null;
  /** The conversation, and whether it stayed on the account that holds its prompt cache. */
  session: { id: string; affinity: "kept" | "moved" | null } | null;
  waited_ms: number;
  answered: { model: string; provider: string; connection: Named } | null;
  status: number;
  error: { code: string; message: string | null } | null;
  attempts: ReceiptAttempt[];
  /** Planned, but another answered before; `reason`: why it stood behind. */
  not_asked: { model: string; connection: Named; reason: string | null }[];
  excluded: { model: string; connection: Named | null; reason: string; until: string | null }[];
  translation: { from: string; to: string | null; losses: string[] };
  /** Where the answer came from when no provider was asked: `hit`, `semantic`, `replay`. */
  cache: RequestRecord["cache"] | null;
  /** What the provider read from and wrote to its own cache, and why it could not read more, as long as that is known. */
  prompt_cache: {
    read: number;
    written: number;
    /** Of all input, from 0 to 1. */
    share: number;
    broken_by: { element: string; offset: number; kept_bytes: number; changed_by: string } | null;
  } | null;
  usage: RequestRecord["usage"] | null;
  cost: number | null;
  cost_kind: RequestRecord["costKind"] | null;
  first_content_ms: number | null;
  duration_ms: number;
};

export type ReceiptAttempt = {
  position: number;
  model: string;
  provider: string;
  connection: Named;
  started: string;
  first_content_ms: number | null;
  duration_ms: number;
  /** The provider's HTTP status. */
  status: number | null;
  /** `ok`, or what kind of failure it was. */
  code: AttemptRecord["outcome"];
  message: string | null;
  /** What the failure counted against: `model` means that model over that connection. */
  blamed: AttemptRecord["blamed"] | null;
  until: string | null;
  /** Why the story went on, or did not. */
  reason_for_next: string | null;
  /** It wrote on where the attempt before had broken off. */
  continues: boolean;
  /** Which way out it took: through a network proxy, or through none. */
  egress: ReceiptEgress;
  usage: RequestRecord["usage"] | null;
  cost: number | null;
};

/** `exit_address`: where calls through the proxy were last seen to come from, at `exit_seen`; null: unknown. */
export type ReceiptEgress =
  | { way: "direct" }
  | { way: "proxy"; proxy: string; level: string; exit_address: string | null; exit_seen: string | null };

/** The receipt of a call. Throws `not_found`. */
export function receiptOf(deps: ManageDeps, requestId: string): Receipt {
  const record = findRequest(deps.store, requestId);
  if (!record) throw new GatewayError("not_found", "There is no such request in the log.");
  const { entries } = deps.catalogue();
  const names = new Map(entries.flatMap(({ connections }) => connections.map(({ id, name }) => [id, name])));
  return receipt(record, {
    connectionName: (id) => names.get(id) ?? id,
    keyGroupName: (id) => findKeyGroup(deps.store, id)?.name ?? id,
    broken: deps.promptBreakOf(requestId),
  });
}

/** What a log entry knows by ids alone: their names, and what broke the provider's prompt cache. */
export type ReceiptFacts = {
  connectionName(id: string): string;
  keyGroupName?(id: string): string;
  broken?: PromptBreak | undefined;
};

/** Tells a call from its log entry. */
export function receipt(
  record: RequestRecord,
  { connectionName, keyGroupName = (id) => id, broken }: ReceiptFacts,
): Receipt {
  const { story, connectionId, keyGroupId } = record;
  const then = new Map(record.attempts.map((attempt) => [attempt.connectionId, attempt.connectionName]));
  const named = (id: string): Named => ({ id, name: then.get(id) ?? connectionName(id) });
  const isAnswered =
    record.model !== undefined && record.provider !== undefined && connectionId !== undefined;
  return {
    object: "omniroute.receipt",
    request_id: record.id,
    time: iso(record.at),
    path: record.path,
    stream: record.stream,
    api_key: { id: record.keyId, name: record.keyName },
    key_group: keyGroupId === undefined ? null : { id: keyGroupId, name: keyGroupName(keyGroupId) },
    requested: record.requestedModel,
    resolved: story?.resolved ?? [],
    strategy: story?.strategy ?? null,
    combo: record.combo ?? null,
    chain: story?.chain ?? null,
    session: story?.session ? { id: story.session, affinity: story.affinity ?? null } : null,
    waited_ms: story?.waitedMs ?? 0,
    answered: isAnswered
      ? { model: record.model ?? "", provider: record.provider ?? "", connection: named(connectionId) }
      : null,
    status: record.status,
    error:
      record.errorCode === undefined
        ? null
        : { code: record.errorCode, message: record.errorMessage ?? null },
    attempts: record.attempts.map((attempt, index) => told(attempt, record, index)),
    not_asked: (story?.unused ?? []).map(({ model, connectionId: id, reason }) => ({
      model,
      connection: named(id),
      reason: reason ?? null,
    })),
    excluded: (story?.excluded ?? []).map(({ model, connectionId: id, reason, until }) => ({
      model,
      connection: id === undefined ? null : named(id),
      reason,
      until: until === undefined ? null : iso(until),
    })),
    translation: {
      from: record.sourceFormat,
      to: record.targetFormat ?? null,
      losses: record.warnings ?? [],
    },
    cache: record.cache ?? null,
    prompt_cache: promptCacheOf(record, broken),
    usage: record.usage ?? null,
    cost: record.cost ?? null,
    cost_kind: record.costKind ?? null,
    first_content_ms: record.firstContentMs ?? null,
    duration_ms: record.durationMs,
  };
}

function promptCacheOf(
  { usage, cache }: RequestRecord,
  broken: PromptBreak | undefined,
): Receipt["prompt_cache"] {
  if (!usage || usage.estimated || cache !== undefined) return null;
  const { input, cacheRead: read = 0, cacheWrite: written = 0 } = usage;
  const all = input + read + written;
  return {
    read,
    written,
    share: all === 0 ? 0 : read / all,
    broken_by: broken
      ? {
          element: broken.element,
          offset: broken.offset,
          kept_bytes: broken.keptBytes,
          changed_by: broken.changedBy,
        }
      : null,
  };
}

function told(attempt: AttemptRecord, record: RequestRecord, index: number): ReceiptAttempt {
  return {
    position: attempt.position,
    model: attempt.model,
    provider: attempt.provider,
    connection: { id: attempt.connectionId, name: attempt.connectionName },
    started: iso(attempt.startedAt),
    first_content_ms: rounded(attempt.firstContentMs),
    duration_ms: Math.round(attempt.durationMs),
    status: attempt.status ?? null,
    code: attempt.outcome,
    message: attempt.message ?? null,
    blamed: attempt.blamed ?? null,
    until: attempt.until === undefined ? null : iso(attempt.until),
    reason_for_next: reasonForNext(attempt, record, index),
    continues: attempt.continues ?? false,
    egress: wayOut(attempt.egress),
    usage: attempt.usage ?? null,
    cost: attempt.cost ?? null,
  };
}

/** Which way out an attempt took, as it is told. */
export function wayOut(egress: Egress | undefined): ReceiptEgress {
  if (!egress) return { way: "direct" };
  const { proxy, level, exit } = egress;
  return {
    way: "proxy",
    proxy,
    level,
    exit_address: exit?.address ?? null,
    exit_seen: exit ? iso(exit.seenAt) : null,
  };
}

function reasonForNext(attempt: AttemptRecord, record: RequestRecord, index: number): string | null {
  const { outcome } = attempt;
  if (outcome === "ok") return null;
  if (outcome === "cancelled") return "the client left";
  const next = record.attempts[index + 1];
  const why = outcome.replaceAll("-", " ");
  if (attempt.firstContentMs !== undefined) {
    return next?.continues
      ? `${why} in the middle of the answer: the next target wrote on from there`
      : `${why} in the middle of the answer: nothing is generated twice`;
  }
  if (!next) {
    if (record.status < 400) return `${why}: the last to be asked`;
    return `${why}: no target was left`;
  }
  const isSame = next.model === attempt.model && next.connectionId === attempt.connectionId;
  if (isSame && isAtOnce(attempt, next)) return `${why} before the first byte: repeated at once`;
  const earlier = earlierOf(record, next, index);
  if (earlier?.outcome === "rate-limited" || earlier?.outcome === "quota-exhausted")
    return `${why}: the call waited until a limit was over, and asked again`;
  if (earlier) return `${why}: all were asked, so those that failed passingly were asked again`;
  return FAILURES[outcome].skipModel
    ? `${why}: its other accounts would say the same, so on to the next model`
    : `${why}: on to the next target at once`;
}

/** A repeat of a connection that broke waits for nothing; those of another round do. */
const isAtOnce = (attempt: AttemptRecord, next: AttemptRecord): boolean =>
  attempt.outcome === "unreachable" && next.startedAt - attempt.startedAt - attempt.durationMs < AT_ONCE_MS;

const AT_ONCE_MS = 50;

/** The last time that the next target was asked before. */
function earlierOf(record: RequestRecord, next: AttemptRecord, index: number): AttemptRecord | undefined {
  return record.attempts
    .slice(0, index + 1)
    .findLast(({ model, connectionId }) => model === next.model && connectionId === next.connectionId);
}

const iso = (time: number): string => new Date(time).toISOString();

const rounded = (ms: number | undefined): number | null => (ms === undefined ? null : Math.round(ms));
