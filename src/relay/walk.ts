import { sealProof } from "../core/envelope.ts";
import type { TargetFailure } from "../core/errors.ts";
import type { EncodeContext } from "../core/format.ts";
import type { AttemptRecord } from "../core/record.ts";
import type { Reply } from "../core/reply.ts";
import { configFor, type Plan, type Target } from "../core/target.ts";
import { newId } from "../lib/ids.ts";
import { type Answered, firstToAnswer, type Ticket } from "../routing/index.ts";
import type { AnswerStream } from "./answer-stream.ts";
import { noteHeaders, readInside } from "./arrival.ts";
import type { Call } from "./call.ts";
import { continuing, mayGoOn } from "./go-on.ts";
import type { RelayDeps } from "./index.ts";
import { JoinedEncoder } from "./joined-encoder.ts";
import type { Entry } from "./journal.ts";
import { withoutOverrides } from "./overrides.ts";
import type { Answer, Attempt } from "./read-answer.ts";
import { warningsOf } from "./response-headers.ts";
import { send } from "./send.ts";
import { ownSpending, trailer } from "./spending.ts";
import { walkTools } from "./walk-tools.ts";

/** An answer, and what to call when it has been passed on or has broken off. */
export type Arrived = Answer & {
  plan: Plan;
  record: AttemptRecord | undefined;
  settle(failure?: TargetFailure): void;
};

/** Plans, and asks one target after the other until one answers. */
export async function walk(
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
    ...walkTools(deps, call.inbound.caller),
    signal,
    ...(ticket && { ticket }),
    made: entry.attempts.length,
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
