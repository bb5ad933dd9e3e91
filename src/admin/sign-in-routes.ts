import { z } from "zod";
import type { Outcome, PendingView } from "../accounts/index.ts";
import { GatewayError } from "../core/errors.ts";
import type { Engine } from "../engine.ts";
import { sha256 } from "../lib/ids.ts";
import { type AdminContext, isoTime } from "./http.ts";
import type { RouteTable } from "./route-table.ts";
import { success } from "./shapes.ts";
import {
  authorizeShape,
  type BeginQuery,
  beginQuery,
  browserShape,
  choice,
  deviceShape,
  type ExchangeBody,
  exchangeBody,
  importedShape,
  outcomeShape,
} from "./sign-in-shapes.ts";
import { shownImport } from "./sign-in-state-routes.ts";

/** Signing in at vendors. Verifiers, device codes and tokens are in no answer. */
export function signInRoutes(table: RouteTable, engine: Engine): void {
  const { signIn } = engine.manage;

  for (const method of ["GET", "POST", "PUT", "DELETE"] as const) {
    table.add(
      {
        method,
        path: "/api/oauth/cursor/*",
        role: "reader",
        summary: "Cursor cannot be connected: 410 with the reason.",
        answer: { media: "application/json", about: "Never comes." },
      },
      () => {
        const cursor = engine.catalogue.byId.get("cursor")?.provider;
        throw new GatewayError("provider_shut_down", cursor?.status?.note ?? "Cursor is not offered.");
      },
    );
  }

  table.add(
    {
      method: "GET",
      path: "/api/oauth/:provider/authorize",
      role: "admin",
      summary: "Begins a sign-in in the browser: the address to open at the vendor.",
      query: () => beginQuery().extend({ idp: choice() }),
      answer: authorizeShape,
    },
    async (c, { query }) => {
      const view = await begin(engine, c, "browser", query, { choices: { idp: query.idp } });
      return { ...browserView(view), codeVerifier: "", flowType: "authorization_code_pkce" };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/oauth/:provider/start-callback-server",
      role: "admin",
      summary: "Begins a sign-in whose vendor sends the browser back to a port of this machine.",
      query: beginQuery,
      answer: () => browserShape().extend({ port: z.number().nullable() }),
    },
    async (c, { query }) => {
      const view = await begin(engine, c, "browser", query);
      const port = Number(URL.parse(view.redirectUri ?? "")?.port) || null;
      return { port, ...browserView(view) };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/oauth/kiro/social-authorize",
      role: "admin",
      summary: "Begins a sign-in at Kiro with an account of Google or GitHub.",
      query: () => beginQuery().extend({ provider: choice(), idp: choice() }),
      answer: authorizeShape,
    },
    async (c, { query }) => {
      const choices = { idp: query.provider ?? query.idp };
      const view = await begin(engine, c, "browser", query, { provider: "kiro", choices });
      return { ...browserView(view), codeVerifier: "", flowType: "authorization_code_pkce" };
    },
  );

  table.add(
    {
      method: "GET",
      path: "/api/oauth/:provider/device-code",
      role: "admin",
      summary: "Begins a sign-in by a code that is typed in at the vendor.",
      query: () => beginQuery().extend({ startUrl: choice(), region: choice() }),
      answer: deviceShape,
    },
    async (c, { query }) => {
      const { startUrl, region } = query;
      const view = await begin(engine, c, "device", query, { choices: { startUrl, region } });
      return deviceView(view, engine.clock.now());
    },
  );

  for (const [path, provider] of [
    ["/api/oauth/:provider/exchange", undefined],
    ["/api/oauth/kiro/social-exchange", "kiro"],
  ] as const) {
    table.add(
      {
        method: "POST",
        path,
        role: "admin",
        summary: "Ends a sign-in with what the vendor gave: a code, or the whole address.",
        body: exchangeBody,
        answer: outcomeShape,
        refusal: outcomeShape,
      },
      (c, { body }) => exchange(engine, c, provider ?? c.req.param("provider" as never) ?? "", body),
    );
  }

  table.add(
    {
      method: "POST",
      path: "/api/oauth/:provider/poll",
      role: "admin",
      summary: "How a sign-in by code stands.",
      body: () => z.object({ deviceCode: z.string().max(200) }),
      answer: outcomeShape,
    },
    async (c, { body }) => told(await signIn.poll(sessionOf(c), body.deviceCode)),
  );

  table.add(
    {
      method: "POST",
      path: "/api/oauth/:provider/poll-callback",
      role: "admin",
      summary: "How the sign-in in the browser stands.",
      answer: outcomeShape,
    },
    async (c) => told(await signIn.poll(sessionOf(c))),
  );

  table.add(
    {
      method: "POST",
      path: "/api/oauth/:provider/import",
      role: "admin",
      summary: "Takes over a sign-in from the text of another program's credential file.",
      body: () => z.looseObject({}),
      answer: importedShape,
    },
    async (c, { raw }) => {
      c.env.unlimited();
      return shownImport(await signIn.importPasted(c.req.param("provider"), raw, c.get("actor")));
    },
  );

  table.add(
    {
      method: "DELETE",
      path: "/api/oauth/:provider/pending",
      role: "admin",
      summary: "Gives up the sign-in that waits.",
      answer: success,
    },
    (c) => {
      signIn.cancel(sessionOf(c));
      return { success: true };
    },
  );
}

async function begin(
  engine: Engine,
  c: AdminContext,
  way: "browser" | "device",
  query: BeginQuery,
  more: { provider?: string; choices?: { [name: string]: string | undefined } } = {},
): Promise<PendingView> {
  const redirectUri = query.redirect_uri ?? query.redirectUri;
  return engine.manage.signIn.begin(
    {
      provider: c.req.param("provider") ?? "",
      way,
      session: sessionOf(c),
      acceptTerms: query.acceptTerms,
      origin: c.env.url.origin,
      ...(redirectUri !== undefined && { redirectUri }),
      ...(query.connectionId !== undefined && { connectionId: query.connectionId }),
      ...more,
    },
    c.get("actor"),
  );
}

async function exchange(
  engine: Engine,
  c: AdminContext,
  provider: string,
  { code, url, state }: ExchangeBody,
): Promise<Response> {
  c.env.unlimited();
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

function browserView({ handle, authUrl, state, redirectUri, listening, expiresAt }: PendingView) {
  return { authUrl, state, redirectUri, listening, handle, expiresAt: isoTime(expiresAt) };
}

/** In both spellings that clients of earlier versions read. */
function deviceView(view: PendingView, now: number) {
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

function told(outcome: Outcome) {
  switch (outcome.type) {
    case "done":
      return { success: true, connection: outcome.connection, warnings: outcome.warnings };
    case "pending":
      return { success: false, pending: true };
    case "failed":
      return { success: false, error: outcome.error, errorDescription: outcome.description };
  }
}
