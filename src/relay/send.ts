import { TargetFailure } from "../core/errors.ts";
import type { ClientFormat, EncodeContext, ProviderFormat, StreamEncoder } from "../core/format.ts";
import type { ChatService } from "../core/provider.ts";
import { NO_QUIRKS } from "../core/quirks.ts";
import { type Reply, type ReplyEvent, replay } from "../core/reply.ts";
import type { ChatRequest } from "../core/request.ts";
import { chatServiceFor, type PlanConfig, type Target } from "../core/target.ts";
import { authHeaders } from "../accounts/index.ts";
import type { ProofKeeper } from "../caching/index.ts";
import { isFirstFrame, isLastFrame } from "../formats/raw-frames.ts";
import type { Clock } from "../lib/clock.ts";
import { tryParseJson } from "../lib/json.ts";
import { clientHeadersFor, mergedHeaders, type Outbound, type OutboundResponse } from "../net/index.ts";
import { classifyResponse, readQuotas } from "../routing/index.ts";
import { isProofRefusal, withoutProofs } from "./proof-refusal.ts";
import { type ArrivalDeps, detectionFor, readInside } from "./arrival.ts";
import { type AnswerStream, DecodedStream, RawStream } from "./answer-stream.ts";
import type { Call } from "./call.ts";
import { collectStream } from "./collect-stream.ts";
import { isAwsEventStream, splitterFor } from "./splitter.ts";
import { Tally } from "./tally.ts";
import { isVendorsOwn } from "./unnamed-proofs.ts";
import { type Tokens, withAccount } from "./with-account.ts";
import { viaOf } from "./via.ts";
import { targetModel, type Written, writeBody } from "./write-body.ts";

export type SendDeps = ArrivalDeps & {
  clock: Clock;
  outbound: Outbound;
  formats: Readonly<Record<string, ProviderFormat>>;
  proofs: ProofKeeper;
  tokens: Tokens;
};

/** `timeoutMs`: longest silence before the first content; for whole answers, before the answer. */
export type Times = Pick<
  PlanConfig,
  "timeoutMs" | "connectTimeoutMs" | "headersTimeoutMs" | "totalTimeoutMs"
>;

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
const MAX_ERROR_BYTES = 256 * 1024;

/** Asks one target. Gives its answer once real content has come; throws `TargetFailure` otherwise. */
export async function send(
  deps: SendDeps,
  attempt: Attempt,
  target: Target,
  signal: AbortSignal,
): Promise<Answer> {
  const { call } = attempt;
  const service = chatServiceFor(target, call.inbound.format.id);
  const format = service && deps.formats[service.format];
  if (!service || !format) throw new TargetFailure("unsupported", `${target.label} cannot chat.`);
  const route = { target, service, format };
  const { keyId } = call.inbound.caller;
  const restore = (request: ChatRequest) => deps.proofs.restore(request, keyId);
  return withDeadline(deps, attempt.times(target), signal, async (deadline) => {
    try {
      return await once(
        deps,
        attempt,
        route,
        writeBody(call, { prepared: attempt.prepared, restore }, target, service, format),
        deadline,
      );
    } catch (error) {
      if (!isProofRefusal(error)) throw error;
      // The vendor does not take a proof (another account's, or too old): the turn is worth more than its reasoning.
      const prepared = withoutProofs(attempt.prepared ?? call.request);
      const plain = writeBody(call, { prepared, restore: (request) => request }, target, service, format);
      return once(deps, attempt, route, plain, deadline);
    }
  });
}

type Route = { target: Target; service: ChatService; format: ProviderFormat };

function once(
  deps: SendDeps,
  attempt: Attempt,
  route: Route,
  written: Written,
  deadline: AbortController,
): Promise<Answer> {
  return withAccount(deps.tokens, route.target, (target) =>
    ask(deps, attempt, { ...route, target }, written, deadline),
  );
}

async function ask(
  deps: SendDeps,
  attempt: Attempt,
  { target, service, format }: Route,
  written: Written,
  deadline: AbortController,
): Promise<Answer> {
  const response = await post(deps, attempt, target, service, written, deadline);
  if (response.status < 200 || response.status > 299) throw await readFailure(deps, target, format, response);
  const facts = { target, service, written, upstreamHeaders: response.headers };
  // Some services stream whatever was asked, others never do.
  const streams =
    isEventStream(response.headers) ||
    isAwsEventStream(response.headers) ||
    (written.stream && !isJson(response.headers));
  try {
    return streams
      ? await openStream(deps, attempt, facts, format, response)
      : await readWhole(deps, attempt, facts, format, response);
  } catch (error) {
    throw readInside(deps, target, response.headers, error);
  }
}

type Facts = Pick<Answer, "target" | "service" | "written" | "upstreamHeaders">;

async function post(
  deps: SendDeps,
  attempt: Attempt,
  target: Target,
  service: ChatService,
  written: Written,
  deadline: AbortController,
): Promise<OutboundResponse> {
  const { inbound } = attempt.call;
  const { connectTimeoutMs, headersTimeoutMs } = attempt.times(target);
  return deps.outbound.send({
    method: "POST",
    url: serviceUrl(target, service, written.stream),
    headers: mergedHeaders(
      {
        "content-type": "application/json",
        accept: written.stream ? "text/event-stream" : "application/json",
      },
      service.headers ?? {},
      clientHeadersFor(inbound.headers, inbound.format.id, service.format, target.provider),
      written.headers,
      authHeaders(target.provider, target.connection, service),
      target.provider.builtIn ? { "x-omniroute-caller": inbound.caller.keyId } : {},
    ),
    body: written.body,
    signal: deadline.signal,
    controller: deadline,
    userEntered: isUserEntered(target),
    via: viaOf(target, inbound.caller),
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    ...(headersTimeoutMs !== undefined && { headersTimeoutMs }),
  });
}

/** The address of a target's chat service; the model's id is escaped so that it can never leave its place. */
export function serviceUrl(target: Target, service: ChatService, stream: boolean): string {
  const base = (target.connection.baseUrl ?? target.provider.baseUrl).replace(/\/+$/, "");
  const verb = stream ? "streamGenerateContent?alt=sse" : "generateContent";
  return base + service.path.replace("{model}", encodeURIComponent(target.modelId)).replace("{verb}", verb);
}

/** Was the address typed in by a person (a node, an overridden base URL), and so must be checked at dial time? */
export function isUserEntered(target: Target): boolean {
  return target.connection.baseUrl !== undefined || target.provider.id.includes("-compatible-");
}

async function readFailure(
  deps: SendDeps,
  target: Target,
  format: ProviderFormat,
  response: OutboundResponse,
): Promise<TargetFailure> {
  const bodyText = await response.text(MAX_ERROR_BYTES).catch(() => "");
  const error = format.readError(tryParseJson(bodyText));
  deps.quotas.noteHeaders(target.connection.id, readQuotas(response.headers, deps.clock.now()));
  return classifyResponse({
    status: response.status,
    headers: response.headers,
    bodyText,
    now: deps.clock.now(),
    detection: detectionFor(deps, target.connection),
    ...(error && { error }),
  });
}

async function openStream(
  deps: SendDeps,
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
  deps: SendDeps,
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
    maker: targetModel(facts.target).maker,
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

/** Runs an attempt under the client's signal and its own deadline for the first content. */
async function withDeadline(
  deps: SendDeps,
  times: Times,
  signal: AbortSignal,
  run: (deadline: AbortController) => Promise<Answer>,
): Promise<Answer> {
  const controller = new AbortController();
  const onAbort = () => controller.abort(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener("abort", onAbort);
  let late = false;
  const longest = Math.min(times.timeoutMs, times.totalTimeoutMs || Infinity);
  const cancelTimer = deps.clock.after(longest, () => {
    late = true;
    controller.abort();
  });
  try {
    return await run(controller);
  } catch (error) {
    controller.abort();
    if (signal.aborted) throw new TargetFailure("cancelled", "The client left.");
    if (late) throw new TargetFailure("timeout", `No content within ${Math.round(longest / 1000)} s.`);
    throw error;
  } finally {
    cancelTimer();
    // An answer that has begun is ended through its stream; a listener left behind would keep the whole call alive.
    signal.removeEventListener("abort", onAbort);
  }
}
