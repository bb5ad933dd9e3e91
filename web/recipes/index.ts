import { claudeCode, codex, droid, geminiCli, openClaw, openCode, qwenCode } from "./coding-agents.ts";
import { antigravity, cline, continueDev, cursor } from "./editors.ts";
import { aider, anthropicSdk, curl, googleSdk, openaiSdk } from "./programs.ts";
import type { Recipe } from "./recipe.ts";

export type { Place, Recipe, RecipeStep } from "./recipe.ts";

/** Every client there is a recipe for, in the order they are shown. */
export const RECIPES: readonly Recipe[] = [
  claudeCode,
  codex,
  geminiCli,
  cursor,
  cline,
  continueDev,
  openCode,
  openClaw,
  qwenCode,
  droid,
  curl,
  openaiSdk,
  anthropicSdk,
  googleSdk,
  aider,
  antigravity,
];

export const findRecipe = (id: string | undefined): Recipe | undefined =>
  RECIPES.find((recipe) => recipe.id === id);
