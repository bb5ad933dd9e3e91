import { asc, eq } from "drizzle-orm";
import type { ProviderNode } from "../core/node.ts";
import { GatewayError } from "../core/errors.ts";
import { providerNodes } from "./config-schema.ts";
import { isDuplicate } from "./store-error.ts";
import type { Store } from "./store.ts";

/** All nodes, oldest first. */
export function listNodes(store: Store): ProviderNode[] {
  return store.config
    .select()
    .from(providerNodes)
    .orderBy(asc(providerNodes.createdAt), asc(providerNodes.id))
    .all()
    .map(fromRow);
}

/** An own endpoint by its id; undefined when there is none. */
export function findNode(store: Store, id: string): ProviderNode | undefined {
  const row = store.config.select().from(providerNodes).where(eq(providerNodes.id, id)).get();
  return row && fromRow(row);
}

/** Adds a node, or replaces the one with its id. A prefix another node has is a `conflict` (409). */
export function saveNode(store: Store, node: ProviderNode): ProviderNode {
  const row = { ...node, chatPath: node.chatPath ?? null, modelsPath: node.modelsPath ?? null };
  try {
    store.change("nodes", () =>
      store.config
        .insert(providerNodes)
        .values(row)
        .onConflictDoUpdate({ target: providerNodes.id, set: row })
        .run(),
    );
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new GatewayError(
      "conflict",
      `The prefix "${node.prefix}" belongs to another node: choose a new one.`,
    );
  }
  return node;
}

/** True when there was one. Its connections stay. */
export function removeNode(store: Store, id: string): boolean {
  return store.change(
    "nodes",
    () =>
      store.config
        .delete(providerNodes)
        .where(eq(providerNodes.id, id))
        .returning({ id: providerNodes.id })
        .all().length > 0,
  );
}

function fromRow(row: typeof providerNodes.$inferSelect): ProviderNode {
  const { chatPath, modelsPath, ...rest } = row;
  return { ...rest, ...(chatPath !== null && { chatPath }), ...(modelsPath !== null && { modelsPath }) };
}
