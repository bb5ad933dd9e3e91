import { z } from "zod";
import { type IpFilterState, ipFilterPatch } from "../access/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { addAudit } from "../store/index.ts";
import { isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { time } from "./shapes.ts";

/** Which addresses may call. */
export function ipFilterRoutes(table: RouteTable, engine: Engine): void {
  const { addresses } = engine.access;

  table.add(
    {
      method: "GET",
      path: "/api/settings/ip-filter",
      role: "reader",
      summary: "Which addresses and networks may call, and which are banned for a while.",
      answer: filterShape,
    },
    () => shown(addresses.state()),
  );

  table.add(
    {
      method: "PUT",
      path: "/api/settings/ip-filter",
      role: "admin",
      summary: "Changes the lists. Rules that keep out their own author need `confirm`.",
      body: () => ipFilterPatch.extend({ confirm: z.boolean().optional() }),
      answer: filterShape,
    },
    (c, { body: { confirm, ...patch } }) => {
      const before = addresses.state();
      const next = addresses.changed(patch);
      if (confirm !== true && addresses.wouldBlock(next, c.env.peer)) {
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
      return shown(next);
    },
  );
}

const filterShape = () =>
  z.object({
    enabled: z.boolean(),
    mode: z.enum(["blacklist", "whitelist"]),
    blacklist: z.array(z.string()),
    whitelist: z.array(z.string()),
    tempBans: z.array(z.object({ ip: z.string(), reason: z.string().optional(), until: time() })),
  });

function shown({ tempBans, ...rules }: IpFilterState) {
  return { ...rules, tempBans: tempBans.map(({ until, ...ban }) => ({ ...ban, until: isoTime(until) })) };
}
