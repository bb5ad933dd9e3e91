import { z } from "zod";
import { isLoopbackHost } from "../core/config.ts";
import { GatewayError } from "../core/errors.ts";
import { settingsPatch, settingsShape } from "../core/settings.ts";
import type { Engine } from "../engine.ts";
import type { RouteTable } from "./route-table.ts";
import { success } from "./shapes.ts";

/** Settings that hold for everything. */
export function settingRoutes(table: RouteTable, engine: Engine): void {
  const { settings } = engine.manage;
  const current = () => ({
    ...engine.settings(),
    hasPassword: !engine.access.needsSetup(),
    setupComplete: !engine.access.needsSetup(),
    baseUrl: engine.config.baseUrl,
    cloudEnabled: engine.sync.isEnabled,
    cloudUrl: engine.config.sync.url ?? "",
  });

  table.add(
    {
      method: "GET",
      path: "/api/settings",
      role: "reader",
      summary: "All settings.",
      answer: currentShape,
    },
    current,
  );

  table.add(
    {
      method: "PATCH",
      path: "/api/settings",
      role: "admin",
      summary: "Changes the settings the body names; they hold from the next call on.",
      body: () =>
        settingsPatch.extend({
          currentPassword: z.string().max(1024).optional(),
          newPassword: z.string().max(1024).optional(),
        }),
      answer: currentShape,
    },
    async (c, { body: { currentPassword, newPassword, ...patch } }) => {
      if (patch.requireLogin === false) refuseOpenDoor(engine);
      if (newPassword !== undefined)
        await engine.access.changePassword(currentPassword ?? "", newPassword, c.get("sessionToken"));
      settings.change(patch, c.get("actor"));
      return current();
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/settings/require-login",
      role: "reader",
      summary: "Whether managing takes a sign-in.",
      answer: () => z.object({ requireLogin: z.boolean() }),
    },
    () => ({ requireLogin: engine.settings().requireLogin }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/settings/require-login",
      role: "admin",
      summary: "Switches the sign-in on, or off while bound to loopback; may change the password too.",
      body: () =>
        z.object({
          requireLogin: z.boolean().optional(),
          password: z.string().max(1024).optional(),
          currentPassword: z.string().max(1024).default(""),
        }),
      answer: success,
    },
    async (c, { body: { requireLogin, password, currentPassword } }) => {
      if (requireLogin === false) refuseOpenDoor(engine);
      if (password !== undefined)
        await engine.access.changePassword(currentPassword, password, c.get("sessionToken"));
      if (requireLogin !== undefined) settings.change({ requireLogin }, c.get("actor"));
      return { success: true };
    },
  );

  const parts = [
    ["system-prompt", "systemPrompt", "The text put before every request's own system text"],
    ["thinking-budget", "thinkingBudget", "How much models may think"],
  ] as const;
  for (const [path, name, about] of parts) {
    table.add(
      {
        method: "GET",
        path: `/api/settings/${path}`,
        role: "reader",
        summary: `${about}.`,
        answer: () => settingsShape.shape[name],
      },
      () => engine.settings()[name],
    );

    table.add(
      {
        method: "PUT",
        path: `/api/settings/${path}`,
        role: "admin",
        summary: `${about}: changes what the body names.`,
        body: () => settingsShape.shape[name].partial(),
        answer: () => settingsShape.shape[name],
      },
      (c, { raw }) =>
        settings.change({ [name]: { ...engine.settings()[name], ...raw } }, c.get("actor"))[name],
    );
  }
}

const currentShape = () =>
  settingsShape.extend({
    hasPassword: z.boolean(),
    setupComplete: z.boolean(),
    baseUrl: z.string().describe("As the environment says; BASE_URL"),
    cloudEnabled: z.boolean().describe("Switched by `POST /api/sync/cloud`"),
    cloudUrl: z.string().describe("As the environment says; CLOUD_URL"),
  });

function refuseOpenDoor(engine: Engine): void {
  if (isLoopbackHost(engine.config.host)) return;
  throw new GatewayError("conflict", "Login can be switched off only while the server is bound to loopback.");
}
