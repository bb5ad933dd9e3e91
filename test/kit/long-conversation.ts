import { expect } from "bun:test";
import { LOOP_TOOLS, type LoopAnswer } from "./loop-clients.ts";
import { canonicalJson } from "./reply-facts.ts";
import type { Beat } from "./strict/rules.ts";

/** How many answers the conversation has. */
export const TURNS = 20;

/** Three turns of the model's, each a loop of calls that ends with a text; some steps think in silence or not at all. */
export function beatOf(turn: number): Beat {
  const thought = turn === 5 || turn === 11 ? {} : { thought: `Thought ${turn}: naïve 🦝 plan.` };
  const withheld = turn === 3 || turn === 9 ? { withheld: true } : {};
  if (turn === 7 || turn === 14 || turn === TURNS)
    return { ...thought, text: `Done with part ${turn / 7}.`, calls: [] };
  const count = turn === 4 || turn === 10 ? 2 : 1;
  return {
    ...thought,
    ...withheld,
    ...((turn === 2 || turn === 9) && { text: `Looking, step ${turn} ✓` }),
    calls: Array.from({ length: count }, (_, index) => ({
      name: turn === 10 ? LOOP_TOOLS[0] : (LOOP_TOOLS[(turn + index) % 2] as string),
      // More digits than a double holds, and what JSON escapes.
      input: `{"id":${12345678901234567000n + BigInt(turn * 10 + index)},"note":"\\"ü\\" 🦝\\n\\u2028 ${turn}"}`,
    })),
  };
}

/** Every call of the conversation, with all its digits, and every result stands in the last request. */
export function expectWholeHistory(wire: string): void {
  for (let step = 1; step < TURNS; step++)
    for (const { input } of beatOf(step).calls) {
      expect(wire).toContain(/\d+/.exec(input)?.[0] as string);
      expect(wire).toContain(`in step ${step}.`);
    }
}

export function expectTold(answer: LoopAnswer, beat: Beat): void {
  expect(answer.calls.map(({ name, input }) => [name, canonicalJson(input)])).toEqual(
    beat.calls.map(({ name, input }) => [name, canonicalJson(input)]),
  );
  expect(answer.text).toBe(beat.text ?? "");
  expect(answer.thought).toBe(beat.withheld ? "" : (beat.thought ?? ""));
}
