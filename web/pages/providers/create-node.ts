import { discoverModels, type TestResult } from "../../../src/accounts/index.ts";
import type { ProviderNode } from "../../../src/core/node.ts";
import { TargetFailure } from "../../../src/core/errors.ts";
import type { FormFields } from "../../server/form-fields.ts";
import type { Visit } from "../../visit.ts";
import { kindOf } from "./node-form.ts";

/** More than this is a shop's whole range; the owner picks from it on the provider's page. */
const MOST_MODELS = 100;
const LIST_MS = 15_000;

/**
 * Makes a node with one connection, at the address that was found to work, and lists the models it names, so that
 * they can be called and chosen at once. Throws `GatewayError`.
 */
export async function createNode(
  visit: Visit,
  form: FormFields,
  test: TestResult,
): Promise<{ node: ProviderNode; models: number }> {
  const { engine, actor } = visit;
  const node = engine.manage.nodes.create(
    {
      ...kindOf(form),
      name: form.text("name"),
      prefix: form.text("prefix"),
      baseUrl: test.repairedBaseUrl ?? form.text("baseUrl"),
      chatPath: form.orNull("chatPath"),
      modelsPath: form.orNull("modelsPath"),
    },
    actor,
  );
  const apiKey = form.optional("apiKey");
  if (node.type !== "anthropic-compatible" || apiKey !== undefined) {
    const connection = engine.manage.connections.create(
      { provider: node.id, name: node.name, ...(apiKey !== undefined && { apiKey }) },
      actor,
    );
    if (test.valid) return { node, models: await listModels(visit, node, connection.id) };
  }
  return { node, models: 0 };
}

async function listModels(
  { engine, actor, signal }: Visit,
  node: ProviderNode,
  connectionId: string,
): Promise<number> {
  await engine.manage.connections.test(connectionId, signal);
  const connection = engine.router.connections.find(({ id }) => id === connectionId);
  const provider = engine.catalogue.byId.get(node.id)?.provider;
  if (!connection || !provider) return 0;
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]);
    const found = await discoverModels({ provider, connection, outbound: engine.outbound, signal: limit });
    if (found.length > MOST_MODELS) return 0;
    return engine.manage.models.add(
      found.map(({ id, name }) => ({ provider: node.id, id: id.slice(0, 256), name: name.slice(0, 200) })),
      actor,
    ).length;
  } catch (error) {
    // Many endpoints have no list. The node works without; models are then named by hand.
    if (error instanceof TargetFailure) return 0;
    throw error;
  }
}
