import type { Connection, Credentials } from "../../core/connection.ts";
import type { FlowContext } from "./context.ts";
import type { Account, Tokens } from "./flow.ts";

/** What a finished sign-in brought. */
export type SignedIn = {
  provider: string;
  authType: Connection["authType"];
  account: Account;
  credentials: Credentials;
  /** What the person should know. */
  warnings: string[];
};

/**
 * Finds out who signed in and puts the credential together. `startedAt`: when the tokens were asked for (milliseconds
 * since 1970); their time runs from there. Throws `SignInError`.
 */
export async function signedIn(context: FlowContext, tokens: Tokens, startedAt: number): Promise<SignedIn> {
  const { flow } = context;
  const settled = (await flow.settle?.(context, tokens)) ?? { account: {} };
  const { account, more, apiKey, warnings = [] } = settled;
  const owner = account.id === undefined ? {} : { accountId: account.id };
  if (apiKey !== undefined) {
    const credentials = { ...owner, apiKey };
    return { provider: flow.provider, authType: "apikey", account, credentials, warnings };
  }
  const credentials = withTokens(
    { ...owner, heldBy: context.installationId },
    { ...tokens, more: { ...tokens.more, ...more } },
    startedAt,
  );
  return { provider: flow.provider, authType: "oauth", account, credentials, warnings };
}

/** A credential with newer tokens in it; what the vendor did not send anew stays. */
export function withTokens(former: Credentials, tokens: Tokens, startedAt: number): Credentials {
  const { accessToken, refreshToken, lifetimeMs, more } = tokens;
  const { expiresAt: _expiresAt, lifetimeMs: _lifetimeMs, refreshEnded: _refreshEnded, ...kept } = former;
  const credentials: Credentials = {
    ...kept,
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(lifetimeMs !== undefined && { lifetimeMs }),
    ...more,
  };
  if (credentials.lifetimeMs !== undefined) credentials.expiresAt = startedAt + credentials.lifetimeMs;
  return credentials;
}
