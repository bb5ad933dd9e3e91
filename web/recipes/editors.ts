import { clientTool } from "../../src/clients/index.ts";
import { fieldSteps, type Recipe, settingsSteps } from "./recipe.ts";

export const cursor: Recipe = {
  id: "cursor",
  name: "Cursor",
  tool: clientTool("cursor"),
  steps: (place) => [{ text: "recipe.cursor.open" }, ...fieldSteps(place), { text: "recipe.cursor.public" }],
};

export const rooCode: Recipe = {
  id: "roo-code",
  name: "Roo Code",
  tool: clientTool("roo"),
  steps: (place) => [
    { text: "recipe.extension" },
    ...fieldSteps(place),
    { text: "recipe.cline.anthropic", gaps: { value: place.base } },
  ],
};

export const continueDev: Recipe = {
  id: "continue",
  name: "Continue",
  tool: clientTool("continue"),
  steps: (place) => settingsSteps(clientTool("continue"), place),
};

export const antigravity: Recipe = {
  id: "antigravity",
  name: "Antigravity",
  tool: clientTool("antigravity"),
  steps: () => [{ text: "recipe.antigravity" }],
};
