import type { Hono } from "hono";
import { setCookie, deleteCookie } from "hono/cookie";
import { z } from "zod";
import { isLoopbackHost } from "../core/config.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { isLoopbackAddress } from "../http/peer.ts";
import { parseInput } from "../manage/index.ts";
import { SESSION_COOKIE } from "./guard.ts";
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
      loopback: isLocalCall(engine, c),
      peer: c.env.peer,
    });
    giveCookie(engine, c, login.token);
    return c.json({ success: true }, 201);
  });

  app.get("/api/init", (c) => c.json({ initialized: !access.needsSetup() }));

  app.post("/api/auth/login", async (c) => {
    const input = parseInput(z.object({ password }), await jsonBody(c));
    const login = await access.login(input.password, c.env.peer);
    giveCookie(engine, c, login.token);
    return c.json({ success: true });
  });

  app.post("/api/auth/logout", (c) => {
    access.logout(c.get("sessionToken"));
    deleteCookie(c, SESSION_COOKIE, { path: "/" });
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

/** Does the call come from this machine, to a server that only this machine can reach? */
export function isLocalCall(engine: Engine, c: AdminContext): boolean {
  return (
    isLoopbackHost(engine.config.host) && isLoopbackAddress(c.env.peer) && isLoopbackHost(c.env.url.hostname)
  );
}

/** The sign-in cookie; the same for the API and for the pages. */
export function giveCookie(engine: Engine, c: AdminContext, token: string): void {
  setCookie(c, SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: "Lax",
    path: "/",
    secure: engine.config.cookieSecure,
    maxAge: 7 * 24 * 3600,
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
