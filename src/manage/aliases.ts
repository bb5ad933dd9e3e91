import { z } from "zod";
import type { Alias } from "../core/alias.ts";
import { badRequest } from "../core/errors.ts";
import { isEndlessAlias, isWildcard } from "../routing/index.ts";
import { listAliases, removeAlias, saveAlias } from "../store/index.ts";
import { type Actor, audit } from "./actor.ts";
import type { ManageDeps } from "./deps.ts";
import { parseInput } from "../core/parse-input.ts";

const name = z
  .string()
  .trim()
  .min(1)
  .max(256)
  // oxlint-disable-next-line no-control-regex
  .regex(/^[^\u0000-\u001f\u007f-\u009f]+$/, "control characters are not allowed");
export const aliasInput = z
  .object({ alias: name, pattern: name, model: name, target: name })
  .partial()
  .refine(({ alias, pattern }) => (alias ?? pattern) !== undefined, {
    path: ["alias"],
    message: "name the alias or the pattern",
  })
  .refine(({ model, target }) => (model ?? target) !== undefined, {
    path: ["model"],
    message: "name the model or the target",
  });

/** All aliases; those with `*` or `?` are patterns. */
export function allAliases(deps: ManageDeps): { exact: Alias[]; patterns: Alias[] } {
  const all = listAliases(deps.store);
  return {
    exact: all.filter(({ pattern }) => !isWildcard(pattern)),
    patterns: all.filter(({ pattern }) => isWildcard(pattern)),
  };
}

/** Saves `alias` or `pattern` → `model` or `target`. Throws `bad_request` when names would lead round in a circle. */
export function setAlias(deps: ManageDeps, input: unknown, actor: Actor): Alias {
  const { alias, pattern, model, target } = parseInput(aliasInput, input);
  const made: Alias = {
    pattern: alias ?? pattern ?? "",
    target: model ?? target ?? "",
    createdAt: deps.clock.now(),
  };
  refuseCircle(deps, made);
  saveAlias(deps.store, made);
  audit(deps.store, actor, "alias.save", made.pattern, { target: made.target });
  return made;
}

/** Removes an alias. True when there was one. */
export function dropAlias(deps: ManageDeps, pattern: string, actor: Actor): boolean {
  const removed = removeAlias(deps.store, pattern);
  if (removed) audit(deps.store, actor, "alias.delete", pattern);
  return removed;
}

/** A new alias may close a circle through others, so all of them are followed. */
function refuseCircle(deps: ManageDeps, made: Alias): void {
  const others = listAliases(deps.store).filter(({ pattern }) => pattern !== made.pattern);
  const catalogue = { ...deps.catalogue(), aliases: [...others, made] };
  const before = deps.catalogue();
  const isNew = (each: Alias) => each === made || !isEndlessAlias(each, before);
  const endless = catalogue.aliases.find((each) => isEndlessAlias(each, catalogue) && isNew(each));
  if (!endless) return;
  const which = endless === made ? "" : ` (through \`${endless.pattern}\`)`;
  throw badRequest(`\`${made.pattern}\` → \`${made.target}\` would lead back to itself${which}.`, "model");
}
