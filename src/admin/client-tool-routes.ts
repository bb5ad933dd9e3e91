import { z } from "zod";
import type { ClientBackup, ClientState } from "../clients/index.ts";
import { GatewayError } from "../core/errors.ts";
import { type ClientActor, clientSetupInput } from "../engine/client-setup.ts";
import type { Engine } from "../engine.ts";
import { isFromThisMachine } from "../http/sign-in.ts";
import { isObject } from "../lib/json.ts";
import { parseInput } from "../core/parse-input.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { queryText, success, time, yes } from "./shapes.ts";

const backupName = () => z.object({ tool: z.string().max(40), backupId: z.string().max(40) });

/** The clients of the machine the gateway runs on: what is installed, and pointing it here. */
export function clientToolRoutes(table: RouteTable, engine: Engine): void {
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

  table.add(
    {
      method: "GET",
      path: "/api/cli-tools/status",
      role: "reader",
      summary: "The coding clients of this machine: which are installed, and which ask this gateway.",
      answer: () => z.record(z.string(), stateShape()),
    },
    (c) =>
      Object.fromEntries(
        clients
          .list(c.env.url.origin)
          .map((state) => [state.tool.id, { ...view(state), configStatus: state.configStatus }]),
      ),
  );

  table.add(
    {
      method: "GET",
      path: "/api/cli-tools/runtime/:tool",
      role: "reader",
      summary: "One coding client of this machine.",
      answer: stateShape,
    },
    (c) => {
      const state = stateOf(c, c.req.param("tool"));
      return { ...view(state), configStatus: state.configStatus };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/cli-tools/backups",
      role: "reader",
      summary: "The copies that were made before a client's settings were written.",
      query: () => z.object({ tool: queryText() }),
      answer: () => z.object({ backups: z.array(backupShape()) }),
    },
    (_c, { query: { tool } }) => {
      if (tool !== undefined) clients.tool(tool);
      return { backups: clients.desk.backups(tool).map(backupView) };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/cli-tools/backups",
      role: "admin",
      summary: "Puts a client's settings back as they were.",
      body: backupName,
      answer: () => z.object({ success: yes(), message: z.string() }),
    },
    (c, { body: { tool, backupId } }) => {
      const { tool: restored } = clients.restore(tool, backupId, by(c));
      return { success: true, message: `The settings of ${restored.name} are as they were then.` };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/cli-tools/backups",
      role: "admin",
      summary: "Removes a copy, named in the body or in the address.",
      query: () =>
        backupName()
          .extend({ id: z.string().max(40) })
          .partial(),
      body: () => backupName().partial(),
      answer: success,
    },
    (c, { query, body }) => {
      const named = { ...body, ...query, backupId: query.backupId ?? query.id ?? body.backupId };
      const { tool, backupId } = parseInput(backupName(), named);
      clients.dropBackup(tool, backupId, by(c));
      return { success: true };
    },
  );

  for (const method of ["GET", "POST", "PUT", "DELETE"] as const) {
    table.add(
      {
        method,
        path: "/api/cli-tools/:name{antigravity-mitm.*}",
        role: "reader",
        summary: "Antigravity cannot be pointed elsewhere: 410 with the reason.",
        answer: { media: "application/json", about: "Never comes." },
      },
      () => {
        throw new GatewayError(
          "not_offered",
          "Antigravity cannot be pointed elsewhere without listening in on its traffic, which OmniRoute does not do.",
          { status: 410 },
        );
      },
    );
  }

  table.add(
    {
      method: "GET",
      path: "/api/cli-tools/:settings{[a-z]+-settings}",
      role: "reader",
      summary: "A client's own settings, with secrets masked.",
      answer: () =>
        stateShape().extend({
          settings: z.unknown(),
          hasOmniRoute: z.boolean(),
          settingsPath: z.string().optional(),
        }),
    },
    (c) => {
      const state = stateOf(c, settingsTool(c));
      const { tool, configStatus, settingsPaths, problem } = state;
      return {
        ...view(state),
        settings: problem === undefined ? masked(clients.desk.settings(tool)) : null,
        hasOmniRoute: configStatus === "configured",
        configStatus,
        settingsPath: settingsPaths[0],
      };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/cli-tools/:settings{[a-z]+-settings}",
      role: "admin",
      summary: "Points a client at this gateway; the rest of its settings stays, and a copy is kept.",
      body: () => clientSetupInput,
      answer: () => doneShape().extend({ keyId: z.string().optional(), keyName: z.string().optional() }),
    },
    (c, { raw }) => {
      const { tool, madeKey } = clients.apply(settingsTool(c), raw, c.env.url.origin, by(c));
      return {
        success: true,
        message: `${tool.name} now asks this gateway.`,
        settingsPath: clients.desk.state(tool).settingsPaths[0],
        ...(madeKey && { keyId: madeKey.id, keyName: madeKey.name }),
      };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/cli-tools/:settings{[a-z]+-settings}",
      role: "admin",
      summary: "Takes only our entries out of a client's settings.",
      answer: doneShape,
    },
    (c) => {
      const { tool } = clients.remove(settingsTool(c), by(c));
      return {
        success: true,
        message: `The settings of ${tool.name} are without this gateway again.`,
        settingsPath: clients.desk.state(tool).settingsPaths[0],
      };
    },
  );
}

const doneShape = () =>
  z.object({ success: yes(), message: z.string(), settingsPath: z.string().optional() });

const stateShape = () =>
  z.object({
    installed: z.boolean(),
    runnable: z.boolean(),
    command: z.string().nullable(),
    commandPath: z.string().nullable(),
    runtimeMode: z.string(),
    reason: z.string().nullable(),
    configStatus: z.string(),
  });

const backupShape = () =>
  z.object({
    id: z.string(),
    tool: z.string(),
    createdAt: time(),
    reason: z.string(),
    files: z.array(z.object({ path: z.string(), existed: z.boolean() })),
  });

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
