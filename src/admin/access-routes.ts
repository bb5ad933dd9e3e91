import type { Hono } from "hono";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { giveSession, isLocalCall, takeSession } from "../http/sign-in.ts";
import { parseInput } from "../manage/index.ts";
import { type AdminContext, type AdminEnv, isoTime, jsonBody } from "./http.ts";

const password = z.string().min(1).max(1024);

/** Set-up, sign-in, sessions, and what only the owner of the data directory may do. */
export function accessRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { access } = engine;

  app.post("/api/setup", async (c) => {
    const input = parseInput(
      z.object({ token: z.string().max(200).optional(), password }),
      await jsonBody(c),
    );
    const login = await access.completeSetup({
      ...input,
      loopback: isLocalCall(engine.config, c.env),
      peer: c.env.peer,
    });
    giveSession(c, engine.config, login.token);
    return c.json({ success: true }, 201);
  });

  app.get("/api/init", (c) => c.json({ initialized: !access.needsSetup() }));

  app.post("/api/auth/login", async (c) => {
    const input = parseInput(z.object({ password }), await jsonBody(c));
    const login = await access.login(input.password, c.env.peer);
    giveSession(c, engine.config, login.token);
    return c.json({ success: true });
  });

  app.post("/api/auth/logout", (c) => {
    access.logout(c.get("sessionToken"));
    takeSession(c);
    return c.json({ success: true });
  });

  app.get("/api/auth/status", (c) =>
    c.json({
      authenticated: access.findSession(c.get("sessionToken")) !== undefined,
      needsSetup: access.needsSetup(),
    }),
  );

  app.get("/api/auth/sessions", (c) =>
    c.json({
      sessions: access.listSessions().map(({ id, peer, createdAt, lastSeenAt }) => ({
        id,
        peer,
        createdAt: isoTime(createdAt),
        lastSeenAt: isoTime(lastSeenAt),
      })),
    }),
  );

  app.delete("/api/auth/sessions/:id", (c) => {
    if (!access.endSession(c.req.param("id")))
      throw new GatewayError("not_found", "There is no such session.");
    return c.json({ success: true });
  });

  app.post("/api/auth/change-password", async (c) => {
    const shape = z.object({ currentPassword: password, newPassword: password });
    const input = parseInput(shape, await jsonBody(c));
    await access.changePassword(input.currentPassword, input.newPassword, c.get("sessionToken"));
    return c.json({ success: true });
  });

  app.post("/api/auth/reset-password", async (c) => {
    ownerOnly(c);
    await access.resetPassword(parseInput(z.object({ password }), await jsonBody(c)).password);
    return c.json({ success: true });
  });

  app.post("/api/setup-link", (c) => {
    ownerOnly(c);
    return c.json({ url: `${c.env.url.origin}/setup?token=${access.newSetupToken()}` });
  });
}

function ownerOnly(c: AdminContext): void {
  if (c.get("actor").name !== "cli") {
    throw new GatewayError(
      "forbidden",
      "Only the owner of the data directory may do this, on the machine itself.",
    );
  }
}
