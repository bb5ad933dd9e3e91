import { type Combo, type ComboInput, comboInput } from "../core/combo.ts";
import { badRequest, GatewayError } from "../core/errors.ts";
import { newId } from "../lib/ids.ts";
import { findProvider } from "../routing/index.ts";
import { findCombo, listCombos, removeCombo, saveCombo } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

const MAX_DEPTH = 3;

/** All combos, by name. */
export function allCombos(deps: ManageDeps): Combo[] {
  return listCombos(deps.store).toSorted((a, b) => a.name.localeCompare(b.name));
}

/** One combo. Throws `not_found`. */
export function comboById(deps: ManageDeps, id: string): Combo {
  const combo = findCombo(deps.store, id);
  if (!combo) throw new GatewayError("not_found", "There is no such combo.");
  return combo;
}

/** Stores a new combo. Throws `conflict` for a name that is taken, `bad_request` for a cycle. */
export function createCombo(deps: ManageDeps, input: ComboInput, actor: Actor): Combo {
  const { strategy } = deps.settings().comboDefaults;
  const fields = parseInput(comboInput, { ...(strategy !== undefined && { strategy }), ...input });
  refuseTakenName(deps, fields.name);
  const now = deps.clock.now();
  const combo: Combo = { ...fields, id: newId(), createdAt: now, updatedAt: now };
  refuseCycles(deps, combo);
  saveCombo(deps.store, combo);
  audit(deps.store, actor, "combo.create", combo.id, {
    name: combo.name,
    models: combo.models.map(({ model }) => model),
  });
  return combo;
}

/** Changes what the patch names. */
export function updateCombo(deps: ManageDeps, id: string, patch: unknown, actor: Actor): Combo {
  const existing = comboById(deps, id);
  const named = typeof patch === "object" && patch !== null ? patch : {};
  const merged = { ...existing, ...named };
  const fields = parseInput(comboInput, merged);
  if (fields.name !== existing.name) refuseTakenName(deps, fields.name);
  const combo: Combo = { ...fields, id, createdAt: existing.createdAt, updatedAt: deps.clock.now() };
  refuseCycles(deps, combo);
  saveCombo(deps.store, combo);
  audit(deps.store, actor, "combo.update", id, { fields: Object.keys(named) });
  return combo;
}

/** Removes a combo. One that another combo or alias leads to goes only with `force`; else `conflict`. */
export function deleteCombo(deps: ManageDeps, id: string, force: boolean, actor: Actor): void {
  const combo = comboById(deps, id);
  const users = [
    ...listCombos(deps.store)
      .filter((other) => other.id !== id && other.models.some(({ model }) => model === combo.name))
      .map(({ name }) => name),
    ...deps
      .catalogue()
      .aliases.filter(({ target }) => target === combo.name)
      .map(({ pattern }) => `alias ${pattern}`),
    ...deps
      .catalogue()
      .chains.filter(({ models }) => models.includes(combo.name))
      .map(({ name }) => `chain ${name}`),
  ];
  if (users.length > 0 && !force) {
    throw new GatewayError(
      "conflict",
      `${combo.name} is used by ${users.join(", ")}: change those first, or add ?force=true.`,
    );
  }
  removeCombo(deps.store, id);
  audit(deps.store, actor, "combo.delete", id, { name: combo.name });
}

function refuseTakenName(deps: ManageDeps, name: string): void {
  if (listCombos(deps.store).some((combo) => combo.name === name)) {
    throw new GatewayError("conflict", `There is already a combo named \`${name}\`.`, { param: "name" });
  }
  const slash = name.indexOf("/");
  const owner = slash > 0 ? findProvider(deps.catalogue(), name.slice(0, slash)) : undefined;
  if (owner) {
    throw new GatewayError(
      "conflict",
      `\`${name}\` begins with the prefix of ${owner.provider.name}; choose another name.`,
      { param: "name" },
    );
  }
}

function refuseCycles(deps: ManageDeps, combo: Combo): void {
  const byName = new Map(
    listCombos(deps.store)
      .filter(({ id }) => id !== combo.id)
      .map((other) => [other.name, other]),
  );
  byName.set(combo.name, combo);
  const walk = (name: string, path: string[]): void => {
    const next = byName.get(name);
    if (!next) return;
    if (path.includes(name))
      throw badRequest(`This would be a circle: ${[...path, name].join(" → ")}.`, "models");
    if (path.length >= MAX_DEPTH)
      throw badRequest(`Combos may stand inside one another ${MAX_DEPTH} deep; this is deeper.`, "models");
    for (const { model } of next.models) walk(model, [...path, name]);
  };
  walk(combo.name, []);
}
