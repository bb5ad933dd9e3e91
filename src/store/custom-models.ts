import { and, asc, eq } from "drizzle-orm";
import type { CustomModel } from "../core/custom-model.ts";
import type { ModelType } from "../core/provider.ts";
import { customModels } from "./config-schema.ts";
import type { Store } from "./store.ts";

/** All models users added, by provider and id. */
export function listCustomModels(store: Store): CustomModel[] {
  const rows = store.config
    .select()
    .from(customModels)
    .orderBy(asc(customModels.provider), asc(customModels.id))
    .all();
  return rows.map(({ context, type, ...rest }) => ({
    ...rest,
    type: type as ModelType,
    ...(context !== null && { context }),
  }));
}

/** Adds a model to a provider, or replaces the one of that id. */
export function saveCustomModel(store: Store, model: CustomModel): CustomModel {
  const row = { ...model, context: model.context ?? null };
  store.change("custom-models", () =>
    store.config
      .insert(customModels)
      .values(row)
      .onConflictDoUpdate({ target: [customModels.provider, customModels.id], set: row })
      .run(),
  );
  return model;
}

/** True when there was one. */
export function removeCustomModel(store: Store, provider: string, id: string): boolean {
  return store.change(
    "custom-models",
    () =>
      store.config
        .delete(customModels)
        .where(and(eq(customModels.provider, provider), eq(customModels.id, id)))
        .returning({ id: customModels.id })
        .all().length > 0,
  );
}
