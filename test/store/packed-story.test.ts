import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { AttemptRecord, RequestRecord, RequestStory } from "../../src/core/record.ts";
import { packAttempts, unpackAttempts } from "../../src/store/packed-attempts.ts";
import { packStory, unpackStory } from "../../src/store/packed-story.ts";

const AT = Date.UTC(2026, 10, 21, 9, 30);
const word = fc.string({ minLength: 1, maxLength: 20 });
const later = fc.integer({ min: 1, max: 10_000_000 }).map((ms) => AT + ms);
const some = <T>(value: fc.Arbitrary<T>) => fc.array(value, { minLength: 1, maxLength: 4 });

const stories: fc.Arbitrary<RequestStory> = fc.record(
  {
    strategy: word,
    resolved: fc.array(fc.record({ step: word, from: word, to: word }), { maxLength: 3 }),
    unused: some(fc.record({ model: word, connectionId: word })),
    excluded: some(
      fc.record(
        { model: word, reason: word, connectionId: word, until: later },
        { requiredKeys: ["model", "reason"] },
      ),
    ),
    chain: word,
    session: word,
    affinity: fc.constantFrom("kept" as const, "moved" as const),
    waitedMs: fc.integer({ min: 1, max: 100_000 }),
  },
  { requiredKeys: ["strategy", "resolved"] },
);

const base = {
  id: "r",
  at: AT,
  path: "/v1",
  keyId: "k",
  keyName: "k",
  requestedModel: "m",
  sourceFormat: "other",
  stream: false,
  status: 200,
  durationMs: 1,
} as const;

test("a story comes back as it was", () => {
  fc.assert(
    fc.property(stories, (story) => {
      const record: RequestRecord = { ...base, attempts: [], story };
      expect(unpackStory(packStory(record), AT)).toEqual(story);
    }),
  );
});

test("no story takes no room, a usual one little", () => {
  expect(packStory({ ...base, attempts: [] })).toBeNull();
  const story: RequestStory = {
    strategy: "priority",
    resolved: [{ step: "combo", from: "team", to: "team" }],
    unused: [{ model: "two/b", connectionId: "c2" }],
  };
  expect(packStory({ ...base, attempts: [], story })).toBe(
    '["priority",[["combo","team","team"]],[["two/b","c2"]]]',
  );
});

test("what a failed attempt was blamed for, and a bill of its own, come back as they were", () => {
  const attempts: AttemptRecord[] = [
    {
      position: 1,
      provider: "p",
      model: "p/a",
      connectionId: "c",
      connectionName: "n",
      startedAt: AT,
      durationMs: 5,
      firstContentMs: 2,
      outcome: "malformed",
      message: "cut",
      egress: { proxy: "socks5://p:1", level: "key", exit: { address: "203.0.113.9", seenAt: AT - 60_000 } },
      blamed: "provider",
      until: AT + 3000,
      usage: { input: 3, output: 4, estimated: true },
      cost: 0.5,
    },
    {
      position: 2,
      provider: "p",
      model: "p/b",
      connectionId: "c",
      connectionName: "n",
      startedAt: AT + 5,
      durationMs: 6,
      status: 200,
      outcome: "ok",
      continues: true,
      egress: { proxy: "http://p:2", level: "global" },
      usage: { input: 7, output: 8 },
    },
  ];
  const record: RequestRecord = {
    ...base,
    model: "p/b",
    provider: "p",
    connectionId: "c",
    connectionName: "n",
    attempts,
  };
  expect(unpackAttempts(packAttempts(record), record)).toEqual(attempts);
});
