import { type ClientTool, type Place, snippetOf } from "../../src/clients/index.ts";
import type { MessageKey } from "../i18n/index.ts";

/** One thing to do. Texts are messages; code is the same in every language. */
export type RecipeStep =
  | { text: MessageKey; gaps?: { readonly [name: string]: string } }
  | { file: string; code: string }
  | { shell: string };

/** How one client is pointed at the gateway. */
export type Recipe = {
  id: string;
  name: string;
  /** The program of this machine that the same can be done for in one step. */
  tool?: ClientTool;
  steps(place: Place): RecipeStep[];
};

/** The settings files of a client, each with what goes into it. */
export function settingsSteps(tool: ClientTool, place: Place): RecipeStep[] {
  return tool.files.flatMap((file) => {
    const name = `~/${file.paths[0]}`;
    return [
      { text: "recipe.merge", gaps: { file: name } },
      { file: name, code: snippetOf(file, place) },
    ];
  });
}

/** What to fill in where a program asks for an OpenAI-compatible server. */
export function fieldSteps({ base, key, model }: Place): RecipeStep[] {
  return [
    { text: "recipe.field.base", gaps: { value: `${base}/v1` } },
    { text: "recipe.field.key", gaps: { value: key } },
    { text: "recipe.field.model", gaps: { value: model } },
  ];
}

export const json = (value: unknown): string => JSON.stringify(value, null, 2);

/** Lines that set variables of a POSIX shell. */
export function exports(variables: { readonly [name: string]: string }): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}=${shellWord(value)}`)
    .join("\n");
}

/** A text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** A text as a TOML or YAML string in double quotes. */
export const quoted = (text: string): string => JSON.stringify(text);
