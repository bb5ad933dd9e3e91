import { Heading, html, type Markup, Tabs } from "../../ui/index.ts";
import type { Visit } from "../../visit.ts";

const MODES = ["translate", "chat", "bench", "live"] as const;
export type Mode = (typeof MODES)[number];

/** The page's name, and the ways to look at translations. */
export function TranslatorHead({ say }: Pick<Visit, "say">, mode: Mode): Markup {
  return html`
    ${Heading({ title: say("translator.title"), lead: say(`translator.lead.${mode}`) })}
    ${Tabs(
      say("translator.title"),
      MODES.map((each) => ({
        href: each === "translate" ? "/dashboard/translator" : `/dashboard/translator/${each}`,
        label: say(`translator.mode.${each}`),
        current: each === mode,
      })),
    )}
  `;
}
