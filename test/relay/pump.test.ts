import { expect, test } from "bun:test";
import type { AnswerStream } from "../../src/relay/answer-stream.ts";
import { pump, type StreamOutcome } from "../../src/relay/pump.ts";
import { Tally } from "../../src/relay/tally.ts";
import { FakeClock } from "../kit/fake-clock.ts";

const IDLE_MS = 30_000;

test("the time until a target was found is no silence of the target", async () => {
  const clock = new FakeClock();
  const source = Promise.withResolvers<AnswerStream>();
  const piece = Promise.withResolvers<string>();
  const outcomes: StreamOutcome[] = [];
  const body = pump(source.promise, {
    clock,
    requestId: "r",
    encoder: { heartbeat: () => "", fail: ({ message }) => message },
    idleMs: () => IDLE_MS,
    read: (failure) => ({ failure, error: failure.toGatewayError(0) }),
    onEnd: (outcome) => outcomes.push(outcome),
  });
  const reader = body.getReader();
  const read = reader.read();
  await clock.run(4 * IDLE_MS);
  source.resolve({
    tally: new Tally(),
    heard: 1,
    open: () => Promise.resolve(),
    read: () => piece.promise,
    cancel: () => {},
  });
  await clock.run(IDLE_MS - 1);
  expect(outcomes).toEqual([]);
  piece.resolve("hello");
  expect(new TextDecoder().decode((await read).value)).toBe("hello");
  await reader.cancel();
  expect(outcomes).toEqual([{ type: "cancelled" }]);
  expect(clock.pending).toBe(0);
});
