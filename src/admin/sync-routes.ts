import type { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import { parseInput } from "../manage/index.ts";
import { addAudit } from "../store/index.ts";
import { syncEnableInput, type SyncState } from "../sync/index.ts";
import { type AdminContext, type AdminEnv, isoTime, jsonBody } from "./http.ts";

/** A byte more than a bundle may have, so that the shelf can say that it is too large. */
const BUNDLE_BYTES = 10 * 1024 * 1024 + 1;

export const syncAction = z.discriminatedUnion("action", [
  syncEnableInput.extend({ action: z.literal("enable") }),
  z.object({ action: z.literal("sync") }),
  z.object({ action: z.literal("disable"), deleteRemote: z.boolean().default(false) }),
  z.object({ action: z.literal("move"), connectionId: z.string().max(100), toDevice: z.string().max(100) }),
]);

/** Sync between installations, and the shelf this one may be for the others. */
export function syncRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { sync, shelf } = engine;

  app.get("/api/sync/cloud", (c) => c.json(shown(sync.state())));
  app.get("/api/sync/initialize", (c) => c.json(shown(sync.state())));
  app.post("/api/sync/initialize", (c) => c.json(shown(sync.state())));

  app.post("/api/sync/cloud", async (c) => {
    const wish = parseInput(syncAction, await jsonBody(c));
    const state = await act(wish);
    const { name: actor, ip } = c.get("actor");
    addAudit(engine.store, { action: `sync.${wish.action}`, actor, ...(ip && { ip }), result: "ok" });
    return c.json(shown(state));
  });

  function act(wish: z.infer<typeof syncAction>): Promise<SyncState> {
    switch (wish.action) {
      case "enable":
        return sync.enable(wish);
      case "sync":
        return sync.sync();
      case "disable":
        return sync.disable(wish.deleteRemote);
      case "move":
        return sync.move(wish.connectionId, wish.toDevice);
    }
  }

  app.get("/api/sync/bundles", (c) => {
    openShelf();
    return c.json({
      bundles: shelf.list().map(({ updatedAt, ...rest }) => ({ ...rest, updatedAt: isoTime(updatedAt) })),
    });
  });

  app.get("/api/sync/bundles/:name", (c) => {
    openShelf();
    const { bytes, etag } = shelf.read(c.req.param("name"));
    return new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { "content-type": "application/octet-stream", etag, "cache-control": "no-store" },
    });
  });

  app.put("/api/sync/bundles/:name", async (c) => {
    openShelf();
    const bytes = await readBody(c.req.raw, BUNDLE_BYTES);
    const { name, etag, size } = shelf.write(c.req.param("name"), bytes, conditions(c));
    return c.json({ name, etag, size }, 200, { etag });
  });

  app.delete("/api/sync/bundles/:name", (c) => {
    openShelf();
    shelf.remove(c.req.param("name"), conditions(c));
    return c.json({ success: true });
  });

  function openShelf(): void {
    if (!engine.settings().syncHub)
      throw new GatewayError(
        "forbidden",
        "This installation keeps no bundles: switch the setting `syncHub` on.",
      );
  }
}

const conditions = (c: AdminContext) => ({
  ifMatch: c.req.header("if-match"),
  ifNoneMatch: c.req.header("if-none-match"),
});

const shown = ({ lastSyncAt, devices, ...state }: SyncState) => ({
  ...state,
  lastSyncAt: isoTime(lastSyncAt ?? undefined),
  devices: devices.map(({ lastWriteAt, ...device }) => ({ ...device, lastWriteAt: isoTime(lastWriteAt) })),
});
