import type { GatewayError } from "../core/errors.ts";
import { describePlan } from "../routing/index.ts";
import { Call, type Inbound } from "./call.ts";
import { inTurn } from "./in-turn.ts";
import type { RelayDeps, Served } from "./index.ts";
import { Entry, told } from "./journal.ts";
import { keptAnswer } from "./kept-answer.ts";
import { Leaving } from "./leaving.ts";
import { prepare } from "./prepare.ts";
import { Progress } from "./progress.ts";
import { asGatewayError } from "./pump.ts";
import type { Attempt } from "./read-answer.ts";
import { idHeaders, isDryRun } from "./response-headers.ts";
import { reasonsOf } from "./refusal-reasons.ts";
import { Reuse } from "./reuse.ts";
import { early, streamed, whole } from "./serve-answer.ts";
import { readsTrailers } from "./spending.ts";
import { type Arrived, walk } from "./walk.ts";

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

/** The answer, or undefined when it takes longer than the head may wait. */
function within(deps: RelayDeps, pending: Promise<Arrived>): Promise<Arrived | undefined> {
  return new Promise((resolve, reject) => {
    const cancel = deps.clock.after(HEAD_AFTER_MS, () => resolve(undefined));
    pending.then(resolve, reject).finally(cancel);
  });
}

function refused(deps: RelayDeps, call: Call, entry: Entry, error: unknown): GatewayError {
  const known = asGatewayError(error, deps.clock.now());
  entry.plan ??= reasonsOf(() => deps.plan(call, { evenEmpty: true }));
  entry.end({ status: known.status, ...told(known) });
  known.logged = true;
  return known;
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
