import type { Hono } from "hono";
import { z } from "zod";
import { isLoopbackHost } from "../core/config.ts";
import { settingsShape } from "../core/settings.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { parseInput } from "../manage/index.ts";
import { type AdminEnv, jsonBody } from "./http.ts";

/** Settings that hold for everything. */
export function settingRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const current = () => ({
    ...engine.settings(),
    hasPassword: !engine.access.needsSetup(),
    setupComplete: !engine.access.needsSetup(),
  });

  app.get("/api/settings", (c) => c.json(current()));

  app.on(["PUT", "PATCH"], "/api/settings", async (c) => {
    const body = await jsonBody(c);
    const passwords = z
      .object({ currentPassword: z.string().max(1024), newPassword: z.string().max(1024) })
      .partial();
    const { currentPassword, newPassword } = parseInput(passwords, body);
    if (body["requireLogin"] === false) refuseOpenDoor(engine);
    if (newPassword !== undefined)
      await engine.access.changePassword(currentPassword ?? "", newPassword, c.get("sessionToken"));
    const known = Object.keys(settingsShape.shape);
    engine.manage.settings.change(
      Object.fromEntries(Object.entries(body).filter(([field]) => known.includes(field))),
      c.get("actor"),
    );
    const ignored = Object.keys(body).filter(
      (field) => !known.includes(field) && field !== "currentPassword" && field !== "newPassword",
    );
    return c.json(
      current(),
      200,
      ignored.length > 0
        ? { "X-OmniRoute-Ignored-Fields": ignored.join(", ").replace(/[^\x20-\x7e]/g, "?") }
        : {},
    );
  });

  app.get("/api/settings/require-login", (c) => c.json({ requireLogin: engine.settings().requireLogin }));
  app.post("/api/settings/require-login", async (c) => {
    const shape = z.object({
      requireLogin: z.boolean().optional(),
      password: z.string().max(1024).optional(),
      currentPassword: z.string().max(1024).default(""),
    });
    const { requireLogin, password, currentPassword } = parseInput(shape, await jsonBody(c));
    if (requireLogin === false) refuseOpenDoor(engine);
    if (password !== undefined)
      await engine.access.changePassword(currentPassword, password, c.get("sessionToken"));
    if (requireLogin !== undefined) engine.manage.settings.change({ requireLogin }, c.get("actor"));
    return c.json({ success: true });
  });

  app.get("/api/settings/system-prompt", (c) => c.json(engine.settings().systemPrompt));
  app.on(["PUT", "PATCH"], "/api/settings/system-prompt", async (c) => {
    const systemPrompt = { ...engine.settings().systemPrompt, ...(await jsonBody(c)) };
    return c.json(engine.manage.settings.change({ systemPrompt }, c.get("actor")).systemPrompt);
  });

  app.get("/api/settings/thinking-budget", (c) => c.json(engine.settings().thinkingBudget));
  app.on(["PUT", "PATCH"], "/api/settings/thinking-budget", async (c) => {
    const thinkingBudget = { ...engine.settings().thinkingBudget, ...(await jsonBody(c)) };
    return c.json(engine.manage.settings.change({ thinkingBudget }, c.get("actor")).thinkingBudget);
  });
}

function refuseOpenDoor(engine: Engine): void {
  if (isLoopbackHost(engine.config.host)) return;
  throw new GatewayError("conflict", "Login can be switched off only while the server is bound to loopback.");
}
