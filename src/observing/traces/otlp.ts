import { escapeControls, redact } from "../../lib/log.ts";
import type { Attributes, Span } from "./spans.ts";

const KINDS = { server: 2, client: 3 } as const;
const ERROR = 2;
const LONGEST_TEXT = 500;

/**
 * Spans as the JSON that OTLP/HTTP takes: times as text in nanoseconds, whole numbers as text.
 *
 * https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
 */
export function otlpBody(spans: readonly Span[], resource: Attributes, version: string): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: "omniroute", version }, spans: spans.map(spanOf) }],
      },
    ],
  });
}

function spanOf({ traceId, spanId, parentSpanId, name, kind, startMs, endMs, attributes, error }: Span) {
  return {
    traceId,
    spanId,
    ...(parentSpanId !== undefined && { parentSpanId }),
    name: clean(name),
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    status: error === undefined ? {} : { code: ERROR, message: clean(error) },
  };
}

function attributesOf(attributes: Attributes) {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );
}

function valueOf(value: string | number | boolean) {
  switch (typeof value) {
    case "string":
      return { stringValue: clean(value) };
    case "boolean":
      return { boolValue: value };
    default:
      return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
}

const nanoseconds = (ms: number): string => `${Math.round(ms)}000000`;

const clean = (text: string): string => escapeControls(redact(text.slice(0, LONGEST_TEXT)));
