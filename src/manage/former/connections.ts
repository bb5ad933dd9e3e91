import type { Connection, Credentials } from "../../core/connection.ts";
import type { ProviderNode } from "../../core/node.ts";
import { isObject, type JsonObject } from "../../lib/json.ts";
import { newId } from "../../lib/ids.ts";
import { isFormerSealed } from "../../store/index.ts";
import type { FormerContext } from "./context.ts";
import { momentIn, numberIn, objectIn, switchIn, textIn } from "./fields.ts";

/** Connections with their ids, names and order. One whose credentials cannot be opened asks for a sign-in. */
export function formerConnections(rows: readonly JsonObject[], context: FormerContext): Connection[] {
  const unknown = new Set<string>();
  const connections = rows.flatMap((row) => {
    const provider = context.providerId(textIn(row, "provider") ?? "");
    if (provider === undefined) unknown.add(textIn(row, "provider") ?? "without a name");
    return provider === undefined ? [] : [connectionOf(row, provider, context)];
  });
  if (unknown.size > 0)
    context.warn(`Left out, because OmniRoute does not know the provider: ${[...unknown].join(", ")}.`);
  const shut = connections.filter(({ needsSignIn }) => needsSignIn).length;
  if (shut > 0)
    context.warn(
      `${shut} connections must be signed in again: their credentials are sealed. Give the STORAGE_ENCRYPTION_KEY (9router: DB_ENCRYPTION_KEY) they were sealed with to bring them along.`,
    );
  if (connections.some(({ credentials }) => credentials.refreshToken !== undefined))
    context.warn(
      "Signed-in accounts came along: use them in one installation only, since many vendors end a sign-in that two renew.",
    );
  return connections;
}

function connectionOf(sealedRow: JsonObject, provider: string, context: FormerContext): Connection {
  const { row, shut } = unsealed(sealedRow, context);
  const special = objectIn(row, "providerSpecificData");
  const credentials = credentialsOf(row, special, provider, context);
  const isSignIn = credentials.accessToken !== undefined || credentials.refreshToken !== undefined;
  const email = textIn(row, "email");
  const baseUrl = textIn(special, "baseUrl");
  const globalPriority = numberIn(row, "globalPriority");
  const defaultModel = textIn(row, "defaultModel");
  const checkEvery = numberIn(row, "healthCheckInterval");
  const group = textIn(row, "group");
  const createdAt = momentIn(row, "createdAt") ?? context.now;
  const lastUsedAt = momentIn(row, "lastUsedAt");
  return {
    id: textIn(row, "id")?.slice(0, 100) ?? newId(),
    provider,
    authType:
      isSignIn || (shut && textIn(row, "authType") === "oauth")
        ? "oauth"
        : credentials.apiKey !== undefined || shut
          ? "apikey"
          : "none",
    name: (textIn(row, "name", "displayName", "email") ?? provider).slice(0, 100),
    priority: Math.min(Math.max(Math.trunc(numberIn(row, "priority") ?? 1), 1), 100),
    isActive: switchIn(row, "isActive", true),
    credentials,
    createdAt,
    updatedAt: momentIn(row, "updatedAt") ?? createdAt,
    ...(email !== undefined && { email }),
    ...(globalPriority !== undefined && { globalPriority: Math.trunc(globalPriority) }),
    ...(defaultModel !== undefined && { defaultModel }),
    // An hour was what everybody had who wished nothing.
    ...(checkEvery !== undefined &&
      checkEvery > 0 &&
      checkEvery !== 60 && { healthCheckInterval: Math.min(Math.trunc(checkEvery), 10_080) }),
    ...(baseUrl !== undefined && /^https?:\/\//.test(baseUrl) && { baseUrl }),
    ...(group !== undefined && { group: group.slice(0, 100) }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    ...(shut && { needsSignIn: true }),
  };
}

function credentialsOf(
  row: JsonObject,
  special: JsonObject,
  provider: string,
  context: FormerContext,
): Credentials {
  const expiresAt = momentIn(row, "expiresAt", "tokenExpiresAt");
  const lifetime = numberIn(row, "expiresIn");
  const texts = {
    apiKey: textIn(row, "apiKey"),
    accessToken: textIn(row, "accessToken"),
    refreshToken: textIn(row, "refreshToken"),
    idToken: textIn(row, "idToken"),
    accountId: textIn(special, "chatgptAccountId", "workspaceId", "accountId"),
    projectId: textIn(row, "projectId") ?? textIn(special, "projectId"),
    profileArn: textIn(special, "profileArn"),
    region: textIn(special, "region"),
    clientId: textIn(special, "clientId"),
    clientSecret: textIn(special, "clientSecret"),
  };
  const credentials: Credentials = Object.fromEntries(
    Object.entries(texts).filter(([, value]) => value !== undefined),
  );
  if (credentials.apiKey !== undefined && credentials.accessToken === undefined) return credentials;
  if (credentials.accessToken === undefined && credentials.refreshToken === undefined) return credentials;
  credentials.heldBy = context.installationId;
  if (lifetime !== undefined && lifetime > 0) credentials.lifetimeMs = lifetime * 1000;
  const kept = KEPT_OTHERWISE.get(provider);
  return kept
    ? kept(credentials, special)
    : { ...credentials, ...(expiresAt !== undefined && { expiresAt }) };
}

/** GitHub's own token stood where calls take theirs; the short one for Copilot lay beside it. */
function copilotOf(credentials: Credentials, special: JsonObject): Credentials {
  const { accessToken: gitHub, refreshToken: _unused, ...rest } = credentials;
  const accessToken = textIn(special, "copilotToken");
  const expiresAt = momentIn(special, "copilotTokenExpiresAt");
  return {
    ...rest,
    ...(gitHub !== undefined && { refreshToken: gitHub }),
    ...(accessToken !== undefined && { accessToken }),
    expiresAt: accessToken === undefined ? 0 : (expiresAt ?? 0),
  };
}

/** Whose tokens earlier versions kept in other places than everybody's. */
const KEPT_OTHERWISE: ReadonlyMap<string, typeof copilotOf> = new Map([["github", copilotOf]]);

/** A row with everything opened that can be; what cannot is left out, never taken for a key. */
function unsealed(row: JsonObject, { seal }: FormerContext): { row: JsonObject; shut: boolean } {
  let shut = false;
  const open = (value: unknown): unknown => {
    if (isObject(value))
      return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, open(each)]));
    if (typeof value !== "string" || !isFormerSealed(value)) return value;
    const text = seal.open(value);
    if (text === undefined) shut = true;
    return text;
  };
  const { data, providerSpecificData, ...fields } = row;
  const whole = objectIn({ data: open(data) }, "data");
  const special = objectIn({ special: open(providerSpecificData ?? whole.providerSpecificData) }, "special");
  return {
    row: { ...(open({ ...whole, ...fields }) as JsonObject), providerSpecificData: open(special) },
    shut,
  };
}

/** Nodes with their ids, so that connections find them. */
export function formerNodes(rows: readonly JsonObject[], context: FormerContext): ProviderNode[] {
  return rows.flatMap((row): ProviderNode[] => {
    const id = textIn(row, "id");
    const type = textIn(row, "type");
    const baseUrl = textIn(row, "baseUrl");
    const name = textIn(row, "name") ?? textIn(row, "prefix") ?? "node";
    if (
      id === undefined ||
      baseUrl === undefined ||
      (type !== "openai-compatible" && type !== "anthropic-compatible")
    ) {
      context.warn(`The node ${name} was left out: OmniRoute has no nodes of its kind (${type ?? "none"}).`);
      return [];
    }
    const createdAt = momentIn(row, "createdAt") ?? context.now;
    const chatPath = textIn(row, "chatPath");
    const modelsPath = textIn(row, "modelsPath");
    return [
      {
        id,
        name: name.slice(0, 100),
        prefix: prefixOf(textIn(row, "prefix") ?? name),
        type,
        apiType: textIn(row, "apiType") === "responses" ? "responses" : "chat",
        baseUrl,
        createdAt,
        updatedAt: momentIn(row, "updatedAt") ?? createdAt,
        ...(chatPath !== undefined && { chatPath }),
        ...(modelsPath !== undefined && { modelsPath }),
      },
    ];
  });
}

const prefixOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, "-")
    .replace(/^[-_]+/, "")
    .slice(0, 32) || "node";
