import { classes, html, type Markup } from "./html.ts";
import { Icon, type IconName } from "./icon.ts";

type Look = {
  label: Markup;
  icon?: IconName;
  /** An icon behind the words, for ways onward. */
  iconAfter?: IconName;
  tone?: "primary" | "plain" | "quiet" | "danger";
  small?: boolean;
  /** Only the icon shows; the label is read aloud and shown as a tip. */
  iconOnly?: boolean;
};

type ButtonOptions = Look & {
  name?: string;
  value?: string;
  type?: "submit" | "button";
  /** Sends the form to another action. */
  to?: string;
  /** Lets the form go although fields are missing. */
  unchecked?: boolean;
  disabled?: boolean;
  /** The id of a popover this opens. */
  opens?: string;
  /** The id of the form it belongs to, where it stands outside. */
  form?: string;
  data?: { [name: string]: string };
};

/** A button; inside a form it sends it, unless told otherwise. */
export function Button(options: ButtonOptions): Markup {
  const { data = {} } = options;
  return html`<button
    type=${options.type ?? (options.opens ? "button" : "submit")}
    class=${lookOf(options)}
    name=${options.name}
    value=${options.value}
    formaction=${options.to}
    formnovalidate=${options.unchecked}
    disabled=${options.disabled}
    popovertarget=${options.opens}
    form=${options.form}
    ...${insideTip(options)}
    ...${Object.fromEntries(Object.entries(data).map(([name, value]) => [`data-${name}`, value]))}
  >
    ${content(options)}
  </button>`;
}

/** A link that looks like a button. */
export function ButtonLink({ href, ...look }: Look & { href: string }): Markup {
  return html`<a class=${lookOf(look)} href=${href} ...${insideTip(look)}>${content(look)}</a>`;
}

const TONES = { primary: "btn-primary", plain: "btn-plain", quiet: "btn-quiet", danger: "btn-danger" };

function lookOf({ tone = "plain", small, iconOnly }: Look): string {
  return classes("btn", TONES[tone], small && "btn-small", iconOnly && "btn-icon");
}

function insideTip({ label, iconOnly }: Look): { [name: string]: unknown } {
  return iconOnly ? { "aria-label": label, title: label } : {};
}

function content({ label, icon, iconAfter, iconOnly, small }: Look): Markup {
  const size = small ? "size-4" : "size-[1.125rem]";
  return [
    icon && Icon(icon, size),
    !iconOnly && html`<span>${label}</span>`,
    iconAfter && Icon(iconAfter, size),
  ];
}
