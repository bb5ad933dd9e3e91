import type { MessageKey } from "./i18n/index.ts";
import type { FormFields } from "./server/form-fields.ts";
import type { IconName } from "./ui/icon.ts";
import type { Markup } from "./ui/html.ts";
import type { Visit } from "./visit.ts";

/** What an action leaves behind. A string is the message to show on the page that follows. */
export type Outcome =
  | string
  | {
      /** Shown once, on the page that follows. */
      message?: string;
      tone?: "ok" | "warn" | "bad";
      /** Where to go; default: the page itself, with its filters. A `#part` alone stays on the page. */
      to?: string;
      /** Handed to the page that follows as `visit.carried`, once. Never leaves the server. */
      carry?: unknown;
    }
  /** Shows the page again with the form of action `of` as given: for forms that grow, and for tests before saving. */
  | { again: FormFields; of: string };

/** A form's answer. Throws `GatewayError`, which is shown on the page with everything that was typed. */
export type Action = (visit: Visit, form: FormFields) => Outcome | Promise<Outcome>;

type Common = {
  /** Below the place the page is mounted at; `:name` parts land in `visit.params`. */
  path: string;
  title: MessageKey;
  /** Where the page stands in the sidebar; pages without are reached from others. */
  menu?: {
    group: MenuGroup;
    icon: IconName;
    /** Leads here after a G, by keyboard. */
    letter?: string;
  };
  /** Path of the menu entry to mark for a page without one. */
  under?: string;
  /** Its forms may bring a file along. */
  takesFiles?: boolean;
  actions?: { readonly [name: string]: Action };
};

export const MENU_GROUPS = ["start", "route", "watch", "system"] as const;
export type MenuGroup = (typeof MENU_GROUPS)[number];

/** A page of the dashboard. `load` gets data, `view` shows it, `actions` answer its forms; a view never fetches. */
export type PageDefinition<Data> = Common & {
  load(visit: Visit): Data | Promise<Data>;
  view(data: Data, visit: Visit): Markup;
};

/** A page whose data is its own affair. */
export type Page = Common & { show(visit: Visit): Promise<Markup> };

/** Declares a page, checked by the compiler. */
export function definePage<Data>({ load, view, ...common }: PageDefinition<Data>): Page {
  return { ...common, show: async (visit) => view(await load(visit), visit) };
}

/** The address that runs an action of the page that is shown, keeping its filters. */
export function actionUrl(visit: Visit, action: string): string {
  const query = new URLSearchParams(visit.url.search);
  query.delete("do");
  query.set("do", action);
  return `?${query}`;
}
