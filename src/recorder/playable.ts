import type { KeptBody, Recording } from "./recording.ts";

const MORE = "the setting recordedBodyMb keeps more of each";

/** All bodies of a recording, those that are played and those that are only shown. */
export const bodiesOf = ({ request, exchanges, answer }: Recording): KeptBody[] => [
  request.body,
  ...exchanges.flatMap((exchange) => [exchange.body, ...(exchange.answer ? [exchange.answer.body] : [])]),
  ...(answer ? [answer.body] : []),
];

/** Why a recording cannot be played, in words for people; undefined where it can. */
export function whyUnplayable({ request, exchanges, outcome }: Recording): string | undefined {
  if (outcome.cache === "replay")
    return "this call got the answer of an equal one a moment before: play that one";
  if (outcome.cache !== undefined && exchanges.length === 0)
    return "this call was answered from a cache: there is nothing to play again";
  if (!request.body.whole) return `the request was too long to be kept whole (${MORE})`;
  if (exchanges.some(({ answer }) => answer?.body.whole === false))
    return `an answer was too long to be kept whole (${MORE})`;
  return undefined;
}
