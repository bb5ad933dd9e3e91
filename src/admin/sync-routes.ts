import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { readBody } from "../http/body.ts";
import { addAudit } from "../store/index.ts";
import { syncEnableInput, type SyncState } from "../sync/index.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { success, time } from "./shapes.ts";

/** A byte more than a bundle may have, so that the shelf can say that it is too large. */
const BUNDLE_BYTES = 10 * 1024 * 1024 + 1;

const syncAction = z.discriminatedUnion("action", [
  syncEnableInput.extend({ action: z.literal("enable") }),
  z.object({ action: z.literal("sync") }),
  z.object({ action: z.literal("disable"), deleteRemote: z.boolean().default(false) }),
  z.object({ action: z.literal("move"), connectionId: z.string().max(100), toDevice: z.string().max(100) }),
]);

/** Sync between installations, and the shelf this one may be for the others. */
export function syncRoutes(table: RouteTable, engine: Engine): void {
  const { sync, shelf } = engine;

  for (const [method, path] of [
    ["GET", "/api/sync/cloud"],
    ["GET", "/api/sync/initialize"],
    ["POST", "/api/sync/initialize"],
  ] as const) {
    table.add(
      { method, path, role: "reader", summary: "How sync stands, and who takes part.", answer: stateShape },
      () => shown(sync.state()),
    );
  }

  table.add(
    {
      method: "POST",
      path: "/api/sync/cloud",
      role: "admin",
      summary: "Switches sync on or off, syncs now, or hands a connection over.",
      body: () => syncAction,
      answer: stateShape,
    },
    async (c, { body }) => {
      const wasOn = sync.isEnabled;
      const state = await act(body);
      const { name: actor, ip } = c.get("actor");
      // Switching off what was off changes nothing.
      if (wasOn || state.enabled)
        addAudit(engine.store, { action: `sync.${body.action}`, actor, ...(ip && { ip }), result: "ok" });
      return shown(state);
    },
  );

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

  table.add(
    {
      method: "GET",
      path: "/api/sync/bundles",
      role: "sync",
      summary: "The sealed bundles that other installations keep here.",
      answer: () => z.object({ bundles: z.array(bundleShape().extend({ updatedAt: time() })) }),
    },
    () => {
      openShelf();
      return {
        bundles: shelf.list().map(({ updatedAt, ...rest }) => ({ ...rest, updatedAt: isoTime(updatedAt) })),
      };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/sync/bundles/:name",
      role: "sync",
      summary: "One sealed bundle.",
      answer: { media: "application/octet-stream", about: "The bytes as they were put there." },
    },
    (c) => {
      openShelf();
      const { bytes, etag } = shelf.read(c.req.param("name"));
      return new Response(bytes as Uint8Array<ArrayBuffer>, {
        headers: { "content-type": "application/octet-stream", etag, "cache-control": "no-store" },
      });
    },
  );

  table.add(
    {
      method: "PUT",
      path: "/api/sync/bundles/:name",
      role: "sync",
      summary: "Puts a sealed bundle, at most 10 MB of any bytes; `If-Match` and `If-None-Match` hold.",
      readsItself: true,
      answer: bundleShape,
    },
    async (c) => {
      openShelf();
      const bytes = await readBody(c.req.raw, BUNDLE_BYTES);
      const { name, etag, size } = shelf.write(c.req.param("name"), bytes, conditions(c));
      return c.json({ name, etag, size }, 200, { etag });
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/sync/bundles/:name",
      role: "sync",
      summary: "Takes a bundle away.",
      answer: success,
    },
    (c) => {
      openShelf();
      shelf.remove(c.req.param("name"), conditions(c));
      return { success: true };
    },
  );

  function openShelf(): void {
    if (!engine.settings().syncHub)
      throw new GatewayError(
        "forbidden",
        "This installation keeps no bundles: switch the setting `syncHub` on.",
      );
  }
}

const bundleShape = () => z.object({ name: z.string(), etag: z.string(), size: z.number() });

const stateShape = () =>
  z.looseObject({
    enabled: z.boolean(),
    connected: z.boolean(),
    lastSyncAt: time(),
    devices: z.array(z.looseObject({ lastWriteAt: time() })),
  });

const conditions = (c: AdminContext) => ({
  ifMatch: c.req.header("if-match"),
  ifNoneMatch: c.req.header("if-none-match"),
});

const shown = ({ lastSyncAt, devices, ...state }: SyncState) => ({
  ...state,
  lastSyncAt: isoTime(lastSyncAt ?? undefined),
  devices: devices.map(({ lastWriteAt, ...device }) => ({ ...device, lastWriteAt: isoTime(lastWriteAt) })),
});
