import { z } from "zod";
import { keyGroupPatch } from "../access/index.ts";
import { type KeyGroup, keyGroupInput } from "../core/key-group.ts";
import type { Engine } from "../engine.ts";
import { isoTime } from "./http.ts";
import { rulesShape, shownRules } from "./key-shapes.ts";
import type { RouteTable } from "./route-table.ts";
import { message, time } from "./shapes.ts";
import { spendingShape, spendingView } from "./spending-shape.ts";

/** Groups of client keys, which share a scope, limits and budgets. */
export function keyGroupRoutes(table: RouteTable, engine: Engine): void {
  const { access } = engine;
  const { groups } = access;
  const shown = (group: KeyGroup) => ({
    id: group.id,
    name: group.name,
    note: group.note ?? null,
    isActive: group.isActive,
    ...shownRules(group),
    keys: groups.keysIn(group.id).map(({ id, name, masked }) => ({ id, name, key: masked })),
    spending: spendingView(group, access.spendingOf(group)),
    now: access.activityOf(group),
    createdAt: isoTime(group.createdAt),
    updatedAt: isoTime(group.updatedAt),
  });

  table.add(
    {
      method: "GET",
      path: "/api/key-groups",
      role: "reader",
      summary: "All groups of API keys with their rules, their keys and what these spent together.",
      answer: () => z.object({ groups: z.array(groupShape()) }),
    },
    () => ({ groups: groups.list().map(shown) }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/key-groups",
      role: "admin",
      summary: "Makes a group. Keys are put into it by their `groupId`.",
      body: () => keyGroupInput,
      answer: oneGroup,
      status: 201,
    },
    (c, { body }) => ({ group: shown(groups.create(body, c.get("actor"))) }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/key-groups/:id",
      role: "reader",
      summary: "One group: its rules, its keys, its budgets, and how full its limits are.",
      answer: oneGroup,
    },
    (c) => ({ group: shown(groups.get(c.req.param("id"))) }),
  );

  table.add(
    {
      method: "PATCH",
      path: "/api/key-groups/:id",
      role: "admin",
      summary: "Changes what the body names, for all keys of the group, from the next call on.",
      body: () => keyGroupPatch,
      answer: oneGroup,
    },
    (c, { body }) => ({ group: shown(groups.update(c.req.param("id"), body, c.get("actor"))) }),
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/key-groups/:id",
      role: "admin",
      summary: "Removes a group. 409 while keys are in it, unless `keys=detach` sets them free of its rules.",
      query: () => z.object({ keys: z.enum(["detach"]).optional() }),
      answer: message,
    },
    (c, { query }) => {
      const detach = query.keys === "detach";
      const { name } = groups.remove(c.req.param("id"), { detach }, c.get("actor"));
      return { message: `The key group ${name} is removed.` };
    },
  );
}

const oneGroup = () => z.object({ group: groupShape() });

const groupShape = () =>
  z.object({
    id: z.string(),
    name: z.string(),
    note: z.string().nullable(),
    isActive: z.boolean().describe("`false` refuses every key of the group"),
    ...rulesShape(),
    keys: z.array(z.object({ id: z.string(), name: z.string(), key: z.string() })),
    spending: spendingShape().describe("Of all keys together, while they were in the group"),
    now: z
      .object({ requests: z.number(), tokens: z.number(), running: z.number() })
      .describe("Calls and tokens of the last minute, counted where they are limited; calls in work"),
    createdAt: time(),
    updatedAt: time(),
  });
