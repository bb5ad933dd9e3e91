import { z } from "zod";
import { chainInput, modelChainInput } from "../../core/chain.ts";
import { comboInput } from "../../core/combo.ts";
import { newId } from "../../lib/ids.ts";
import {
  listAliases,
  listChains,
  listCombos,
  listModelChains,
  removeAlias,
  removeChain,
  removeCombo,
  removeModelChain,
  saveAlias,
  saveChain,
  saveCombo,
  saveModelChain,
  type Store,
} from "../../store/index.ts";
import { mismatch, type RecordKind } from "./record-kind.ts";

/** Combos, by name. */
export const combos: RecordKind = {
  kind: "combo",
  list: (store) =>
    listCombos(store).map(({ id: _id, createdAt: _made, updatedAt, ...value }) => ({
      id: value.name,
      value,
      changedAt: updatedAt,
    })),
  put(store, name, value) {
    const fields = comboInput.parse(value);
    if (fields.name !== name) throw mismatch();
    const existing = comboOf(store, name);
    const now = store.clock.now();
    saveCombo(store, {
      ...fields,
      id: existing?.id ?? newId(),
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
    });
  },
  remove(store, name) {
    const combo = comboOf(store, name);
    if (combo) removeCombo(store, combo.id);
  },
};

const name = z.string().min(1).max(256);

/** Other names for models, by pattern. */
export const aliases: RecordKind = {
  kind: "alias",
  list: (store) =>
    listAliases(store).map(({ pattern, target, createdAt }) => ({
      id: pattern,
      value: target,
      changedAt: createdAt,
    })),
  put: (store, pattern, target) =>
    void saveAlias(store, {
      pattern: name.parse(pattern),
      target: name.parse(target),
      createdAt: store.clock.now(),
    }),
  remove: (store, pattern) => void removeAlias(store, pattern),
};

/** Fallback chains, by name. */
export const chains: RecordKind = {
  kind: "chain",
  list: (store) =>
    listChains(store).map(({ createdAt: _made, updatedAt, ...value }) => ({
      id: value.name,
      value,
      changedAt: updatedAt,
    })),
  put(store, _name, value) {
    const now = store.clock.now();
    saveChain(store, { ...chainInput.parse(value), createdAt: now, updatedAt: now });
  },
  remove: (store, chain) => void removeChain(store, chain),
};

/** Fallback chains of single models, by model. */
export const modelChains: RecordKind = {
  kind: "model-chain",
  list: (store) => listModelChains(store).map((value) => ({ id: value.model, value })),
  put: (store, _model, value) => void saveModelChain(store, modelChainInput.parse(value)),
  remove: (store, model) => void removeModelChain(store, model),
};

const comboOf = (store: Store, named: string) => listCombos(store).find((combo) => combo.name === named);
