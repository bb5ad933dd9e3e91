import { badRequest } from "../core/errors.ts";
import type { RequestRecord } from "../core/record.ts";
import { SimulatedClock } from "../lib/simulated-clock.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { whyUnplayable } from "./playable.ts";
import { bytesOf, type Departure, PlayedOutbound } from "./played-outbound.ts";
import type { Recording } from "./recording.ts";
import { callAgain, wasRefusedUnread } from "./replayed-call.ts";
import { replayedDeps } from "./replayed-deps.ts";
import { sameAnswer, sameOutcome } from "./same.ts";

export type Replay = {
  then: Outcome;
  now: Outcome;
  /** Status, error and tries are those of then. */
  sameOutcome: boolean;
  /** So are the bytes the client gets, but for ids, times and comments; undefined where not all were kept. */
  sameAnswer: boolean | undefined;
  /** It was refused before its body was read: that is only repeated, for keys and limits are not in a recording. */
  refusedAtDoor: boolean;
  /** The answer of now, as the client would get it. */
  answer: Buffer;
  departures: readonly Departure[];
};

/**
 * Plays a recorded call again: with the code of now, the provider's bytes of then and a clock of its own. Reaches for
 * nothing outside. Throws `bad_request` for a recording that cannot be played: not all of a body was kept, or its
 * provider is not known here.
 */
export async function replay(recording: Recording): Promise<Replay> {
  const why = whyUnplayable(recording);
  if (why !== undefined) throw badRequest(`This bundle cannot be played: ${why}.`);
  const clock = new SimulatedClock(recording.at);
  const outbound = new PlayedOutbound(recording.exchanges, clock);
  const ended: RequestRecord[] = [];
  const deps = replayedDeps(recording, clock, outbound, (record) => ended.push(record));
  const got = await clock.run(callAgain(deps, recording));
  const now = outcomeOf({ record: ended[0], error: got.error, response: got.response });
  return {
    then: recording.outcome,
    now,
    sameOutcome: sameOutcome(now, recording.outcome),
    sameAnswer: compared(recording.answer, got),
    refusedAtDoor: wasRefusedUnread(recording),
    answer: got.bytes,
    departures: outbound.departures,
  };
}

function compared(
  kept: Recording["answer"],
  { bytes, broken }: { bytes: Buffer; broken: boolean },
): boolean | undefined {
  if (!kept?.body.whole) return undefined;
  return broken === (kept.broken ?? false) && sameAnswer(bytes, bytesOf(kept.body));
}
