import { GatewayError } from "../../core/errors.ts";
import type { ProviderNode } from "../../core/node.ts";
import { listNodes, type Store } from "../../store/index.ts";

/** A node has another id on every device; its prefix is the same. */
const NODE = "node:";

/** A provider as all devices call it. */
export function sharedProvider(store: Store, id: string): string {
  const node = listNodes(store).find((candidate) => candidate.id === id);
  return node ? NODE + node.prefix : id;
}

/** The provider as it is called here. Throws `conflict` for a node that is not here. */
export function ownProvider(store: Store, shared: string): string {
  if (!shared.startsWith(NODE)) return shared;
  const node = nodeOf(store, shared.slice(NODE.length));
  if (!node) throw new GatewayError("conflict", `The node \`${shared.slice(NODE.length)}\` is not here.`);
  return node.id;
}

/** The own endpoint of a prefix; its id differs from device to device, the prefix does not. */
export const nodeOf = (store: Store, prefix: string): ProviderNode | undefined =>
  listNodes(store).find((node) => node.prefix === prefix);
