import { z } from "zod";
import { flag, time, yes } from "./shapes.ts";
import { statusShape } from "./status.ts";

/** What a person chose in an address. */
export const choice = () => z.string().max(2000).optional();

/** How a sign-in is begun. */
export const beginQuery = () =>
  z.object({
    redirect_uri: choice(),
    redirectUri: choice(),
    connectionId: choice().describe("The connection to renew, instead of a new one"),
    acceptTerms: flag().describe("The person has read the vendor's rule, and goes on"),
  });
export type BeginQuery = z.output<ReturnType<typeof beginQuery>>;

const pasted = () => z.string().max(20_000).optional();

/** What the vendor gave. Earlier dashboards held address and verifier themselves; here they never leave the server. */
export const exchangeBody = () =>
  z.object({
    code: pasted(),
    url: pasted().describe("The whole address the browser came back to, also one it failed to open"),
    state: z.string().max(2000).nullish(),
    redirectUri: z.string().max(2000).nullish(),
    codeVerifier: z.string().max(2000).nullish(),
  });
export type ExchangeBody = z.output<ReturnType<typeof exchangeBody>>;

export const browserShape = () =>
  z.object({
    authUrl: z.string().optional(),
    state: z.string().optional(),
    redirectUri: z.string().optional(),
    listening: z.boolean().optional(),
    handle: z.string(),
    expiresAt: time(),
  });

export const authorizeShape = () =>
  browserShape().extend({
    codeVerifier: z.string().describe("Always empty: it stays on the server"),
    flowType: z.string(),
  });

/** In both spellings that clients of earlier versions read. */
export const deviceShape = () =>
  z.object({
    deviceCode: z.string().describe("A handle for polling, not the vendor's code"),
    userCode: z.string().optional(),
    verificationUri: z.string().optional(),
    verificationUriComplete: z.string().optional(),
    expiresIn: z.number(),
    interval: z.number().describe("Seconds"),
    device_code: z.string(),
    user_code: z.string().optional(),
    verification_uri: z.string().optional(),
    verification_uri_complete: z.string().optional(),
    expires_in: z.number(),
  });

const keptShape = () =>
  z.object({
    id: z.string(),
    provider: z.string(),
    email: z.string().nullable(),
    displayName: z.string(),
  });

export const importedShape = () =>
  z.object({ success: yes(), connection: keptShape(), warnings: z.array(z.string()) });

/** How a sign-in stands. */
export const outcomeShape = () =>
  z.union([
    importedShape(),
    z.object({ success: z.boolean(), pending: yes() }),
    z.object({ success: z.boolean(), error: z.string(), errorDescription: z.string() }),
  ]);

export const offerShape = () =>
  z.object({
    provider: z.string(),
    name: z.string(),
    ways: z.array(z.enum(["browser", "device"])),
    ...statusShape(),
    needsAcceptance: z.boolean(),
    missing: z.object({ variables: z.array(z.string()), recipe: z.string() }).nullable(),
    connections: z.number(),
  });

export const foundShape = () =>
  z.object({
    id: z.string(),
    program: z.string(),
    provider: z.string(),
    path: z.string(),
    account: z.string().nullable(),
    expiresAt: time(),
  });

export const tokenHealthShape = () =>
  z.object({
    total: z.number(),
    healthy: z.number(),
    errored: z.number(),
    warning: z.number(),
    lastCheckAt: time(),
    status: z.enum(["healthy", "warning", "error"]),
  });
