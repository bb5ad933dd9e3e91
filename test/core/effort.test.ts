import { expect, test } from "bun:test";
import { askedEffort, budgetOf, effortOf, nearestEffort } from "../../src/core/effort.ts";
import type { Effort, Reasoning } from "../../src/core/request.ts";

test("budgets and efforts translate into each other", () => {
  for (const effort of ["none", "low", "medium", "high"] as const)
    expect(effortOf(budgetOf(effort))).toBe(effort);
});

test.each<[Reasoning | undefined, Effort | undefined]>([
  [undefined, undefined],
  [{ adaptive: true }, undefined],
  [{ effort: "low", budget: 50_000 }, "low"],
  [{ budget: 16_000 }, "medium"],
  [{ budget: 0 }, "none"],
])("%j asks for %p", (reasoning, effort) => {
  expect(askedEffort(reasoning)).toBe(effort as never);
});

test.each<[Effort, Effort[], Effort | undefined]>([
  ["minimal", ["low", "high"], "low"],
  ["xhigh", ["low", "medium", "high"], "high"],
  ["xhigh", ["max", "high"], "high"],
  ["medium", ["medium"], "medium"],
  ["high", [], undefined],
])("nearest to %s of %j is %p", (wanted, allowed, effort) => {
  expect(nearestEffort(wanted, allowed)).toBe(effort as never);
});
