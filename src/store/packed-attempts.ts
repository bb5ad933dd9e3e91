import { FAILURES, type FailureKind } from "../core/errors.ts";
import type { AttemptRecord, RequestRecord } from "../core/record.ts";
import type { Usage } from "../core/reply.ts";

/**
 * The attempts of a request as short JSON: one array each, with what the request's own row already says left out and
 * empty ends cut off. The usual single attempt that went well takes about twenty bytes.
 *
 * `[position, start, duration, firstContent, status, outcome, message, provider, model, connectionId, connectionName,
 * blamed, until, bill, egress]` where `start` and `until` count from the request's own time, `outcome` is absent for "ok", and
 * `model` is 0 for the request's model without its prefix. `bill` is `[usage, cost, continues]`.
 */
export function packAttempts(record: RequestRecord): string | null {
  if (record.attempts.length === 0) return null;
  return JSON.stringify(record.attempts.map((attempt) => packAttempt(attempt, record)));
}

/** The opposite of `packAttempts`; durations come back as whole milliseconds. */
export function unpackAttempts(packed: string | null, record: RequestRecord): AttemptRecord[] {
  if (packed === null) return [];
  const rows: unknown = JSON.parse(packed);
  return Array.isArray(rows) ? (rows as Packed[]).map((row) => unpackAttempt(row, record)) : [];
}

type Packed = [
  position: number,
  start: number,
  duration: number,
  firstContent?: number | null,
  status?: number | null,
  outcome?: string | null,
  message?: string | null,
  provider?: string | null,
  model?: string | 0 | null,
  connectionId?: string | null,
  connectionName?: string | null,
  blamed?: AttemptRecord["blamed"] | null,
  until?: number | null,
  bill?: [usage: Usage | 0, cost: number | null, continues?: 1] | null,
  egress?: [proxy: string, level: string, exit?: string, seen?: number] | null,
];

function packAttempt(attempt: AttemptRecord, record: RequestRecord): Packed {
  const packed: Packed = [
    attempt.position,
    Math.round(attempt.startedAt - record.at),
    Math.round(attempt.durationMs),
    attempt.firstContentMs === undefined ? null : Math.round(attempt.firstContentMs),
    attempt.status ?? null,
    attempt.outcome === "ok" ? null : attempt.outcome,
    attempt.message ?? null,
    attempt.provider === record.provider ? null : attempt.provider,
    packModel(attempt.model, record.model),
    attempt.connectionId === record.connectionId ? null : attempt.connectionId,
    attempt.connectionName === record.connectionName ? null : attempt.connectionName,
    attempt.blamed ?? null,
    attempt.until === undefined ? null : Math.round(attempt.until - record.at),
    packBill(attempt),
    packEgress(attempt),
  ];
  while (packed.at(-1) === null) packed.pop();
  return packed;
}

function unpackAttempt(packed: Packed, record: RequestRecord): AttemptRecord {
  const [position, start, duration, firstContent, status, outcome, message] = packed;
  const [provider, model, connectionId, connectionName] = packed.slice(7) as [
    string?,
    (string | 0)?,
    string?,
    string?,
  ];
  const [blamed, until, bill, egress] = packed.slice(11) as [
    AttemptRecord["blamed"]?,
    number?,
    Packed[13]?,
    Packed[14]?,
  ];
  return {
    position,
    provider: provider ?? record.provider ?? "",
    model: unpackModel(model, record.model),
    connectionId: connectionId ?? record.connectionId ?? "",
    connectionName: connectionName ?? record.connectionName ?? "",
    startedAt: record.at + start,
    durationMs: duration,
    outcome: isFailureKind(outcome) ? outcome : "ok",
    ...(firstContent != null && { firstContentMs: firstContent }),
    ...(status != null && { status }),
    ...(message != null && { message }),
    ...(blamed != null && { blamed }),
    ...(until != null && { until: record.at + until }),
    ...unpackBill(bill),
    ...unpackEgress(egress),
  };
}

function packEgress({ egress }: AttemptRecord): Packed[14] {
  if (!egress) return null;
  const { proxy, level, exit } = egress;
  return exit ? [proxy, level, exit.address, exit.seenAt] : [proxy, level];
}

function unpackEgress(egress: Packed[14]): Pick<AttemptRecord, "egress"> {
  if (!egress) return {};
  const [proxy, level, address, seenAt] = egress;
  const exit = address === undefined || seenAt === undefined ? {} : { exit: { address, seenAt } };
  return { egress: { proxy, level, ...exit } };
}

function packBill({ usage, cost, continues }: AttemptRecord): Packed[13] {
  if (!usage && cost === undefined && !continues) return null;
  return continues ? [usage ?? 0, cost ?? null, 1] : [usage ?? 0, cost ?? null];
}

function unpackBill(bill: Packed[13]): Pick<AttemptRecord, "usage" | "cost" | "continues"> {
  if (!bill) return {};
  const [usage, cost, continues] = bill;
  return {
    ...(usage && { usage }),
    ...(cost !== null && { cost }),
    ...(continues && { continues: true }),
  };
}

function packModel(model: string, answered: string | undefined): string | 0 | null {
  if (model === answered) return null;
  return withoutPrefix(answered) === model ? 0 : model;
}

function unpackModel(packed: string | 0 | null | undefined, answered: string | undefined): string {
  if (packed === 0) return withoutPrefix(answered) ?? "";
  return packed ?? answered ?? "";
}

function withoutPrefix(model: string | undefined): string | undefined {
  const slash = model?.indexOf("/") ?? -1;
  return slash < 0 ? undefined : model!.slice(slash + 1);
}

function isFailureKind(word: string | null | undefined): word is FailureKind {
  return word != null && Object.hasOwn(FAILURES, word);
}
