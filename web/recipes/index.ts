import {
  claudeCode,
  cline,
  codex,
  droid,
  geminiCli,
  kilo,
  openClaw,
  openCode,
  qwenCode,
} from "./coding-agents.ts";
import { antigravity, continueDev, cursor, rooCode } from "./editors.ts";
import { aider, anthropicSdk, curl, googleSdk, openaiSdk } from "./programs.ts";
import type { Recipe } from "./recipe.ts";

export type { Recipe, RecipeStep } from "./recipe.ts";

/** Every client there is a recipe for, in the order they are shown. */
export const RECIPES: readonly Recipe[] = [
  claudeCode,
  codex,
  geminiCli,
  cursor,
  cline,
  rooCode,
  kilo,
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

/** How a program of this machine is pointed here by hand. */
export const recipeOf = (toolId: string): Recipe | undefined =>
  RECIPES.find(({ tool }) => tool?.id === toolId);
