import { z } from "zod";
import { whole } from "./number-bounds.ts";
import { limitsPatch } from "./resilience.ts";

export const connectionInput = z.object({
  /** Provider id, alias, or node id. */
  provider: z.string().min(1).max(100),
  name: z.string().min(1).max(100),
  apiKey: z.string().max(10_000).optional(),
  priority: whole(1, 100).default(1),
  globalPriority: z.coerce.number().int().nullish(),
  defaultModel: z.string().max(256).nullish(),
  baseUrl: z.string().max(2000).nullish(),
  group: z.string().max(100).nullish(),
  /** Minutes between tests that are made by themselves; 0 or nothing: none. */
  healthCheckInterval: whole(0, 10_080).nullish(),
  isActive: z.boolean().default(true),
  /** The person has read the rule of a vendor that limits this use, and goes on. */
  acceptTerms: z.boolean().optional(),
});
export type ConnectionInput = z.input<typeof connectionInput>;

export const connectionPatch = connectionInput
  .omit({ provider: true, acceptTerms: true })
  .partial()
  /** Its own limits; `null` takes them away, so that the defaults hold. */
  .extend({ limits: limitsPatch.nullish() });

/**
 * What proves who pays. Opened only where a request or a refresh needs it; never leaves in a listing. Every text in
 * here counts as a secret.
 */
export type Credentials = {
  apiKey?: string;
  /** What calls are made with, just as it is sent. */
  accessToken?: string;
  /** What a new access token is got with: a refresh token, or the long-lived token behind a short one. */
  refreshToken?: string;
  idToken?: string;
  /** When the access token ends, in milliseconds since 1970; absent when nobody said. */
  expiresAt?: number;
  /** How long the access token was good for when it came, in milliseconds. */
  lifetimeMs?: number;
  /** The vendor's id of the account. */
  accountId?: string;
  /** Google: the project that calls are counted against. AWS: the profile that calls name. */
  projectId?: string;
  profileArn?: string;
  /** Where this account's calls go, when the vendor told so at sign-in; without a slash at the end. */
  apiUrl?: string;
  /** The client that the sign-in was made with, when it was issued to this installation or account alone. */
  clientId?: string;
  clientSecret?: string;
  /** Mark of the installation that may use the refresh token. */
  heldBy?: string;
  /** Why the refresh token is not used any more. */
  refreshEnded?: { at: number; why: "refused" | "interrupted" };
  [field: string]: unknown;
};

/** One account at a provider. */
export type Connection = {
  id: string;
  /** Provider id or node id. */
  provider: string;
  authType: "apikey" | "oauth" | "none";
  name: string;
  email?: string;
  priority: number;
  globalPriority?: number;
  defaultModel?: string;
  isActive: boolean;
  baseUrl?: string;
  group?: string;
  /** Minutes between tests that are made by themselves; 0 or absent: none. */
  healthCheckInterval?: number;
  /** Read from the environment; cannot be changed or removed. */
  fromEnvironment?: boolean;
  /** Decrypted once at load and kept in memory. */
  credentials: Credentials;
  lastTest?: { at: number; ok: boolean; latencyMs?: number; error?: string; status?: number };
  lastError?: { at: number; kind: string; message: string; status?: number };
  lastUsedAt?: number;
  /** Set aside until a person (or a good test) renews the credential. */
  needsSignIn?: boolean;
  createdAt: number;
  updatedAt: number;
};
