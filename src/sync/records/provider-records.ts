import { z } from "zod";
import { customModelInput } from "../../core/custom-model.ts";
import { nodeInput } from "../../core/node.ts";
import type { Price } from "../../core/provider.ts";
import { newId } from "../../lib/ids.ts";
import {
  listCustomModels,
  listNodes,
  listPrices,
  removeCustomModel,
  removeNode,
  removePrices,
  saveCustomModel,
  saveNode,
  savePrices,
} from "../../store/index.ts";
import { mismatch, present, type RecordKind } from "./record-kind.ts";
import { nodeOf, ownProvider, sharedProvider } from "./shared-provider.ts";

/** Endpoints of one's own, by prefix. */
export const nodes: RecordKind = {
  kind: "node",
  list: (store) =>
    listNodes(store).map(({ id: _id, createdAt: _made, updatedAt, ...value }) => ({
      id: value.prefix,
      value,
      changedAt: updatedAt,
    })),
  put(store, prefix, value) {
    const fields = present(nodeInput.parse(value));
    if (fields.prefix !== prefix) throw mismatch();
    const existing = nodeOf(store, prefix);
    const now = store.clock.now();
    const made = fields.type === "anthropic-compatible" ? fields.type : `${fields.type}-${fields.apiType}`;
    saveNode(store, {
      ...fields,
      id: existing?.id ?? `${made}-${newId()}`,
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
    });
  },
  remove(store, prefix) {
    const node = nodeOf(store, prefix);
    if (node) removeNode(store, node.id);
  },
};

/** Models that people added. */
export const customModels: RecordKind = {
  kind: "model",
  list: (store) =>
    listCustomModels(store).map(({ createdAt, ...model }) => {
      const provider = sharedProvider(store, model.provider);
      return { id: pair(provider, model.id), value: { ...model, provider }, changedAt: createdAt };
    }),
  put(store, _id, value) {
    const fields = present(customModelInput.parse(value));
    const provider = ownProvider(store, fields.provider);
    saveCustomModel(store, {
      ...fields,
      provider,
      name: fields.name ?? fields.id,
      createdAt: store.clock.now(),
    });
  },
  remove(store, id) {
    const [provider, model] = parts(id);
    removeCustomModel(store, ownProvider(store, provider), model);
  },
};

const priceValue = z.record(z.string().max(50), z.number().min(0));

/** Prices of one's own. */
export const prices: RecordKind = {
  kind: "price",
  list: (store) =>
    listPrices(store).map(({ provider, model, price, updatedAt }) => ({
      id: pair(sharedProvider(store, provider), model),
      value: price,
      changedAt: updatedAt,
    })),
  put(store, id, value) {
    const [provider, model] = parts(id);
    const price = priceValue.parse(value) as unknown as Price;
    savePrices(store, [
      { provider: ownProvider(store, provider), model, price, updatedAt: store.clock.now() },
    ]);
  },
  remove(store, id) {
    const [provider, model] = parts(id);
    removePrices(store, ownProvider(store, provider), model);
  },
};

/** Provider and model as one id; a provider's id holds no space. */
const pair = (provider: string, model: string) => `${provider} ${model}`;
function parts(id: string): [string, string] {
  const at = id.indexOf(" ");
  return [id.slice(0, at), id.slice(at + 1)];
}
