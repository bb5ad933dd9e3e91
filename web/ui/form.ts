import { actionUrl } from "../page.ts";
import type { ReturnedForm, Visit } from "../visit.ts";
import { wordsOf } from "../errors.ts";
import { classes, html, type Markup } from "./html.ts";
import { Notice } from "./notice.ts";

/** A form while it is being drawn: what its fields hold and what is wrong with them. */
export class FormState {
  constructor(
    readonly visit: Visit,
    readonly action: string,
    readonly returned: ReturnedForm | undefined,
  ) {}

  /** What was typed a moment ago, else what is stored. */
  value(name: string, stored = ""): string {
    return this.returned ? this.returned.typed.secret(name) : stored;
  }

  ticked(name: string, stored: boolean): boolean {
    return this.returned ? this.returned.typed.ticked(name) : stored;
  }

  /** What is wrong with a field, in the reader's language. */
  fault(name: string): string | undefined {
    const { error } = this.returned ?? {};
    if (!error) return undefined;
    if (error.param === name) return wordsOf(error, this.visit);
    return error.details?.find(({ field }) => field === name)?.message;
  }

  /** What is wrong altogether; undefined where a field shows it already. */
  failure(shown: ReadonlySet<string>): string | undefined {
    const error = this.returned?.error;
    if (!error || (error.param !== undefined && shown.has(error.param))) return undefined;
    return wordsOf(error, this.visit);
  }
}

/**
 * A form that sends to an action of its page. After a refusal it shows what was typed, with the reason. `id` tells
 * forms of the same action apart and is sent along.
 */
export function Form({
  visit,
  action,
  id,
  className,
  children,
  name,
  withFile = false,
}: {
  visit: Visit;
  action: string;
  id?: string;
  className?: string;
  /** The element's id, for buttons that stand outside. */
  name?: string;
  /** A file goes along. */
  withFile?: boolean;
  children: (form: FormState) => Markup;
}): Markup {
  const form = new FormState(visit, action, returnedTo(visit, action, id));
  const shown = new Set<string>();
  const inside = children(noting(form, shown));
  const failure = form.failure(shown);
  return html`<form
    method="post"
    action=${actionUrl(visit, action)}
    class=${className}
    id=${name}
    enctype=${withFile ? "multipart/form-data" : undefined}
  >
    ${failure !== undefined && html`<div class="mb-4">${Notice({ tone: "bad", children: failure, alert: true })}</div>`}
    ${id !== undefined && html`<input type="hidden" name="id" value=${id} />`} ${inside}
  </form>`;
}

function returnedTo(visit: Visit, action: string, id: string | undefined): ReturnedForm | undefined {
  const { returned } = visit;
  if (returned?.action !== action || (id !== undefined && returned.typed.text("id") !== id)) return undefined;
  returned.taken = true;
  return returned;
}

/** Remembers which fields asked for their faults: those show them. */
function noting(form: FormState, shown: Set<string>): FormState {
  const noted = new FormState(form.visit, form.action, form.returned);
  noted.fault = (name) => {
    shown.add(name);
    return form.fault(name);
  };
  return noted;
}

type FieldFrame = {
  form: FormState;
  name: string;
  label: Markup;
  hint?: Markup;
  /** The label is for readers of the screen only. */
  silent?: boolean;
};

type TextOptions = FieldFrame & {
  value?: string;
  type?: "text" | "password" | "number" | "url" | "search" | "date";
  required?: boolean;
  placeholder?: string;
  autocomplete?: string;
  min?: number;
  max?: number;
  maxlength?: number;
  minlength?: number;
  pattern?: string;
  /** What the browser says when the pattern does not fit. */
  patternHint?: string;
  list?: string;
  autofocus?: boolean;
  code?: boolean;
  /** A secret that is given back to its writer when the form is refused. */
  keep?: boolean;
};

/** One line of text. */
export function TextField(options: TextOptions): Markup {
  const { form, name, value, type = "text", code, patternHint, keep, required, placeholder, list } = options;
  const { min, max, minlength, maxlength, pattern } = options;
  const fault = form.fault(name);
  return frame(
    options,
    fault,
    (ids) =>
      html`<input
        ...${ids}
        ...${{ min, max, minlength, maxlength, pattern, required, placeholder, list }}
        name=${name}
        type=${type}
        value=${type === "password" && !keep ? undefined : form.value(name, value)}
        title=${patternHint}
        autocomplete=${options.autocomplete ?? "off"}
        spellcheck=${code ? "false" : undefined}
        autocapitalize=${code ? "off" : undefined}
        class=${classes("input", code && "font-mono")}
        autofocus=${fault !== undefined || options.autofocus}
      />`,
  );
}

/** Several lines of text. */
export function TextArea(
  options: FieldFrame & {
    value?: string;
    rows?: number;
    placeholder?: string;
    code?: boolean;
    maxlength?: number;
  },
): Markup {
  const { form, name, value, rows = 4, placeholder, code, maxlength } = options;
  return frame(
    options,
    form.fault(name),
    (ids) =>
      html`<textarea
        ...${ids}
        name=${name}
        rows=${rows}
        placeholder=${placeholder}
        maxlength=${maxlength}
        spellcheck=${code ? "false" : undefined}
        autocomplete="off"
        class=${classes("input", code && "font-mono")}
        value=${form.value(name, value)}
      ></textarea>`,
  );
}

/** One of several. */
export function SelectField(
  options: FieldFrame & { value?: string; options: readonly (readonly [value: string, label: string])[] },
): Markup {
  const { form, name, value } = options;
  const chosen = form.value(name, value);
  return frame(
    options,
    form.fault(name),
    (ids) =>
      html`<select ...${ids} name=${name} class="input">
        ${options.options.map(
          ([each, label]) => html`<option value=${each} selected=${each === chosen}>${label}</option>`,
        )}
      </select>`,
  );
}

/** Yes or no. */
export function CheckField({
  form,
  name,
  label,
  hint,
  checked = false,
  value = "on",
  required,
  disabled,
}: FieldFrame & { checked?: boolean; value?: string; required?: boolean; disabled?: boolean }): Markup {
  const fault = form.fault(name);
  return html`<label class="check">
    <input
      type="checkbox"
      name=${name}
      value=${value}
      checked=${form.ticked(name, checked)}
      required=${required}
      disabled=${disabled}
    />
    <span>
      <span class="font-medium">${label}</span>
      ${hint && html`<span class="block text-muted">${hint}</span>`}
      ${fault && html`<span class="field-fault">${fault}</span>`}
    </span>
  </label>`;
}

/** A file of the visitor's; it has to be chosen again when the form comes back. */
export function FileField({ accept, ...options }: FieldFrame & { accept: string }): Markup {
  return frame(
    options,
    options.form.fault(options.name),
    (ids) =>
      html`<input ...${ids} name=${options.name} type="file" accept=${accept} required class="input" />`,
  );
}

function frame(
  { form, name, label, hint, silent }: FieldFrame,
  fault: string | undefined,
  control: (ids: { [name: string]: unknown }) => Markup,
): Markup {
  const id = `${form.action}-${name}-${sequence(form)}`;
  const described = [fault && `${id}-fault`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined;
  return html`<div class="field">
    <label class=${silent ? "sr-only" : "field-label"} for=${id}>${label}</label>
    ${control({ id, "aria-describedby": described, "aria-invalid": fault ? "true" : undefined })}
    ${fault && html`<p class="field-fault" id=${`${id}-fault`}>${fault}</p>`}
    ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

const counters = new WeakMap<Visit, number>();

/** Several forms of a page may have a field of the same name; labels need to find theirs. */
function sequence({ visit }: FormState): number {
  const next = (counters.get(visit) ?? 0) + 1;
  counters.set(visit, next);
  return next;
}
