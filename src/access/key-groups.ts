import { badRequest, GatewayError } from "../core/errors.ts";
import type { ApiKey } from "../core/key.ts";
import { type KeyGroup, type KeyGroupInput, keyGroupInput } from "../core/key-group.ts";
import { parseInput } from "../core/parse-input.ts";
import { newId } from "../lib/ids.ts";
import {
  addAudit,
  findKeyGroup,
  listKeyGroups,
  removeKeyGroup,
  saveKeyGroup,
  type Store,
} from "../store/index.ts";
import { applyRules } from "./key-rules.ts";

/** Who makes a change, for the history. */
export type ChangedBy = { name: string; ip?: string };

/** Keys that share a scope, limits and budgets. Every change is written down and in force on the next call. */
export class KeyGroups {
  constructor(
    readonly store: Store,
    readonly keys: () => readonly ApiKey[],
  ) {}

  /** All groups, by name. */
  list(): KeyGroup[] {
    return listKeyGroups(this.store);
  }

  /** Throws `not_found`. */
  get(id: string): KeyGroup {
    const group = findKeyGroup(this.store, id);
    if (!group) throw new GatewayError("not_found", "There is no such key group.");
    return group;
  }

  /** The group of a name or an id, as people write either. Throws `bad_request`. */
  named(nameOrId: string): KeyGroup {
    const group = this.list().find(({ id, name }) => id === nameOrId || name === nameOrId);
    if (!group) throw badRequest(`There is no key group "${nameOrId}".`, "group");
    return group;
  }

  /** The keys in a group that still work. */
  keysIn(id: string): ApiKey[] {
    return this.keys().filter((key) => key.groupId === id && key.revokedAt === undefined);
  }

  /** Throws `bad_request`, and `conflict` for a name that is taken. */
  create(input: KeyGroupInput, by: ChangedBy): KeyGroup {
    const group = this.#made(input);
    this.#checkFree(group.name);
    return this.#put(undefined, group, by);
  }

  /** Changes what the patch names. Throws `not_found`, `bad_request`, `conflict`. */
  update(id: string, patch: Partial<KeyGroupInput>, by: ChangedBy): KeyGroup {
    const { name, note, isActive, ...rules } = parseInput(keyGroupPatch, patch);
    const before = this.get(id);
    const group = structuredClone(before);
    if (name !== undefined && name !== before.name) {
      this.#checkFree(name);
      group.name = name;
    }
    if (note) group.note = note;
    else if (note !== undefined) delete group.note;
    if (isActive !== undefined) group.isActive = isActive;
    applyRules(group, rules);
    return this.#put(before, group, by);
  }

  /** Makes a group of this name be what is said, and only that: rules that are not named go. Throws `bad_request`. */
  declare(input: KeyGroupInput, by: ChangedBy): KeyGroup {
    const wanted = this.#made(input);
    const before = this.list().find(({ name }) => name === wanted.name);
    if (!before) return this.#put(undefined, wanted, by);
    const { id, createdAt, updatedAt } = before;
    return this.#put(before, { ...wanted, id, createdAt, updatedAt }, by);
  }

  /**
   * Removes a group. Its keys are then held to nothing but their own rules, so that a group with keys takes `detach`.
   * Throws `not_found`, `conflict`.
   */
  remove(id: string, { detach = false }: { detach?: boolean }, by: ChangedBy): KeyGroup {
    const group = this.get(id);
    const keys = this.keysIn(id);
    if (keys.length > 0 && !detach) {
      throw new GatewayError(
        "conflict",
        `${keys.length} ${keys.length === 1 ? "key is" : "keys are"} in the group ${group.name}. Move or revoke them first, or remove the group with \`?keys=detach\` (\`--detach\`): they then work without its limits.`,
        { extra: { keys: keys.map(({ id: keyId, name }) => ({ id: keyId, name })) } },
      );
    }
    removeKeyGroup(this.store, id);
    this.#tell("key-group.remove", group, by, { from: told(group), detached: keys.map(({ name }) => name) });
    return group;
  }

  #made(input: KeyGroupInput): KeyGroup {
    const { name, note, isActive, ...rules } = parseInput(keyGroupInput, input);
    const now = this.store.clock.now();
    const group: KeyGroup = { id: newId(), name, isActive, createdAt: now, updatedAt: now };
    if (note) group.note = note;
    applyRules(group, rules);
    return group;
  }

  /** Saves and tells, unless nothing is another. */
  #put(before: KeyGroup | undefined, group: KeyGroup, by: ChangedBy): KeyGroup {
    if (before && Bun.deepEquals(before, group)) return before;
    group.updatedAt = this.store.clock.now();
    saveKeyGroup(this.store, group);
    if (before) this.#tell("key-group.update", group, by, { from: told(before), to: told(group) });
    else this.#tell("key-group.create", group, by, { to: told(group) });
    return group;
  }

  #checkFree(name: string): void {
    if (!this.list().some((group) => group.name === name)) return;
    throw new GatewayError("conflict", `There is a key group ${name} already.`);
  }

  #tell(action: string, { id, name }: KeyGroup, { name: actor, ip }: ChangedBy, details: object): void {
    addAudit(this.store, {
      action,
      actor,
      ...(ip !== undefined && { ip }),
      target: id,
      result: "ok",
      details: { name, ...details },
    });
  }
}

/** A partial group must not bring the defaults of a new one with it. */
export const keyGroupPatch = keyGroupInput
  .extend({ isActive: keyGroupInput.shape.isActive.unwrap() })
  .partial();

/** The answer to every key of a group that is paused. */
export const groupPaused = () =>
  new GatewayError(
    "key_group_paused",
    "The group of this API key is paused: none of its keys works until an administrator resumes it.",
  );

/** What the history tells of a group. */
function told({ id: _id, createdAt: _made, updatedAt: _changed, ...rest }: KeyGroup): object {
  return rest;
}
