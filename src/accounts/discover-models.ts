import { TargetFailure } from "../core/errors.ts";
import type { ModelType, ProviderDefinition } from "../core/provider.ts";
import { isObject, type JsonObject, tryParseJson } from "../lib/json.ts";
import type { Outbound } from "../net/index.ts";
import { diagnoseAnswer } from "./diagnosis.ts";
import { factsOf } from "./model-facts.ts";
import { listCall, type ProbedConnection } from "./probe-request.ts";
import { secretsOf } from "./secrets-of.ts";

/** `type` and `context` (tokens) are what the list says, or what the name gives away. */
export type DiscoveredModel = { id: string; name: string; type: ModelType; context?: number };

const MAX_BYTES = 32 * 1024 * 1024;
const MAX_PAGES = 20;
const MAX_MODELS = 10_000;
const TIMEOUT_MS = 20_000;

/**
 * Asks a provider which models this account may use. Throws `TargetFailure`: `unsupported` when it has no list,
 * `credentials` when it refuses the key, or what the network did.
 */
export async function discoverModels(input: {
  provider: ProviderDefinition;
  connection: ProbedConnection;
  outbound: Outbound;
  signal: AbortSignal;
}): Promise<DiscoveredModel[]> {
  const { provider, connection } = input;
  if (provider.modelsPath === undefined)
    throw new TargetFailure("unsupported", `${provider.name} has no list of models to ask for.`);
  const models = new Map<string, DiscoveredModel>();
  let query = "";
  for (let page = 0; page < MAX_PAGES && models.size < MAX_MODELS; page++) {
    const body = await listPage(input, listCall(provider, connection, provider.modelsPath + query));
    for (const model of modelsIn(body)) models.set(model.id, model);
    const next = nextQuery(body);
    if (next === undefined) break;
    query = next;
  }
  return [...models.values()].slice(0, MAX_MODELS);
}

async function listPage(
  { provider, connection, outbound, signal }: Parameters<typeof discoverModels>[0],
  call: ReturnType<typeof listCall>,
): Promise<unknown> {
  const response = await outbound.send({
    ...call,
    via: { provider: provider.id, ...(connection.id !== undefined && { connectionId: connection.id }) },
    signal,
    headersTimeoutMs: TIMEOUT_MS,
  });
  const text = await response.text(MAX_BYTES);
  const found = diagnoseAnswer({ status: response.status, text }, secretsOf(connection));
  if (!found) return checkedList(provider, tryParseJson(text));
  const kind =
    found.type === "bad-key" ? "credentials" : found.type === "wrong-url" ? "unsupported" : "overloaded";
  throw new TargetFailure(kind, `${provider.name} gave no list of models. ${found.message}`, {
    status: response.status,
    providerCode: found.code,
  });
}

function checkedList(provider: ProviderDefinition, body: unknown): unknown {
  if (isModelList(body)) return body;
  throw new TargetFailure("malformed", `${provider.name} answered with something that is no list of models.`);
}

/** `{data:[…]}` (OpenAI, Anthropic), `{models:[…]}` (Google, Cohere) or a bare list (Together). */
function modelsIn(body: unknown): DiscoveredModel[] {
  return (listIn(body) ?? []).filter(isObject).flatMap(readModel);
}

/** Does this look like a model list in any of the shapes in use? */
export function isModelList(body: unknown): boolean {
  return listIn(body) !== undefined;
}

function listIn(body: unknown): unknown[] | undefined {
  const list = isObject(body) ? (body.data ?? body.models) : body;
  return Array.isArray(list) ? (list as unknown[]) : undefined;
}

function readModel(model: JsonObject): DiscoveredModel[] {
  const written = model.id ?? model.name ?? model.model;
  if (typeof written !== "string" || written === "") return [];
  const id = written.replace(/^models\//, "");
  const name = [model.display_name, model.displayName, model.id === undefined ? undefined : model.name].find(
    (word): word is string => typeof word === "string" && word !== "",
  );
  return [{ id, name: name ?? id, ...factsOf(model, id) }];
}

/** How the list goes on (Anthropic, Google, Cohere); undefined at its end. */
function nextQuery(body: unknown): string | undefined {
  if (!isObject(body)) return undefined;
  const token = (parameter: string, value: unknown) =>
    typeof value === "string" && value !== "" ? `?${parameter}=${encodeURIComponent(value)}` : undefined;
  if (body.has_more === true) return token("after_id", body.last_id);
  return token("pageToken", body.nextPageToken) ?? token("page_token", body.next_page_token);
}
