import type { Page } from "../page.ts";
import { MENU_GROUPS } from "../page.ts";
import type { Visit } from "../visit.ts";
import { classes, html, type Markup } from "./html.ts";
import { Icon, Logo } from "./icon.ts";
import { Notice } from "./notice.ts";
import { Palette, PaletteButton } from "./palette.ts";
import { Shortcuts } from "./shortcuts.ts";
import { LanguageSwitch, ThemeSwitch } from "./switches.ts";
import { wordsOf } from "../errors.ts";
import { Toast, type ToastMessage } from "./toast.ts";

/** A page of the dashboard inside its frame: menu at the side, switches on top. */
export function DashboardFrame({
  visit,
  page,
  pages,
  base,
  toast,
  children,
}: {
  visit: Visit;
  page: Page | undefined;
  pages: readonly Page[];
  /** Where the pages are mounted. */
  base: string;
  toast?: ToastMessage;
  children: Markup;
}): Markup {
  const { say, engine } = visit;
  const name = engine.settings().instanceName;
  return html`<div class="shell" data-notices=${`${base}/settings/notices`}>
    <a class="skip" href="#content">${say("frame.skip")}</a>
    <header class="topbar">
      <button
        type="button"
        class="btn btn-quiet btn-icon lg:hidden"
        popovertarget="menu"
        aria-label=${say("frame.menu")}
      >
        ${Icon("menu")}
      </button>
      <a class="flex items-center gap-2.5 font-semibold lg:hidden" href=${base}
        >${Logo("size-6")} OmniRoute</a
      >
      <p class="hidden min-w-0 truncate text-muted lg:block">${name}</p>
      <div class="ml-auto flex items-center gap-1">
        ${PaletteButton(visit)} ${LanguageSwitch(visit)} ${ThemeSwitch(visit)}
        <button
          type="button"
          class="btn btn-quiet btn-icon max-sm:hidden"
          popovertarget="shortcuts"
          aria-label=${say("keys.title")}
          title=${say("keys.title")}
        >
          ${Icon("keyboard", "size-[1.125rem]")}
        </button>
        ${
          visit.session &&
          html`<form method="post" action="/logout">
            <button
              class="btn btn-quiet btn-icon"
              aria-label=${say("frame.logout")}
              title=${say("frame.logout")}
            >
              ${Icon("logout", "size-[1.125rem]")}
            </button>
          </form>`
        }
      </div>
    </header>
    <aside class="sidebar" id="menu" popover>
      <div>
        <a class="brand" href=${base}>${Logo()} <span>OmniRoute</span></a>
        <nav aria-label=${say("frame.menu")}>
          ${MENU_GROUPS.map((group) => Group(visit, group, page, pages, base))}
        </nav>
        <p class="mt-auto px-3 pt-4 text-small text-muted">
          ${say("frame.version", { version: engine.config.version })} ·${" "}
          <a class="link" href="/assets/third-party.txt">${say("frame.licences")}</a>
        </p>
      </div>
    </aside>
    <main id="content" class="content" tabindex="-1">${Returned(visit)} ${children}</main>
    ${Palette(visit, `${base}/find`)} ${Shortcuts(visit, pages)} ${Toast(visit, toast)}
  </div>`;
}

/** Pages before one is inside: sign-in and set-up. */
export function PlainFrame({
  visit,
  toast,
  wide = false,
  switches = true,
  children,
}: {
  visit: Visit;
  toast?: ToastMessage;
  wide?: boolean;
  /** Language and appearance; left out where nobody could answer. */
  switches?: boolean;
  children: Markup;
}): Markup {
  return html`<div class="flex min-h-dvh flex-col">
    <a class="skip" href="#content">${visit.say("frame.skip")}</a>
    <header class="flex items-center gap-1 px-4 py-3 sm:px-6">
      <span class="flex items-center gap-2.5 text-lg font-semibold tracking-tight"
        >${Logo("size-7")} OmniRoute</span
      >
      ${switches && html`<div class="ml-auto flex items-center gap-1">${LanguageSwitch(visit)} ${ThemeSwitch(visit)}</div>`}
    </header>
    <main
      id="content"
      tabindex="-1"
      class=${classes("mx-auto w-full flex-1 px-4 pb-16 sm:px-6", wide ? "max-w-3xl pt-4 sm:pt-8" : "max-w-md pt-8 sm:pt-[12vh]")}
    >
      ${Returned(visit)} ${children}
    </main>
    ${Toast(visit, toast)}
  </div>`;
}

/** A refusal that no form of the page has taken. */
function Returned(visit: Visit): Markup {
  const { returned } = visit;
  if (!returned?.error || returned.taken) return undefined;
  return html`<div class="mb-6">
    ${Notice({ tone: "bad", children: wordsOf(returned.error, visit), alert: true })}
  </div>`;
}

function Group(
  visit: Visit,
  group: (typeof MENU_GROUPS)[number],
  current: Page | undefined,
  pages: readonly Page[],
  base: string,
): Markup {
  const entries = pages.filter(({ menu }) => menu?.group === group);
  if (entries.length === 0) return undefined;
  const marked = current?.under ?? current?.path;
  return html`<ul class="menu-group">
    ${entries.map(
      (page) =>
        html`<li>
          <a
            class="menu-entry"
            href=${base + page.path}
            data-letter=${page.menu?.letter}
            aria-keyshortcuts=${page.menu?.letter && `g ${page.menu.letter}`}
            aria-current=${page.path === marked ? "page" : undefined}
          >
            ${page.menu && Icon(page.menu.icon)} <span>${visit.say(page.title)}</span>
          </a>
        </li>`,
    )}
  </ul>`;
}
