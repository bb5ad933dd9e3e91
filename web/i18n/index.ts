import type { Markup } from "../ui/html.ts";
import { en } from "./en.ts";
import { fillMessage, fillPieces, type Values } from "./message.ts";
import { ptBR } from "./pt-BR.ts";

export { createShow, isTimeZone, type Show } from "./show.ts";

/** Every message a page can say. English is the measure: other languages have exactly its keys. */
export type MessageKey = keyof typeof en;
export type Messages = Readonly<Record<MessageKey, string>>;

/** The languages of the dashboard, by their BCP 47 tag. A new one is a file and a line here. */
export const LANGUAGES = {
  en: { name: "English", messages: en },
  "pt-BR": { name: "Português (Brasil)", messages: ptBR },
} as const satisfies { [tag: string]: { name: string; messages: Messages } };

export type Language = keyof typeof LANGUAGES;

/** Says a message in the page's language. */
export type Say = {
  (key: MessageKey, values?: Values): string;
  /** The same with markup in the gaps. `counts` decides plurals. */
  rich(key: MessageKey, gaps: { readonly [name: string]: Markup }, counts?: Values): Markup;
};

/** Looks a message up in a language and fills its gaps; `say.rich` takes markup for them. */
export function createSay(language: Language): Say {
  const { messages } = LANGUAGES[language];
  const say = (key: MessageKey, values: Values = {}) => fillMessage(messages[key], values, language);
  const rich: Say["rich"] = (key, gaps, counts = {}) =>
    fillPieces<Markup>(messages[key], language, counts, (name) => gaps[name]);
  return Object.assign(say, { rich });
}

export const isLanguage = (tag: string | undefined): tag is Language =>
  tag !== undefined && Object.hasOwn(LANGUAGES, tag);

/** Is there a message of this key? For words that come from tables of the engine. */
export const isMessageKey = (key: string): key is MessageKey => Object.hasOwn(en, key);

/** The language that suits an `Accept-Language` header best; English when none does. */
export function acceptedLanguage(header: string | undefined): Language {
  const wishes = (header ?? "")
    .split(",")
    .map((entry) => {
      const [tag = "", quality] = entry.trim().split(";");
      return {
        tag: tag.toLowerCase(),
        weight: quality === undefined ? 1 : Number(/q=([\d.]+)/.exec(quality)?.[1] ?? 0),
      };
    })
    .filter(({ tag, weight }) => tag !== "" && weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  for (const { tag } of wishes) {
    const exact = languages.find((language) => language.toLowerCase() === tag);
    const related = languages.find((language) => language.split("-")[0] === tag.split("-")[0]);
    const found = exact ?? related;
    if (found) return found;
  }
  return "en";
}

const languages = Object.keys(LANGUAGES) as Language[];
