import type { ClientFormat, EncodeContext, ProviderFormat, StreamEncoder } from "../core/format.ts";
import { TargetFailure } from "../core/errors.ts";
import type { ChatService } from "../core/provider.ts";
import { NO_QUIRKS } from "../core/quirks.ts";
import { type Reply, type ReplyEvent, replay } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";
import type { PlanConfig, Target } from "../core/target.ts";
import type { ProofKeeper } from "../caching/index.ts";
import { isFirstFrame, isLastFrame } from "../formats/raw-frames.ts";
import { tryParseJson } from "../lib/json.ts";
import type { OutboundResponse } from "../net/index.ts";
import { type AnswerStream, DecodedStream, RawStream } from "./answer-stream.ts";
import type { Call } from "./call.ts";
import { collectStream } from "./collect-stream.ts";
import { isAwsEventStream, splitterFor } from "./splitter.ts";
import { Tally } from "./tally.ts";
import { isVendorsOwn } from "./unnamed-proofs.ts";
import { makerOf, type Written } from "./write-body.ts";

/** `timeoutMs`: longest silence before the first content; for whole answers, before the answer. */
export type Times = Pick<
  PlanConfig,
  "timeoutMs" | "connectTimeoutMs" | "headersTimeoutMs" | "totalTimeoutMs"
>;

/** How long an attempt may go without content. */
export const longestOf = ({ timeoutMs, totalTimeoutMs }: Times): number =>
  Math.min(timeoutMs, totalTimeoutMs || Infinity);

/** What one attempt needs beside its target. */
export type Attempt = {
  call: Call;
  /** The request as `prepare` left it; undefined when nothing touched the client's bytes. */
  prepared: ChatRequest | undefined;
  /** How long each phase may take at a target. */
  times(target: Target): Times;
  encodeContext(target: Target, reply?: Reply): EncodeContext;
  /** Comment lines before a stream's end. */
  trailer(target: Target, tally: Tally): string[];
  /** Reads along with the events of a stream; asked for anew by each answer. */
  watch?(): (event: ReplyEvent) => void;
  /** Writes the client's stream in place of the format's own encoder, around which it may stand. */
  encoder?(make: () => StreamEncoder): StreamEncoder;
};

/** A target has answered: nothing can take it back now. */
export type Answer = {
  target: Target;
  service: ChatService;
  written: Written;
  upstreamHeaders: Headers;
  tally: Tally;
} & (
  | { type: "stream"; stream: AnswerStream; encoder: StreamEncoder }
  | { type: "whole"; body: string | Uint8Array; reply: Reply }
);

const MAX_WHOLE_BYTES = 256 * 1024 * 1024;

export type ReadDeps = { proofs: ProofKeeper };

/** What is known of an answer before it is read. */
export type Facts = Pick<Answer, "target" | "service" | "written" | "upstreamHeaders">;

/** A good answer's first content, or all of it. Throws `TargetFailure` for what is no answer after all. */
export async function readAnswer(
  deps: ReadDeps,
  attempt: Attempt,
  facts: Facts,
  format: ProviderFormat,
  response: OutboundResponse,
): Promise<Answer> {
  const { written } = facts;
  // Some services stream whatever was asked, others never do.
  const streams =
    isEventStream(response.headers) ||
    isAwsEventStream(response.headers) ||
    (written.stream && !isJson(response.headers));
  return streams
    ? openStream(deps, attempt, facts, format, response)
    : readWhole(deps, attempt, facts, format, response);
}

async function openStream(
  deps: ReadDeps,
  attempt: Attempt,
  facts: Facts,
  format: ProviderFormat,
  response: OutboundResponse,
): Promise<Answer> {
  const { call } = attempt;
  const { target, service, written } = facts;
  const { keyId } = call.inbound.caller;
  if (!response.body) throw new TargetFailure("malformed", "The provider answered without a body.");
  refuseHtml(response);
  const decoder = format.streamDecoder(decodeContext(facts));
  const tally = new Tally();
  if (!call.stream) {
    const reply = await collectStream(response.body, splitterFor(response.headers), decoder, tally);
    deps.proofs.keep(keyId, reply.parts, keepOptions(facts));
    return { type: "whole", ...facts, tally, reply, body: writeReply(attempt, facts, reply) };
  }
  const encoder = encoderFor(attempt, clientContext(attempt, facts));
  const parts = {
    body: response.body,
    format,
    decoder,
    encoder,
    tally,
    watch: both(deps.proofs.watch(keyId, keepOptions(facts)), attempt.watch?.()),
    trailer: () => attempt.trailer(target, tally),
    estimate: () => ({ type: "usage" as const, usage: tally.settled(call.facts.estimatedInput) }),
  };
  const stream =
    written.lane === "raw"
      ? new RawStream(parts, {
          isFirst: (frame) => isFirstFrame(service.format, frame),
          isLast: (frame) => isLastFrame(service.format, frame),
          hideUsage: written.hideUsage,
        })
      : new DecodedStream(parts, splitterFor(response.headers));
  try {
    await stream.open();
  } catch (error) {
    stream.cancel(error);
    throw error;
  }
  return { type: "stream", ...facts, tally, stream, encoder };
}

async function readWhole(
  deps: ReadDeps,
  attempt: Attempt,
  facts: Facts,
  format: ProviderFormat,
  response: OutboundResponse,
): Promise<Answer> {
  const { call } = attempt;
  const { written } = facts;
  refuseHtml(response);
  const text = await response.text(MAX_WHOLE_BYTES);
  const body = tryParseJson(text);
  if (body === undefined) throw new TargetFailure("malformed", "The provider's answer is not JSON.");
  const reply = format.decodeReply(body, decodeContext(facts));
  if (written.lane === "decoded")
    deps.proofs.keep(call.inbound.caller.keyId, reply.parts, keepOptions(facts));
  const tally = new Tally();
  tally.takeWhole(reply);
  if (call.stream) return replayed(attempt, facts, tally, reply);
  return {
    type: "whole",
    ...facts,
    tally,
    reply,
    body: written.lane === "raw" ? text : writeReply(attempt, facts, reply),
  };
}

/** A client that asked for a stream is served one from a whole answer. */
function replayed(attempt: Attempt, facts: Facts, tally: Tally, reply: Reply): Answer {
  const encoder = encoderFor(attempt, clientContext(attempt, facts, reply));
  const watch = attempt.watch?.();
  let text = "";
  for (const event of replay(reply)) {
    watch?.(event);
    if (event.type === "reply-end") encoder.trailer?.(attempt.trailer(facts.target, tally));
    text += encoder.push(event);
  }
  const pieces = [text];
  const stream: AnswerStream = {
    tally,
    open: () => Promise.resolve(),
    read: () => Promise.resolve(pieces.shift()),
    cancel: () => {},
  };
  return { type: "stream", ...facts, tally, stream, encoder };
}

type Watcher = (event: ReplyEvent) => void;

const both = (first: Watcher, second: Watcher | undefined): Watcher =>
  second
    ? (event) => {
        first(event);
        second(event);
      }
    : first;

function encoderFor(attempt: Attempt, context: EncodeContext): StreamEncoder {
  const make = () => attempt.call.inbound.format.streamEncoder(context);
  return attempt.encoder ? attempt.encoder(make) : make();
}

function writeReply(attempt: Attempt, facts: Facts, reply: Reply): string {
  const format: ClientFormat = attempt.call.inbound.format;
  const usage = reply.usage ?? estimatedUsage(attempt, reply);
  return JSON.stringify(format.encodeReply({ ...reply, usage }, clientContext(attempt, facts, reply)));
}

const clientContext = (attempt: Attempt, facts: Facts, reply?: Reply): EncodeContext => ({
  ...attempt.encodeContext(facts.target, reply),
  sealOwn: !isVendorsOwn(facts.service),
});

function estimatedUsage(attempt: Attempt, reply: Reply) {
  const tally = new Tally();
  tally.takeWhole(reply);
  return tally.settled(attempt.call.facts.estimatedInput);
}

function decodeContext(facts: Facts) {
  return {
    quirks: facts.service.quirks ?? NO_QUIRKS,
    toolNames: facts.written.toolNames,
    maker: makerOf(facts.target),
  };
}

const keepOptions = ({ service }: Facts) => ({ echoed: service.quirks?.echoReasoning ?? false });

const isJson = (headers: Headers): boolean =>
  /^application\/([\w.-]+\+)?json\b/i.test(headers.get("content-type") ?? "");

const isEventStream = (headers: Headers): boolean =>
  /^text\/event-stream\b/i.test(headers.get("content-type") ?? "");

function refuseHtml(response: OutboundResponse): void {
  if (!/^text\/html\b/i.test(response.headers.get("content-type") ?? "")) return;
  response.cancel();
  throw new TargetFailure(
    "malformed",
    "The provider answered with a web page instead of an answer: is the base URL right?",
  );
}
