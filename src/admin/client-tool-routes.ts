import type { Hono } from "hono";
import { z } from "zod";
import type { ClientBackup, ClientState } from "../clients/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { ClientActor } from "../engine/client-setup.ts";
import type { Engine } from "../engine.ts";
import { isFromThisMachine } from "../http/sign-in.ts";
import { isObject } from "../lib/json.ts";
import { parseInput } from "../manage/index.ts";
import { type AdminContext, type AdminEnv, ignoredFields, isoTime, jsonBody } from "./http.ts";

const SETUP_FIELDS = ["baseUrl", "apiKey", "keyId", "model", "env"];
const backupName = z.object({ tool: z.string().max(40), backupId: z.string().max(40) });

/** The clients of the machine the gateway runs on: what is installed, and pointing it here. */
export function clientToolRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { clients } = engine;
  const by = (c: AdminContext): ClientActor => ({
    actor: c.get("actor"),
    isLocal: c.get("actor").name === "cli" || isFromThisMachine(c.env),
  });
  const view = (state: ClientState) => ({
    installed: state.installed,
    runnable: state.runnable,
    command: state.command ?? null,
    commandPath: state.commandPath ?? null,
    runtimeMode: engine.config.clientTools.mode,
    reason: state.problem ?? state.reason ?? null,
  });
  const stateOf = (c: AdminContext, id: string) => clients.desk.state(clients.tool(id), c.env.url.origin);
  const settingsTool = (c: AdminContext): string => {
    const id = c.req.param("settings")?.replace(/-settings$/, "") ?? "";
    if (clients.tool(id).files.length === 0)
      throw new GatewayError("not_found", "There is no such management call.");
    return id;
  };

  app.get("/api/cli-tools/status", (c) =>
    c.json(
      Object.fromEntries(
        clients
          .list(c.env.url.origin)
          .map((state) => [state.tool.id, { ...view(state), configStatus: state.configStatus }]),
      ),
    ),
  );

  app.get("/api/cli-tools/runtime/:tool", (c) => {
    const state = stateOf(c, c.req.param("tool"));
    return c.json({ ...view(state), configStatus: state.configStatus });
  });

  app.get("/api/cli-tools/backups", (c) => {
    const tool = c.req.query("tool");
    if (tool !== undefined) clients.tool(tool);
    return c.json({ backups: clients.desk.backups(tool).map(backupView) });
  });

  app.post("/api/cli-tools/backups", async (c) => {
    const { tool, backupId } = parseInput(backupName, await jsonBody(c));
    const { tool: restored } = clients.restore(tool, backupId, by(c));
    return c.json({ success: true, message: `The settings of ${restored.name} are as they were then.` });
  });

  app.delete("/api/cli-tools/backups", async (c) => {
    const named = { tool: c.req.query("tool"), backupId: c.req.query("backupId") ?? c.req.query("id") };
    const { tool, backupId } = parseInput(backupName, named.tool === undefined ? await jsonBody(c) : named);
    clients.dropBackup(tool, backupId, by(c));
    return c.json({ success: true });
  });

  app.all("/api/cli-tools/:name{antigravity-mitm.*}", () => {
    throw new GatewayError(
      "not_offered",
      "Antigravity cannot be pointed elsewhere without listening in on its traffic, which OmniRoute does not do.",
      { status: 410 },
    );
  });

  app.get("/api/cli-tools/:settings{[a-z]+-settings}", (c) => {
    const state = stateOf(c, settingsTool(c));
    const { tool, configStatus, settingsPaths, problem } = state;
    return c.json({
      ...view(state),
      settings: problem === undefined ? masked(clients.desk.settings(tool)) : null,
      hasOmniRoute: configStatus === "configured",
      configStatus,
      settingsPath: settingsPaths[0],
    });
  });

  app.post("/api/cli-tools/:settings{[a-z]+-settings}", async (c) => {
    const body = await jsonBody(c);
    const { tool, madeKey } = clients.apply(settingsTool(c), body, c.env.url.origin, by(c));
    return c.json(
      {
        success: true,
        message: `${tool.name} now asks this gateway.`,
        settingsPath: clients.desk.state(tool).settingsPaths[0],
        ...(madeKey && { keyId: madeKey.id, keyName: madeKey.name }),
      },
      200,
      ignoredFields(body, SETUP_FIELDS),
    );
  });

  app.delete("/api/cli-tools/:settings{[a-z]+-settings}", (c) => {
    const { tool } = clients.remove(settingsTool(c), by(c));
    return c.json({
      success: true,
      message: `The settings of ${tool.name} are without this gateway again.`,
      settingsPath: clients.desk.state(tool).settingsPaths[0],
    });
  });
}

const backupView = ({ id, tool, at, reason, files }: ClientBackup) => ({
  id,
  tool,
  createdAt: isoTime(at),
  reason,
  files: files.map(({ path, before }) => ({ path: `~/${path}`, existed: before !== null })),
});

/** Values that are named like secrets, with all but their ends hidden. */
function masked(value: unknown, name = ""): unknown {
  if (Array.isArray(value)) return value.map((entry) => masked(entry, name));
  if (isObject(value))
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, masked(entry, key)]));
  if (typeof value !== "string" || !/key|token|secret|password/i.test(name) || /_?env_?key$/i.test(name))
    return value ?? null;
  return value.length < 16 ? "********" : `${value.slice(0, 7)}…${value.slice(-4)}`;
}
