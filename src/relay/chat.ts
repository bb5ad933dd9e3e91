import type { GatewayError, TargetFailure } from "../core/errors.ts";
import type { EncodeContext } from "../core/format.ts";
import type { AttemptRecord } from "../core/record.ts";
import { sealProof } from "../core/envelope.ts";
import type { Reply } from "../core/reply.ts";
import { configFor, type Plan, type Target } from "../core/target.ts";
import { costKindOf, costOf } from "../metering/index.ts";
import { type Answered, clientError, describePlan, firstToAnswer, type Ticket } from "../routing/index.ts";
import { readsComments } from "../formats/gemini/index.ts";
import { newId } from "../lib/ids.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { noteHeaders, readInside } from "./arrival.ts";
import type { Spent } from "./bill.ts";
import { continuing, mayGoOn } from "./go-on.ts";
import { keptAnswer } from "./kept-answer.ts";
import { JoinedEncoder } from "./joined-encoder.ts";
import type { Answer, Attempt } from "./read-answer.ts";
import { send } from "./send.ts";
import { Call, type Inbound } from "./call.ts";
import { inTurn } from "./in-turn.ts";
import type { RelayDeps, Served, StreamEnd } from "./index.ts";
import { Entry, type Ending } from "./journal.ts";
import { Leaving } from "./leaving.ts";
import { notePrompt } from "./note-prompt.ts";
import { withoutOverrides } from "./overrides.ts";
import { prepare } from "./prepare.ts";
import { asGatewayError, pump, type PumpOptions, type StreamOutcome } from "./pump.ts";
import {
  answerHeaders,
  idHeaders,
  isDryRun,
  streamHeaders,
  usageFields,
  warningsOf,
} from "./response-headers.ts";
import { Progress, PROGRESS_EVERY_MS } from "./progress.ts";
import { Reuse, type Source } from "./reuse.ts";
import type { Tally } from "./tally.ts";
import { isVendorsOwn } from "./unnamed-proofs.ts";
import { egressAsk } from "./via.ts";

/** The head of a stream goes out after this wait even when no target has answered yet. */
const HEAD_AFTER_MS = 20_000;

/** Answers one chat call from the first target that can. Throws `GatewayError` when none does. */
export async function chat(deps: RelayDeps, inbound: Inbound): Promise<Served> {
  const call = new Call(inbound);
  const prepared = prepare(() => call.request, deps.settings());
  if (isDryRun(inbound.headers)) return { response: dryRun(deps, call, prepared) };
  const entry = new Entry(deps.clock, deps.journal, call);
  entry.progress = Progress.of(call, deps.clock, readsTrailers(call));
  try {
    const reuse = (entry.reuse = Reuse.of(deps, call, prepared));
    const kept = reuse && (await keptAnswer(deps, call, entry, reuse));
    return kept ?? (await answer(deps, call, prepared, entry));
  } catch (error) {
    throw refused(deps, call, entry, error);
  }
}

async function answer(
  deps: RelayDeps,
  call: Call,
  prepared: Attempt["prepared"],
  entry: Entry,
): Promise<Served> {
  const leaving = new Leaving(call.inbound.signal);
  const { signal } = leaving;
  const pending = inTurn(deps, call.inbound.headers, signal, (ticket, waitedMs) => {
    entry.waitedMs = waitedMs;
    return walk(deps, call, prepared, entry, signal, ticket);
  });
  try {
    if (!call.stream) return whole(deps, call, entry, await pending);
    const given = await within(deps, pending);
    if (given === undefined) return early(deps, call, entry, pending, leaving);
    return streamed(deps, call, entry, given);
  } finally {
    // From here on the answer's own stream tells when the client leaves.
    leaving.forget();
  }
}

/** Plans, and asks one target after the other until one answers. */
async function walk(
  deps: RelayDeps,
  call: Call,
  prepared: Attempt["prepared"],
  entry: Entry,
  signal: AbortSignal,
  ticket: Ticket | undefined,
): Promise<Arrived> {
  const plan = deps.plan(call, ticket ? { ticket } : {});
  entry.plan = plan;
  const goesOn = mayGoOn(plan, call);
  // What another target may finish is nobody's answer alone.
  if (goesOn) entry.reuse = undefined;
  const { reuse } = entry;
  const ours = plan.overridden ? withoutOverrides(prepared ?? call.request) : prepared;
  let joined: JoinedEncoder | undefined;
  const attempt: Attempt = {
    // What is to be continued or kept must have been read.
    ...attemptOf(deps, call, goesOn || (reuse && call.stream) ? (ours ?? call.request) : ours, plan, entry),
    ...(reuse && { watch: () => reuse.watch() }),
    ...(goesOn && { encoder: (make) => (joined = new JoinedEncoder(make())) }),
  };
  const answered = await firstToAnswer({
    plan,
    attempt: (target, targetSignal) => send(deps, attempt, target, targetSignal),
    health: deps.health,
    clock: deps.clock,
    random: deps.random,
    signal,
    limits: deps.limits,
    memory: deps.memory,
    ...(ticket && { ticket }),
    egress: (target) => deps.egress?.(egressAsk(target, call.inbound.caller)),
    onAttempt: (record) => entry.attempts.push(record),
  });
  const given = arrived(deps, plan, entry, answered);
  if (joined && given.type === "stream") given.stream = goingOn(deps, call, entry, attempt, given, joined);
  return given;
}

/** The answer's stream; where it breaks off in its text, another target takes the answer's place and goes on. */
function goingOn(
  deps: RelayDeps,
  call: Call,
  entry: Entry,
  attempt: Attempt,
  given: Arrived & { type: "stream" },
  joined: JoinedEncoder,
): AnswerStream {
  const { plan, encoder } = given;
  return continuing(
    {
      deps,
      call,
      entry,
      plan,
      attempt,
      joined,
      target: () => given.target,
      record: () => given.record,
      brokeOff: (failure) => {
        const spent = ownSpending(deps, call, given.target, given.tally);
        given.settle(readInside(deps, given.target, given.upstreamHeaders, failure));
        return spent;
      },
      taken: (answered) => {
        const { stream } = given;
        const { firstContentMs } = entry;
        Object.assign(given, arrived(deps, plan, entry, answered), { stream, encoder });
        entry.firstContentMs = firstContentMs;
      },
    },
    given.stream,
  );
}

function attemptOf(
  deps: RelayDeps,
  call: Call,
  prepared: Attempt["prepared"],
  plan: Plan,
  entry: Entry,
): Attempt {
  const created = Math.floor(deps.clock.now() / 1000);
  const encodeContext = (target: Target, reply?: Reply): EncodeContext => ({
    id: reply?.id || newId().replaceAll("-", ""),
    model: reply?.model || target.modelId,
    created: reply?.created ?? created,
    request: call.request,
    sealProof,
    estimatedInput: call.facts.estimatedInput,
  });
  return {
    call,
    prepared,
    times: (target) => configFor(plan, target),
    encodeContext,
    trailer: (target, tally) => trailer(deps, call, entry, target, tally),
  };
}

/** An answer, and what to call when it has been passed on or has broken off. */
type Arrived = Answer & {
  plan: Plan;
  record: AttemptRecord | undefined;
  settle(failure?: TargetFailure): void;
};

function arrived(
  deps: RelayDeps,
  plan: Plan,
  entry: Entry,
  { answer: given, target, attempts, settle }: Answered<Answer>,
): Arrived {
  entry.target = given.target;
  entry.targetFormat = given.service.format;
  entry.firstContentMs = entry.elapsed();
  if (given.written.losses.length > 0) entry.warnings = warningsOf(given.written.losses);
  noteHeaders(deps, target, given.upstreamHeaders);
  return { ...given, target, plan, record: attempts.at(-1), settle };
}

function whole(deps: RelayDeps, call: Call, entry: Entry, given: Arrived): Served {
  if (given.type !== "whole") throw new Error("A whole answer was asked for and a stream came.");
  const spent = spending(deps, call, entry, given.target, given.tally);
  given.settle();
  entry.reuse?.keep(sourceOf(given, spent), given.reply);
  notePrompt(deps, call, given, ownSpending(deps, call, given.target, given.tally));
  entry.end({ status: 200, ...spent });
  return {
    response: new Response(given.body as BodyInit, {
      headers: { ...headersOf(deps, call, entry, given, spent), "content-type": "application/json" },
    }),
  };
}

function streamed(deps: RelayDeps, call: Call, entry: Entry, given: Arrived): Served {
  if (given.type !== "stream") throw new Error("A stream was asked for and a whole answer came.");
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  const body = pump(given.stream, {
    ...pumpOptions(deps, call, entry, () => given),
    encoder: given.encoder,
    onEnd: (outcome) => {
      endStream(deps, call, entry, given, outcome);
      resolve(outcome.type);
    },
  });
  const headers = {
    ...headersOf(deps, call, entry, given),
    ...streamHeaders(call.inbound.format, entry.progress),
  };
  return { response: new Response(body, { headers }), ended };
}

/** No target has answered yet: the head goes out, the client is kept awake, and the answer follows when it comes. */
function early(
  deps: RelayDeps,
  call: Call,
  entry: Entry,
  pending: Promise<Arrived>,
  leaving: Leaving,
): Served {
  const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
  let given: Arrived | undefined;
  const waiting = call.inbound.format.streamEncoder({
    id: newId().replaceAll("-", ""),
    model: call.model,
    created: Math.floor(deps.clock.now() / 1000),
    request: call.request,
    sealProof,
    estimatedInput: call.facts.estimatedInput,
  });
  const current = () => (given?.type === "stream" ? given.encoder : waiting);
  const source = pending.then((come) => {
    given = come;
    if (come.type !== "stream") throw new Error("A stream was asked for and a whole answer came.");
    return come.stream;
  });
  const body = pump(source, {
    ...pumpOptions(deps, call, entry, () => given),
    encoder: { heartbeat: () => current().heartbeat(), fail: (error, id) => current().fail(error, id) },
    onEnd: (outcome) => {
      if (outcome.type === "cancelled") leaving.leave();
      endStream(deps, call, entry, given, outcome);
      resolve(outcome.type);
    },
  });
  return {
    response: new Response(body, {
      headers: {
        ...idHeaders(deps.version, call.inbound.requestId),
        ...streamHeaders(call.inbound.format, entry.progress),
      },
    }),
    ended,
  };
}

/** `given`: the answer, once it has come. */
function pumpOptions(
  deps: RelayDeps,
  call: Call,
  { progress }: Entry,
  given: () => Arrived | undefined,
): Omit<PumpOptions, "encoder" | "onEnd"> {
  const config = () => {
    const answer = given();
    const firstContentMs = answer?.record?.firstContentMs ?? 0;
    return answer && { ...configFor(answer.plan, answer.target), firstContentMs };
  };
  return {
    clock: deps.clock,
    requestId: call.inbound.requestId,
    ...(progress && {
      progress: { everyMs: PROGRESS_EVERY_MS, frame: () => progress.frame(given()?.tally) },
    }),
    idleMs: () => config()?.idleTimeoutMs ?? deps.streamIdleMs,
    totalMs: () => {
      const { totalTimeoutMs, firstContentMs = 0 } = config() ?? {};
      return totalTimeoutMs ? totalTimeoutMs - firstContentMs : undefined;
    },
    read: (failure) => {
      const now = deps.clock.now();
      const answer = given();
      if (!answer) return { failure, error: failure.toGatewayError(now) };
      const read = readInside(deps, answer.target, answer.upstreamHeaders, failure);
      return { failure: read, error: clientError(answer.target, read, now) };
    },
  };
}

function endStream(
  deps: RelayDeps,
  call: Call,
  entry: Entry,
  given: Arrived | undefined,
  outcome: StreamOutcome,
): void {
  const spent = given && spending(deps, call, entry, given.target, given.tally);
  given?.settle(outcome.type === "failed" ? outcome.failure : undefined);
  if (given) entry.bill.end(given.record, ownSpending(deps, call, given.target, given.tally));
  switch (outcome.type) {
    case "complete":
      if (given && spent) entry.reuse?.keep(sourceOf(given, spent));
      if (given) notePrompt(deps, call, given, ownSpending(deps, call, given.target, given.tally));
      return entry.end({ status: 200, ...spent });
    case "cancelled":
      return entry.end({ status: 499, errorCode: "cancelled", errorMessage: "The client left.", ...spent });
    case "failed":
      return entry.end({ status: given ? 200 : outcome.error.status, ...told(outcome.error), ...spent });
  }
}

const sourceOf = ({ target, service }: Arrived, spent: Spent): Source => ({
  target,
  sealOwn: !isVendorsOwn(service),
  spent,
});

/** Old Google SDKs lose the frame behind a comment. */
function readsTrailers(call: Call): boolean {
  const { format, headers } = call.inbound;
  return format.id !== "gemini" || readsComments(headers.get("x-goog-api-client"));
}

/** What the answer used and cost, with what earlier attempts had a part in it. */
function spending(deps: RelayDeps, call: Call, entry: Entry, target: Target, tally: Tally): Spent {
  return entry.bill.whole(ownSpending(deps, call, target, tally));
}

/** What one attempt used and cost; a price nobody knows stays unknown. */
function ownSpending(deps: RelayDeps, call: Call, target: Target, tally: Tally): Spent {
  const usage = tally.settled(call.facts.estimatedInput);
  const cost = costOf(usage, deps.priceOf(target));
  return {
    usage,
    costKind: costKindOf(target.provider),
    ...(cost !== undefined && { cost }),
  };
}

/** Comment lines before a stream's end; after the last of them the last word on progress, as a frame of its own. */
function trailer(deps: RelayDeps, call: Call, entry: Entry, target: Target, tally: Tally): string[] {
  if (!readsTrailers(call)) return [];
  const { usage, cost } = spending(deps, call, entry, target, tally);
  const fields = usageFields(usage, cost).map(([name, value]) => `${name}=${value}`);
  const latency = `x-omniroute-latency-ms=${Math.round(entry.elapsed())}`;
  return [...fields, entry.progress?.trailer(latency, tally) ?? latency];
}

function headersOf(
  deps: RelayDeps,
  call: Call,
  entry: Entry,
  given: Arrived,
  spent: Pick<Ending, "usage" | "cost"> = {},
): { [name: string]: string } {
  return {
    ...answerHeaders({
      target: given.target,
      plan: given.plan,
      upstreamHeaders: given.upstreamHeaders,
      losses: given.written.losses,
      fallbacks: Math.max(0, entry.attempts.length - 1),
      latencyMs: entry.elapsed(),
      costKind: costKindOf(given.target.provider),
      missed: entry.reuse !== undefined,
      ...spent,
    }),
    ...idHeaders(deps.version, call.inbound.requestId),
  };
}

/** The answer, or undefined when it takes longer than the head may wait. */
function within(deps: RelayDeps, pending: Promise<Arrived>): Promise<Arrived | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = deps.clock.after(HEAD_AFTER_MS, () => resolve(undefined));
    pending.then(resolve, reject).finally(cancel);
  });
}

function refused(deps: RelayDeps, call: Call, entry: Entry, error: unknown): GatewayError {
  const known = asGatewayError(error, deps.clock.now());
  entry.plan ??= reasonsOf(deps, call);
  entry.end({ status: known.status, ...told(known) });
  known.logged = true;
  return known;
}

/** Why no plan could be made, for the receipt; undefined where not even the name leads anywhere. */
function reasonsOf(deps: RelayDeps, call: Call): Plan | undefined {
  try {
    return deps.plan(call, { evenEmpty: true });
  } catch {
    return undefined;
  }
}

function told(error: GatewayError) {
  return { errorCode: error.code, errorMessage: error.message };
}

function dryRun(deps: RelayDeps, call: Call, prepared: Attempt["prepared"]): Response {
  const reuse = Reuse.of(deps, call, prepared);
  const plan = deps.plan(call, { evenEmpty: true });
  const facts = {
    requestId: call.inbound.requestId,
    estimatedInputTokens: call.facts.estimatedInput,
    price: deps.expectedPrice,
    cache: reuse ? (reuse.peek() ? ("hit" as const) : ("miss" as const)) : ("off" as const),
  };
  return Response.json(describePlan(plan, facts), {
    headers: idHeaders(deps.version, call.inbound.requestId),
  });
}
