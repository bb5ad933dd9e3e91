import { z } from "zod";
import type { TestResult } from "../accounts/index.ts";
import { type NodeInput, nodeInput, type ProviderNode } from "../core/node.ts";
import { GatewayError } from "../core/errors.ts";
import { newId } from "../lib/ids.ts";
import { checkBaseUrl } from "../net/index.ts";
import { findProvider } from "../routing/index.ts";
import { findNode, listNodes, removeNode, saveNode } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import { dropConnection } from "./connections.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";
import { withoutNulls } from "./without-nulls.ts";

/** The user's own endpoints. */
export function listProviderNodes(deps: ManageDeps): ProviderNode[] {
  return listNodes(deps.store);
}

/** Stores a new node. Throws `conflict` when its prefix is taken, `bad_request` for an address that may not be called. */
export function createNode(deps: ManageDeps, input: NodeInput, actor: Actor): ProviderNode {
  const fields = withoutNulls(parseInput(nodeInput, input));
  refuseTakenPrefix(deps, fields.prefix);
  const now = deps.clock.now();
  const node: ProviderNode = {
    ...fields,
    baseUrl: baseUrlOf(deps, fields.baseUrl),
    id: `${kindOf(fields)}-${newId()}`,
    createdAt: now,
    updatedAt: now,
  };
  saveNode(deps.store, node);
  audit(deps.store, actor, "node.create", node.id, {
    name: node.name,
    prefix: node.prefix,
    baseUrl: node.baseUrl,
  });
  return node;
}

export const nodeCheck = nodeInput
  .pick({ baseUrl: true, type: true, apiType: true, chatPath: true, modelsPath: true })
  .extend({ apiKey: z.string().max(10_000).optional(), model: z.string().max(256).optional() });
export type NodeCheck = z.input<typeof nodeCheck>;

/** Tests an endpoint that is not saved yet. Throws `bad_request` for an address that may not be called. */
export function checkNode(deps: ManageDeps, input: NodeCheck, signal: AbortSignal): Promise<TestResult> {
  const { apiKey, model, ...node } = parseInput(nodeCheck, input);
  checkBaseUrl(node.baseUrl, deps.addressPolicy());
  return deps.testNode({
    node,
    signal,
    ...(apiKey && { apiKey }),
    ...(model && { defaultModel: model }),
  });
}

/** Changes what the patch names; the type stays, since the id says it. */
export function updateNode(deps: ManageDeps, id: string, patch: unknown, actor: Actor): ProviderNode {
  const existing = nodeOf(deps, id);
  const fields = parseInput(nodeInput.omit({ type: true, apiType: true }).partial(), patch);
  if (fields.prefix !== undefined && fields.prefix !== existing.prefix)
    refuseTakenPrefix(deps, fields.prefix);
  const node = withoutNulls({ ...existing, ...fields, updatedAt: deps.clock.now() }) as ProviderNode;
  if (fields.baseUrl !== undefined) node.baseUrl = baseUrlOf(deps, fields.baseUrl);
  saveNode(deps.store, node);
  audit(deps.store, actor, "node.update", id, { fields: Object.keys(fields) });
  return node;
}

/** Removes a node. Its connections go with it only when `force` says so; else `conflict`. */
export function deleteNode(deps: ManageDeps, id: string, force: boolean, actor: Actor): void {
  const node = nodeOf(deps, id);
  const connections = deps.connections().filter((connection) => connection.provider === id);
  if (connections.length > 0 && !force) {
    throw new GatewayError(
      "conflict",
      `${node.name} still has ${connections.length} connection(s): remove them first, or add ?force=true.`,
    );
  }
  for (const connection of connections) dropConnection(deps, connection.id);
  deps.health.forgetProvider(id);
  removeNode(deps.store, id);
  audit(deps.store, actor, "node.delete", id, { name: node.name });
}

function nodeOf(deps: ManageDeps, id: string): ProviderNode {
  const node = findNode(deps.store, id);
  if (!node) throw new GatewayError("not_found", "There is no such provider node.");
  return node;
}

function baseUrlOf(deps: ManageDeps, text: string): string {
  return checkBaseUrl(text, deps.addressPolicy()).href.replace(/\/+$/, "");
}

function kindOf({ type, apiType }: Pick<ProviderNode, "type" | "apiType">): string {
  return type === "anthropic-compatible" ? type : `${type}-${apiType}`;
}

/** A prefix belongs to one provider or node; only the built-in mock gives way. */
function refuseTakenPrefix(deps: ManageDeps, prefix: string): void {
  const owner = findProvider(deps.catalogue(), prefix);
  if (!owner || (owner.provider.builtIn && prefix === "mock")) return;
  throw new GatewayError("conflict", `The prefix \`${prefix}\` already belongs to ${owner.provider.name}.`, {
    param: "prefix",
  });
}
