import { LANGUAGES } from "../i18n/index.ts";
import { THEMES } from "../server/preferences.ts";
import type { Visit } from "../visit.ts";
import { html, type Markup } from "./html.ts";
import { Icon } from "./icon.ts";

const THEME_ICONS = { system: "screen", light: "sun", dark: "moon" } as const;

/** The globe: every language under its own name. */
export function LanguageSwitch(visit: Visit): Markup {
  const { say, language } = visit;
  return Switch({
    visit,
    id: "languages",
    name: "language",
    label: say("frame.language"),
    icon: "globe",
    choices: Object.entries(LANGUAGES).map(([tag, { name }]) => ({
      value: tag,
      label: html`<span lang=${tag}>${name}</span>`,
      current: tag === language,
    })),
  });
}

/** Light, dark, or as the system says. */
export function ThemeSwitch(visit: Visit): Markup {
  const { say, theme } = visit;
  return Switch({
    visit,
    id: "themes",
    name: "theme",
    label: say("frame.theme"),
    icon: THEME_ICONS[theme],
    choices: THEMES.map((each) => ({
      value: each,
      label: [Icon(THEME_ICONS[each], "size-[1.125rem]"), say(`frame.theme.${each}`)],
      current: each === theme,
    })),
  });
}

type Choice = { value: string; label: Markup; current: boolean };

/** A small menu whose entries are the buttons of a form, so that it works without scripts. */
function Switch({
  visit,
  id,
  name,
  label,
  icon,
  choices,
}: {
  visit: Visit;
  id: string;
  name: string;
  label: string;
  icon: Parameters<typeof Icon>[0];
  choices: readonly Choice[];
}): Markup {
  return html`<div class="relative">
    <button
      type="button"
      class="btn btn-quiet btn-icon"
      popovertarget=${id}
      aria-label=${label}
      title=${label}
    >
      ${Icon(icon, "size-[1.125rem]")}
    </button>
    <form class="popup" id=${id} popover method="post" action="/preferences" data-preference=${name}>
      <input type="hidden" name="back" value=${visit.url.pathname + visit.url.search} />
      ${choices.map(
        ({ value, label: words, current }) =>
          html`<button
            class="popup-entry"
            name=${name}
            value=${value}
            aria-pressed=${current ? "true" : "false"}
          >
            ${words} ${current && Icon("check", "ml-auto size-4 text-accent")}
          </button>`,
      )}
    </form>
  </div>`;
}
