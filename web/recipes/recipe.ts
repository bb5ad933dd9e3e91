import type { MessageKey } from "../i18n/index.ts";

/** What a recipe fills in. */
export type Place = {
  /** The gateway's address without a path. */
  base: string;
  key: string;
  /** A model or combo. */
  model: string;
};

/** One thing to do. Texts are messages; code is the same in every language. */
export type RecipeStep =
  | { text: MessageKey; gaps?: { readonly [name: string]: string } }
  | { file: string; code: string }
  | { shell: string };

/** How one client is pointed at the gateway. */
export type Recipe = {
  id: string;
  name: string;
  steps(place: Place): RecipeStep[];
};

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
