import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { Settings } from "../../src/core/settings.ts";
import { acceptedLanguage, isLanguage, isTimeZone, type Language } from "../i18n/index.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** How this browser wants its pages. */
export type Preferences = { language: Language; theme: Theme; zone: string | undefined };

/** Scripts of the page write these as well, so that a switch works at once. */
const COOKIES = { language: "omniroute_language", theme: "omniroute_theme", zone: "omniroute_zone" } as const;
const YEAR_SECONDS = 365 * 24 * 3600;

/** What the browser keeps, else what the installation says, else what the browser asks for. */
export function preferencesOf(c: Context, settings: Pick<Settings, "language" | "theme">): Preferences {
  const language = getCookie(c, COOKIES.language);
  const theme = getCookie(c, COOKIES.theme);
  const zone = getCookie(c, COOKIES.zone);
  return {
    language: isLanguage(language)
      ? language
      : isLanguage(settings.language)
        ? settings.language
        : acceptedLanguage(c.req.header("accept-language")),
    theme: isTheme(theme) ? theme : settings.theme,
    zone: zone !== undefined && isTimeZone(zone) ? zone : undefined,
  };
}

/** Keeps a choice in the browser for a year. What is no choice of ours is left out. */
export function keepPreference(
  c: Context,
  name: string,
  value: string,
  { secure }: { secure: boolean },
): void {
  const known = name === "language" ? isLanguage(value) : name === "theme" ? isTheme(value) : false;
  if (!known) return;
  // Not HttpOnly: the switches of the page set it too, without a round trip.
  setCookie(c, COOKIES[name as "language" | "theme"], value, {
    path: "/",
    sameSite: "Lax",
    maxAge: YEAR_SECONDS,
    secure,
  });
}

const isTheme = (name: string | undefined): name is Theme =>
  (THEMES as readonly (string | undefined)[]).includes(name);
