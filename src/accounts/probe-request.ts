import type { Connection } from "../core/connection.ts";
import type { ChatService, ModelDefinition, ProviderDefinition } from "../core/provider.ts";
import { authHeaders } from "./auth-headers.ts";
import type { OutboundRequest } from "../net/index.ts";
import { smallestBody } from "./smallest-body.ts";

/** The account a probe looks at; one that is not saved yet will do. */
export type ProbedConnection = Pick<
  Connection,
  "authType" | "credentials" | "name" | "baseUrl" | "defaultModel"
> &
  Partial<Pick<Connection, "id">>;

type CallParts = Pick<OutboundRequest, "method" | "url" | "headers" | "userEntered"> & { body?: string };

/** A GET of one of the provider's own paths, `modelsPath` or `keyCheckPath`. */
export function listCall(
  provider: ProviderDefinition,
  connection: ProbedConnection,
  path: string,
): CallParts {
  const [service = Object.values(provider.services ?? {})[0]] = provider.chat;
  return {
    method: "GET",
    url: baseOf(provider, connection) + path,
    headers: { ...service?.headers, ...authHeaders(provider, connection), accept: "application/json" },
    userEntered: isUserEntered(provider, connection),
  };
}

/** The smallest chat call the provider's first format allows: one word in, one token out. */
export function chatCall(
  provider: ProviderDefinition,
  connection: ProbedConnection,
  service: ChatService,
): CallParts {
  const model = connection.defaultModel ?? cheapestModel(provider, service) ?? "default";
  return {
    method: "POST",
    url:
      baseOf(provider, connection) +
      service.path.replace("{model}", encodeURIComponent(model)).replace("{verb}", "generateContent"),
    headers: {
      accept: service.quirks?.streamOnly ? "text/event-stream" : "application/json",
      "content-type": "application/json",
      ...service.headers,
      ...authHeaders(provider, connection, service),
    },
    body: JSON.stringify(smallestBody(service, model, connection.credentials)),
    userEntered: isUserEntered(provider, connection),
  };
}

/** One word's vector from a provider that makes vectors in OpenAI's shape; undefined where it does not. */
export function embeddingCall(
  provider: ProviderDefinition,
  connection: ProbedConnection,
): CallParts | undefined {
  const service = provider.services?.embeddings;
  const model = connection.defaultModel ?? provider.models.find(({ type }) => type === "embedding")?.id;
  if (service?.dialect !== "openai" || model === undefined) return undefined;
  return {
    method: "POST",
    url: baseOf(provider, connection) + service.path,
    headers: {
      accept: "application/json",
      "content-type": "application/json",
      ...service.headers,
      ...authHeaders(provider, connection, service),
    },
    body: JSON.stringify({ model, input: ["Hi"] }),
    userEntered: isUserEntered(provider, connection),
  };
}

function cheapestModel(provider: ProviderDefinition, service: ChatService): string | undefined {
  const served = provider.models.filter(
    (model) =>
      (model.type ?? "chat") === "chat" &&
      (model.status?.state ?? "works") === "works" &&
      (model.formats?.includes(service.format) ?? true),
  );
  return served.toSorted((a, b) => inputPrice(a) - inputPrice(b))[0]?.id;
}

function inputPrice({ price }: ModelDefinition): number {
  if (price === undefined) return Number.MAX_VALUE;
  if ("input" in price) return price.input;
  return Array.isArray(price) ? (price[0] as number) : Number.MAX_VALUE;
}

/** Where a connection's calls go, without a slash at the end. */
export function baseOf(provider: ProviderDefinition, connection: Pick<Connection, "baseUrl">): string {
  return (connection.baseUrl ?? provider.baseUrl).replace(/\/+$/, "");
}

/** Did a person type the address in (a node's, or an overridden one)? */
export function isUserEntered(
  provider: ProviderDefinition,
  connection: Pick<Connection, "baseUrl">,
): boolean {
  return connection.baseUrl !== undefined || provider.id.includes("-compatible-");
}
