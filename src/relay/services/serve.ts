import type { GatewayError, TargetFailure } from "../../core/errors.ts";
import { TargetFailure as Failure } from "../../core/errors.ts";
import type { Loss } from "../../core/format.ts";
import type { Service } from "../../core/provider.ts";
import type { Units, Usage } from "../../core/reply.ts";
import type { ByteReply, ServiceFormat, ServiceKind, ServiceReply } from "../../core/services.ts";
import { configFor, type Plan, serviceFor, type Target } from "../../core/target.ts";
import { SERVICE_FORMATS } from "../../formats/services/index.ts";
import { costKindOf, costOf, plausible } from "../../metering/index.ts";
import { describePlan, firstToAnswer, type Ticket } from "../../routing/index.ts";
import { noteHeaders } from "../arrival.ts";
import { inTurn } from "../in-turn.ts";
import type { RelayDeps, Served, StreamEnd } from "../index.ts";
import { type Ending, Entry } from "../journal.ts";
import { Leaving } from "../leaving.ts";
import { asGatewayError, type StreamOutcome } from "../pump.ts";
import { longestOf, type Times } from "../read-answer.ts";
import { reasonsOf } from "../refusal-reasons.ts";
import { answerHeaders, idHeaders, isDryRun } from "../response-headers.ts";
import { withAccount } from "../with-account.ts";
import { walkTools } from "../walk-tools.ts";
import { TargetAsker } from "./asker.ts";
import { bytesFor, openBytes, type OpenedBytes } from "./byte-stream.ts";
import { withDeadline } from "./deadline.ts";
import type { ServiceInbound } from "./inbound.ts";
import { StreamUsage } from "./stream-usage.ts";

/** What one target gave. */
type Given<Kind extends ServiceKind> = {
  target: Target;
  upstreamHeaders: Headers;
  reply: ServiceReply<Kind>;
  /** The reply's bytes, when they come one after the other and the first are there. */
  opened?: OpenedBytes;
};

/** Answers one call for something beside chat from the first target that can. Throws `GatewayError` when none does. */
export async function serveService<Kind extends ServiceKind>(
  deps: RelayDeps,
  inbound: ServiceInbound<Kind>,
): Promise<Served> {
  if (isDryRun(inbound.headers)) return { response: dryRun(deps, inbound) };
  const { requestId, path, caller, headers, model, stream } = inbound;
  const told = { inbound: { requestId, path, caller, headers, format: { id: inbound.kind } }, model, stream };
  const entry = new Entry(deps.clock, deps.journal, told);
  try {
    return await answer(deps, inbound, entry);
  } catch (error) {
    const known = asGatewayError(error, deps.clock.now());
    entry.plan ??= reasonsOf(() => deps.planService(inbound, { evenEmpty: true }));
    entry.end({ status: known.status, ...toldOf(known) });
    known.logged = true;
    throw known;
  }
}

async function answer<Kind extends ServiceKind>(
  deps: RelayDeps,
  inbound: ServiceInbound<Kind>,
  entry: Entry,
): Promise<Served> {
  const leaving = new Leaving(inbound.signal);
  const { signal } = leaving;
  try {
    const { plan, given, settle } = await inTurn(deps, inbound.headers, signal, (ticket, waitedMs) => {
      entry.waitedMs = waitedMs;
      return walk(deps, inbound, entry, signal, ticket);
    });
    arrived(deps, entry, given);
    const parts = { deps, inbound, entry, plan, given, settle };
    return given.opened ? streamed(parts, given.opened) : await whole(parts);
  } finally {
    // From here on the answer's own stream tells when the client leaves.
    leaving.forget();
  }
}

/** Plans, and asks one target after the other until one answers. */
async function walk<Kind extends ServiceKind>(
  deps: RelayDeps,
  inbound: ServiceInbound<Kind>,
  entry: Entry,
  signal: AbortSignal,
  ticket: Ticket | undefined,
) {
  const plan = deps.planService(inbound, ticket ? { ticket } : {});
  entry.plan = plan;
  const { answer: given, settle } = await firstToAnswer({
    plan,
    attempt: (target, targetSignal) => attempt(deps, inbound, configFor(plan, target), target, targetSignal),
    ...walkTools(deps, inbound.caller),
    signal,
    ...(ticket && { ticket }),
    made: entry.attempts.length,
    onAttempt: (record) => entry.attempts.push(record),
  });
  return { plan, given, settle };
}

function attempt<Kind extends ServiceKind>(
  deps: RelayDeps,
  inbound: ServiceInbound<Kind>,
  times: Times,
  target: Target,
  signal: AbortSignal,
): Promise<Given<Kind>> {
  const service = serviceFor(target, inbound.kind);
  if (!service) throw new Failure("unsupported", `${target.label} cannot do this: ${NEEDS[inbound.kind]}.`);
  // An upload that passes through can be sent only once.
  const repeats = inbound.received === undefined;
  const overAccount = (usable: Target) => ask(deps, inbound, service, times, usable, signal);
  return withAccount(deps.tokens, target, overAccount, { repeats });
}

function ask<Kind extends ServiceKind>(
  deps: RelayDeps,
  inbound: ServiceInbound<Kind>,
  service: Service<Kind>,
  times: Times,
  target: Target,
  signal: AbortSignal,
): Promise<Given<Kind>> {
  const { connectTimeoutMs, headersTimeoutMs } = times;
  const phases = {
    ...(connectTimeoutMs !== undefined && { connectTimeoutMs }),
    // A slow upload is not the provider's fault.
    ...(headersTimeoutMs !== undefined && inbound.received === undefined && { headersTimeoutMs }),
  };
  return withDeadline(deps.clock, longestOf(times), signal, inbound.received, async (within) => {
    const asker = new TargetAsker(deps, target, service as Service, inbound.caller, within, phases);
    const format = formatOf(inbound.kind, service);
    const reply = await format(
      inbound.request,
      { modelId: target.modelId, service, quirks: service.quirks ?? {} },
      asker,
    );
    const bytes = isBytes(reply) && reply.bytes instanceof ReadableStream ? reply.bytes : undefined;
    const opened = bytes && (await openBytes(bytes));
    return { target, upstreamHeaders: asker.headers, reply, ...(opened && { opened }) };
  });
}

/** What a provider would have to have. */
const NEEDS: Readonly<Record<ServiceKind, string>> = {
  embeddings: "it makes no embeddings",
  images: "it makes no pictures",
  imageEdits: "it does not change pictures",
  transcription: "it does not write down audio",
  speech: "it does not speak",
  moderation: "it does not judge texts",
  rerank: "it does not rank documents",
};

function formatOf<Kind extends ServiceKind>(kind: Kind, service: Service<Kind>): ServiceFormat<Kind> {
  const dialects = SERVICE_FORMATS[kind] as Readonly<Record<string, ServiceFormat<Kind>>>;
  const format = dialects[service.dialect];
  if (!format) throw new Error(`There is no dialect ${service.dialect} of ${kind}.`);
  return format;
}

const isBytes = (reply: object): reply is ByteReply => (reply as { type?: unknown }).type === "bytes";

function arrived(deps: RelayDeps, entry: Entry, given: Given<ServiceKind>): void {
  entry.target = given.target;
  entry.firstContentMs = entry.elapsed();
  entry.warnings = lossesOf(given).map((loss) => `${loss.what}: ${loss.why}`);
  noteHeaders(deps, given.target, given.upstreamHeaders);
}

const lossesOf = ({ reply }: Given<ServiceKind>): Loss[] =>
  ("losses" in reply ? (reply.losses ?? []) : []).filter((loss) => !loss.silent);

type Parts<Kind extends ServiceKind> = {
  deps: RelayDeps;
  inbound: ServiceInbound<Kind>;
  entry: Entry;
  plan: Plan;
  given: Given<Kind>;
  settle(failure?: TargetFailure): void;
};

async function whole<Kind extends ServiceKind>(parts: Parts<Kind>): Promise<Served> {
  const { inbound, entry, given, settle } = parts;
  const { reply } = given;
  try {
    const spent = spending(parts);
    const encoded = isBytes(reply)
      ? { contentType: reply.contentType, body: reply.bytes as Uint8Array }
      : await inbound.encode(reply, { model: given.target.label, usage: spent.usage });
    entry.end({ status: 200, ...spent });
    return {
      response: new Response(encoded.body as BodyInit, {
        headers: { ...headersOf(parts, spent), "content-type": encoded.contentType },
      }),
    };
  } finally {
    settle();
  }
}

function streamed<Kind extends ServiceKind>(parts: Parts<Kind>, opened: OpenedBytes): Served {
  const { deps, given, plan } = parts;
  const config = configFor(plan, given.target);
  const reply = given.reply as ByteReply;
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  const events = reply.contentType.startsWith("text/event-stream") ? new StreamUsage() : undefined;
  const body = bytesFor(opened, {
    clock: deps.clock,
    idleMs: config.idleTimeoutMs ?? deps.streamIdleMs,
    ...(config.totalTimeoutMs && {
      totalMs: config.totalTimeoutMs - (parts.entry.attempts.at(-1)?.firstContentMs ?? 0),
    }),
    watch: (bytes) => events?.watch(bytes),
    onEnd: (outcome) => {
      endStream(parts, outcome, events?.usage);
      resolve(outcome.type);
    },
  });
  const headers = {
    ...headersOf(parts, events ? undefined : spending(parts)),
    "content-type": reply.contentType,
    "cache-control": "no-cache",
    "x-accel-buffering": "no",
  };
  return { response: new Response(body, { headers }), ended };
}

function endStream<Kind extends ServiceKind>(
  parts: Parts<Kind>,
  outcome: StreamOutcome,
  told: Usage | undefined,
): void {
  const { entry, settle } = parts;
  const spent = spending(parts, told);
  settle(outcome.type === "failed" ? outcome.failure : undefined);
  switch (outcome.type) {
    case "complete":
      return entry.end({ status: 200, ...spent });
    case "cancelled":
      return entry.end({ status: 499, errorCode: "cancelled", errorMessage: "The client left.", ...spent });
    case "failed":
      return entry.end({ status: 200, ...toldOf(outcome.error), ...spent });
  }
}

type Spent = Required<Pick<Ending, "usage" | "costKind">> & Pick<Ending, "cost">;

/** What the answer used and cost; a price nobody knows stays unknown. */
function spending<Kind extends ServiceKind>(parts: Parts<Kind>, streamed?: Usage): Spent {
  const { deps, inbound, given } = parts;
  const { expected } = inbound;
  const told = streamed ?? ("usage" in given.reply ? given.reply.usage : undefined);
  const units: Units = { ...expected.units, ...madeUnits(given.reply), ...told?.units };
  const usage: Usage = told
    ? plausible({ ...told, units })
    : { input: expected.inputTokens, output: 0, units, estimated: true };
  const cost = costOf(usage, deps.priceOf(given.target));
  return {
    usage,
    costKind: costKindOf(given.target.provider),
    ...(cost !== undefined && { cost }),
  };
}

/** Pictures are counted by us where they can be seen. */
function madeUnits(reply: object): Units {
  return "images" in reply && Array.isArray(reply.images) ? { images: reply.images.length } : {};
}

function headersOf<Kind extends ServiceKind>(
  { deps, inbound, entry, plan, given }: Parts<Kind>,
  spent: Spent | undefined,
): { [name: string]: string } {
  return {
    ...answerHeaders({
      target: given.target,
      plan,
      upstreamHeaders: given.upstreamHeaders,
      losses: lossesOf(given),
      fallbacks: Math.max(0, entry.attempts.length - 1),
      latencyMs: entry.elapsed(),
      costKind: costKindOf(given.target.provider),
      ...(spent && { usage: spent.usage }),
      ...(spent?.cost !== undefined && { cost: spent.cost }),
    }),
    ...idHeaders(deps.version, inbound.requestId),
  };
}

const toldOf = (error: GatewayError) => ({ errorCode: error.code, errorMessage: error.message });

function dryRun(deps: RelayDeps, inbound: ServiceInbound): Response {
  const plan = deps.planService(inbound, { evenEmpty: true });
  const { inputTokens, units } = inbound.expected;
  const facts = {
    requestId: inbound.requestId,
    estimatedInputTokens: inputTokens,
    price: (target: Target, tokens: number) => deps.expectedPrice(target, tokens, units),
  };
  return Response.json(describePlan(plan, facts), { headers: idHeaders(deps.version, inbound.requestId) });
}
