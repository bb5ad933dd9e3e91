import { z } from "zod";
import { type ApiKey, BUDGET_PERIODS, keyBudgetInput } from "../core/key.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { addAudit } from "../store/index.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, yes } from "./shapes.ts";
import { spendingShape, spendingView } from "./spending-shape.ts";

/** What keys may spend in a day, a week and a month. */
export function budgetRoutes(table: RouteTable, engine: Engine): void {
  const { access } = engine;
  const keyOf = (keyId: string): ApiKey => {
    const key = access.listKeys().find((candidate) => candidate.id === keyId);
    if (!key) throw new GatewayError("not_found", "There is no such API key.");
    return key;
  };

  table.add(
    {
      method: "GET",
      path: "/api/usage/budget",
      role: "reader",
      summary: "The budgets of all keys, or of one, with what was spent.",
      query: () => z.object({ apiKeyId: queryText(), keyId: queryText() }),
      answer: () => z.union([spendingShape(), z.object({ budgets: z.array(namedSpending()) })]),
    },
    (_c, { query }) => {
      const keyId = query.apiKeyId ?? query.keyId;
      if (keyId !== undefined) {
        const key = keyOf(keyId);
        return spendingView(key, access.spendingOf(key));
      }
      const withBudget = access.listKeys().filter((key) => key.budget && key.revokedAt === undefined);
      return {
        budgets: withBudget.map((key) => ({
          keyId: key.id,
          apiKeyId: key.id,
          name: key.name,
          ...spendingView(key, access.spendingOf(key)),
        })),
      };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/usage/budget",
      role: "admin",
      summary: "Sets one limit (`keyId`, `limit`, `period`), or those that `apiKeyId` and its fields name.",
      body: budgetBody,
      answer: () => z.object({ success: yes(), apiKeyId: z.string(), budget: spendingShape().shape.budget }),
    },
    (c, { body: { keyId, apiKeyId, limit, period, ...fields } }) => {
      const target = apiKeyId ?? keyId;
      if (target === undefined) throw badRequest("Name the key: `keyId` or `apiKeyId`.", "keyId");
      if ((limit === undefined) !== (period === undefined)) {
        throw badRequest("`limit` and `period` go together.", limit === undefined ? "limit" : "period");
      }
      if (period !== undefined) fields[`${period}LimitUsd`] = limit;
      const before = keyOf(target).budget ?? null;
      const key = access.updateKey(target, { budget: fields });
      addAudit(engine.store, {
        action: "key.budget",
        actor: c.get("actor").name,
        ip: c.env.peer,
        target,
        result: "ok",
        details: { name: key.name, from: before, to: key.budget ?? null },
      });
      const { budget } = spendingView(key, access.spendingOf(key));
      return { success: true, apiKeyId: key.id, budget };
    },
  );
}

const id = () => z.string().min(1).max(100);

const budgetBody = () =>
  keyBudgetInput.extend({
    keyId: id().optional(),
    apiKeyId: id().optional(),
    limit: z.union([z.null(), z.coerce.number().min(0).max(1_000_000_000)]).optional(),
    period: z.enum(BUDGET_PERIODS).optional(),
  });

const namedSpending = () =>
  spendingShape().extend({ keyId: z.string(), apiKeyId: z.string(), name: z.string() });
