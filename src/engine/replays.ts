import type { Caller } from "../core/key.ts";
import type { RequestRecord } from "../core/record.ts";
import { FORMAT_IDS, type FormatId } from "../core/reply.ts";
import type { Clock } from "../lib/clock.ts";

/** A call that got the answer of an equal one a moment before. */
export type Replay = {
  id: string;
  path: string;
  caller: Caller;
  formatId: string;
  /** `prefix/id` that gave the first answer; "" where none did. */
  model: string;
  stream: boolean;
  status: number;
  durationMs: number;
};

/** Its row in the log: no provider was asked, nothing was used and nothing cost. */
export function replayRecord(clock: Clock, replay: Replay): RequestRecord {
  const { caller, formatId, model, durationMs, ...told } = replay;
  return {
    ...told,
    at: Math.round(clock.now() - durationMs),
    keyId: caller.keyId,
    keyName: caller.name,
    ...(caller.group && { keyGroupId: caller.group.id }),
    requestedModel: model,
    ...(model !== "" && { model }),
    sourceFormat: isFormat(formatId) ? formatId : "other",
    durationMs,
    cost: 0,
    attempts: [],
    cache: "replay",
  };
}

const isFormat = (id: string): id is FormatId => (FORMAT_IDS as readonly string[]).includes(id);
