import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { giveSession, isLocalCall, takeSession } from "../http/sign-in.ts";
import { addAudit } from "../store/index.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { success, time } from "./shapes.ts";

const password = () => z.string().min(1).max(1024);

/** Set-up, sign-in, sessions, and what only the owner of the data directory may do. */
export function accessRoutes(table: RouteTable, engine: Engine): void {
  const { access } = engine;
  const note = (c: AdminContext, action: string, target: string) =>
    addAudit(engine.store, { action, actor: c.get("actor").name, ip: c.env.peer, target, result: "ok" });

  table.add(
    {
      method: "POST",
      path: "/api/setup",
      role: "setup",
      summary: "Sets the first password and signs in; takes the token of the set-up link.",
      body: () => z.object({ token: z.string().max(200).optional(), password: password() }),
      answer: success,
      status: 201,
    },
    async (c, { body }) => {
      const loopback = isLocalCall(engine.config, c.env);
      const login = await access.completeSetup({ ...body, loopback, peer: c.env.peer });
      giveSession(c, engine.config, login.token);
      return c.json({ success: true }, 201);
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/init",
      role: "reader",
      summary: "Whether the set-up is done.",
      answer: () => z.object({ initialized: z.boolean() }),
    },
    () => ({ initialized: !access.needsSetup() }),
  );

  table.add(
    {
      method: "POST",
      path: "/api/auth/login",
      role: "anybody",
      summary: "Signs in and sets the cookie `auth_token`.",
      body: () => z.object({ password: password() }),
      answer: success,
    },
    async (c, { body }) => {
      const login = await access.login(body.password, c.env.peer);
      giveSession(c, engine.config, login.token);
      return c.json({ success: true });
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/auth/logout",
      role: "anybody",
      summary: "Ends the sign-in of this cookie.",
      answer: success,
    },
    (c) => {
      access.logout(c.get("sessionToken"));
      takeSession(c);
      return c.json({ success: true });
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/auth/status",
      role: "anybody",
      summary: "Whether this cookie is signed in.",
      answer: () => z.object({ authenticated: z.boolean(), needsSetup: z.boolean() }),
    },
    (c) => ({
      authenticated: access.findSession(c.get("sessionToken")) !== undefined,
      needsSetup: access.needsSetup(),
    }),
  );

  table.add(
    {
      method: "GET",
      path: "/api/auth/sessions",
      role: "admin",
      summary: "Who is signed in to the dashboard, from where and since when.",
      answer: () =>
        z.object({
          sessions: z.array(
            z.object({
              id: z.string(),
              peer: z.string(),
              createdAt: time(),
              lastSeenAt: time(),
              current: z.boolean(),
            }),
          ),
        }),
    },
    (c) => {
      const own = access.findSession(c.get("sessionToken"))?.id;
      return {
        sessions: access.listSessions().map(({ id, peer, createdAt, lastSeenAt }) => ({
          id,
          peer,
          createdAt: isoTime(createdAt),
          lastSeenAt: isoTime(lastSeenAt),
          current: id === own,
        })),
      };
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/auth/sessions/:id",
      role: "admin",
      summary: "Ends a sign-in at once.",
      answer: success,
    },
    (c) => {
      const id = c.req.param("id");
      if (!access.endSession(id)) throw new GatewayError("not_found", "There is no such session.");
      note(c, "session.end", id);
      return { success: true };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/auth/change-password",
      role: "admin",
      summary: "Changes the dashboard's password and ends all other sign-ins.",
      body: () => z.object({ currentPassword: password(), newPassword: password() }),
      answer: success,
    },
    async (c, { body }) => {
      await access.changePassword(body.currentPassword, body.newPassword, c.get("sessionToken"));
      return { success: true };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/auth/reset-password",
      role: "owner",
      summary: "Sets a new password without the old one and ends all sign-ins.",
      body: () => z.object({ password: password() }),
      answer: success,
    },
    async (_c, { body }) => {
      await access.resetPassword(body.password);
      return { success: true };
    },
  );

  table.add(
    {
      method: "POST",
      path: "/api/setup-link",
      role: "owner",
      summary: "A fresh set-up link; the one before it ends.",
      answer: () => z.object({ url: z.string() }),
    },
    (c) => ({ url: `${c.env.url.origin}/setup?token=${access.newSetupToken()}` }),
  );
}
