import { sealProof } from "../core/envelope.ts";
import { configFor } from "../core/target.ts";
import { newId } from "../lib/ids.ts";
import { costKindOf } from "../metering/index.ts";
import { clientError } from "../routing/index.ts";
import { readInside } from "./arrival.ts";
import type { Spent } from "./bill.ts";
import type { Call } from "./call.ts";
import type { RelayDeps, Served, StreamEnd } from "./index.ts";
import { type Ending, type Entry, told } from "./journal.ts";
import type { Leaving } from "./leaving.ts";
import { notePrompt } from "./note-prompt.ts";
import { PROGRESS_EVERY_MS } from "./progress.ts";
import { pump, type PumpOptions, type StreamOutcome } from "./pump.ts";
import { answerHeaders, idHeaders, streamHeaders } from "./response-headers.ts";
import type { Source } from "./reuse.ts";
import { ownSpending } from "./spending.ts";
import { isVendorsOwn } from "./unnamed-proofs.ts";
import type { Arrived } from "./walk.ts";

/** A whole answer, its call written down. */
export function whole(deps: RelayDeps, call: Call, entry: Entry, given: Arrived): Served {
  if (given.type !== "whole") throw new Error("A whole answer was asked for and a stream came.");
  const own = ownSpending(deps, call, given.target, given.tally);
  const spent = entry.bill.whole(own);
  given.settle();
  entry.reuse?.keep(sourceOf(given, spent), given.reply);
  notePrompt(deps, call, given, own);
  entry.end({ status: 200, ...spent });
  return {
    response: new Response(given.body as BodyInit, {
      headers: { ...headersOf(deps, call, entry, given, spent), "content-type": "application/json" },
    }),
  };
}

/** A stream whose first content is there. */
export function streamed(deps: RelayDeps, call: Call, entry: Entry, given: Arrived): Served {
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
export function early(
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
  const own = given && ownSpending(deps, call, given.target, given.tally);
  const spent = own && entry.bill.whole(own);
  given?.settle(outcome.type === "failed" ? outcome.failure : undefined);
  if (own) entry.bill.end(given.record, own);
  switch (outcome.type) {
    case "complete":
      if (spent) {
        entry.reuse?.keep(sourceOf(given, spent));
        notePrompt(deps, call, given, own);
      }
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
