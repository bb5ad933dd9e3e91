import { expect, test } from "bun:test";
import { type Phases, phasesOf } from "../../src/core/timing.ts";
import { clientName } from "../../src/core/client-name.ts";
import { record } from "../store/samples.ts";

const attempt = (durationMs: number) => ({
  position: 0,
  provider: "p",
  model: "p/m",
  connectionId: "c",
  connectionName: "c",
  startedAt: 0,
  durationMs,
  outcome: "ok" as const,
});
const story = (waitedMs: number) => ({ strategy: "priority", resolved: [], waitedMs });

test.each<[string, Parameters<typeof record>[0], Phases]>([
  [
    "one attempt",
    { durationMs: 100, firstContentMs: 30, attempts: [attempt(30)] },
    { waitedMs: 0, retriedMs: 0, firstContentMs: 30, restMs: 70 },
  ],
  [
    "a wait and two failures before",
    {
      durationMs: 1000,
      firstContentMs: 700,
      attempts: [attempt(100), attempt(200.4), attempt(400)],
      story: story(50),
    },
    { waitedMs: 50, retriedMs: 300, firstContentMs: 350, restMs: 300 },
  ],
  [
    "a whole answer without a first content",
    { durationMs: 100, firstContentMs: undefined as never, attempts: [attempt(100)] },
    { waitedMs: 0, retriedMs: 0, firstContentMs: 100, restMs: 0 },
  ],
  [
    "figures that do not fit together never become negative",
    { durationMs: 10, firstContentMs: 20, attempts: [attempt(500), attempt(1)], story: story(90) },
    { waitedMs: 20, retriedMs: 0, firstContentMs: 0, restMs: 0 },
  ],
])("the phases of a call: %s", (_name, changes, expected) => {
  expect(phasesOf(record(changes))).toEqual(expected);
});

test.each([
  ["claude-cli/2.1.0 (external, cli)", "claude-cli/2.1.0"],
  ["OpenAI/Python 2.3.1", "OpenAI/Python 2.3.1"],
  ["Mozilla/5.0 (X11; Linux) AppleWebKit", "Mozilla/5.0"],
  ["evil\u001b[2J<script>", "evil2Jscript"],
  ["x".repeat(500), "x".repeat(60)],
  ["(only a remark)", undefined],
  ["", undefined],
  [null, undefined],
])("the client of %j is %j", (userAgent, expected) => {
  expect(clientName(userAgent)).toBe(expected as never);
});
