import { badRequest } from "../core/errors.ts";
import { sealProof } from "../core/envelope.ts";
import type { ClientFormat, EncodeContext, ProviderFormat } from "../core/format.ts";
import type { Quirks } from "../core/quirks.ts";
import { collect, type ReplyEvent } from "../core/reply.ts";
import { ToolNames } from "../core/tool-names.ts";
import { isObject } from "../lib/json.ts";
import { SseSplitter } from "../lib/sse.ts";

/** Who said it, as far as reading it goes. */
export type AnswerSource = { format: ProviderFormat; quirks: Quirks; toolNames?: ToolNames };

/**
 * A provider's whole answer in a client's format; in canonical form without one. Throws `bad_request`, and
 * `TargetFailure` for an error object or an answer without content.
 */
export function translateReply(from: AnswerSource, to: ClientFormat | undefined, body: unknown): unknown {
  if (!isObject(body)) throw badRequest("`body` must be a JSON object.", "body");
  const reply = from.format.decodeReply(body, readingOf(from));
  return to ? to.encodeReply(reply, contextFor(reply, false)) : reply;
}

/** A provider's stream, given as text, in a client's format; the whole answer in canonical form without one. */
export function translateStream(from: AnswerSource, to: ClientFormat | undefined, body: unknown): unknown {
  if (typeof body !== "string") throw badRequest("`body` of a stream must be text.", "body");
  const events = eventsOf(from, body);
  if (!to) return collect(events);
  const start = events.find((event) => event.type === "reply-start");
  const encoder = to.streamEncoder(contextFor({ id: start?.id ?? "", model: start?.model ?? "" }, true));
  return events.map((event) => encoder.push(event)).join("");
}

function eventsOf(from: AnswerSource, text: string): ReplyEvent[] {
  const splitter = new SseSplitter();
  const decoder = from.format.streamDecoder(readingOf(from));
  const wire = [...splitter.push(Buffer.from(text)), ...splitter.end()];
  const events = wire.flatMap((event) => decoder.push(event));
  return [...events, ...decoder.end()];
}

const readingOf = ({ format, quirks, toolNames = new ToolNames() }: AnswerSource) => ({
  quirks,
  toolNames,
  maker: `${format.id}/model`,
});

function contextFor(reply: { id: string; model: string; created?: number }, stream: boolean): EncodeContext {
  return {
    id: reply.id || "answer",
    model: reply.model || "model",
    created: reply.created ?? 0,
    request: { model: reply.model, stream, includeUsage: true, messages: [] },
    sealProof,
  };
}
