import type { Hono } from "hono";
import { z } from "zod";
import type { Outcome, PendingView } from "../accounts/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { sha256 } from "../lib/ids.ts";
import type { JsonObject } from "../lib/json.ts";
import { type Imported, parseInput } from "../manage/index.ts";
import { type AdminContext, type AdminEnv, isoTime, jsonBody } from "./http.ts";
import { shownStatus } from "./status.ts";

const text = z.string().max(20_000);
const exchangeShape = z.object({
  code: text.optional(),
  url: text.optional(),
  state: z.string().max(2000).nullish(),
  // Earlier dashboards held these themselves; here they never leave the server.
  redirectUri: z.string().max(2000).nullish(),
  codeVerifier: z.string().max(2000).nullish(),
});

/** Signing in at vendors. Verifiers, device codes and tokens are in no answer. */
export function signInRoutes(app: Hono<AdminEnv>, engine: Engine): void {
  const { signIn } = engine.manage;

  app.get("/api/oauth/providers", (c) =>
    c.json({
      providers: signIn.offers().map(({ status, missing, ...offer }) => ({
        ...offer,
        ...shownStatus(status),
        missing: missing ?? null,
      })),
    }),
  );

  app.get("/api/token-health", (c) => {
    const health = signIn.health();
    return c.json({ ...health, lastCheckAt: isoTime(health.lastCheckAt) });
  });

  app.post("/api/oauth/connections/:id/take-over", async (c) => {
    await signIn.takeOver(c.req.param("id"), c.get("actor"));
    return c.json({ success: true });
  });

  app.all("/api/oauth/cursor/*", () => {
    const cursor = engine.catalogue.byId.get("cursor")?.provider;
    throw new GatewayError("provider_shut_down", cursor?.status?.note ?? "Cursor is not offered.");
  });

  app.get("/api/oauth/:provider/authorize", async (c) => {
    const view = await begin(engine, c, "browser", { choices: { idp: c.req.query("idp") } });
    return c.json({ ...browserView(view), codeVerifier: "", flowType: "authorization_code_pkce" });
  });

  app.get("/api/oauth/:provider/start-callback-server", async (c) => {
    const view = await begin(engine, c, "browser");
    const port = Number(URL.parse(view.redirectUri ?? "")?.port) || null;
    return c.json({ port, ...browserView(view) });
  });

  app.get("/api/oauth/kiro/social-authorize", async (c) => {
    const choices = { idp: c.req.query("provider") ?? c.req.query("idp") };
    const view = await begin(engine, c, "browser", { provider: "kiro", choices });
    return c.json({ ...browserView(view), codeVerifier: "", flowType: "authorization_code_pkce" });
  });

  app.get("/api/oauth/:provider/device-code", async (c) => {
    const view = await begin(engine, c, "device", {
      choices: { startUrl: c.req.query("startUrl"), region: c.req.query("region") },
    });
    return c.json(deviceView(view, engine.clock.now()));
  });

  app.post("/api/oauth/:provider/exchange", async (c) => exchange(engine, c, c.req.param("provider")));
  app.post("/api/oauth/kiro/social-exchange", async (c) => exchange(engine, c, "kiro"));

  app.post("/api/oauth/:provider/poll", async (c) => {
    const shape = z.object({ deviceCode: z.string().max(200) });
    const { deviceCode } = parseInput(shape, await jsonBody(c));
    return c.json(told(await signIn.poll(sessionOf(c), deviceCode)));
  });

  app.post("/api/oauth/:provider/poll-callback", async (c) => c.json(told(await signIn.poll(sessionOf(c)))));

  app.get("/api/oauth/import", (c) =>
    c.json({
      files: signIn
        .imports()
        .map(({ expiresAt, ...offer }) => ({ ...offer, expiresAt: isoTime(expiresAt ?? undefined) })),
    }),
  );
  app.post("/api/oauth/import", async (c) => {
    const shape = z.object({ id: z.string().max(100), acceptTerms: z.boolean().default(false) });
    return c.json(imported(await signIn.importFile(parseInput(shape, await jsonBody(c)), c.get("actor"))));
  });
  app.get("/api/oauth/kiro/auto-import", (c) => {
    const found = signIn.imports().find(({ id }) => id === "kiro");
    return c.json({ found: found !== undefined, source: found?.path ?? null });
  });
  app.post("/api/oauth/:provider/import", async (c) => {
    c.env.unlimited();
    const input = await jsonBody(c);
    return c.json(imported(await signIn.importPasted(c.req.param("provider"), input, c.get("actor"))));
  });

  app.delete("/api/oauth/:provider/pending", (c) => {
    signIn.cancel(sessionOf(c));
    return c.json({ success: true });
  });
}

async function begin(
  engine: Engine,
  c: AdminContext,
  way: "browser" | "device",
  more: { provider?: string; choices?: { [name: string]: string | undefined } } = {},
): Promise<PendingView> {
  const query = (name: string) => c.req.query(name) || undefined;
  const redirectUri = query("redirect_uri") ?? query("redirectUri");
  const connectionId = query("connectionId");
  return engine.manage.signIn.begin(
    {
      provider: c.req.param("provider") ?? "",
      way,
      session: sessionOf(c),
      acceptTerms: query("acceptTerms") === "true",
      origin: c.env.url.origin,
      ...(redirectUri !== undefined && { redirectUri }),
      ...(connectionId !== undefined && { connectionId }),
      ...more,
    },
    c.get("actor"),
  );
}

async function exchange(engine: Engine, c: AdminContext, provider: string): Promise<Response> {
  c.env.unlimited();
  const { code, url, state } = parseInput(exchangeShape, await jsonBody(c));
  const outcome = await engine.manage.signIn.paste({
    provider,
    session: sessionOf(c),
    text: url ?? code ?? "",
    ...(state && { state }),
  });
  return c.json(told(outcome), outcome.type === "failed" ? 400 : 200);
}

/** Whose sign-in: that of a login, else of whoever shows a key. */
function sessionOf(c: AdminContext): string {
  const token = c.get("sessionToken");
  return c.get("actor").name === "admin" && token !== undefined
    ? `login ${sha256(token)}`
    : c.get("actor").name;
}

function browserView({ handle, authUrl, state, redirectUri, listening, expiresAt }: PendingView): JsonObject {
  return { authUrl, state, redirectUri, listening, handle, expiresAt: isoTime(expiresAt) };
}

/** In both spellings that clients of earlier versions read. */
function deviceView(view: PendingView, now: number): JsonObject {
  const { handle, userCode, verificationUri, verificationUriComplete, intervalMs = 5000, expiresAt } = view;
  const expiresIn = Math.max(0, Math.round((expiresAt - now) / 1000));
  const interval = Math.max(1, Math.ceil(intervalMs / 1000));
  return {
    deviceCode: handle,
    userCode,
    verificationUri,
    ...(verificationUriComplete !== undefined && { verificationUriComplete }),
    expiresIn,
    interval,
    device_code: handle,
    user_code: userCode,
    verification_uri: verificationUri,
    ...(verificationUriComplete !== undefined && { verification_uri_complete: verificationUriComplete }),
    expires_in: expiresIn,
  };
}

const imported = ({ connection, warnings }: Imported): JsonObject => ({
  success: true,
  connection,
  warnings,
});

function told(outcome: Outcome): JsonObject {
  switch (outcome.type) {
    case "done":
      return { success: true, connection: outcome.connection, warnings: outcome.warnings };
    case "pending":
      return { success: false, pending: true };
    case "failed":
      return { success: false, error: outcome.error, errorDescription: outcome.description };
  }
}
