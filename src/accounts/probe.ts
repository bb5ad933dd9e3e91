import type { NodeInput } from "../core/node.ts";
import { TargetFailure } from "../core/errors.ts";
import type { ProviderDefinition } from "../core/provider.ts";
import { type Clock, systemClock } from "../lib/clock.ts";
import { tryParseJson } from "../lib/json.ts";
import type { Outbound } from "../net/index.ts";
import { providerOfNode } from "../providers/index.ts";
import { type Diagnosis, diagnoseAnswer, diagnoseFailure, diagnosis } from "./diagnosis.ts";
import { isModelList } from "./discover-models.ts";
import {
  baseOf,
  chatCall,
  embeddingCall,
  isUserEntered,
  listCall,
  type ProbedConnection,
} from "./probe-request.ts";
import { otherBaseUrls } from "./repair-base-url.ts";
import { secretsOf } from "./secrets-of.ts";

/** What a test of a connection found. */
export type TestResult = {
  /** May the account be used? True also where only the tested model or the moment was wrong. */
  valid: boolean;
  /** Why not, in a sentence. */
  error?: string;
  /** Present whenever there is something to say, also about a valid account. */
  diagnosis?: Diagnosis;
  latencyMs: number;
  /** The provider's HTTP status; absent when no answer came. */
  statusCode?: number;
  /** Milliseconds since 1970. */
  testedAt: number;
  /** What was asked: the model list, the key itself, one token of chat, one word's vector, or nothing. */
  probed: "models" | "key" | "chat" | "embeddings" | "none";
  /** The base URL that works, when the given one did not. */
  repairedBaseUrl?: string;
  /** The account's token was renewed on the way. */
  refreshed?: boolean;
};

export type TestInput = {
  provider: ProviderDefinition;
  connection: ProbedConnection;
  outbound: Outbound;
  signal: AbortSignal;
  clock?: Clock;
  /** Longest wait for each answer. Default: 20 s. */
  timeoutMs?: number;
};

type Finding = Pick<TestResult, "probed" | "statusCode" | "diagnosis">;

const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** An account with one of these is a good one. */
const HARMLESS = new Set<Diagnosis["type"]>(["rate-limited", "no-such-model"]);

/**
 * Tests an account by the cheapest call that proves its key: the model list, or where there is none, one token of
 * chat (of a vector, where nothing chats). A typed-in base URL that leads nowhere is tried again as it may have been meant. Does not throw for what the
 * provider or the network does.
 */
export async function testConnection(input: TestInput): Promise<TestResult> {
  const clock = input.clock ?? systemClock;
  const started = clock.monotonic();
  const { finding, baseUrl } = await findWithRepair(input);
  const found = finding.diagnosis;
  const valid = !found || HARMLESS.has(found.type);
  return {
    valid,
    ...(found && !valid && { error: found.message }),
    ...finding,
    latencyMs: Math.round(clock.monotonic() - started),
    testedAt: clock.now(),
    ...(baseUrl !== undefined && { repairedBaseUrl: baseUrl }),
  };
}

/** Tests an endpoint that is not saved yet. */
export function testNode(
  input: Omit<TestInput, "provider" | "connection"> & {
    node: Pick<NodeInput, "type" | "baseUrl" | "apiType" | "chatPath" | "modelsPath">;
    apiKey?: string;
    defaultModel?: string;
  },
): Promise<TestResult> {
  const { node, apiKey, defaultModel, ...rest } = input;
  const provider = providerOfNode({
    id: `${node.type}-new`,
    name: "This endpoint",
    prefix: "new",
    type: node.type,
    apiType: node.apiType ?? "chat",
    baseUrl: node.baseUrl,
    ...(node.chatPath && { chatPath: node.chatPath }),
    ...(node.modelsPath && { modelsPath: node.modelsPath }),
    createdAt: 0,
    updatedAt: 0,
  });
  const connection: ProbedConnection = {
    authType: apiKey ? "apikey" : "none",
    name: "new",
    credentials: apiKey ? { apiKey } : {},
    ...(defaultModel !== undefined && { defaultModel }),
  };
  return testConnection({ ...rest, provider, connection });
}

async function findWithRepair(input: TestInput): Promise<{ finding: Finding; baseUrl?: string }> {
  const { provider, connection } = input;
  const finding = await find(input);
  const isLost = finding.diagnosis?.type === "wrong-url";
  if (!isLost || !isUserEntered(provider, connection)) return { finding };
  for (const baseUrl of otherBaseUrls(baseOf(provider, connection), provider)) {
    if (input.signal.aborted) break;
    const other = await find({ ...input, connection: { ...connection, baseUrl } });
    if (isThere(other)) return { finding: other, baseUrl };
  }
  return { finding };
}

/** Did something that speaks the format answer? A refused key proves that as well. */
function isThere({ diagnosis: found }: Finding): boolean {
  return !found || HARMLESS.has(found.type) || found.type === "bad-key" || found.type === "no-credit";
}

async function find(input: TestInput): Promise<Finding> {
  const { provider, connection } = input;
  const [service] = provider.chat;
  const gone = provider.status?.state === "shut-down" || provider.status?.state === "not-offered";
  if (gone || (!service && !provider.services)) {
    const note = provider.status?.note ?? `${provider.name} cannot chat.`;
    return { probed: "none", diagnosis: diagnosis("shut-down", provider.status?.state ?? "no-chat", note) };
  }
  try {
    if (provider.keyCheckPath !== undefined)
      return await ask(input, "key", listCall(provider, connection, provider.keyCheckPath));
    if (provider.modelsPath !== undefined && !provider.modelsArePublic) {
      const listed = await ask(input, "models", listCall(provider, connection, provider.modelsPath));
      // A key may be good for chat and yet not allowed to list.
      if (!service || !leavesDoubt(listed)) return listed;
    }
    if (service) return await ask(input, "chat", chatCall(provider, connection, service));
    const embeddings = embeddingCall(provider, connection);
    return embeddings ? await ask(input, "embeddings", embeddings) : { probed: "none" };
  } catch (error) {
    if (!(error instanceof TargetFailure)) throw error;
    return {
      probed: "none",
      diagnosis: diagnoseFailure(error),
      ...(error.status !== undefined && { statusCode: error.status }),
    };
  }
}

/** A missing list, or one that this key may not read, says nothing of chat. */
function leavesDoubt({ diagnosis: found, statusCode }: Finding): boolean {
  if (found?.type === "blocked-region" || found?.type === "unreachable") return false;
  return found?.type === "wrong-url" || statusCode === 403;
}

async function ask(
  { provider, outbound, signal, connection, timeoutMs = DEFAULT_TIMEOUT_MS }: TestInput,
  probed: Finding["probed"],
  call: ReturnType<typeof listCall>,
): Promise<Finding> {
  const response = await outbound.send({
    ...call,
    via: { provider: provider.id, ...(connection.id !== undefined && { connectionId: connection.id }) },
    signal,
    headersTimeoutMs: timeoutMs,
  });
  const text = await response.text(MAX_BYTES);
  const found = diagnoseAnswer({ status: response.status, text }, secretsOf(connection));
  const isOther = !found && probed === "models" && !isModelList(tryParseJson(text));
  const settled = isOther ? diagnosis("wrong-url", "no-list", "The answer is no list of models.") : found;
  return { probed, statusCode: response.status, ...(settled && { diagnosis: settled }) };
}
