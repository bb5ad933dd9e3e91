import { bodyText } from "../lib/body-bytes.ts";
import { type JsonObject, tryParseJson } from "../lib/json.ts";
import type { Outbound, OutboundRequest, OutboundResponse } from "../net/index.ts";

/** One call to a provider as it went over the wire, without credentials. Texts are cut at `MOST_KEPT`. */
export type Exchange = {
  request: { method: string; url: string; headers: { [name: string]: string }; body: unknown };
  /** Absent while none has come, or where none came at all. */
  response?: { status: number; contentType: string; body: string; cut: boolean };
};

const MOST_KEPT = 1024 * 1024;
const MOST_EXCHANGES = 20;

/** Header values that may be shown; everything else could hold a credential or name an account. */
const SHOWN = new Set([
  "content-type",
  "accept",
  "anthropic-version",
  "anthropic-beta",
  "openai-beta",
  "user-agent",
]);

/**
 * The same way out, with somebody reading along. `onBytes` sees each piece of a provider's answer as it passes;
 * nothing is held back for it.
 */
export function tapped(
  outbound: Outbound,
  exchanges: Exchange[],
  onBytes: (chunk: Uint8Array) => void = () => {},
): Outbound {
  return {
    async send(request) {
      const exchange: Exchange = { request: shownRequest(request) };
      if (exchanges.length < MOST_EXCHANGES) exchanges.push(exchange);
      return readAlong(await outbound.send(request), exchange, onBytes);
    },
  };
}

function shownRequest({ method, url, headers, body }: OutboundRequest): Exchange["request"] {
  const address = new URL(url);
  const shown =
    address.protocol === "mock:" ? url : `${address.origin}${address.pathname}${shownQuery(address)}`;
  return {
    method,
    url: shown,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, SHOWN.has(name) ? value : "•••"]),
    ),
    body: shownBody(body),
  };
}

/** Only `alt=sse` is ours; anything else in a query was typed in by a person and may be a key. */
const shownQuery = ({ searchParams }: URL): string =>
  searchParams.get("alt") === "sse" ? "?alt=sse" : searchParams.size > 0 ? "?•••" : "";

function shownBody(body: OutboundRequest["body"]): unknown {
  if (body === undefined || typeof body === "function") return null;
  const text = bodyText(body);
  return text.length > MOST_KEPT
    ? `${text.slice(0, MOST_KEPT)}…`
    : ((tryParseJson(text) as JsonObject | undefined) ?? text);
}

function readAlong(
  response: OutboundResponse,
  exchange: Exchange,
  onBytes: (chunk: Uint8Array) => void,
): OutboundResponse {
  const contentType = response.headers.get("content-type") ?? "";
  const told: NonNullable<Exchange["response"]> = {
    status: response.status,
    contentType,
    body: "",
    cut: false,
  };
  exchange.response = told;
  const decoder = new TextDecoder();
  const note = (chunk: Uint8Array) => {
    onBytes(chunk);
    const text = decoder.decode(chunk, { stream: true });
    told.cut ||= told.body.length + text.length > MOST_KEPT;
    told.body += text.slice(0, Math.max(0, MOST_KEPT - told.body.length));
  };
  const { status, headers } = response;
  // Piped only when somebody takes it as a stream: otherwise `text` reads it.
  let body: ReadableStream<Uint8Array> | null | undefined;
  return {
    status,
    headers,
    get body() {
      body ??= response.body?.pipeThrough(listener(note)) ?? null;
      return body;
    },
    cancel: () => response.cancel(),
    async text(limit) {
      const text = await response.text(limit);
      note(Buffer.from(text));
      return text;
    },
  };
}

const listener = (note: (chunk: Uint8Array) => void) =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      note(chunk);
      controller.enqueue(chunk);
    },
  });
