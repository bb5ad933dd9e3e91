import { randomBytes } from "node:crypto";
import type { AttemptRecord, RequestRecord } from "../../core/record.ts";
import type { Usage } from "../../core/reply.ts";

/** Values of attributes; undefined ones are left out. */
export type Attributes = { [name: string]: string | number | boolean | undefined };

/** One piece of work. Times in milliseconds since 1970. */
export type Span = {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: "server" | "client";
  startMs: number;
  endMs: number;
  attributes: Attributes;
  /** What went wrong; undefined when nothing did. */
  error?: string;
};

/**
 * A call as a span of ours with one span for each try at a provider, by the semantic conventions for generative AI.
 * Neither prompts nor answers, keys nor accounts are in them. `nameOf`: a provider's short name by its id.
 *
 * https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/
 */
export function spansOf(record: RequestRecord, nameOf: (providerId: string) => string): Span[] {
  const parent = parsedParent(record.traceparent);
  const root: Span = {
    traceId: parent?.traceId ?? traceIdOf(record.id),
    spanId: newSpanId(),
    ...(parent && { parentSpanId: parent.spanId }),
    name: `POST ${record.path}`,
    kind: "server",
    startMs: record.at,
    endMs: record.at + record.durationMs,
    attributes: {
      "http.request.method": "POST",
      "url.path": record.path,
      "http.response.status_code": record.status,
      "user_agent.original": record.client,
      "gen_ai.operation.name": operationOf(record),
      "gen_ai.request.model": record.requestedModel,
      "gen_ai.response.model": record.model,
      "gen_ai.provider.name": record.provider && vendorName(nameOf(record.provider)),
      ...usageOf(record.usage),
      "error.type": record.errorCode,
      "omniroute.request_id": record.id,
      "omniroute.stream": record.stream,
      "omniroute.combo": record.combo,
      "omniroute.cache": record.cache,
      "omniroute.attempts": record.attempts.length,
      "omniroute.first_content_ms": record.firstContentMs,
      "omniroute.cost_usd": record.cost,
      "omniroute.cost_kind": record.costKind,
    },
    ...(record.errorCode !== undefined && { error: record.errorMessage ?? record.errorCode }),
  };
  return [
    root,
    ...record.attempts.map((attempt, index) => attemptSpan(record, root, attempt, index, nameOf)),
  ];
}

function attemptSpan(
  record: RequestRecord,
  root: Span,
  attempt: AttemptRecord,
  index: number,
  nameOf: (providerId: string) => string,
): Span {
  const operation = operationOf(record);
  const isLast = index === record.attempts.length - 1;
  const usage = attempt.usage ?? (isLast && attempt.outcome === "ok" ? record.usage : undefined);
  return {
    traceId: root.traceId,
    spanId: newSpanId(),
    parentSpanId: root.spanId,
    name: `${operation} ${attempt.model}`,
    kind: "client",
    startMs: attempt.startedAt,
    endMs: attempt.startedAt + attempt.durationMs,
    attributes: {
      "gen_ai.operation.name": operation,
      "gen_ai.provider.name": vendorName(nameOf(attempt.provider)),
      "gen_ai.request.model": attempt.model,
      "gen_ai.response.model": attempt.outcome === "ok" ? attempt.model : undefined,
      ...usageOf(usage),
      "http.response.status_code": attempt.status,
      "error.type": attempt.outcome === "ok" ? undefined : attempt.outcome,
      "omniroute.position": attempt.position,
      "omniroute.first_content_ms": attempt.firstContentMs,
    },
    ...(attempt.outcome !== "ok" && { error: attempt.message ?? attempt.outcome }),
  };
}

/** In the conventions, the input holds what was read from a cache or written to one. */
function usageOf(usage: Usage | undefined): Attributes {
  if (!usage) return {};
  return {
    "gen_ai.usage.input_tokens": usage.input + (usage.cacheRead ?? 0) + (usage.cacheWrite ?? 0),
    "gen_ai.usage.output_tokens": usage.output,
    "gen_ai.usage.cache_read.input_tokens": usage.cacheRead,
    "gen_ai.usage.cache_creation.input_tokens": usage.cacheWrite,
    "omniroute.usage.estimated": usage.estimated,
    ...unitsOf(usage.units),
  };
}

/** What is billed by something else than tokens: seconds of audio, pictures, characters, searches. */
const unitsOf = (units: Usage["units"]): Attributes =>
  Object.fromEntries(Object.entries(units ?? {}).map(([unit, count]) => [`omniroute.usage.${unit}`, count]));

/** Operations by the end of their path; those the conventions have no word for are named in their manner. */
const OPERATIONS: readonly (readonly [end: RegExp, operation: string])[] = [
  [/embed|^answer cache$/i, "embeddings"],
  [/\/images\/generations$/, "generate_image"],
  [/\/images\/edits$/, "edit_image"],
  [/\/audio\/speech$/, "speech"],
  [/\/audio\/transcriptions$/, "transcription"],
  [/\/moderations$/, "moderation"],
  [/\/rerank$/, "rerank"],
  [/(?<!\/chat)\/completions$/, "text_completion"],
];

function operationOf({ path, sourceFormat }: RequestRecord): string {
  const named = OPERATIONS.find(([end]) => end.test(path))?.[1];
  return named ?? (sourceFormat === "gemini" ? "generate_content" : "chat");
}

/** Vendors whose name in the conventions is not ours. */
const VENDOR_NAMES: { readonly [name: string]: string | undefined } = {
  gemini: "gcp.gemini",
  mistral: "mistral_ai",
  xai: "x_ai",
};
const vendorName = (name: string): string => VENDOR_NAMES[name] ?? name;

/** A request id of our own making is the trace's id too, so that one leads to the other. */
const traceIdOf = (requestId: string): string =>
  /^req_([0-9a-f]{32})$/.exec(requestId)?.[1] ?? randomBytes(16).toString("hex");

const newSpanId = (): string => randomBytes(8).toString("hex");

/** https://www.w3.org/TR/trace-context/#traceparent-header */
function parsedParent(traceparent: string | undefined): { traceId: string; spanId: string } | undefined {
  const [, traceId = "", spanId = ""] =
    /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent ?? "") ?? [];
  return /[1-9a-f]/.test(traceId) && /[1-9a-f]/.test(spanId) ? { traceId, spanId } : undefined;
}
