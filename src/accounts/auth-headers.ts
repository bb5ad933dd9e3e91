import type { Connection } from "../core/connection.ts";
import { TargetFailure } from "../core/errors.ts";
import type { AuthScheme, ChatService, ProviderDefinition } from "../core/provider.ts";

/**
 * The headers that prove who pays for a call over a connection, in lower case. `service`: the path that is called,
 * where it takes the key in a way of its own. Throws `TargetFailure` (`credentials`) when there is no key to send.
 */
export function authHeaders(
  provider: Pick<ProviderDefinition, "auth" | "name" | "accountHeaders">,
  connection: Pick<Connection, "authType" | "credentials" | "name">,
  service?: Pick<ChatService, "auth">,
): Record<string, string> {
  const scheme = service?.auth ?? provider.auth;
  const { accessToken, apiKey } = connection.credentials;
  // A signed-in account's token is a bearer everywhere, also where keys go into a header of the vendor's own.
  if (connection.authType === "oauth" && accessToken)
    return {
      authorization: ((scheme.type === "sign-in" && scheme.prefix) || "Bearer ") + accessToken,
      ...accountHeaders(provider, connection),
    };
  const key = apiKey?.trim();
  if (!key) return withoutKey(scheme, provider, connection);
  switch (scheme.type) {
    case "key":
      return { [scheme.header]: (scheme.prefix ?? "") + key };
    case "optional-key":
      return { authorization: `Bearer ${key}` };
    case "sign-in":
      return { authorization: (scheme.prefix ?? "Bearer ") + key };
    case "none":
      return {};
  }
}

function accountHeaders(
  { accountHeaders: fields }: Pick<ProviderDefinition, "accountHeaders">,
  { credentials }: Pick<Connection, "credentials">,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [header, field] of Object.entries(fields ?? {})) {
    const value = credentials[field];
    if (typeof value === "string") headers[header] = value;
  }
  return headers;
}

function withoutKey(
  scheme: AuthScheme,
  provider: Pick<ProviderDefinition, "name">,
  connection: Pick<Connection, "authType" | "name">,
): Record<string, string> {
  if (scheme.type === "sign-in") {
    throw new TargetFailure(
      "credentials",
      `The connection ${connection.name} to ${provider.name} holds no sign-in: sign in again.`,
      { scope: "connection" },
    );
  }
  if (scheme.type !== "key" || connection.authType === "none") return {};
  throw new TargetFailure(
    "credentials",
    `The connection ${connection.name} to ${provider.name} holds no key: enter one.`,
    { scope: "connection" },
  );
}
