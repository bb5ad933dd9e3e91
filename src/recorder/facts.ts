import type { RecordingFacts } from "../store/index.ts";
import { bodiesOf, whyUnplayable } from "./playable.ts";
import type { Recording } from "./recording.ts";

/** What a list of recordings tells of one: nothing that was said in it. */
export function factsOf(recording: Recording): RecordingFacts {
  const bodies = bodiesOf(recording);
  return {
    id: recording.id,
    at: recording.at,
    kind: kindOf(recording),
    path: recording.request.path,
    status: recording.outcome.status,
    bytes: bodies.reduce((sum, { size }) => sum + size, 0),
    exchanges: recording.exchanges.length,
    isCut: bodies.some(({ whole }) => !whole),
    isPlayable: whyUnplayable(recording) === undefined,
  };
}

/** `chat`, `count`, or the service that was asked for. */
function kindOf({ request: { call } }: Recording): string {
  switch (call.type) {
    case "service":
      return call.path;
    case "gemini-embedding":
      return "embeddings";
    default:
      return call.type;
  }
}
