import type { TargetFailure } from "../core/errors.ts";
import { TargetFailure as Failure } from "../core/errors.ts";
import type { StreamEncoder } from "../core/format.ts";
import type { AttemptRecord } from "../core/record.ts";
import { configFor, type Plan, type Target } from "../core/target.ts";
import { type Answered, firstToAnswer } from "../routing/index.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { Bill, noteSpent, type Spent } from "./bill.ts";
import type { Call } from "./call.ts";
import { ContinuingStream } from "./continuing-stream.ts";
import type { RelayDeps } from "./index.ts";
import type { Entry } from "./journal.ts";
import type { JoinedEncoder } from "./joined-encoder.ts";
import type { Answer, Attempt } from "./read-answer.ts";
import { send } from "./send.ts";
import { trailer } from "./spending.ts";
import { walkTools } from "./walk-tools.ts";
import { writtenOn } from "./written-on.ts";

/** A combo may break off so often within one answer before it is told as broken off. */
const MOST_CONTINUATIONS = 3;

/** What going on needs to know of the call and may change of it. */
export type GoingOnParts = {
  deps: RelayDeps;
  call: Call;
  entry: Entry;
  plan: Plan;
  attempt: Attempt;
  joined: JoinedEncoder;
  /** The target that answers now, and its attempt. */
  target(): Target;
  record(): AttemptRecord | undefined;
  /** It broke off: settles it, and gives what it used by itself. */
  brokeOff(failure: TargetFailure): Spent;
  /** Another target answers now. */
  taken(answered: Answered<Answer>): void;
};

/** May this plan's answer be continued by another target when it breaks off? */
export function mayGoOn(plan: Plan, call: Call): boolean {
  return call.stream && plan.targets.some((target) => configFor(plan, target).continueStream === true);
}

/** The answer's stream, which another target continues when it breaks off in the middle of its text. */
export function continuing(parts: GoingOnParts, first: AnswerStream): AnswerStream {
  let count = 0;
  return new ContinuingStream(first, {
    goOn: async (failure, signal) => {
      const isWanted = configFor(parts.plan, parts.target()).continueStream === true;
      const soFar = parts.joined.soFar;
      if (!isWanted || soFar === undefined || ++count > MOST_CONTINUATIONS) return undefined;
      return goOn(parts, soFar, failure, signal);
    },
  });
}

async function goOn(
  parts: GoingOnParts,
  soFar: string,
  failure: TargetFailure,
  signal: AbortSignal,
): Promise<{ stream: AnswerStream; note: string } | undefined> {
  const { deps, call, entry, plan, joined } = parts;
  const broken = parts.target();
  const record = parts.record();
  const spent = parts.brokeOff(failure);
  const targets = [...plan.targets.slice(plan.targets.indexOf(broken) + 1), broken];
  const before = entry.bill.whole(spent);
  const bill = new Bill(before);
  const encoder = joined.goOn(before.usage);
  try {
    const answered = await firstToAnswer({
      plan: { ...plan, targets, config: { ...plan.config, maxRetries: 0 }, providerConfig: {} },
      attempt: (target, targetSignal) => writeOn(parts, { soFar, encoder, bill }, target, targetSignal),
      ...walkTools(deps, call.inbound.caller),
      signal,
      made: entry.attempts.length,
      onAttempt: (told) => {
        told.continues = true;
        entry.attempts.push(told);
      },
    });
    const { answer } = answered;
    if (answer.type !== "stream") throw new Error("A stream was asked for and a whole answer came.");
    noteSpent(record, spent);
    entry.bill = bill;
    parts.taken(answered);
    return { stream: answer.stream, note: noteFor(parts, answered.target) };
  } catch {
    // The client is told of the break itself; why nobody could go on stands in the receipt.
    return undefined;
  }
}

/** One target's try: with the text as the beginning of its own answer, and if it will not have that, asked in words. */
async function writeOn(
  { deps, call, entry, attempt }: GoingOnParts,
  { soFar, encoder, bill }: { soFar: string; encoder: StreamEncoder; bill: Bill },
  target: Target,
  signal: AbortSignal,
): Promise<Answer> {
  const request = attempt.prepared ?? call.request;
  const tried: Attempt = {
    ...attempt,
    encoder: () => encoder,
    trailer: (answering, tally) => trailer(deps, call, entry, answering, tally, bill),
  };
  try {
    return await send(deps, { ...tried, prepared: writtenOn(request, soFar) }, target, signal);
  } catch (error) {
    if (!(error instanceof Failure) || (error.kind !== "rejected" && error.kind !== "unsupported"))
      throw error;
    return send(deps, { ...tried, prepared: writtenOn(request, soFar, true) }, target, signal);
  }
}

/** The comment that marks the seam, for protocols that have comments. */
function noteFor({ call }: GoingOnParts, target: Target): string {
  const { format } = call.inbound;
  if (format.streamType !== "text/event-stream" || format.id === "gemini") return "";
  return `: x-omniroute-continued-by=${target.label.replace(/[^\x20-\x7e]/g, "?")}\n\n`;
}
