import { type KeyGroup, keyGroupInput } from "../../core/key-group.ts";
import type { KeyRulesInput } from "../../core/key.ts";
import { GatewayError } from "../../core/errors.ts";
import { newId } from "../../lib/ids.ts";
import { listKeyGroups, listKeys, removeKeyGroup, saveKeyGroup, type Store } from "../../store/index.ts";
import { mismatch, present, type RecordKind } from "./record-kind.ts";
import { ownProvider, sharedProvider } from "./shared-provider.ts";

/** The rules of key groups, by name. Keys stay where they are; each device's own count their own spending. */
export const keyGroups: RecordKind = {
  kind: "key-group",
  list: (store) =>
    listKeyGroups(store).map(({ id: _id, createdAt: _made, updatedAt, ...group }) => ({
      id: group.name,
      value: withProviders(group, (id) => sharedProvider(store, id)),
      changedAt: updatedAt,
    })),
  put(store, name, value) {
    const { limits, budget, ...fields } = present(keyGroupInput.parse(value));
    if (fields.name !== name) throw mismatch();
    const existing = groupOf(store, name);
    const now = store.clock.now();
    saveKeyGroup(store, {
      ...withProviders(fields, (id) => ownProvider(store, id)),
      ...(limits && { limits: present(limits) }),
      ...(budget && { budget: present(budget) }),
      id: existing?.id ?? newId(),
      createdAt: existing?.createdAt ?? now,
      updatedAt: now,
    });
  },
  remove(store, name) {
    const group = groupOf(store, name);
    if (!group) return;
    if (listKeys(store).some(({ groupId, revokedAt }) => groupId === group.id && revokedAt === undefined))
      throw new GatewayError(
        "conflict",
        "Keys here are in it, and would be held to nothing: move them first.",
      );
    removeKeyGroup(store, group.id);
  },
};

const groupOf = (store: Store, named: string): KeyGroup | undefined =>
  listKeyGroups(store).find(({ name }) => name === named);

/** A node is called otherwise on every device. */
function withProviders<T extends Pick<KeyRulesInput, "allowedProviders">>(
  rules: T,
  name: (id: string) => string,
): T {
  const { allowedProviders } = rules;
  return allowedProviders ? { ...rules, allowedProviders: allowedProviders.map(name) } : rules;
}
