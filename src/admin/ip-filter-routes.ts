import type { Hono } from "hono";
import { type IpFilterState, ipFilterPatch } from "../access/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { parseInput } from "../manage/index.ts";
import { addAudit } from "../store/index.ts";
import { type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

/** Which addresses may call. */
export function ipFilterRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { addresses } = engine.access;

  app.get("/api/settings/ip-filter", (c) => c.json(shown(addresses.state())));

  app.on(["PUT", "PATCH"], "/api/settings/ip-filter", async (c) => {
    const body = await jsonBody(c);
    const patch = parseInput(ipFilterPatch, body);
    const before = addresses.state();
    const next = addresses.changed(patch);
    if (body["confirm"] !== true && addresses.wouldBlock(next, c.env.peer)) {
      throw new GatewayError(
        "conflict",
        `These rules would keep out your own address (${c.env.peer}). Send \`confirm: true\` to save them all the same.`,
        { param: "confirm" },
      );
    }
    addresses.save(next);
    addAudit(engine.store, {
      action: "settings.ip-filter",
      actor: c.get("actor").name,
      ip: c.env.peer,
      target: "ip-filter",
      result: "ok",
      details: { from: before, to: next },
    });
    return c.json(shown(next), 200, ignoredFields(body, [...Object.keys(ipFilterPatch.shape), "confirm"]));
  });
}

function shown({ tempBans, ...rules }: IpFilterState) {
  return { ...rules, tempBans: tempBans.map(({ until, ...ban }) => ({ ...ban, until: isoTime(until) })) };
}
